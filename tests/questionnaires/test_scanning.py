"""Nothing is taken that the scanner has found something in, or has not answered for."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import LazySettings

from questionnaires.scanning import ScannerUnavailable, found_in

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FakeClamd:
    """A daemon that knows INSTREAM, and one virus."""

    def __init__(self, reply: Callable[[bytes], bytes] | None = None) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.reply = reply or self.judge
        self.received: list[bytes] = []
        threading.Thread(target=self.serve, daemon=True).start()

    @staticmethod
    def judge(content: bytes) -> bytes:
        return b"stream: Eicar-Signature FOUND\0" if b"EICAR" in content else b"stream: OK\0"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while length := struct.unpack("!L", stream.read(4))[0]:
                    assert length <= 64 * 1024
                    content += stream.read(length)
                self.received.append(content)
                connection.sendall(self.reply(content))


@contextmanager
def clamd(settings: LazySettings, reply: Callable[[bytes], bytes] | None = None) -> Iterator[FakeClamd]:
    daemon = FakeClamd(reply)
    settings.UPLOAD_SCANNER = f"clamd://127.0.0.1:{daemon.port}"
    settings.UPLOAD_SCANNER_SECONDS = 2
    try:
        yield daemon
    finally:
        # Closing alone leaves the socket to who waits in accept(), and that one takes one more.
        daemon.server.shutdown(socket.SHUT_RDWR)
        daemon.server.close()


def test_without_a_scanner_nobody_looks(settings: LazySettings) -> None:
    settings.UPLOAD_SCANNER = ""
    assert found_in(EICAR) == ""


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 300_000])
def test_the_daemon_gets_every_byte(size: int, settings: LazySettings) -> None:
    content = bytes(number % 251 for number in range(size))
    with clamd(settings) as daemon:
        assert found_in(content) == ""
        assert daemon.received == [content]


def test_what_it_finds_is_named(settings: LazySettings) -> None:
    with clamd(settings):
        assert found_in(b"..." + EICAR) == "Eicar-Signature"


@pytest.mark.parametrize(
    "said", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"UNKNOWN COMMAND\0", b"\xff\xfe"]
)
def test_any_other_answer_is_none(said: bytes, settings: LazySettings) -> None:
    with (
        clamd(settings, lambda _: said),
        pytest.raises(ScannerUnavailable, match="ikke tage imod filer lige nu"),
    ):
        found_in(b"x")


def test_one_that_is_not_there_or_says_nothing_takes_nothing(settings: LazySettings) -> None:
    with clamd(settings) as daemon:
        gone = daemon.port
    settings.UPLOAD_SCANNER = f"clamd://127.0.0.1:{gone}"
    with pytest.raises(ScannerUnavailable):
        found_in(b"x")
    silence = threading.Event()
    with clamd(settings, lambda _: b"" if silence.wait(3) else b"stream: OK\0"):
        settings.UPLOAD_SCANNER_SECONDS = 0.2
        with pytest.raises(ScannerUnavailable):
            found_in(b"x")


def own_scanner(content: bytes) -> str:
    if content == b"broken":
        raise RuntimeError
    return "Noget" if content == b"bad" else ""


def test_a_callable_of_ones_own(settings: LazySettings) -> None:
    settings.UPLOAD_SCANNER = "tests.questionnaires.test_scanning.own_scanner"
    assert found_in(b"good") == ""
    assert found_in(b"bad") == "Noget"
    for content in (b"broken",):
        with pytest.raises(ScannerUnavailable):
            found_in(content)
    settings.UPLOAD_SCANNER = "nobody.knows.this"
    with pytest.raises(ScannerUnavailable):
        found_in(b"good")
