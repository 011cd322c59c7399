"""Third tab: the verdict, pictures, and every segment with the right to overrule it."""

from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from rvc.files import write_json
from rvc.ui.clean_tab import cleaning_options
from rvc.ui.page import CHOOSE_JS, HEAVY, Page, Visitor, sent_with, served, wait_for
from rvc.ui.texts import clock

DECISIONS = ("keep", "review", "drop")
VERDICTS = ("ready", "usable", "again")
PAD_SECONDS = 0.05  # heard around a segment


def build_report_tab(page: Page, clean_widgets: dict[str, Any]) -> None:
    """Add the tab. `clean_widgets`: the options a missing cleaning is done with."""
    words = page.words
    gr.Markdown(words("report_lead"), elem_classes="lead")
    with gr.Row():
        go = gr.Button(words("report_go"), variant="primary", elem_id="report-go", scale=3)
        cancel = gr.Button(
            words("cancel"), visible=False, elem_id="report-cancel", scale=1, min_width=120
        )
    headline = page.html(elem_id="report-headline", min_height=64)
    with gr.Column(visible=False, elem_id="report-results") as results:
        charts = page.html(elem_id="report-charts")
        gr.Markdown(words("report_segments"), elem_classes="step")
        gr.Markdown(words("report_segments_info"), elem_classes="hint")
        segments = page.html(js_on_load=CHOOSE_JS, elem_id="segments")
        player = page.player(
            "segment_player", visible=False, autoplay=True, elem_id="segment-player"
        )
        with gr.Row():
            as_json = gr.DownloadButton(words("export_json"), elem_id="export-json")
            as_html = gr.DownloadButton(words("export_html"), elem_id="export-html")
        onward = gr.Button(words("next_train"), variant="primary", elem_id="next-train")
    outputs = [headline, results, charts, segments, as_json, as_html]
    _bind(page, clean_widgets, [go, cancel], outputs, player)
    onward.click(lambda: gr.Tabs(selected="train"), None, page.tabs, api_visibility="private")


def _bind(
    page: Page,
    clean_widgets: dict[str, Any],
    controls: list[Any],
    outputs: list[Any],
    player: gr.Audio,
) -> None:
    studio = page.studio
    (go, cancel), (headline, _, _, segments, *_) = controls, outputs

    def show(visitor: Visitor) -> list[Any]:
        return _view(page, visitor, len(outputs))

    def arrive(visitor: Visitor, progress: gr.Progress) -> list[Any]:
        job = studio.jobs.latest("report", visitor.owner)
        if job is not None and job.live:
            wait_for(job, visitor, progress)
        return show(visitor)

    def judge(visitor: Visitor, *values: Any, progress: gr.Progress) -> list[Any]:
        progress(0, desc=visitor.say("starting"))
        wait_for(studio.report(visitor.owner, cleaning_options(*values)), visitor, progress)
        return show(visitor)

    def judge_if_needed(visitor: Visitor, *values: Any, progress: gr.Progress) -> list[Any]:
        session = studio.session(visitor.owner)
        if session.report is not None and not studio.report_stale(visitor.owner):
            return show(visitor)
        return judge(visitor, *values, progress=progress)

    def choose(visitor: Visitor, event: gr.EventData) -> list[Any]:
        sent = sent_with(event)
        index = int(sent["id"]) if str(sent.get("id", "")).isdecimal() else -1
        if sent.get("act") in ("keep", "drop"):
            studio.overrule(visitor.owner, index, sent["act"])
            return [*show(visitor), gr.skip()]
        sound = segment_sound(page, visitor, index)
        return [gr.skip()] * len(outputs) + [gr.Audio(sound, visible=True)]

    on_headline = {"show_progress": "full", "show_progress_on": [headline]} | HEAVY
    again = on_headline | {"concurrency_id": "arrive-report"}
    options = clean_widgets["options"]
    page.on_long(page.arrived, arrive, [], outputs, cancel=cancel, **again)
    page.on_long(go.click, judge, options, outputs, cancel=cancel, **on_headline)
    page.stops(cancel, "report")
    page.on(segments.choose, choose, [], [*outputs, player], show_progress="hidden")
    page.on(page.opened["report"], show, [], outputs, show_progress="hidden")
    onward = clean_widgets["onward"]
    onward.click(lambda: gr.Tabs(selected="report"), None, page.tabs, api_visibility="private")
    page.on_long(onward.click, judge_if_needed, options, outputs, cancel=cancel, **on_headline)


def _view(page: Page, visitor: Visitor, count: int) -> list[Any]:
    """What the `count` outputs of the tab show of the visitor's report."""
    studio = page.studio
    report = studio.session(visitor.owner).report
    if report is None:  # what a report running elsewhere will show is not overwritten
        job = studio.jobs.latest("report", visitor.owner)
        if job is not None and job.live:
            return [gr.skip()] * count
        empty = f'<p class="mk-empty">{escape(visitor.say("report_none"))}</p>'
        return [empty, gr.Column(visible=False), "", "", None, None]
    return [
        headline_html(visitor, report, stale=studio.report_stale(visitor.owner)),
        gr.Column(visible=True),
        charts_html(visitor, report),
        segments_html(visitor, report),
        *exports(page, visitor, report),
    ]


def headline_html(visitor: Visitor, report: Any, *, stale: bool) -> str:
    """Verdict, usable minutes and what to do."""
    verdict = report.verdict if report.verdict in VERDICTS else "again"
    notes = "".join(f'<p class="hint">{escape(visitor.read(note))}</p>' for note in report.notes)
    lines = f"<p>{escape(visitor.read(report.advice))}</p>{notes}"
    warning = f'<p class="mk-warn">{escape(visitor.say("report_stale"))}</p>' if stale else ""
    total = visitor.say("report_of", time=clock(report.total_seconds))
    return (
        f'{warning}<section class="mk-verdict mk-{verdict}">'
        f'<div class="mk-big"><b>{clock(report.usable_seconds)}</b>'
        f"<span>{escape(visitor.say('report_usable'))}<br>{escape(total)}</span></div>"
        f'<div class="mk-said"><h2>{escape(visitor.say(f"verdict_{verdict}"))}</h2>{lines}</div>'
        f'<div class="mk-score" title="{escape(visitor.say("report_score"))}">'
        f"<b>{report.score:.0f}</b><span>{escape(visitor.say('report_score'))}</span></div>"
        "</section>"
    )


def charts_html(visitor: Visitor, report: Any) -> str:
    from rvc.quality.charts import report_charts

    return report_charts(report, visitor.language)


def segments_html(visitor: Visitor, report: Any) -> str:
    """Every segment as a row: listen, when, scores, why, and the switch."""
    if not report.segments:
        return f'<p class="mk-empty">{escape(visitor.say("segments_none"))}</p>'
    several = len({segment.file for segment in report.segments}) > 1
    rows = "".join(
        _segment(visitor, number, segment, several)
        for number, segment in enumerate(report.segments)
    )
    return f'<ol class="mk-segments">{rows}</ol>'


def _segment(visitor: Visitor, number: int, segment: Any, several: bool) -> str:
    decision = segment.decision if segment.decision in DECISIONS else "drop"
    reasons = " ".join(visitor.read(reason) for reason in segment.reasons)
    mine = f" · {visitor.say('segment_overruled')}" if segment.overruled else ""
    act, label = ("drop", "segment_drop") if segment.used else ("keep", "segment_keep")
    where = f"{_clock(segment.start_seconds)}–{_clock(segment.end_seconds)}"
    name = f"<small>{escape(segment.file)}</small>" if several else ""
    play = escape(visitor.say("segment_play", number=number + 1))
    return (
        f'<li class="mk-{decision}"><button class="mk-play" data-act="play" data-id="{number}" '
        f'aria-label="{play}">▶</button><span class="mk-time">{where}{name}</span>'
        f'<span class="mk-scores"><span>{segment.score_before:.0f}</span> → '
        f"<b>{segment.score:.0f}</b></span>"
        f'<span class="mk-why"><b class="mk-badge">{escape(visitor.say(f"decision_{decision}"))}'
        f"{escape(mine)}</b> {escape(reasons or visitor.say('segment_fine'))}</span>"
        f'<button class="mk-quiet" data-act="{act}" data-id="{number}">'
        f"{escape(visitor.say(label))}</button></li>"
    )


def _clock(seconds: float) -> str:
    """Minutes, seconds and tenths."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def segment_sound(page: Page, visitor: Visitor, index: int) -> str | None:
    """A served WAV of one segment after cleaning; None when there is no such segment."""
    from rvc.audio import Recording, save_audio

    session = page.studio.session(visitor.owner)
    if session.report is None or not 0 <= index < len(session.report.segments):
        return None
    segment = session.report.segments[index]
    sound = session.report.takes[segment.take].cleaned.aligned
    start = max(0, round((segment.start_seconds - PAD_SECONDS) * sound.sample_rate))
    stop = round((segment.end_seconds + PAD_SECONDS) * sound.sample_rate)
    folder = page.studio.workspace.folder(visitor.owner, "segments")
    path = folder / f"segment-{index + 1}.wav"
    save_audio(path, Recording(sound.samples[start:stop], sound.sample_rate))
    return served(page.studio, visitor.owner, path)


def exports(page: Page, visitor: Visitor, report: Any) -> list[str]:
    """Served files of the report: JSON and one self-contained page."""
    from rvc.quality import report_json
    from rvc.quality.html import render_html

    folder: Path = page.studio.workspace.folder(visitor.owner, "report")
    write_json(folder / "report.json", report_json(report))
    document = folder / "report.html"
    document.write_text(render_html(report, visitor.language), encoding="utf-8")
    files = (folder / "report.json", document)
    return [served(page.studio, visitor.owner, file) for file in files]
