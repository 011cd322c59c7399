"""Metadata tags that label every converted file as AI-generated."""

from datetime import date

from rvc.messages import Message, in_every_language


def ai_label(voice: str, day: date | None = None) -> dict[str, str]:
    """Return tags for `save_audio`: AI-generated, the program, the voice and the date."""
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
