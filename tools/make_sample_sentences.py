"""Generate the sample sentences to convert: one synthetic man's, in every language of the page.

    python -m tools.make_sample_sentences weights/samples

Writes sentence_LANGUAGE.ogg. The voice is kokoro_tenor of tools/pretrain_speakers.py, which no demo
voice resembles.
"""

import argparse
from pathlib import Path

import numpy as np

from tools.make_sample_recording import SAMPLE_RATE, write_opus
from tools.pretrain_clips import level, trim
from tools.pretrain_speakers import reading

VOICE = "kokoro_tenor"
SENTENCES = {
    "en": "Every autumn the geese fly south above our roof, a little later than the year before.",
    "ko": "가을이면 기러기 떼가 해마다 조금씩 늦게 우리 집 지붕 위를 지나갑니다.",
}
QUIET_SECONDS = 0.25  # before and after


def main() -> None:
    """Write the sentences."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for language, text in SENTENCES.items():
        samples, rate = next(reading(VOICE, [text], language))
        assert rate == SAMPLE_RATE
        sound = level(trim(samples, rate), rate)
        path = folder / f"sentence_{language}.ogg"
        write_opus(path, np.pad(sound, round(QUIET_SECONDS * rate)))
        print(f"{path}: {len(sound) / rate:.1f} s, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
