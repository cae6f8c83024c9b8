"""Files as people bring them, good and bad."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook

from tests.engine.small_forms import form, question

CORPORA = Path(__file__).resolve().parents[4] / "shared" / "corpora"
SHEET = [
    ["Titel", "Smerter i hverdagen"],
    ["Adresse", "https://example.org/Questionnaire/smerter"],
    [],
    ["Afsnit", "Nr.", "Spørgsmål", "Type", "Svarmuligheder", "Skal besvares", "Hjælp", "Vises når", "Mindst", "Højst",
     "Enhed"],
    ["Smerter", "1", "Har du smerter?", "ja/nej", "", "ja", "", "", "", "", ""],
    ["Smerter", "2", "Hvor ofte?", "valg", "Sjældent = 0 | Ofte = 1,5", "", "", "1 = ja", "", "", ""],
    ["Smerter", "3", "Hvor stærke?", "skala", "", "ja", "0 er ingen", "1 = ja og 2 er besvaret", "0", "10", ""],
    ["Om dig", "4", "Hvad vejer du?", "tal", "", "", "", "", "20", "300,5", "kg"],
    ["Om dig", "5", "Hvor gør det ondt?", "flere valg", "Ryg;Knæ;Ærme", "", "", "2 = Ofte eller 3 >= 5", "", "", ""],
    ["Om dig", "", "Tak for hjælpen.", "information", "", "", "", "", "", "", ""],
]  # fmt: skip


def simple(number: int = 1, **head: Any) -> dict[str, Any]:
    """A sound questionnaire with an address of its own."""
    return form(question("a"), url=f"https://example.org/Questionnaire/{number}", **head)


def as_json(resource: object) -> bytes:
    return json.dumps(resource, ensure_ascii=False).encode()


def as_zip(files: dict[str, bytes]) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return written.getvalue()


def many(count: int) -> bytes:
    """A zip of so many questionnaires."""
    return as_zip({f"skema-{n:03d}.json": as_json(simple(n, title=f"Skema {n}")) for n in range(count)})


def as_csv(rows: list[list[str]], *, encoding: str = "utf-8-sig", delimiter: str = ";") -> bytes:
    lines = (
        delimiter.join(f'"{cell}"' if set(cell) & {delimiter, '"', "\n"} else cell for cell in row)
        for row in rows
    )
    return "\r\n".join(lines).encode(encoding)


def as_xlsx(rows: list[list[Any]]) -> bytes:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    written = BytesIO()
    book.save(written)
    return written.getvalue()
