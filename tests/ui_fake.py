"""An engine without networks, for tests of the page: real types, instant work."""

import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from rvc.audio import Recording, resample, save_audio
from rvc.cleaning import Cleaned, Repair, Segment
from rvc.convert import Converted
from rvc.engine import PriorityLock
from rvc.errors import MissingAssetError, TrainingError
from rvc.f0 import F0, RepairedF0
from rvc.files import write_json
from rvc.live import LiveConversion, not_lite
from rvc.messages import Message
from rvc.progress import no_progress
from rvc.quality import Measures, QualityReport, SegmentReport, TakeReport
from rvc.training.job import save_job, saved_options
from rvc.training.options import TrainingOptions, TrainingProgress
from rvc.training.standing import STANDING_FILE, Standing, read_standing
from rvc.voice import VoiceLibrary

STEP_SECONDS = 0.02
FETCH_PARTS = 100  # of STEP_SECONDS each
EXPECTED = Message("Expected: about 3 minutes and 0.9 GB of memory.")


BEFORE = Measures(snr_db=24.0, srmr=3.2, bandwidth_hz=9_000.0, lufs=-27.0, dnsmos_ovrl=2.7)
AFTER = Measures(snr_db=45.0, srmr=3.9, bandwidth_hz=9_000.0, lufs=-23.0, dnsmos_ovrl=3.3)
NO_PITCH = F0(np.zeros(0, np.float32), np.zeros(0, np.float32))
NO_REPAIR = RepairedF0(NO_PITCH, np.zeros(0, bool), (), ())


class FakeEngine:
    """Cleaning halves the sound, training counts, converting reverses."""

    def __init__(self, weights: Path, *, steps: int = 40, fail_at: int | None = None) -> None:
        self.weights = weights
        self.library = VoiceLibrary(weights)
        self.turns = PriorityLock()
        self.device = "cpu"
        self.steps, self.fail_at = steps, fail_at
        self.trained: list[TrainingOptions] = []
        self.fetched: set[str] = set()

    def live(self, voice, options, sample_rate) -> LiveConversion:
        """Refuse, as for a voice of another preset."""
        raise not_lite()

    def clean(self, recording, options=None, progress=no_progress) -> Cleaned:
        for share in (0.2, 0.6, 1.0):
            progress(share, Message("Taking out noise"))
        aligned = replace(recording, samples=recording.samples * np.float32(0.5))
        whole = (Segment(0.0, recording.duration_seconds),)
        repairs = (
            Repair("noise", True, Message("12 dB of noise taken out.")),
            Repair("hum", False, Message("No hum.")),
        )
        return Cleaned(recording, aligned, whole, whole, repairs, 0.5, False)

    def report(self, cleaned, progress=no_progress) -> QualityReport:
        """Segments of two seconds, all of them kept."""
        takes, segments = [], []
        for number, each in enumerate(cleaned):
            progress((number + 1) / len(cleaned), Message("Measuring"))
            takes.append(TakeReport(each, BEFORE, AFTER, NO_PITCH, NO_REPAIR, None, None))
            length = each.original.duration_seconds
            name = each.original.name
            segments += [
                SegmentReport(number, name, float(a), float(b), BEFORE, AFTER, 55.0, 88.0, "keep")
                for a, b in pairwise(np.linspace(0, length, max(2, int(length / 2) + 1)))
            ]
        return QualityReport(tuple(takes), tuple(segments), BEFORE, AFTER)

    def train(
        self, report, options, *, stop=lambda: False, home=None
    ) -> Iterator[TrainingProgress]:
        self.trained.append(options)
        home = home or self.weights
        folder = home / "training" / options.name
        folder.mkdir(parents=True, exist_ok=True)
        asked = saved_options(folder) if options.resume else options
        at = read_standing(folder) if options.resume else Standing()
        if not options.resume:
            save_job(folder, options, {})
            yield TrainingProgress("preflight", 0.0, EXPECTED)
            yield TrainingProgress("features", 0.05, Message("Listening"))
        (folder / "checkpoint.pt").write_bytes(b"fake")
        total = options.steps or at.total_steps or asked.steps or self.steps

        def note(step: int, *, done: bool = False) -> None:
            standing = Standing(step, total, step // 10 * 10, STEP_SECONDS, step / total, done)
            write_json(folder / STANDING_FILE, asdict(standing))

        def save(stage: str, step: int) -> TrainingProgress:
            voice = VoiceLibrary(home).folder / options.name
            voice.mkdir(parents=True, exist_ok=True)
            (voice / f"{options.name}.pth").write_bytes(b"fake")
            (voice / "card.json").write_text('{"preset": "lite", "f0_median_hz": 180.0}')
            note(step, done=stage == "done")
            return TrainingProgress(
                stage, step / total, Message(stage.title()), step=step, total_steps=total,
                voice=voice,
            )  # fmt: skip

        tone = Recording(np.sin(np.arange(24_000) / 20).astype(np.float32) * 0.3, 24_000)
        for step in range(at.step + 1, total + 1):
            if stop():
                yield save("stopped", step)
                return
            time.sleep(STEP_SECONDS)
            note(step)
            if step == self.fail_at:
                raise TrainingError("The loss exploded.")
            losses = {"mel": 2 / step**0.5, "stft": 3 / step**0.5}
            scores = {"mel": 1 + 1 / step, "f0_cents": 20.0} if step % 10 == 0 else None
            preview = None
            if scores:
                preview = save_audio(folder / f"preview_{step:06d}.wav", tone)
            yield TrainingProgress(
                "training", step / total, Message(f"Step {step}"), step=step,
                total_steps=total, eta_seconds=(total - step) * STEP_SECONDS, losses=losses,
                held_out=scores, best_step=step // 10 * 10, preview=preview, reference=preview,
            )  # fmt: skip
        yield save("done", total)

    def convert(self, recording, voice, options=None, progress=no_progress) -> Converted:
        progress(0.5, Message("Synthesizing"))
        spoken = resample(replace(recording, samples=recording.samples[::-1].copy()), 24_000)
        hz = 150 + 40 * np.sin(np.arange(200) / 15).astype(np.float32)
        f0, moved = (F0(x, np.ones_like(x)) for x in (hz, hz * 2 ** (5 / 12)))
        text = Message("The pitch was moved 5 semitones higher.")
        return Converted(spoken, 5.0, text, f0, moved)

    def pick_preset(self) -> tuple[str, Message]:
        return "lite", Message("Preset lite: no graphics card here.")

    def presets(self) -> list[SimpleNamespace]:
        here, lacks = Message("Ready."), Message("Needs 400 MB.")
        fetched = "40k" in self.fetched
        text = here if fetched else lacks
        return [
            SimpleNamespace(name="lite", available=True, fetchable=False, text=here),
            SimpleNamespace(name="40k", available=fetched, fetchable=not fetched, text=text),
            SimpleNamespace(name="48k", available=False, fetchable=True, text=lacks),
        ]

    def fetch_preset(self, name: str, progress=no_progress) -> None:
        """Slow for 40k; for 48k nothing can be reached."""
        if name == "48k":
            raise MissingAssetError("It cannot be reached.")
        for done in range(FETCH_PARTS):
            progress(done / FETCH_PARTS, Message("Fetching f0G40k.pth"))
            time.sleep(STEP_SECONDS)
        self.fetched.add(name)

    def expect(self, report, options) -> SimpleNamespace:
        return SimpleNamespace(text=EXPECTED)
