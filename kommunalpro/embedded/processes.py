"""One server process: started in a session of its own, logged to a file, stopped kindly and then firmly."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

# What asks us to stop; whoever handles it may raise, wherever we are.
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
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
        with self.log.open("ab" if keep_log else "wb") as output, stop_signals_wait():
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
                preexec_fn=_begin(self._stop_signal),
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
        with stop_signals_wait():
            return self._process.poll() if self._process else None

    def wait(self) -> int:
        """Wait for its end; the exit code."""
        if self._process is None:
            raise RuntimeError(f"{self.name} was not started")
        while (code := self.exit_code) is None:
            time.sleep(0.02)
        return code

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
    """Ask all of them to end, wait `patience` seconds in all, then kill what is left with its children.

    The stop signals wait meanwhile.
    """
    with stop_signals_wait():
        _stop_all(processes, patience=patience)


def _stop_all(processes: Sequence[ServerProcess], *, patience: float) -> None:
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


@contextmanager
def stop_signals_wait() -> Iterator[None]:
    """Whoever asks us to stop waits until the block is left.

    `subprocess` keeps a lock for ever, or loses a child, if its own code is left by an exception in the middle.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        # May raise for a signal that came just now, after it blocks.
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(stop_signal: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes its program: hear signals again, and, on Linux, die with its parent."""
    # Loaded before the fork: the child may only make the call.
    libc = ctypes.CDLL(None) if sys.platform.startswith("linux") else None

    def begin() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)
        if libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))

    return begin
