"""Zip files of many questionnaires, read within limits that are checked while reading: what a zip says of itself is
not believed. Nothing is ever unpacked to a disk, and the names in it are only shown.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from django.utils.translation import gettext as _

from questionnaires.transfer.candidates import FileRefused

MOST_FILES = 1_000
MOST_BYTES_EACH = 5_000_000
MOST_BYTES = 200_000_000
"""Of all files in it together, unpacked."""
MOST_RATIO = 250
"""Unpacked bytes to a packed one, where there is more than a megabyte of them: forms as JSON come to 10 or 40."""
_SMALL = 1_000_000
_PIECE = 256 * 1024
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the zip with its bytes, or the sentence why it is not read."""

    name: str
    content: bytes = b""
    refusal: str = ""


def is_zip(content: bytes) -> bool:
    """Does it begin as a zip does, also an empty one?"""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def is_workbook(content: bytes) -> bool:
    """Is the zip an Excel workbook?"""
    try:
        with ZipFile(BytesIO(content)) as opened:
            return "xl/workbook.xml" in opened.NameToInfo
    except (BadZipFile, ValueError, NotImplementedError):
        return False


def count(content: bytes) -> int | None:
    """How many files its directory lists; None where that cannot be read."""
    try:
        return len(_listed(_opened(content)))
    except FileRefused:
        return None


def entries(content: bytes) -> Iterator[Entry]:
    """Its files in their order, without folders and what operating systems put beside them. Raises FileRefused."""
    opened = _opened(content)
    with opened:
        files = _listed(opened)
        if not files:
            raise FileRefused(_("Zip-filen er tom. Vælg en anden fil."))
        if len(files) > MOST_FILES:
            raise FileRefused(
                _("Der er %(count)s filer i zip-filen. Der må højst være %(most)s. Del den i flere.")
                % {"count": len(files), "most": MOST_FILES}
            )
        unpacked = 0
        for info in files:
            entry = _read(opened, info)
            unpacked += len(entry.content)
            if unpacked > MOST_BYTES or _is_bomb(unpacked, len(content)):
                raise _bomb()
            yield entry


def check_workbook(content: bytes) -> None:
    """Refuse a workbook that would unpack to too much, or whose XML brings a document type. Raises FileRefused."""
    opened = _opened(content)
    with opened:
        unpacked = 0
        for info in opened.infolist():
            # No reader gets more out of an entry than its directory says it holds (zipfile.ZipExtFile).
            unpacked += info.file_size
            if unpacked > MOST_BYTES_EACH * 10 or _is_bomb(unpacked, len(content)):
                raise _bomb()
            entry = _read(opened, info, most=MOST_BYTES_EACH * 10)
            if entry.refusal:
                raise FileRefused(entry.refusal)
            if b"<!DOCTYPE" in entry.content or b"<!ENTITY" in entry.content:
                raise FileRefused(_("Regnearket indeholder XML, som ikke bliver læst. Gem det igen i Excel."))


def _listed(opened: ZipFile) -> list[ZipInfo]:
    return [info for info in opened.infolist() if not info.is_dir() and not _is_beside(info.filename)]


def _opened(content: bytes) -> ZipFile:
    try:
        return ZipFile(BytesIO(content))
    except (BadZipFile, ValueError, NotImplementedError):
        raise FileRefused(
            _("Zip-filen er beskadiget eller kun kommet halvt med. Lav den igen, og prøv igen.")
        ) from None


def _read(opened: ZipFile, info: ZipInfo, *, most: int = MOST_BYTES_EACH) -> Entry:
    if info.flag_bits & _ENCRYPTED:
        return Entry(
            info.filename, refusal=_("Filen er beskyttet med en kode. Læg den i zip-filen uden kode.")
        )
    pieces: list[bytes] = []
    length = 0
    try:
        with opened.open(info) as file:
            while piece := file.read(_PIECE):
                pieces.append(piece)
                length += len(piece)
                if _is_bomb(length, max(1, info.compress_size)):
                    raise _bomb()
                if length > most:
                    return Entry(
                        info.filename,
                        refusal=_("Filen fylder mere end %(most)s MB, når den er pakket ud.")
                        % {"most": most // 1_000_000},
                    )
    except (BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError):
        return Entry(info.filename, refusal=_("Filen er beskadiget i zip-filen og kan ikke pakkes ud."))
    return Entry(info.filename, content=b"".join(pieces))


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > _SMALL and unpacked > packed * MOST_RATIO


def _bomb() -> FileRefused:
    return FileRefused(
        _("Zip-filen pakker ud til langt mere, end den fylder, og bliver ikke læst. Del den i flere mindre.")
    )


def _is_beside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}
