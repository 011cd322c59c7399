"""What every converted file says of itself: that a machine made it."""

from datetime import date


def ai_label(voice: str, day: date | None = None) -> dict[str, str]:
    """Tags for `save_audio`: AI-generated, with which program, in which voice, on which day."""
    day = day or date.today()
    return {
        "title": f"AI-generated voice (RVC): {voice}",
        "comment": f"AI-generated voice (RVC), Moksori, {voice}, {day:%Y%m%d} / AI로 생성한 음성",
        "software": "Moksori",
    }
