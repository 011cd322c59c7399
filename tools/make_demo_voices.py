"""Train the demo voices from synthetic speech, as the program trains a voice.

    python -m tools.make_demo_voices DATA weights/voices

DATA comes from `tools.pretrain_data` (heart, joe) and `tools.pretrain_kokoro` (kokoro_af_heart).
Writes a folder for each voice: the voice, its index, card and report, and a sentence in it.
"""

import argparse
import shutil
import tempfile
from itertools import chain, zip_longest
from pathlib import Path

from rvc.threads import wait_passively

wait_passively()

from benchmarks import voice_material as material  # noqa: E402
from rvc.audio import Recording, load_audio, save_audio  # noqa: E402
from rvc.engine import Engine  # noqa: E402
from rvc.label import ai_label  # noqa: E402
from rvc.places import shipped_weights  # noqa: E402
from rvc.train import TrainingOptions  # noqa: E402
from rvc.voice.files import CHECKED_FILE, PREVIEW_FILE  # noqa: E402

# One voice's folders of clips, in turn, and the sentence of its preview. Heart is one speaker of
# Kokoro's in English (as hibari-tts speaks it), Korean and Japanese.
VOICES = {
    "Heart": (("heart", "kokoro_af_heart"), "sentence_ko.ogg"),
    "Joe": (("joe",), "sentence.ogg"),
}
SECONDS = 345.0
STEPS = 320
CONSENT = "A synthetic voice; NOTICE names its source and licence."


def main() -> None:
    """Read the arguments, make each voice."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--voices", nargs="*", default=list(VOICES), choices=list(VOICES))
    arguments = parser.parse_args()
    for name in arguments.voices:
        folders, sentence = VOICES[name]
        recording = read([arguments.data / folder for folder in folders], f"{name}.wav")
        with tempfile.TemporaryDirectory() as work:
            made = make_voice(name, recording, sentence, Path(work))
            shutil.rmtree(arguments.out / name, ignore_errors=True)
            shutil.copytree(made, arguments.out / name)


def read(folders: list[Path], name: str) -> Recording:
    """Return SECONDS of clips, one of each folder in turn, with gaps, as one recording."""
    in_turn = chain.from_iterable(zip_longest(*map(material.read_clips, folders)))
    clips, samples = [], 0
    for clip in filter(None, in_turn):
        samples += len(clip.samples)
        if samples > SECONDS * material.SAMPLE_RATE:
            break
        clips.append(clip)
    return material.joined(clips, name)


def make_voice(name: str, recording: Recording, sentence: str, weights: Path) -> Path:
    """Train a voice in the folder `weights`; return the voice's folder, with a preview in it."""
    engine = Engine(weights)
    report = engine.report([engine.clean(recording)])
    for progress in engine.train(report, TrainingOptions(name, steps=STEPS, consent=CONSENT)):
        if progress.held_out:
            print(f"{name}: {progress.step}/{progress.total_steps}", progress.held_out, flush=True)
    folder = engine.library.path(name)
    spoken = load_audio(shipped_weights() / "samples" / sentence)
    converted = engine.convert(spoken, name).recording
    save_audio(folder / PREVIEW_FILE, converted, metadata=ai_label(name))
    (folder / CHECKED_FILE).unlink(missing_ok=True)  # each machine writes its own
    return folder


if __name__ == "__main__":
    main()
