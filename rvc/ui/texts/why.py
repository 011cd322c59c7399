"""Texts of "Why clean data?", below the tabs."""

from rvc.messages import Message

TEXTS = {
    "why_title": Message("Why clean data?"),
}
