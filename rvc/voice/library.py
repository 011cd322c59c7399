"""VoiceLibrary: the voices of one folder, each in a folder of its own."""

import secrets
import shutil
from pathlib import Path

from rvc.errors import VoiceError
from rvc.voice.card import changed_card, read_card
from rvc.voice.files import cannot_save, load_voice, save_voice
from rvc.voice.names import check_name, safe_name, same_name
from rvc.voice.voice import Voice

VOICES_FOLDER = "voices"


class VoiceLibrary:
    """`weights`/voices/NAME/ with NAME.pth, NAME.index and card.json; made when first saved to."""

    def __init__(self, weights: Path) -> None:
        self.folder = Path(weights) / VOICES_FOLDER

    def names(self) -> list[str]:
        """All voices, sorted."""
        if not self.folder.is_dir():
            return []
        return sorted(
            folder.name
            for folder in self.folder.iterdir()
            if not folder.name.startswith(".") and any(folder.glob("*.pth"))
        )

    def __contains__(self, name: str) -> bool:
        return check_name(name) in self.names()

    def path(self, name: str) -> Path:
        """The voice's folder, whether it is there or not; VoiceError if the name cannot be."""
        return self.folder / check_name(name)

    def load(self, name: str) -> Voice:
        return load_voice(self._existing(name))

    def card(self, name: str) -> dict[str, object]:
        """The card alone, without opening the voice; empty if there is none."""
        return read_card(self._existing(name)) or {}

    def update_card(self, name: str, **changes: object) -> dict[str, object]:
        """Change values of the card; returns all of it."""
        return changed_card(self._existing(name), changes)

    def save(self, voice: Voice) -> Path:
        """Write the voice, over one of the same name; returns its folder. A voice that could not
        be saved leaves the old one, or nothing."""
        folder = self.path(voice.name)
        self._check_no_clash(folder.name)
        if folder.exists():
            save_voice(folder, voice)
            return folder
        aside = self.folder / f".{secrets.token_hex(8)}"
        try:
            save_voice(aside, voice)
            aside.rename(folder)
        except OSError as error:
            raise cannot_save(error) from error
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        return folder

    def delete(self, name: str) -> None:
        """Remove the voice with everything in its folder, and what its training left."""
        folder = self._existing(name)
        gone = self.folder / f".{secrets.token_hex(8)}"
        try:
            folder.rename(gone)  # at once, so that no half of a voice is ever listed
            shutil.rmtree(gone)
            shutil.rmtree(self.folder.parent / "training" / folder.name, ignore_errors=True)
        except OSError as error:
            raise VoiceError(
                f"The voice '{name}' could not be deleted; another program may be using it.",
                f"'{name}' 목소리를 지우지 못했습니다. 다른 프로그램이 쓰고 있을 수 있습니다.",
            ) from error

    def free_name(self, wish: str) -> str:
        """A name like `wish` that is allowed and not taken: "anna", "anna 2", "anna 3"..."""
        base, number = safe_name(wish), 1
        name = base
        while any(same_name(name, taken) for taken in self._folders()):
            number += 1
            name = safe_name(f"{base[:50].rstrip(' .')} {number}")
        return name

    def _existing(self, name: str) -> Path:
        folder = self.path(name)
        if not folder.is_dir():
            known = ", ".join(self.names()[:10]) or "-"
            raise VoiceError(
                f"There is no voice '{folder.name}'. There are: {known}.",
                f"'{folder.name}' 목소리가 없습니다. 있는 목소리: {known}.",
            )
        return folder

    def _check_no_clash(self, name: str) -> None:
        for taken in self._folders():
            if taken != name and same_name(taken, name):
                raise VoiceError(
                    f"There is a voice '{taken}' already, and some computers cannot tell it from "
                    f"'{name}'. Choose another name.",
                    f"'{taken}' 목소리가 이미 있고, '{name}'와(과) 구별하지 못하는 컴퓨터가 "
                    "있습니다. 다른 이름을 고르세요.",
                )

    def _folders(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        return [folder.name for folder in self.folder.iterdir() if folder.is_dir()]
