"""Which content encoders and f0 methods work here, and the next step for those that do not."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rvc import assets
from rvc.doctor.packages import PackageState
from rvc.embedders import FOLDER, find_encoder
from rvc.errors import MissingAssetError, RVCError
from rvc.f0_weights import RMVPE_FILE, find_fcpe
from rvc.messages import Message

METHOD_PACKAGES = {"swift": "swift-f0", "crepe-full": "torchcrepe", "crepe-tiny": "torchcrepe"}
MARKS = {"ok": "+", "missing": "-", "broken": "!"}


@dataclass(frozen=True)
class Ability:
    """A content encoder or an f0 method. `state`: "ok", "missing" or "broken"; `repair`: the next
    step unless it is "ok"."""

    name: str
    state: str
    repair: Message | None = None

    def lines(self, language: str) -> list[str]:
        """Return its lines of text in `language`."""
        states = {
            "ok": Message("works"),
            "missing": Message("missing"),
            "broken": Message("does not load"),
        }
        line = f"  {MARKS[self.state]} {self.name}: {states[self.state].in_language(language)}"
        return [line] + ([f"      {self.repair.in_language(language)}"] if self.repair else [])

    def to_json(self, language: str) -> dict[str, str]:
        """Return it as JSON values; the next step in `language`."""
        repair = self.repair.in_language(language) if self.repair else ""
        return {"name": self.name, "state": self.state, "mend": repair}


def find_encoders(weights: Path) -> Iterator[Ability]:
    """Yield Whisper, ContentVec and the encoders in weights/encoders."""
    for name in ("whisper-base", "contentvec"):
        yield _with_files(name, assets.ENCODER_FILES[name], weights)
    try:
        names = sorted(path.name for path in (weights / FOLDER).iterdir() if path.is_dir())
    except OSError:  # there is no such folder
        names = []
    for name in names:
        yield _found(name, partial(find_encoder, name, weights))


def find_f0_methods(weights: Path, packages: Sequence[PackageState]) -> Iterator[Ability]:
    """Yield all f0 methods; `packages`: what `probe` returned."""
    states = {state.package.name: state for state in packages}
    for method, package in METHOD_PACKAGES.items():
        yield Ability(method, states[package].state, states[package].repair)
    yield _with_files("rmvpe", (RMVPE_FILE,), weights)
    yield _found("fcpe", partial(find_fcpe, weights))


def _with_files(name: str, files: Sequence[str], weights: Path) -> Ability:
    """Return an ability that needs files of `rvc.assets`."""
    return _found(name, lambda: [assets.resolve(file, weights=weights) for file in files])


def _found(name: str, find: Callable[[], object]) -> Ability:
    """Return an ability that works if `find` does; its RVCError holds the next step."""
    try:
        find()
    except MissingAssetError as error:
        return Ability(name, "missing", error.text)
    except RVCError as error:
        return Ability(name, "broken", error.text)
    return Ability(name, "ok")
