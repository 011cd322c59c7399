"""What a training writes: its state, previews, and the voice at a stop or at the end."""

from pathlib import Path

from rvc.audio import Recording, save_audio
from rvc.dataset import Piece
from rvc.training.build import snapshot, trained_voice
from rvc.training.checkpoint import PREVIOUS, save_checkpoint
from rvc.training.held_out import HeldOut
from rvc.training.job import REPORT_FILE, saved_facts
from rvc.training.run import TrainingRun
from rvc.training.standing import write_standing
from rvc.training.state import Best, TrainingState


def save_state(folder: Path, state: TrainingState) -> None:
    """Write all that resuming needs, and how far it is."""
    save_checkpoint(folder, state.to_state())
    write_standing(folder, state)


def mark_done(folder: Path, state: TrainingState) -> None:
    """Note that the voice is finished; the last state stays, so that it can be continued."""
    (folder / PREVIOUS).unlink(missing_ok=True)
    write_standing(folder, state, done=True)


def save_voice(run: TrainingRun, state: TrainingState, pieces: list[Piece]) -> Path:
    """Save the best weights so far as a voice with its index and card; return its folder.

    Before the first score these are the present ones. The state is not changed.
    """
    best = state.best or Best(
        step=state.step, held_out=None, weights=snapshot(state.objective.synthesizer)
    )
    facts = saved_facts(run.folder) | {
        "steps": best["step"],
        "steps_trained": state.step,
        "held_out": best["held_out"],
        "history": state.history,
    }
    config = state.objective.synthesizer.config
    voice = trained_voice(run, pieces, config=config, weights=best["weights"], facts=facts)
    report = run.folder / REPORT_FILE
    extra = {REPORT_FILE: report.read_bytes()} if report.exists() else {}
    return run.library.save(voice, extra)


def save_preview(run: TrainingRun, state: TrainingState, scorer: HeldOut) -> tuple[Path, Path]:
    """Write the held-out sentence, resynthesised and as recorded; return both paths."""
    rate, recorded = run.preset.sample_rate, scorer.sentence
    sound = scorer.resynthesize(state.objective.synthesizer, recorded)
    preview = save_audio(run.folder / f"preview_{state.step:06d}.wav", Recording(sound, rate))
    reference = run.folder / "preview_original.wav"
    if not reference.exists():
        save_audio(reference, Recording(recorded.samples, rate))
    return preview, reference
