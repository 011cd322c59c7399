"""Texts of "Why clean data?", below the tabs."""

from rvc.messages import Message

TEXTS = {
    "why_title": Message("Why clean data?"),
    "why_lead": Message(
        "One woman read the same sentences in several rooms. A voice was trained on each "
        "recording, {steps} steps each, and {sentences} sentences of other people were converted "
        "with it."
    ),
    "why_recording": Message("Trained on"),
    "why_errors": Message("Errors"),
    "why_similarity": Message("Similarity"),
    "why_said": Message("What the report said before"),
    "why_columns": Message(
        "Errors: letters that a speech recogniser gets wrong. Similarity: to her voice without "
        "echo, 1 at most; her own sentences reach {own:.2f}."
    ),
    "why_room_clean_5": Message("5 minutes, clean, no echo"),
    "why_room_flat_5": Message("5 minutes, a furnished flat, cleaned"),
    "why_room_dance_5": Message("5 minutes, an echoing dance studio, as recorded"),
    "why_room_dance_5_cleaned": Message("5 minutes, an echoing dance studio, cleaned"),
    "why_room_dance_20": Message("20 minutes, an echoing dance studio, as recorded"),
    "why_room_dance_20_cleaned": Message("20 minutes, an echoing dance studio, cleaned"),
    "why_room_mixed_20": Message("5 clean minutes and 15 echoing ones, as recorded"),
    "why_room_mixed_20_cleaned": Message("5 clean minutes and 15 echoing ones, cleaned"),
    "why_noise": Message(
        "With a loud fan, cleaning and dropping bad parts win back {errors}% of the lost words "
        "and {quality}% of the lost sound quality."
    ),
    "why_listen": Message("Listen: the same words, equally loud"),
    "why_sound_clean": Message("Clean recording"),
    "why_sound_noise": Message("Fan noise"),
    "why_sound_echo": Message("Room echo"),
    "why_sound_cleaned": Message("Fan noise, cleaned"),
    "why_synthetic": Message("A synthetic voice; no person is in these sounds."),
}
