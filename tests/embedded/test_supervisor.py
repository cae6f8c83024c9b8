"""The supervisor as a process of its own, with real PostgreSQL and Redis and small programs for the rest."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.embedded.conftest import processes_of

ROOT = Path(__file__).resolve().parents[2]

# sys.argv: data folder, port, what the second process does
SUPERVISOR = """
import sys
from pathlib import Path
from kommunalpro.embedded.errors import SetupError
from kommunalpro.embedded.processes import ServerProcess
from kommunalpro.embedded.supervisor import Stopped, running, servers, stop_signals_raise, watch

folder, port, program = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
calm = "import time; time.sleep(600)"
with stop_signals_raise():
    try:
        print("starting", flush=True)
        with servers(folder, port, durable=False) as started:
            processes = [
                ServerProcess(name, [sys.executable, "-c", code, str(folder)], log=folder / "log" / name)
                for name, code in {"calm": calm, "other": program}.items()
            ]
            with running(processes, patience=1):
                print("ready", flush=True)
                watch(processes, started.processes)
    except Stopped:
        print("stopped", flush=True)
    except SetupError as error:
        sys.exit(str(error))
"""

CALM = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CALM!r}, sys.argv[1]])"
FAULTY = "print('the database is on fire', flush=True); raise SystemExit(3)"
# Ends the first time, and leaves a child behind.
ONCE = f"""
import pathlib, subprocess, sys, time
ran = pathlib.Path(sys.argv[1], "ran")
print("here", flush=True)
if not ran.exists():
    ran.touch()
    subprocess.Popen([sys.executable, "-c", {CALM!r}, sys.argv[1], "left behind"])
    raise SystemExit(1)
time.sleep(600)
"""


@pytest.fixture
def start(folder: Path, port: int) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def start(program: str = CALM, *, until: str = "ready") -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(folder), str(port), program],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == until:
                break
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    for left in processes_of(folder):
        with suppress(psutil.NoSuchProcess):  # the supervisor's end takes it along, perhaps at this moment
            left.kill()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda how: how.name)
def test_a_signal_stops_everything(start, folder: Path, how: signal.Signals):
    supervisor = start()
    assert len(processes_of(folder)) >= 5
    os.killpg(supervisor.pid, how)  # as a terminal does
    out, err = supervisor.communicate(timeout=60)
    assert (supervisor.returncode, err) == (0, "")
    assert out.splitlines()[-1] == "stopped"
    assert processes_of(folder) == []


@pytest.mark.parametrize("program", [STUBBORN, PARENT], ids=["ignores SIGTERM", "has a child"])
def test_nothing_is_left_of_a_difficult_process(start, folder: Path, program: str):
    supervisor = start(program)
    supervisor.send_signal(signal.SIGTERM)
    supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert processes_of(folder) == []


def test_an_impatient_second_ctrl_c_changes_nothing(start, folder: Path):
    supervisor = start(STUBBORN)
    supervisor.send_signal(signal.SIGINT)
    supervisor.send_signal(signal.SIGINT)
    _, err = supervisor.communicate(timeout=60)
    assert (supervisor.returncode, err) == (0, "")
    assert processes_of(folder) == []


def test_ctrl_c_while_starting_leaves_nothing(start, folder: Path):
    supervisor = start(until="starting")
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=60)
    assert supervisor.returncode == 0
    assert processes_of(folder) == []


def test_a_process_that_ends_is_started_again(start, folder: Path):
    supervisor = start(ONCE)
    assert supervisor.stdout is not None
    said = supervisor.stdout.readline()
    assert "other ended by itself (exit code 1) and is started again" in said
    log = folder / "log" / "other"
    until(lambda: log.read_text() == "here\nhere\n")
    until(
        lambda: not [each for each in processes_of(folder) if "left behind" in (each.info["cmdline"] or [])]
    )
    assert supervisor.poll() is None
    supervisor.send_signal(signal.SIGTERM)
    supervisor.communicate(timeout=60)
    assert processes_of(folder) == []


def until(condition: Callable[[], bool]) -> None:
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def test_a_process_that_dies_again_and_again_is_named_and_all_others_stop(start, folder: Path):
    supervisor = start(FAULTY)
    _, err = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 1
    assert "other ended by itself (exit code 3)" in err
    assert "the database is on fire" in err
    assert "Traceback" not in err
    assert processes_of(folder) == []


@pytest.mark.parametrize("name", ["postgres", "redis-server"])
def test_a_database_that_dies_stops_all_others(start, folder: Path, name: str):
    supervisor = start()
    (server,) = [child for child in psutil.Process(supervisor.pid).children() if child.name() == name]
    server.kill()
    _, err = supervisor.communicate(timeout=60)
    assert supervisor.returncode == 1
    assert f"{name.removesuffix('-server')} ended by itself (by SIGKILL)" in err
    assert processes_of(folder) == []


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux tells children that their parent died"
)
def test_a_killed_supervisor_takes_everything_along(start, folder: Path):
    supervisor = start()
    others = [process for process in processes_of(folder) if process.pid != supervisor.pid]
    supervisor.kill()
    _, alive = psutil.wait_procs(others, timeout=60)
    assert alive == []
