"""The report as one file that opens anywhere: no scripts, nothing fetched, light and dark."""

from dataclasses import asdict

from rvc.messages import Message, languages
from rvc.quality.charts import report_charts
from rvc.quality.report import QualityReport
from rvc.rendering import render

TITLE = Message("Recording report")
HEADS = (Message("Measure"), Message("before"), Message("after"))
ROWS = {  # {field of Measures: (its name, format of its value)}
    "snr_db": (Message("Noise (SNR)"), "{:.0f} dB"),
    "decay_seconds": (Message("Echo (decay)"), "{:.2f} s"),
    "srmr": (Message("Echo (SRMR)"), "{:.1f}"),
    "bandwidth_hz": (Message("Bandwidth"), "{:.0f} Hz"),
    "clipping_percent": (Message("Clipping"), "{:.3f} %"),
    "clicks_per_minute": (Message("Mouth clicks per minute"), "{:.0f}"),
    "hum_db": (Message("Mains hum"), "{:.0f} dB"),
    "f0_jumps_per_minute": (Message("Pitch jumps per minute"), "{:.0f}"),
    "f0_dropouts_per_minute": (Message("Pitch drop-outs per minute"), "{:.0f}"),
    "pauses_percent": (Message("Pauses"), "{:.0f} %"),
    "lufs": (Message("Loudness"), "{:.0f} LUFS"),
    "dnsmos_ovrl": (Message("Listening score (1-5)"), "{:.2f}"),
    "own_voice": (Message("Same voice (cosine)"), "{:.2f}"),
}
DECISIONS = {
    "keep": Message("keep"),
    "review": Message("used; listen first"),
    "drop": Message("left out"),
}


def render_html(report: QualityReport, language: str = "") -> str:
    """Return one self-contained page, in all languages where `language` is empty."""
    notes = [*report.notes, *(note for take in report.takes for note in take.notes)]
    return render(
        "rvc.quality",
        "report.html",
        language,
        languages=languages(),
        title=TITLE,
        report=report,
        notes=list(dict.fromkeys(notes)),
        charts=report_charts(report, language),
        heads=HEADS,
        measures=_measures(report),
        decisions=DECISIONS,
    )


def _measures(report: QualityReport) -> list[tuple[Message, str, str]]:
    """Return (name, before, after) of every measure that has a value."""
    before, after = asdict(report.before), asdict(report.after)
    return [
        (label, _number(before[name], form), _number(after[name], form))
        for name, (label, form) in ROWS.items()
        if before[name] is not None or after[name] is not None
    ]


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)
