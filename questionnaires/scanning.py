"""Looking for viruses in what people send, before anything else opens it.

`UPLOAD_SCANNER` says by what: `clamd://host:port` (ClamAV's daemon, by its INSTREAM command), or the dotted name of a
callable that takes the bytes and returns the name of what it found, or "". Empty: nobody looks. Where the scanner does
not answer nothing is taken: a file that nobody has looked at is none that we keep.
"""

import socket
import struct
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from kommunalpro.problems import Problem

log = structlog.get_logger(__name__)

CLAMD_PORT = 3310
_CHUNK = 64 * 1024
_LONGEST_REPLY = 4096

Scanner = Callable[[bytes], str]


class ScannerUnavailable(Problem):
    """Nobody can say whether the file is harmless, so it is not taken."""

    code = "scanner_unavailable"
    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self) -> None:
        super().__init__(
            _("Vi kan ikke tage imod filer lige nu. Prøv igen om lidt. Dine andre svar er gemt.")
        )


def found_in(content: bytes) -> str:
    """The name of what is harmful in it; "" where nothing was found. Raises ScannerUnavailable."""
    address: str = settings.UPLOAD_SCANNER
    if not address:
        return ""
    try:
        return _scanner(address)(content)
    except Exception as error:  # whatever goes wrong in somebody's scanner, the file is not taken
        log.error("questionnaires.scanner_unavailable", error=type(error).__name__)
        raise ScannerUnavailable from error


def _scanner(address: str) -> Scanner:
    if not address.startswith("clamd://"):
        scanner: Scanner = import_string(address)
        return scanner
    parts = urlsplit(address)
    host, port = parts.hostname or "localhost", parts.port or CLAMD_PORT
    return lambda content: clamd(content, host=host, port=port, seconds=settings.UPLOAD_SCANNER_SECONDS)


def clamd(content: bytes, *, host: str, port: int, seconds: float) -> str:
    """Ask clamd by INSTREAM: pieces with their lengths before them, an empty one at the end (clamd(8)).

    Raises OSError where it does not answer within `seconds`, ValueError where it answers anything but OK or FOUND.
    """
    with socket.create_connection((host, port), timeout=seconds) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            piece = content[start : start + _CHUNK]
            connection.sendall(struct.pack("!L", len(piece)) + piece)
        connection.sendall(struct.pack("!L", 0))
        said = _reply(connection)
    if said == "stream: OK":
        return ""
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")
    raise ValueError(f"clamd answered {said[:100]!r}")


def _reply(connection: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < _LONGEST_REPLY:
        piece = connection.recv(_LONGEST_REPLY)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0").decode("utf-8", "replace").strip()
