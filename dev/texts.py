"""Checks the XML and the translations of the addons. Needs the prepared Python.

A translation is complete when every text has one that nobody doubts ("fuzzy"), and keeps the
placeholders that Odoo will fill.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib
from lxml import etree

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdif]|%%|\$\{\w+\}")
COMPLETE = {"tr.po"}


def problems(folder: Path) -> Iterator[str]:
    """Find what is wrong with the texts of an addon."""
    for file in sorted(folder.rglob("*.xml")):
        try:
            etree.parse(file)
        except etree.XMLSyntaxError as error:
            yield f"{file}:{error.lineno}: {error.msg}"
    for file in sorted(folder.rglob("i18n*/*.po")):
        try:
            catalog = polib.pofile(str(file), check_for_duplicates=True)
        except (OSError, ValueError) as error:
            yield f"{file}: {error}"
        else:
            for entry in catalog:
                if problem := _doubt(entry, complete=file.name in COMPLETE):
                    yield f"{file}:{entry.linenum}: {problem}: {entry.msgid!r}"


def _doubt(entry: polib.POEntry, *, complete: bool) -> str | None:
    if entry.obsolete:
        return "obsolete"
    if not entry.msgstr:
        return "not translated" if complete else None
    if entry.fuzzy:
        return "fuzzy" if complete else None
    same = Counter(PLACEHOLDER.findall(entry.msgid)) == Counter(PLACEHOLDER.findall(entry.msgstr))
    return None if same else "other placeholders than the original"


if __name__ == "__main__":
    found = [problem for folder in sys.argv[1:] for problem in problems(Path(folder))]
    print(*found, sep="\n")
    sys.exit(bool(found))
