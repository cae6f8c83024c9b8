"""The simulator as a process of its own, and a gateway that speaks with it over HTTP."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from fut.client import FutClient, FutConfig
from fut.facts import Reference
from fut.gateway import HttpFutGateway
from fut.tokens import Context

from .people import publish

ROOT = Path(__file__).resolve().parents[2]
EXCHANGES = ROOT.parent / "shared" / "corpora" / "fut-exchanges"
SECRET = "a-secret-for-tests"


@dataclass
class Simulator:
    """A running simulator: its address, its folder, and how to look into it."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "FUT_CLIENT_ID": "kommunalpro",
            "FUT_CLIENT_SECRET": SECRET,
            "FUT_SIMULATOR_PORT": str(self.port),
            "FUT_SIMULATOR_DATA": str(self.folder),
            **self.settings,
        }

    def start(self, *, stderr: int | None = None) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fut.simulator"], cwd=ROOT, env=self.environment(), stderr=stderr
        )
        deadline = time.monotonic() + 90
        while True:
            try:
                httpx.get(f"{self.origin}/healthz").raise_for_status()
            except httpx.TransportError:
                assert self.process.poll() is None, "the simulator stopped while it was starting"
                assert time.monotonic() < deadline, "the simulator did not answer within 30 seconds"
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=60)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=60)

    def stored(self, resource_type: str, our_id: object = None) -> list[dict[str, Any]]:
        """What is there of a kind, all of it or what carries our id."""
        query = {"type": resource_type}
        if our_id is not None:
            query["identifier"] = f"urn:ietf:rfc:3986|urn:uuid:{our_id}"
        found: list[dict[str, Any]] = httpx.get(f"{self.origin}/control/resources", params=query).json()[
            "resources"
        ]
        return found

    def token(self, **claims: Any) -> str:
        """A token that says what a test wants: user_type, roles, context, tags, unbound."""
        answer = httpx.post(f"{self.origin}/control/tokens", json=claims).raise_for_status()
        given: str = answer.json()["access_token"]
        return given

    def config(self, *, per_service: bool = True, **changed: Any) -> FutConfig:
        given = {
            "base_url": f"{self.origin}/{{service}}/fhir" if per_service else f"{self.origin}/fhir",
            "token_url": f"{self.origin}/token",
            "client_id": "kommunalpro",
            "client_secret": SECRET,
            "timeout": 10.0,
        }
        return FutConfig(**{**given, **changed})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    running = Simulator(free_port(), tmp_path_factory.mktemp("fut-simulator"))
    running.start()
    with FutClient(running.config()) as client:
        publish(HttpFutGateway(client))
    yield running
    running.stop()


@pytest.fixture(params=[True, False], ids=["base per service", "one base for all"])
def client(simulator: Simulator, request: pytest.FixtureRequest) -> Iterator[FutClient]:
    with FutClient(simulator.config(per_service=request.param)) as made:
        yield made


@pytest.fixture
def gateway(client: FutClient) -> HttpFutGateway:
    return HttpFutGateway(client)


def about(client: FutClient, patient: Reference, episode: Reference | None = None) -> FutClient:
    """The client with a token for one citizen, and for one episode of theirs."""
    return client.within(Context(patient=patient.url, episode=episode.url if episode else None))


class LosesAnswers(httpx.BaseTransport):
    """A network on which the request arrives and the answer to the chosen ones is lost."""

    def __init__(self, lost: Callable[[httpx.Request], bool]) -> None:
        self._inner = httpx.HTTPTransport()
        self._lost = lost
        self.losses = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        if self._lost(request):
            answer.read()
            self.losses += 1
            raise httpx.ReadTimeout("the answer got lost", request=request)
        return answer

    def close(self) -> None:
        self._inner.close()
