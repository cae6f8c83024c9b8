"""`make run`: start everything in order, watch it, stop everything in the opposite order."""

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from kommunalpro.embedded import assets
from kommunalpro.embedded.checks import require_free_ports, require_writable
from kommunalpro.embedded.data_folder import DataFolder
from kommunalpro.embedded.environment import environment, read_secrets
from kommunalpro.embedded.errors import SetupError
from kommunalpro.embedded.postgres import EmbeddedPostgres
from kommunalpro.embedded.processes import STOP_SIGNALS, ServerProcess, stop_all
from kommunalpro.embedded.redis import EmbeddedRedis

# Long enough for a page or a delivery to finish; Celery runs again what it had not finished.
PATIENCE = 7.0
# How often within a minute a process may end by itself before it is taken to be broken.
ENDS = 3
# The queues that each worker takes: a channel's own, so that one that hangs holds up no other; “celery” is the rest.
WORKERS = {"fut": "fut", "nemsms": "nemsms,celery"}
# Workers share nothing but the queue; asking each other how they are only gets in the way when Redis starts again.
APART = ["--without-gossip", "--without-mingle"]


class Stopped(BaseException):
    """Somebody asked us to stop; no error, and nothing but `run` may catch it."""


def run(root: Path, port: int, folder: Path) -> None:
    """Run the whole system on `port` and the three after it, its data in `folder`, until Ctrl-C or SIGTERM.

    Raises SetupError when something prevents it from starting, or a part of it ends again and again.
    """
    require_writable(root)
    data = DataFolder(folder)
    with data.claim(port), stop_signals_raise():
        require_free_ports(port)
        try:
            _say("Kommunal PRO starts. Front-end assets and translations …")
            assets.prepare(root)
            _run_system(root, data.path, port)
        except Stopped:
            _say("Kommunal PRO has stopped. The data are kept; make run starts it again.")


def _run_system(root: Path, data: Path, port: int) -> None:
    _say("PostgreSQL and Redis …")
    with servers(data, port) as started:
        env = {**os.environ, **started.variables}
        logs = data / "log"
        _say("Database and demo data …")
        for together in _preparations():
            _finish(
                [
                    ServerProcess(
                        name,
                        command,
                        log=logs / f"{name}.log",
                        env={**env, **started.owner} if name == "migrate" else env,
                        cwd=root,
                    )
                    for name, command in together.items()
                ]
            )
        _say("Web server, workers, beat, login broker, FUT simulator …")
        processes = [
            ServerProcess(name, command, log=logs / f"{name}.log", env=env, cwd=root)
            for name, command in commands(data, port).items()
        ]
        with running(processes):
            wait_for_port(port + 1, processes)
            wait_for_port(port + 2, processes)
            wait_for(f"http://127.0.0.1:{port}/healthz", processes)
            _welcome(root, data, port)
            watch(processes, started.processes)


def _preparations() -> list[dict[str, list[str]]]:
    """What has to end well before the processes start, step by step; quick when there is nothing to do."""
    return [
        {
            "migrate": python("manage.py", "migrate", "--no-input"),
            "broker-data": python("-m", "identity.broker", "prepare"),
        },
        {"demo-data": python("manage.py", "load_demo_data")},
    ]


def commands(data: Path, port: int) -> dict[str, list[str]]:
    """The processes of the system, in the order in which they start."""
    gunicorn = python(
        "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4", "--graceful-timeout", "4",
        "--no-control-socket",
    )  # fmt: skip
    celery = python("-m", "celery", "--app", "kommunalpro")
    worker = [*celery, "worker", *APART, "--concurrency", "2", "--loglevel", "INFO"]
    (data / "beat").mkdir(exist_ok=True)
    return {
        "broker": [*gunicorn, "--bind", f"127.0.0.1:{port + 1}", "identity.broker.wsgi"],
        "simulator": python("-m", "fut.simulator"),
        "web": [*gunicorn, "--workers", "2", "--bind", f"127.0.0.1:{port}", "kommunalpro.wsgi"],
        **{
            f"worker-{name}": [*worker, "--hostname", f"{name}@%h", "--queues", queues]
            for name, queues in WORKERS.items()
        },
        "beat": [*celery, "beat", "--schedule", str(data / "beat" / "schedule"), "--pidfile", ""],
    }


@dataclass(frozen=True, slots=True)
class Servers:
    """PostgreSQL and Redis while they run, and the environment variables that lead to them.

    `owner` is what differs for the commands that change tables.
    """

    variables: dict[str, str]
    owner: dict[str, str]
    processes: Sequence[ServerProcess]


@contextmanager
def servers(data: Path, port: int, *, durable: bool = True) -> Iterator[Servers]:
    """Run PostgreSQL and Redis on a data folder.

    What is started meanwhile makes files for us only. `durable=False` is for tests. Stops both in the end.
    """
    umask = os.umask(0o077)  # data and logs are for nobody else on this machine
    secret = read_secrets(data)
    postgres = EmbeddedPostgres(data / "postgres", durable=durable)
    redis = EmbeddedRedis(data / "redis", port + 3, password=secret["REDIS_PASSWORD"])
    try:
        database_url = postgres.start()
        redis.start()
        yield Servers(
            variables=environment(folder=data, port=port, database_url=database_url),
            owner={"DATABASE_URL": postgres.owner_url(database_url)},
            processes=[server.process for server in (postgres, redis) if server.process],
        )
    finally:
        with stop_signals_ignored():
            redis.stop()
            postgres.stop()
            os.umask(umask)


@contextmanager
def running(processes: Sequence[ServerProcess], *, patience: float = PATIENCE) -> Iterator[None]:
    """Start the processes in their order; in the end stop them all at once, within `patience` seconds."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        with stop_signals_ignored():
            stop_all(processes, patience=patience)


def watch(processes: Sequence[ServerProcess], databases: Sequence[ServerProcess]) -> NoReturn:
    """Return never. A process that ends by itself is started again, as docker-compose.yml does it.

    Raises SetupError for one that ends ENDS times within a minute, and for a database; a signal raises Stopped.
    """
    ends: dict[str, list[float]] = {process.name: [] for process in processes}
    while True:
        raise_if_ended(databases)
        for process in processes:
            if process.exit_code is not None:
                now = time.monotonic()
                ends[process.name] = [each for each in ends[process.name] if each > now - 60] + [now]
                if len(ends[process.name]) >= ENDS:
                    raise_if_ended([process])
                _say(
                    f"{process.name} ended by itself ({_how_it_ended(process.exit_code)}) and is started again. "
                    f"Its log: {process.log}"
                )
                process.start_again()
        time.sleep(0.3)


def wait_for(url: str, processes: Sequence[ServerProcess], *, seconds: float = 60) -> None:
    """Wait until `url` answers 200. Raises SetupError after `seconds`, or when a process ends."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    give_up = time.monotonic() + seconds
    answer = "no answer"
    while time.monotonic() < give_up:
        raise_if_ended(processes)
        try:
            with direct.open(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            answer = f"HTTP {error.code}: {error.read(300).decode(errors='replace')}"
        except OSError as error:
            answer = str(error)
        time.sleep(0.1)
    raise SetupError(
        f"Everything started, but {url} does not say that it works ({answer}). "
        f"The logs say more: {processes[0].log.parent}"
    )


def wait_for_port(port: int, processes: Sequence[ServerProcess], *, seconds: float = 60) -> None:
    """Wait until something listens on `port`. Raises SetupError after `seconds`, or when a process ends."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        raise_if_ended(processes)
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise SetupError(
        f"Everything started, but nothing listens on port {port}. The logs say more: {processes[0].log.parent}"
    )


def raise_if_ended(processes: Sequence[ServerProcess]) -> None:
    """Raise SetupError that names the first process that has ended, with its last lines."""
    for process in processes:
        if process.exit_code is not None:
            raise SetupError(
                f"{process.name} ended by itself ({_how_it_ended(process.exit_code)}), "
                f"so all the rest is stopped too. The last lines of {process.log}:\n{_quoted(process)}"
            )


@contextmanager
def stop_signals_raise() -> Iterator[None]:
    """Turn the first signal to stop into Stopped, and ignore more of them while we stop."""

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        for each in STOP_SIGNALS:
            signal.signal(each, _do_nothing)
        _say("Stopping …")
        raise Stopped

    before = {each: signal.signal(each, stop) for each in STOP_SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextmanager
def stop_signals_ignored() -> Iterator[None]:
    """Nothing interrupts the stopping itself: an impatient second Ctrl-C would leave orphans."""
    before = {each: signal.signal(each, _do_nothing) for each in STOP_SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _do_nothing(_signal: int, _frame: FrameType | None) -> None:
    """Not SIG_IGN: Python complains aloud of a signal that came just before it began to be ignored."""


def _finish(processes: Sequence[ServerProcess]) -> None:
    """Run commands side by side to their ends. Raises SetupError with the last lines of one that fails."""
    with running(processes):
        for process in processes:
            if code := process.wait():
                raise SetupError(
                    f"{process.name} failed ({_how_it_ended(code)}), so nothing was started. "
                    f"The last lines of {process.log}:\n{_quoted(process)}"
                )


def _how_it_ended(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _quoted(process: ServerProcess) -> str:
    return "\n".join(f"  {line}" for line in process.last_lines()) or "  (nothing)"


def python(*arguments: str) -> list[str]:
    """The command line of a Python program of ours."""
    return [sys.executable, *arguments]


def _welcome(root: Path, data: Path, port: int) -> None:
    from kommunalpro.demo.people import demo_logins

    logins = demo_logins()
    width = max(len(module) for module, _ in logins)
    people = "\n".join(f"    {module:<{width}}  {person}" for module, person in logins)
    _say(
        f"""
Kommunal PRO runs at http://127.0.0.1:{port}

Log in by choosing a person (the login page stands in for MitID and the municipalities' login):

{people}

Try first:
    1. In KAM, import a FHIR questionnaire, publish it and put it into a plan.
    2. In Medarbejdermodul, find a citizen and assign the plan.
    3. In Borgermodul, log in as that citizen and answer.
    4. Back in Medarbejdermodul, see the answers. FUT received them: {port + 2} is its simulator's port.

Logs: {_shown(data / "log", root)}    Data: {_shown(data, root)}    Stop: Ctrl-C
"""
    )


def _say(text: str) -> None:
    print(text, flush=True)


def _shown(path: Path, root: Path) -> Path:
    """The path as a reader at the project's folder would type it."""
    return path.relative_to(root) if path.is_relative_to(root) else path
