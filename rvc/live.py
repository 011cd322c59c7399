"""Conversion while speaking: sound in, converted sound out, block by block, a moment later.

A block is 60 ms. The content and f0 of its frames are estimated from the last 1.4 seconds of
sound, of which the newest 60 ms serve as what follows; so the result for a moment is ready 60 to
120 ms after it, plus the time to compute a block. A block is synthesized together with frames
before and after it, and crossfaded into the next one. Pitch cycle and noise continue from block to
block, so that both sides of a crossfade are the same waves. Blocks that wait are computed together,
for little more than one takes, so that a machine that was busy for a moment catches up.
"""

from collections import deque
from typing import Any

import numpy as np
import torch
from scipy.signal import butter, sosfilt

from rvc.audio import FRAMES_PER_SECOND, Recording
from rvc.content import (
    LEVEL_DBFS,
    MAX_GAIN_DB,
    N_FFT,
    SAMPLE_RATE,
    WhisperContent,
    log10_mel,
    scaled_mel,
)
from rvc.convert import HIGH_PASS_HZ, PEAK, ConversionOptions
from rvc.errors import VoiceError
from rvc.f0 import estimate_f0, without_mains
from rvc.network.base import Synthesizer
from rvc.pauses import GATE_DB, PAUSE_DB
from rvc.threads import workers
from rvc.voice import Voice

BLOCK_FRAMES = 6
AHEAD_FRAMES = 6  # after a block, known when it is synthesized
MOST_BLOCKS = 4  # computed together
WARM_BLOCKS, WARM_LEVEL = 6, np.float32(0.1)
WINDOW_FRAMES = 140  # encoded for every block
PITCH_FRAMES = 80  # f0 is estimated in
BEFORE_FRAMES = 24  # given to the synthesizer before a block
FADE_FRAMES = 2
HISTORY_FRAMES = 10 * FRAMES_PER_SECOND  # of the levels that loudness is judged by
LEAST_SPEECH_DBFS = -50.0  # quieter sound is not raised to the level of speech
LOUD_QUANTILE = 0.8
VOICED_FRAMES = 50  # needed before an automatic pitch shift
FRAME = SAMPLE_RATE // FRAMES_PER_SECOND
BAND_HZ = 7_500  # of the sound at the encoder's rate


def not_lite() -> VoiceError:
    """Return the error for a voice whose network is too slow for a processor."""
    return VoiceError("Only voices of the preset lite can speak live. Choose one of those.")


class LiveConversion:
    """A conversion that goes on; made anew for every speaker and every start.

    `latency_seconds`: from a moment of sound to its conversion at the latest, without the time to
    compute it. `sample_rate`: of the converted sound, Hz.
    """

    latency_seconds = (BLOCK_FRAMES + AHEAD_FRAMES) / FRAMES_PER_SECOND

    def __init__(
        self,
        voice: Voice,
        options: ConversionOptions,
        sample_rate: int,
        *,
        synthesizer: Synthesizer,
        encoder: WhisperContent,
    ) -> None:
        """`sample_rate`: of the sound that is fed. Raises VoiceError for options out of range."""
        import soxr

        options.check()
        self.sample_rate = synthesizer.sample_rate
        self._voice, self._options = voice, options
        self._synthesizer, self._encoder = synthesizer, encoder
        # A resampler with filters of its own would hold the sound back for 10 to 30 ms.
        self._stream = soxr.ResampleStream(
            sample_rate, SAMPLE_RATE, 1, dtype="float32", quality="QQ"
        )
        self._same_rate = sample_rate == SAMPLE_RATE
        edge = min(BAND_HZ, 0.45 * sample_rate)
        self._band_sos = butter(8, edge, "lowpass", fs=sample_rate, output="sos")
        self._band = np.zeros((len(self._band_sos), 2))
        self._sos = butter(5, HIGH_PASS_HZ, "highpass", fs=SAMPLE_RATE, output="sos")
        self._filter = np.zeros((len(self._sos), 2))
        self._sound = np.zeros(WINDOW_FRAMES * FRAME + N_FFT // 2, np.float32)  # the newest
        self._waiting = np.zeros(0, np.float32)
        self._powers: deque[float] = deque(maxlen=HISTORY_FRAMES)
        self._loudest: deque[float] = deque(maxlen=HISTORY_FRAMES // BLOCK_FRAMES)
        self._heard_hz: deque[float] = deque(maxlen=HISTORY_FRAMES)  # voiced frames of the source
        self._f0 = np.zeros(0, np.float32)  # target f0 of the frames before the next block
        self._phase = 0.0  # of the pitch cycle, where self._f0 begins
        self._frames, self._done = 0, 0  # that were fed; that were returned
        self._generator = torch.Generator().manual_seed(options.seed)
        self._tail = np.zeros(0, np.float32)  # of the last block, to fade out
        self._gain = 0.0  # of the last frame
        self._beside = workers("live-f0", 1)

    def feed(self, samples: np.ndarray) -> np.ndarray:
        """Return the converted sound that `samples` (samples,) float32 complete, perhaps none.

        The output is at the synthesizer's sample rate; all of it together is the conversion of what
        was fed but the last AHEAD_FRAMES, and of a block that has only begun.
        """
        arrived = np.ascontiguousarray(samples, np.float32)
        if not self._same_rate and len(arrived):
            limited, self._band = sosfilt(self._band_sos, arrived, zi=self._band)
            arrived = self._stream.resample_chunk(limited.astype(np.float32))
        self._waiting = np.concatenate([self._waiting, arrived])
        size, made = BLOCK_FRAMES * FRAME, []
        while len(self._waiting) >= size:
            length = min(len(self._waiting) // size, MOST_BLOCKS) * size
            block, self._waiting = self._waiting[:length], self._waiting[length:]
            # Operations this small are slower on several threads.
            made.append(workers("live", 1).submit(self._block, block).result())
        return np.concatenate([*made, np.zeros(0, np.float32)])

    def _block(self, block: np.ndarray) -> np.ndarray:
        """Return the sound that `block`, of one block's length or a multiple, completes."""
        filtered, self._filter = sosfilt(self._sos, block, zi=self._filter)
        filtered = np.where(block == 0, 0, filtered).astype(np.float32)
        self._sound = np.concatenate([self._sound[len(block) :], filtered])
        self._powers.extend(np.mean(np.square(filtered.reshape(-1, FRAME)), axis=1).tolist())
        self._frames += len(block) // FRAME
        first, hop = self._done, self._synthesizer.hop_length
        count = self._frames - AHEAD_FRAMES - first
        if count < BLOCK_FRAMES:
            return np.zeros(0, np.float32)
        self._done += count
        speech_dbfs = self._speech_dbfs()
        made = self._synthesized(first, count, speech_dbfs)
        fade = FADE_FRAMES * hop
        if len(self._tail):
            ramp = np.linspace(0, 1, fade, dtype=np.float32)
            made[:fade] = self._tail * (1 - ramp) + made[:fade] * ramp
        out, self._tail = made[: count * hop], made[count * hop :]
        return np.clip(self._gated(out, count, speech_dbfs), -PEAK, PEAK)

    def _speech_dbfs(self) -> float:
        """Return the level of the loudest fifth of the last frames, in dB of full scale."""
        powers = np.array(self._powers)
        loud = powers[powers >= np.quantile(powers, LOUD_QUANTILE)].mean()
        return max(10 * float(np.log10(loud + 1e-12)), LEAST_SPEECH_DBFS)

    def _synthesized(self, first: int, count: int, speech_dbfs: float) -> np.ndarray:
        """Return the sound of `count` frames from `first` on and of FADE_FRAMES after them."""
        gain = np.float32(10 ** (min(LEVEL_DBFS - speech_dbfs, MAX_GAIN_DB) / 20))
        finding = self._beside.submit(self._target_hz, gain, count)
        start = max(0, first - BEFORE_FRAMES)
        content = self._content(gain)[start - self._frames :]
        hz = finding.result()
        with torch.inference_mode():
            state = self._generator.get_state()
            sound = self._synthesizer.infer(
                torch.from_numpy(self._retrieved(content))[None],
                torch.from_numpy(np.concatenate([self._f0, hz]))[None],
                torch.tensor([self._options.speaker]),
                generator=self._generator,
                phase=self._phase,
            )[0].numpy()
            self._generator.set_state(state)
        hop = self._synthesizer.hop_length
        begin = (first - start) * hop
        self._keep(hz[:count])
        return sound[begin : begin + (count + FADE_FRAMES) * hop].copy()

    def _keep(self, hz: np.ndarray) -> None:
        """Move the synthesizer's window to the next block, whose first frames are now settled."""
        self._f0 = np.concatenate([self._f0, hz])
        drop = max(0, len(self._f0) - BEFORE_FRAMES)
        cycles = self._f0[:drop].astype(np.float64).sum() / FRAMES_PER_SECOND
        self._phase = float((self._phase + cycles) % 1.0)
        self._f0 = self._f0[drop:]
        # Numbers that are drawn in parts of a multiple of 16 are those drawn at once.
        torch.randn(1, drop * self._synthesizer.hop_length, generator=self._generator)

    def _target_hz(self, gain: np.float32, count: int) -> np.ndarray:
        """Return f0 (count + AHEAD_FRAMES,) of the voice for the newest frames."""
        recent = self._sound[-PITCH_FRAMES * FRAME :] * gain
        found = without_mains(estimate_f0(Recording(recent, SAMPLE_RATE), self._options.f0_method))
        hz = found.hz[-(count + AHEAD_FRAMES) :]
        settled = hz[:count]
        self._heard_hz.extend(settled[settled > 0].tolist())
        return (hz * np.float32(2.0 ** (self._semitones() / 12))).astype(np.float32)

    def _semitones(self) -> float:
        if self._options.semitones != "auto":
            return float(self._options.semitones)
        target = self._voice.card.get("f0_median_hz")
        if not isinstance(target, int | float) or not target > 0:
            return 0.0
        if len(self._heard_hz) < VOICED_FRAMES:
            return 0.0
        return float(np.clip(12 * np.log2(target / np.median(self._heard_hz)), -24, 24))

    def _content(self, gain: np.float32) -> np.ndarray:
        """Return content (WINDOW_FRAMES, channels) of the newest frames."""
        log = log10_mel(np.pad(self._sound * gain, (0, N_FFT // 2)))[:, :WINDOW_FRAMES]
        self._loudest.append(float(log.max()))
        with torch.inference_mode():
            tokens = self._encoder.hidden(
                scaled_mel(log, max(self._loudest)), WINDOW_FRAMES // 2, shortest=0
            )
        at = np.minimum(np.arange(WINDOW_FRAMES) / 2 + 0.25, len(tokens) - 1)
        left = np.minimum(at.astype(int), len(tokens) - 2)
        share = (at - left)[:, None].astype(np.float32)
        return tokens[left] * (1 - share) + tokens[left + 1] * share

    def _retrieved(self, content: np.ndarray) -> np.ndarray:
        if self._voice.index is None or not self._options.index_rate:
            return content
        return self._voice.index.blend(content, self._options.index_rate)

    def _gated(self, made: np.ndarray, count: int, speech_dbfs: float) -> np.ndarray:
        """Return `made` with pauses as far below speech as in the source; see `rvc.pauses`."""
        powers = list(self._powers)[-(AHEAD_FRAMES + count) :][:count]
        given_db = 10 * np.log10(np.array(powers) + 1e-14) - speech_dbfs
        made_db = 10 * np.log10(np.square(made).reshape(count, -1).mean(1) + 1e-14)
        excess_db = np.maximum(0, made_db - LEVEL_DBFS - np.maximum(given_db, GATE_DB))
        gain = np.where(given_db < PAUSE_DB, 10 ** (-excess_db / 20), 1.0)
        gain = np.where(np.array(powers) == 0, 0.0, gain)
        edges = np.arange(count + 1) * (len(made) / count)
        smooth = np.interp(np.arange(len(made)), edges, [self._gain, *gain])
        self._gain = float(gain[-1])
        return made * smooth.astype(np.float32)


def warmed_up(
    voice: Voice,
    options: ConversionOptions,
    sample_rate: int,
    *,
    synthesizer: Synthesizer,
    encoder: WhisperContent,
) -> LiveConversion:
    """Return a LiveConversion whose first block takes no longer than the others.

    The first computation of each shape is slow: another conversion of noise is made before.
    """
    parts: dict[str, Any] = {"synthesizer": synthesizer, "encoder": encoder}
    before, ready = (LiveConversion(voice, options, sample_rate, **parts) for _ in range(2))
    noise = np.random.default_rng(0).standard_normal(sample_rate).astype(np.float32)
    step = sample_rate * BLOCK_FRAMES // FRAMES_PER_SECOND
    for start in range(0, WARM_BLOCKS * step, step):
        before.feed(WARM_LEVEL * noise[start : start + step])
    return ready
