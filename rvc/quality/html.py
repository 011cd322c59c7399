"""The report as one file that opens anywhere: no scripts, nothing fetched, light and dark."""

from dataclasses import asdict
from html import escape

from rvc.messages import Message, languages
from rvc.quality.charts import report_charts
from rvc.quality.report import QualityReport, SegmentReport

STYLE = """
:root{--mk-accent:#0f6e63;--mk-good:#136c3a;--mk-warn:#8a4b00;--mk-bad:#a4262c;--mk-ink:#1d2327;
--mk-muted:#525c63;--mk-line:#d9dee2;--mk-ground:#f5f7f7;--mk-card:#fff;--mk-c1:#c2500c;
--mk-c2:#4a55b8;--mk-c3:#a3276f;--mk-c4:#6b6300;--mk-c5:#3d6c94}
@media(prefers-color-scheme:dark){:root{--mk-accent:#58c9b7;--mk-good:#7ad79c;--mk-warn:#f2b561;
--mk-bad:#ff9a9a;--mk-ink:#eef2f2;--mk-muted:#b4bdc1;--mk-line:#3a4348;--mk-ground:#14181a;
--mk-card:#1e2427;--mk-c1:#ff9d5c;--mk-c2:#a5aeff;--mk-c3:#f58cc6;--mk-c4:#d8cd56;--mk-c5:#86bbe6}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--mk-ink);background:var(--mk-ground);margin:0}
main{max-width:880px;margin:0 auto;padding:16px}
section,header{background:var(--mk-card);border:1px solid var(--mk-line);border-radius:12px;
padding:16px;margin:12px 0;overflow-x:auto}
h1{font-size:1.5rem;margin:0 0 8px}h2,h3{font-size:1.1rem;margin:0 0 8px}
figure{margin:12px 0}figcaption{font-size:.9rem;margin-bottom:4px}
table{border-collapse:collapse;width:100%;font-size:.9rem}
td,th{padding:4px 8px;border-bottom:1px solid var(--mk-line);text-align:left;vertical-align:top}
.keep{color:var(--mk-good)}.review{color:var(--mk-warn)}.drop{color:var(--mk-bad)}
.other{color:var(--mk-muted)}
"""
ROWS = {
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
    """Return one self-contained page; without a `language` ("en", "ko") it speaks both."""
    title = _say(Message("Recording report"), language)
    notes = "".join(
        f"<li>{_say(note, language)}</li>"
        for note in dict.fromkeys([*report.notes, *(n for t in report.takes for n in t.notes)])
    )
    return (
        f'<!doctype html><html lang="{language or "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{_plain(title)}</title><style>{STYLE}</style></head><body><main>"
        f"<header><h1>{_say(report.headline, language)}</h1>"
        f"<p>{_say(report.advice, language)}</p><ul>{notes}</ul></header>"
        f"{report_charts(report, language or 'en')}{_measures(report, language)}"
        f"{_segments(report, language)}</main></body></html>"
    )


def _measures(report: QualityReport, language: str) -> str:
    before, after = asdict(report.before), asdict(report.after)
    rows = "".join(
        f"<tr><td>{_say(label, language)}</td><td>{_number(before[name], form)}</td>"
        f"<td>{_number(after[name], form)}</td></tr>"
        for name, (label, form) in ROWS.items()
        if before[name] is not None or after[name] is not None
    )
    heads = (Message("Measure"), Message("before"), Message("after"))
    cells = "".join(f"<th>{_say(head, language)}</th>" for head in heads)
    return f"<section><table><tr>{cells}</tr>{rows}</table></section>"


def _segments(report: QualityReport, language: str) -> str:
    rows = "".join(_row(segment, language) for segment in report.segments)
    return f"<section><table>{rows}</table></section>" if rows else ""


def _row(segment: SegmentReport, language: str) -> str:
    reasons = " ".join(_say(reason, language) for reason in segment.reasons)
    decision = _say(DECISIONS[segment.decision], language)
    times = f"{segment.start_seconds:.1f}-{segment.end_seconds:.1f} s"
    return (
        f"<tr><td>{escape(segment.file)}</td><td>{times}</td>"
        f"<td>{segment.score_before:.0f} → <b>{segment.score:.0f}</b></td>"
        f'<td class="{segment.decision}">{decision}</td><td>{reasons}</td></tr>'
    )


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _say(text: Message, language: str) -> str:
    if language:
        return escape(text.in_language(language))
    first, *others = languages()
    spans = [
        f'<span class="other" lang="{code}">{escape(text.in_language(code))}</span>'
        for code in others
    ]
    return " ".join([escape(text.in_language(first)), *spans])


def _plain(markup: str) -> str:
    return markup.split("<", 1)[0].strip()
