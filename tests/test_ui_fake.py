"""The fake engine of the page's tests takes what the real one takes and answers in its types."""

import ast
import inspect
from pathlib import Path

import pytest
from ui_fake import FakeEngine

from rvc.engine import Engine, PresetStatus
from rvc.training.preflight import Expectation

UI = Path(__file__).parents[1] / "rvc" / "ui"
OF_THE_TEST = {"trained", "fetched", "steps", "fail_at"}  # what tests set and read


def _methods(kind: type) -> dict[str, inspect.Signature]:
    found = inspect.getmembers(kind, inspect.isfunction)
    return {name: inspect.signature(each) for name, each in found if not name.startswith("_")}


REAL = _methods(Engine)
FAKE = _methods(FakeEngine)


@pytest.mark.parametrize("name", FAKE)
def test_the_fake_takes_what_the_engine_takes(name: str) -> None:
    def shape(signature: inspect.Signature) -> list[tuple]:
        """Names, kinds and defaults in order; two functions as defaults count as equal."""
        return [
            (each.name, each.kind, "function" if callable(each.default) and each.default is not
             inspect.Parameter.empty else each.default)
            for each in signature.parameters.values()
        ]  # fmt: skip

    assert shape(FAKE[name]) == shape(REAL[name])


def test_the_fake_has_all_that_the_page_asks_of_an_engine(tmp_path: Path) -> None:
    asked = {
        node.attr
        for file in UI.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute | ast.Name)
        and (node.value.attr if isinstance(node.value, ast.Attribute) else node.value.id)
        == "engine"
    }
    assert {"clean", "train", "convert", "library"} <= asked
    fake, real = FakeEngine(tmp_path), Engine(tmp_path)
    for name in asked:
        assert hasattr(real, name) and hasattr(fake, name), name
    mine = {name for name in vars(fake) if not name.startswith("_")} - OF_THE_TEST
    assert all(hasattr(real, name) for name in mine), mine


def test_the_fake_answers_with_fields_that_real_answers_have(tmp_path: Path) -> None:
    fake = FakeEngine(tmp_path)
    real_fields = {*PresetStatus.__dataclass_fields__, "fetchable"}
    assert all(vars(preset).keys() <= real_fields for preset in fake.presets())
    assert vars(fake.expect(None, None)).keys() <= set(Expectation.__dataclass_fields__)
