"""An issuer that does not answer holds up one visitor, not the web server."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.test import Client

from identity import kept
from identity.audience import Audience
from identity.issuers import TIMEOUT_SECONDS, client_of, explained
from identity.refusals import LoginRefused, RefusalCode
from tests.conftest import copenhagen
from tests.identity import issuer as issuers

pytestmark = pytest.mark.django_db

VISITORS = 8


class Silent:
    """A socket that takes every connection and never says a word."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.reached = threading.Event()
        self.connections: list[socket.socket] = []
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self) -> None:
        while True:
            connection, _peer = self.listening.accept()
            if self.reached.is_set() and not self.is_open:
                connection.close()
                return
            self.connections.append(connection)
            self.reached.set()

    is_open = True

    def hang_up(self) -> None:
        """End the connections that wait for an answer."""
        for each in self.connections:
            each.close()

    def close(self) -> None:
        self.is_open = False
        self.reached.set()
        socket.create_connection(self.listening.getsockname()).close()
        self.thread.join()
        self.listening.close()
        self.hang_up()


@pytest.fixture
def silent() -> Iterator[Silent]:
    somebody = Silent()
    yield somebody
    somebody.close()


@pytest.fixture
def at(time_machine):
    """`at("12:00")`, and the time stands still there."""

    def move(clock: str) -> None:
        time_machine.move_to(copenhagen(f"2026-11-23 {clock}"), tick=False)

    move("08:00")
    return move


@pytest.fixture
def use(settings):
    """`use(url)`: our issuer is there."""

    def change(url: str) -> None:
        ours = {"issuer": url, "client_id": "kommunalpro", "client_secret": "secret"}
        settings.OIDC = dict.fromkeys(settings.OIDC, ours)

    return change


def outcome(act) -> str:
    try:
        with explained():
            act()
    except LoginRefused as problem:
        return str(problem.code)
    return "answered"


def ask_for_addresses() -> str:
    return outcome(client_of(Audience.STAFF).load_server_metadata)


def ask_for_keys() -> str:
    return outcome(client_of(Audience.STAFF).fetch_jwk_set)


@contextmanager
def one_waits(silent: Silent, ask) -> Iterator[ThreadPoolExecutor]:
    """Meanwhile somebody waits for the issuer; afterwards they have heard that it does not answer."""
    with ThreadPoolExecutor(VISITORS) as visitors:
        silent.reached.clear()
        first = visitors.submit(ask)
        assert silent.reached.wait(20)
        try:
            yield visitors
            assert not first.done()
        finally:
            silent.hang_up()
        first.result(20)


@pytest.mark.usefixtures("at")
def test_while_one_waits_others_hear_at_once(silent, use, monkeypatch):
    monkeypatch.setattr(kept, "PATIENCE_SECONDS", 0.01)
    use(silent.url)
    with one_waits(silent, ask_for_addresses) as visitors:
        others = [visitors.submit(ask_for_addresses) for _ in range(VISITORS - 1)]
        assert {each.result(20) for each in others} == {RefusalCode.ISSUER_UNREACHABLE}
    assert len(silent.connections) == 1


def test_its_silence_is_remembered_for_a_moment(silent, use, at):
    use(silent.url)
    with one_waits(silent, ask_for_addresses):
        pass
    page = Client().get("/login/staff/", follow=True)
    assert "issuer_unreachable" in page.content.decode()
    assert len(silent.connections) == 1
    at("08:01")
    with one_waits(silent, ask_for_addresses):
        pass
    assert len(silent.connections) == 2


def test_others_go_on_with_the_old_addresses(silent, use, at, monkeypatch):
    with issuers.running() as running:
        use(running.url)
        assert ask_for_addresses() == "answered"
        at("10:00")
        monkeypatch.setattr(client_of(Audience.STAFF), "_server_metadata_url", silent.url)
        with one_waits(silent, ask_for_addresses) as visitors:
            others = [visitors.submit(ask_for_addresses) for _ in range(VISITORS - 1)]
            assert {each.result(20) for each in others} == {"answered"}
        # The one who asked goes on with them, too, and so does who comes next.
        assert ask_for_addresses() == "answered"
        assert len(silent.connections) == 1


def test_old_keys_are_never_used(use, at):
    """A key that was withdrawn must die, also where nobody can say that it was."""
    with issuers.running() as running:
        use(running.url)
        assert ask_for_keys() == "answered"
    at("08:59")
    assert ask_for_keys() == "answered"
    at("09:00")
    assert ask_for_keys() == RefusalCode.ISSUER_UNREACHABLE


def test_a_strange_key_does_not_make_others_wait(silent, use, at):
    """Anybody can write a token under a key that nobody knows, for which the keys are asked for anew."""
    with issuers.running() as running:
        use(running.url)
        assert ask_for_keys() == "answered"
        client = client_of(Audience.STAFF)
        client.server_metadata["jwks_uri"] = silent.url
        with one_waits(silent, lambda: outcome(lambda: client.fetch_jwk_set(force=True))) as visitors:
            others = [
                visitors.submit(lambda: outcome(lambda: client.fetch_jwk_set(force=True))),
                visitors.submit(ask_for_keys),
            ]
            assert {each.result(20) for each in others} == {"answered"}
        assert len(silent.connections) == 1


def test_patience_with_the_network():
    assert TIMEOUT_SECONDS == (2, 5)
