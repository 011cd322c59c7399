"""The endpoints for programs that convert: one file, or several with one archive back."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from rvc.errors import RVCError
from rvc.ui.converting import ConversionOrder, start_conversion
from rvc.ui.endpoint import endpoint, owner_of
from rvc.ui.page import HEAVY, Page
from rvc.ui.results import Piece, Result
from rvc.ui.served import served_copy, upload_folder


@dataclass(frozen=True)
class ConvertRequest:
    """`semitones`: "auto" or a number. `format`: wav, flac, mp3, ogg or m4a. `unvoiced`: auto, zero
    or fill. `songs`: the vocals alone are converted."""

    file: str
    voice: str
    semitones: str = "auto"
    index_rate: float | None = None
    protect: float = 0.33
    loudness_mix: float = 0.8
    token: str = ""
    f0_method: str = "auto"
    speaker: float = 0
    format: str = "wav"
    formant_semitones: float = 0.0
    autotune: float = 0.0
    unvoiced: str = "auto"
    songs: bool = False


@dataclass(frozen=True)
class ConvertManyRequest:
    """The same for a list of files; one that cannot be used is named with the reason."""

    files: list
    voice: str
    semitones: str = "auto"
    index_rate: float | None = None
    protect: float = 0.33
    loudness_mix: float = 0.8
    token: str = ""
    f0_method: str = "auto"
    speaker: float = 0
    format: str = "wav"
    formant_semitones: float = 0.0
    autotune: float = 0.0
    unvoiced: str = "auto"
    songs: bool = False


def build_convert_api(page: Page) -> None:
    """Add the endpoints convert and convert_many; their hidden widgets join the open row."""

    def convert(request: ConvertRequest) -> tuple:
        """Convert a recording; return the result's file and facts."""
        result = _converted(page, request, [request.file])
        return _served(page, request, result.path(result.done[0])), conversion_facts(result)

    def convert_many(request: ConvertManyRequest) -> tuple:
        """Convert recordings; return an archive of the results, and facts of each file."""
        result = _converted(page, request, request.files)
        facts = {"voice": result.voice, "files": [_facts(piece) for piece in result.pieces]}
        return _served(page, request, result.to_download()), facts

    sound, files = gr.Audio(type="filepath", label="file"), gr.File(file_count="multiple")
    _bind(convert, ConvertRequest, sound, gr.Audio(type="filepath"))
    _bind(convert_many, ConvertManyRequest, files, gr.File())


def _bind(verb: Callable[..., tuple], request: type, given: Component, made: Component) -> None:
    """Bind an endpoint; its first value comes from `given`, the others from plain widgets."""
    kinds: dict[Any, type[Component]] = {
        str: gr.Textbox,
        bool: gr.Checkbox,
        float: gr.Number,
        float | None: gr.Number,
    }
    plain = [
        kinds[each.type](None if each.name == "voice" else each.default, label=each.name)
        for each in fields(request)[1:]
    ]
    gr.Button().click(
        endpoint(verb),
        [given, *plain],
        [made, gr.JSON()],
        api_name=verb.__name__,
        concurrency_id="heavy",
        concurrency_limit=HEAVY,
    )


def _converted(
    page: Page, request: ConvertRequest | ConvertManyRequest, files: list[str]
) -> Result:
    from rvc.convert import ConversionOptions

    options = ConversionOptions(
        semitones=_semitones(request.semitones),
        index_rate=request.index_rate,
        protect=request.protect,
        loudness_mix=request.loudness_mix,
        f0_method=request.f0_method,
        speaker=int(request.speaker),
        formant_semitones=request.formant_semitones,
        autotune=request.autotune,
        unvoiced=request.unvoiced,
    )
    uploads = tuple(Path(file or "") for file in files)
    order = ConversionOrder(uploads, request.voice, options, request.format, bool(request.songs))
    owner = owner_of(page, request.token)
    job = start_conversion(page.studio, owner, order, allowed_root=upload_folder())
    job.wait()
    return job.outcome()


def _served(page: Page, request: ConvertRequest | ConvertManyRequest, path: Path) -> str:
    return served_copy(page.studio, owner_of(page, request.token), path)


def conversion_facts(result: Result) -> dict[str, Any]:
    """Return the conversion of one file in plain values."""
    return {
        "voice": result.voice,
        **_facts(result.done[0]),
        "took_seconds": round(result.took_seconds, 2),
    }


def _facts(piece: Piece) -> dict[str, Any]:
    if not piece.file:
        return {"name": piece.name, "left_out": str(piece.reason or "")}
    return {
        "name": piece.name,
        "file": piece.file,
        "seconds": piece.seconds,
        "semitones": piece.semitones,
        "index_rate": piece.index_rate,
        "text": str(piece.text or ""),
        "warnings": [str(warning) for warning in piece.warnings],
    }


def _semitones(value: str) -> float | str:
    if str(value).strip().lower() in ("", "auto"):
        return "auto"
    try:
        return float(value)
    except ValueError:
        raise RVCError(
            "Semitones: a number from -24 to 24, or auto.",
        ) from None
