"""Spreadsheets as rows of text: CSV as Danish Excel writes it, and XLSX."""

import csv
from datetime import date, datetime, time
from io import BytesIO, StringIO
from itertools import islice
from zipfile import BadZipFile

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from questionnaires.transfer.archives import check_workbook
from questionnaires.transfer.candidates import FileRefused

MOST_ROWS = 5_000
MOST_COLUMNS = 40
_DELIMITERS = ";\t,"

Rows = list[list[str]]


def csv_rows(content: bytes) -> Rows:
    """UTF-8 or Windows-1252; semicolons, tabs or commas. Raises FileRefused, or csv.Error for broken quotes."""
    text = _text(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=first.count)
    rows = list(islice(csv.reader(StringIO(text), delimiter=delimiter, strict=True), MOST_ROWS + 1))
    return _within([[_unquoted(cell.strip()) for cell in row[:MOST_COLUMNS]] for row in rows])


def xlsx_rows(content: bytes) -> Rows:
    """The first sheet of a workbook: values, not formulas. Raises FileRefused."""
    check_workbook(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows = [
            [_cell(value) for value in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
        ]
    # openpyxl tells of a broken workbook by whatever it stumbles over.
    except (
        BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        SyntaxError,
    ):
        raise FileRefused(_("Regnearket kan ikke læses. Gem det igen som .xlsx, og prøv igen.")) from None
    return _within(rows)


def as_xlsx(rows: Rows, *, title: str, header: int, widths: list[int]) -> bytes:
    """A workbook of one sheet; row `header` (from 1) stays in sight. Every cell is text, so nothing is calculated."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = "".join(letter for letter in title if letter not in r"[]:*?/\'")[:31].strip() or _(
        "Spørgeskema"
    )
    for row in rows:
        sheet.append([_kept(cell) for cell in row])
    for line in sheet.iter_rows():
        for cell in line:
            cell.data_type = "s" if cell.value is not None else cell.data_type
            cell.number_format = "@"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    for cell in sheet[header]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFE6EEF5")
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = f"A{header + 1}"
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def as_csv(rows: Rows) -> bytes:
    """As Danish Excel opens it by a double click: semicolons, UTF-8 with a byte order mark.

    A cell that Excel would take for a formula is written with an apostrophe before it.
    """
    written = StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerows(
        [f"'{cell}" if cell[:1] in ("=", "+", "@", "\t") else cell for cell in row] for row in rows
    )
    return written.getvalue().encode("utf-8-sig")


def _text(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefused(
        _("Filens tegnkodning kan ikke læses. Gem den som CSV med UTF-8 eller som .xlsx, og prøv igen.")
    )


def _within(rows: Rows) -> Rows:
    if len(rows) > MOST_ROWS:
        raise FileRefused(_("Der er mere end %(most)s rækker i regnearket.") % {"most": MOST_ROWS})
    return rows


def _unquoted(cell: str) -> str:
    """Without the apostrophe that `as_csv` puts before what looks like a formula."""
    return cell[1:] if cell[:2] in ("'=", "'+", "'@", "'\t") else cell


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "ja" if value else "nej"
        case float() if value.is_integer():
            return str(int(value))
        case float():
            return repr(value).replace(".", ",")
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime() | date() | time():
            return value.isoformat()
    return str(value).strip()


def _kept(cell: str) -> str | None:
    """What a cell can hold: Excel knows no control characters and 32,767 letters."""
    text = "".join(letter for letter in cell if letter in "\n\t" or ord(letter) >= 32)
    return text[:32_767] or None
