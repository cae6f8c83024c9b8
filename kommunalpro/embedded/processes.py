"""One server process: started in a session of its own, logged to a file, stopped kindly and then firmly."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class ServerProcess:
    """A child that never outlives us.

    It has a session of its own, so that Ctrl-C reaches only whoever started it, who then stops it in order.
    Should that one be killed outright, Linux sends the child its stop signal.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        account: tuple[int, int] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """`account` is the (uid, gid) to run as; None keeps ours."""
        self.name = name
        self.log = log
        self._command = list(command)
        self._env = env
        self._cwd = cwd
        self._account = account
        self._stop_signal = stop_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *, keep_log: bool = False) -> None:
        """Start, with an empty log unless told to keep it."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab" if keep_log else "wb") as output:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
                preexec_fn=_die_with_parent(self._stop_signal),
                **run_as(self._account),
            )

    @property
    def pid(self) -> int:
        """Of the process started last, which leads its group."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """None while it runs or before it started; negative is the signal that ended it."""
        return self._process.poll() if self._process else None

    def wait(self) -> int:
        """Wait for its end; the exit code."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self._process.wait()

    def start_again(self) -> None:
        """After its end: what it left behind goes first, and its log goes on."""
        self.stop(patience=0)
        self.start(keep_log=True)

    def stop(self, *, patience: float) -> None:
        """Ask it to end, wait `patience` seconds, then kill its whole group; harmless when it has ended."""
        stop_all([self], patience=patience)

    def last_lines(self, count: int = 15) -> list[str]:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]


def stop_all(processes: Sequence[ServerProcess], *, patience: float) -> None:
    """Ask all of them to end, wait `patience` seconds in all, then kill what is left with its children."""
    started = [(each, each._process) for each in processes if each._process]
    for each, process in started:
        if process.poll() is None:
            process.send_signal(each._stop_signal)
    give_up = time.monotonic() + patience
    for _, process in started:
        try:
            process.wait(max(0.01, give_up - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        with suppress(ProcessLookupError):  # its own children, if it went without taking them along
            os.killpg(process.pid, signal.SIGKILL)


def run_as(account: tuple[int, int] | None) -> dict[str, Any]:
    """What `subprocess` needs to run a program as (uid, gid)."""
    return {} if account is None else {"user": account[0], "group": account[1], "extra_groups": []}


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)  # loaded before the fork: the child may only make the call

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))

    return ask_the_kernel
