"""What can be wrong with the machine before anything starts, each told in one sentence."""

import os
import socket
from pathlib import Path

from kommunalpro.embedded.environment import PORTS
from kommunalpro.embedded.errors import SetupError


def parse_port(text: str) -> int:
    """PORT as a number that leaves room for the three ports after it."""
    last = 65535 - PORTS + 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= last:
        raise SetupError(f"PORT is “{text}”, expected a number from 1 to {last}, as in make run PORT=9000.")
    return int(text)


def require_free_ports(port: int, *, count: int = PORTS) -> None:
    """Raise SetupError unless `port` and those after it can be listened on."""
    for wanted in range(port, port + count):
        # The option that servers use: a port whose connections ended a moment ago counts as free.
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", wanted))
            except PermissionError:
                raise SetupError(
                    f"Port {wanted} is reserved for the administrator of this machine: "
                    "choose a PORT from 1024 on, for example make run PORT=9000."
                ) from None
            except OSError:
                raise SetupError(
                    f"Port {wanted} is taken by another program: stop it, or choose other ports, "
                    f"for example make run PORT={_elsewhere(port)} (it and the next {PORTS - 1} are used)."
                ) from None


def require_writable(folder: Path) -> None:
    """Raise SetupError unless files can be made in `folder`."""
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SetupError(
            f"The folder {folder} is read-only for you, and Kommunal PRO keeps its data in it. "
            "Change its permissions, or copy the project to a folder of your own."
        )


def _elsewhere(port: int) -> int:
    return port + 1000 if port + 1000 + PORTS <= 65535 else 9000
