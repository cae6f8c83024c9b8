"""A system of its own to be ill-treated: every process of `make run` but the login broker, each to be killed alone."""

import os
import random
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import httpx
import psutil
from celery import current_app

from kommunalpro.embedded import supervisor
from kommunalpro.embedded.environment import environment, read_secrets
from kommunalpro.embedded.postgres import EmbeddedPostgres
from kommunalpro.embedded.processes import ServerProcess, stop_all
from kommunalpro.embedded.redis import EmbeddedRedis
from tests.browser.system import ROOT
from tests.faults import clock as clocks
from tests.faults.clock import Clock

WORKERS = ("worker-fut", "worker-nemsms")
# Generous: a machine that others use as well is slow, and that is no fault.
LONGEST_START = 300.0
# Below those that Linux gives to whoever asks for any, and not the ones that the browser tests use.
PORTS = range(11_000, 20_000, 4)


class NeverHappened(AssertionError):
    """Something that had to come true did not in its time."""


def until(condition: Callable[[], bool], what: str, *, seconds: float = LONGEST_START) -> None:
    """Return once `condition` holds. Raises NeverHappened after so many seconds."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            raise NeverHappened(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


def four_free_ports() -> int:
    """The first of four ports in a row that nobody uses; by lot, because another trial may look at the same time."""
    for first in random.SystemRandom().sample(PORTS, len(PORTS)):
        if all(_is_free(first + offset) for offset in range(4)):
            return first
    raise RuntimeError(f"No four free ports in a row between {PORTS.start} and {PORTS.stop}.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class System:
    """PostgreSQL, Redis, the simulator, web, workers and beat, on ports and in a folder of their own.

    Processes are started from the main thread only: Linux ends a child with the thread that started it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = four_free_ports()
        self.clock = Clock(folder / "clock")
        self._secrets = read_secrets(folder)
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.redis = EmbeddedRedis(folder / "redis", self.port + 3, password=self._secrets["REDIS_PASSWORD"])
        self.processes: dict[str, ServerProcess] = {}
        # The names of those that ended without having been killed here.
        self.ended_by_themselves: list[str] = []
        # No connection is kept: the simulator closes idle ones, at times just when the next call is made.
        self.http = httpx.Client(timeout=LONGEST_START, limits=httpx.Limits(max_keepalive_connections=0))

    @property
    def web_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 2}"

    def start(self) -> None:
        """Start everything, and let this process's Django belong to it."""
        database_url = self.postgres.start()
        self.redis.start()
        variables = environment(folder=self.folder, port=self.port, database_url=database_url) | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            clocks.VARIABLE: str(self.folder / "clock"),
            "NEMSMS_PER_SECOND": "0",
            "FUT_SIMULATOR_OUTSIDE_NEMSMS": "",
        }
        os.environ.update(variables)
        migrate = ServerProcess(
            "migrate",
            supervisor.python("manage.py", "migrate", "--no-input"),
            log=self.folder / "log" / "migrate.log",
            env={**os.environ, "DATABASE_URL": self.postgres.owner_url(database_url)},
            cwd=ROOT,
        )
        commands = supervisor.commands(self.folder, self.port)
        del commands["broker"]  # nobody logs in
        self.processes = {
            name: ServerProcess(
                name, command, log=self.folder / "log" / f"{name}.log", env=dict(os.environ), cwd=ROOT
            )
            for name, command in commands.items()
        }
        migrate.start()
        self.processes["simulator"].start()
        if migrate.wait():
            raise RuntimeError("\n".join(migrate.last_lines(40)))
        for name, process in self.processes.items():
            if name != "simulator":
                process.start()
        self.until_it_answers()

    def until_it_answers(self) -> None:
        """Wait for the simulator and the web server; what ends meanwhile is started again."""
        until(lambda: self._answers(f"{self.simulator_url}/control/faults"), "the simulator answers")
        until(lambda: self._answers(f"{self.web_url}/healthz"), "the web server answers")

    def _answers(self, url: str) -> bool:
        self.start_what_ended()
        try:
            return self.http.get(url).is_success
        except httpx.TransportError:
            return False

    def kill(self, name: str) -> None:
        """`kill -9`, with all it has forked."""
        process = self.processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_a_child(self, name: str, chance: random.Random) -> None:
        """`kill -9` of one of the processes that do a worker's work; it has to notice and start another."""
        children = psutil.Process(self.processes[name].pid).children()
        if children:
            chance.choice(children).kill()

    def runs(self, name: str) -> bool:
        return self.processes[name].exit_code is None

    def start_again(self, name: str) -> None:
        """Start what was killed."""
        self.processes[name].start()

    def start_what_ended(self) -> None:
        """As docker-compose.yml has it: what ended is started again, whether it was killed or ended by itself."""
        for name, process in self.processes.items():
            if process.exit_code is None:
                continue
            if process.exit_code != -signal.SIGKILL:
                self.ended_by_themselves.append(name)
                last = "\n  ".join(process.last_lines(60))
                sys.stdout.write(
                    f"{name} ended by itself ({process.exit_code}) and is started again:\n  {last}\n"
                )
            process.start()

    def workers_rest(self) -> bool:
        """Whether every worker says that it does nothing. One that does not answer may be at work."""
        with (
            current_app.connection_for_write() as connection
        ):  # one of its own: Redis may have been another before
            asked = current_app.control.inspect(timeout=5, limit=len(WORKERS), connection=connection)
            answers = asked.active() or {}
        return len(answers) == len(WORKERS) and not any(answers.values())

    def stop(self) -> None:
        """Stop everything that was started; harmless for what is not running."""
        stop_all(list(self.processes.values()), patience=5)
        self.redis.stop()
        self.postgres.stop()
        self.http.close()

    def move_clock(self, moment: datetime) -> None:
        """Let it be `moment` everywhere; only when nothing is under way."""
        self.control("POST", "/control/clock", {"now": moment.isoformat()})
        self.clock.move_to(moment)

    def control(self, method: str, path: str, order: object = None) -> httpx.Response:
        """Ask the simulator's control."""
        return self.http.request(method, f"{self.simulator_url}{path}", json=order).raise_for_status()


@contextmanager
def running() -> Iterator[System]:
    """A system that goes away with its folder, whatever happens meanwhile."""
    with tempfile.TemporaryDirectory(prefix="kommunalpro-faults-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o711)
        system = System(folder)
        with supervisor.stop_signals_raise():
            try:
                system.start()
                yield system
            finally:
                with supervisor.stop_signals_ignored():
                    system.stop()
