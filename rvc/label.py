"""What every converted file says of itself: that a machine made it."""

from datetime import date

from rvc.messages import Message, in_every_language


def ai_label(voice: str, day: date | None = None) -> dict[str, str]:
    """Tags for `save_audio`: AI-generated, with which program, in which voice, on which day."""
    made = f"{day or date.today():%Y%m%d}"
    return {
        "title": f"AI-generated voice (RVC): {voice}",
        "comment": in_every_language(
            Message(
                "AI-generated voice (RVC), Moksori, {voice}, {day}",
                voice=voice,
                day=made,
            )
        ),
        "software": "Moksori",
    }
