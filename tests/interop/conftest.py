"""What this project did not write, each in a process of its own: oidc-provider in the place of FUT's broker, and

Medplum's FHIR router with its in-memory repository in the place of FUT itself.
"""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from kommunalpro.embedded import npm
from kommunalpro.embedded.errors import SetupError
from tests.identity.logins import CITIZEN, STAFF
from tests.servers import free_port

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CLAIMS = {name: STAFF[name] for name in STAFF if name not in {"iss", "sub"}}


@dataclass(frozen=True, slots=True)
class Provider:
    """Where it is; its people are `karen`, a citizen, and `mette`, an employee."""

    url: str

    def rotate(self) -> None:
        """Give it a new key; the old one is published no more."""
        httpx.post(f"{self.url}/control/rotate").raise_for_status()


@pytest.fixture(scope="session")
def installed() -> tuple[Path, npm.Node]:
    """Both and their packages in `build/interop`, fetched where the lock has changed."""
    folder = ROOT / "build" / "interop"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "provider.js", "server.js"):
        shutil.copyfile(HERE / name, folder / name)
    wanted = sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    stamp = folder / "node_modules" / ".stamp"
    try:
        if stamp.is_file() and stamp.read_text() == wanted:
            return folder, next(iter(npm.found(ROOT)))
        node = npm.install(folder, root=ROOT)
    except (SetupError, StopIteration) as error:
        pytest.skip(f"They could not be fetched by npm, so they are left out: {error}")
    stamp.write_text(wanted)
    return folder, node


@pytest.fixture(scope="session")
def provider(installed, live_server, tmp_path_factory) -> Iterator[Provider]:
    url = f"http://127.0.0.1:{free_port()}"
    clients = [
        {
            "client_id": f"kommunalpro-{audience}",
            "client_secret": "a secret of the test",
            "redirect_uris": [f"{live_server.url}/login/{audience}/callback/"],
            "post_logout_redirect_uris": [f"{live_server.url}/"],
            "backchannel_logout_uri": f"{live_server.url}/login/{audience}/back-channel-logout/",
            "backchannel_logout_session_required": True,
        }
        for audience in ("citizen", "staff")
    ]
    people = {"karen": CITIZEN, "mette": CLAIMS, "fired": CLAIMS | {"privileges": ""}}
    env = {"ISSUER": url, "CLIENTS": json.dumps(clients), "PEOPLE": json.dumps(people)}
    with _running("provider.js", env, installed, tmp_path_factory.mktemp("interop") / "log") as (
        process,
        log,
    ):
        _wait_for(f"{url}/.well-known/openid-configuration", process, log)
        yield Provider(url)


@pytest.fixture(scope="session")
def other_server(installed, tmp_path_factory) -> Iterator[str]:
    """The address of the FHIR server; it reads the definitions of FHIR R4 first, which takes some seconds."""
    port = free_port()
    log = tmp_path_factory.mktemp("interop") / "server-log"
    with _running("server.js", {"PORT": str(port)}, installed, log) as (process, _):
        _wait_for(f"http://127.0.0.1:{port}/token", process, log)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(
    script: str, env: dict[str, str], installed: tuple[Path, npm.Node], log: Path
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    folder, node = installed
    with log.open("wb") as written:
        process = subprocess.Popen(
            [*node.node, script], cwd=folder, env=os.environ | env, stdout=written, stderr=subprocess.STDOUT
        )
    try:
        yield process, log
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(address, timeout=2).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{address} was not answered:\n{log.read_text()[-2000:]}")
