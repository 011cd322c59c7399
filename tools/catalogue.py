"""Update the catalogues of messages from the source code, and compile them.

    python -m tools.catalogue             # after changing a message: extract, merge, compile
    python -m tools.catalogue --check     # exit with 1 where that would change a file
    python -m tools.catalogue --new ja    # start the catalogue of another language

A message is the English template in `Message("...")` or in an error `SomeError("...")`.
Translations are edited in rvc/locale/<language>/LC_MESSAGES/moksori.po; a template without one
shows in English. The .mo files that the program reads are compiled from them.
"""

import argparse
import ast
import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from rvc.messages import DOMAIN, LOCALE_DIR

PACKAGE = LOCALE_DIR.parent
WIDTH = 100


def main() -> None:
    """Read the arguments; update every catalogue, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--new", metavar="LANGUAGE")
    arguments = parser.parse_args()
    if arguments.new:
        po_path(arguments.new).parent.mkdir(parents=True, exist_ok=True)
        po_path(arguments.new).write_bytes(po_bytes(Catalog(arguments.new, DOMAIN)))
    files = updated()
    changed = [path for path, data in files.items() if not same(path, data)]
    if arguments.check:
        for path in changed:
            print(f"{path.relative_to(PACKAGE)} is out of date: run python -m tools.catalogue")
        sys.exit(bool(changed))
    for path, data in files.items():
        path.write_bytes(data)
    for path in po_paths():
        missing = [entry.id for entry in read_catalogue(path) if entry.id and not entry.string]
        print(
            f"{path.parent.parent.name}: {len(missing)} without a translation", *missing, sep="\n"
        )


def updated() -> dict[Path, bytes]:
    """Return the contents every .po and .mo file should have now."""
    template = extracted()
    files: dict[Path, bytes] = {}
    for path in po_paths():
        catalogue = read_catalogue(path)
        catalogue.update(template, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        files[path] = po_bytes(catalogue)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        files[path.with_suffix(".mo")] = compiled.getvalue()
    return files


def extracted() -> Catalog:
    """Return a catalogue of every template in the package, without line numbers."""
    catalogue = Catalog()
    keywords = {name: None for name in ("Message", *error_names())}
    found = extract_from_dir(
        str(PACKAGE), method_map=[("**.py", "python")], keywords=keywords, comment_tags=()
    )
    for file, _, message, _, _ in sorted(found, key=lambda each: (each[0], each[1])):
        catalogue.add(message, locations=[(f"rvc/{file}", None)])
    return catalogue


def error_names() -> set[str]:
    """Return the names of RVCError and of all classes that inherit from it."""
    names, before = {"RVCError"}, 0
    while len(names) > before:
        before = len(names)
        names |= {node.name for node in classes() if base_names(node) & names}
    return names


def classes() -> Iterator[ast.ClassDef]:
    """Yield every class definition of the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                yield node


def base_names(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def po_paths() -> list[Path]:
    return sorted(LOCALE_DIR.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def po_path(language: str) -> Path:
    return LOCALE_DIR / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, domain=DOMAIN)


def po_bytes(catalogue: Catalog) -> bytes:
    """Return the catalogue as a .po file whose header has no date, so that it is reproducible."""
    catalogue.header_comment = "# Translations of Moksori's messages."
    catalogue.project, catalogue.version, catalogue.fuzzy = "Moksori", "0", False
    written = io.BytesIO()
    write_po(written, catalogue, width=WIDTH, omit_header=False, include_lineno=False)
    lines = written.getvalue().decode().splitlines(keepends=True)
    dated = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By', '"Last-Translator')
    return "".join(line for line in lines if not line.startswith(dated)).encode()


def same(path: Path, data: bytes) -> bool:
    """Return whether a file holds `data`; of a compiled one, whether its messages are the same."""
    if not path.is_file():
        return False
    if path.suffix == ".mo":
        return entries(path.read_bytes()) == entries(data)
    return path.read_bytes() == data


def entries(compiled: bytes) -> dict[str, str]:
    """Return {template: translation} of a .mo file, without its header."""
    from gettext import GNUTranslations

    catalogue = GNUTranslations(io.BytesIO(compiled))._catalog
    return {template: text for template, text in catalogue.items() if template}


if __name__ == "__main__":
    main()
