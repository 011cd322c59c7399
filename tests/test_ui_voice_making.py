"""Voices made on the page, without Gradio: blended, imported from links, and what they lack."""

from dataclasses import replace
from pathlib import Path

import pytest
from lite_voice import lite_voice
from ui_fake import FakeEngine

from rvc.errors import RVCError
from rvc.ui.conversion import voices
from rvc.ui.gallery import gallery_html
from rvc.ui.studio import Studio
from rvc.ui.visitor import Visitor
from rvc.ui.voice_making import blend, import_notes, start_link_import
from rvc.ui.workspace import Workspace

PATIENCE_SECONDS = 60
OWNER = "local"


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(FakeEngine(tmp_path / "weights"), Workspace(tmp_path / "work"))


def test_voices_are_blended_on_the_page(studio: Studio) -> None:
    for name in ("anna", "ben"):
        studio.engine.library.save(lite_voice(name))
    made = blend(studio, OWNER, ("anna", "ben"), 0.25, " ")
    assert made == "anna + ben" and made in [voice.name for voice in voices(studio, OWNER)]
    (voice,) = [each for each in voices(studio, OWNER) if each.name == made]
    assert "anna 75 % + ben 25 %" in gallery_html(Visitor(OWNER, "en"), [voice], None)
    assert (voice.kind, voice.speakers) == ("lite", 2)
    with pytest.raises(RVCError, match="two different"):
        blend(studio, OWNER, ("anna", "anna"), 0.5, "")


def test_what_an_imported_voice_lacks_is_said(studio: Studio) -> None:
    voice = lite_voice("anna")
    assert import_notes(studio, voice) == []
    (note,) = import_notes(studio, replace(voice, embedder="spin"))
    assert "spin" in str(note)


def test_links_are_checked_before_they_are_opened_and_refused_on_a_public_page(
    studio: Studio, tmp_path: Path
) -> None:
    with pytest.raises(RVCError, match="one link"):
        start_link_import(studio, OWNER, "a b c")
    job = start_link_import(studio, OWNER, "http://127.0.0.1:1/a/b/resolve/main/v.pth")
    assert job.wait(PATIENCE_SECONDS) and "Only links to huggingface.co" in str(job.error)
    workspace = Workspace(tmp_path / "public", public=True)
    public = Studio(studio.engine, workspace)
    owner = workspace.owner(workspace.new_token())
    with pytest.raises(RVCError, match="public page"):
        start_link_import(public, owner, "https://huggingface.co/a/b/resolve/main/v.pth")
