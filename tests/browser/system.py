"""The whole system as `make run` starts it, with a data folder and ports of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
OUR_SETTINGS = ("KOMMUNALPRO_MODE", "SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL")
LONGEST_START = 240.0


@dataclass
class System:
    """A running system: where it is, and how to look behind it."""

    port: int
    process: subprocess.Popen[str]
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 2}"

    def at_fut(self, resource_type: str, our_id: str = "") -> list[dict[str, Any]]:
        """What the platform holds of a kind, all of it or what carries our id."""
        query = {"type": resource_type}
        if our_id:
            query["identifier"] = f"urn:ietf:rfc:3986|urn:uuid:{our_id}"
        answer = httpx.get(f"{self.simulator_url}/control/resources", params=query)
        found: list[dict[str, Any]] = answer.raise_for_status().json()["resources"]
        return found

    def text_messages(self) -> list[dict[str, Any]]:
        """What NemSMS was given to send."""
        answer = httpx.get(f"{self.simulator_url}/nemsms/messages").raise_for_status().json()
        found: list[dict[str, Any]] = answer["messages"] if isinstance(answer, dict) else answer
        return found

    def log(self, name: str) -> str:
        return (self.folder / "log" / f"{name}.log").read_text()

    def must_run(self) -> None:
        """Raises AssertionError with what `make run` said where it has ended."""
        code = self.process.poll()
        assert code is None, f"make run ended ({code}) in the middle of the tests:\n{self.output.read_text()}"

    @property
    def output(self) -> Path:
        return self.folder.parent / "make-run.log"

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)


def start(folder: Path) -> System:
    """Start everything on free ports and wait until it answers."""
    port = four_free_ports()
    environment = {name: value for name, value in os.environ.items() if name not in OUR_SETTINGS}
    with (folder.parent / "make-run.log").open("w") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "kommunalpro.embedded", "run"],
            cwd=ROOT,
            env={**environment, "PORT": str(port), "DATA": str(folder)},
            stdout=written,
            stderr=subprocess.STDOUT,
            text=True,
        )
    system = System(port=port, process=process, folder=folder)
    deadline = time.monotonic() + LONGEST_START
    while "Kommunal PRO runs at" not in (said := system.output.read_text()):
        assert process.poll() is None, f"make run stopped while it was starting:\n{said}"
        assert time.monotonic() < deadline, f"make run did not get ready in {LONGEST_START:.0f} s:\n{said}"
        time.sleep(0.2)
    return system


def four_free_ports() -> int:
    """The first of four ports in a row that nobody uses."""
    for first in range(21000, 29000, 10):
        if all(_is_free(first + offset) for offset in range(4)):
            return first
    raise RuntimeError("No four free ports in a row between 21000 and 29000.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0
