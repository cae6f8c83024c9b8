"""The real login broker in a process of its own, and a browser without a screen."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers import free_port

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def broker(live_server, tmp_path_factory) -> Iterator[str]:
    """The issuer's address. It knows the application by the live server's address."""
    folder = tmp_path_factory.mktemp("broker")
    port = free_port()
    issuer = f"http://127.0.0.1:{port}"
    env = os.environ | {"OIDC_ISSUER": issuer, "PUBLIC_URL": live_server.url, "BROKER_DATA_DIR": str(folder)}
    subprocess.run([sys.executable, "-m", "identity.broker", "prepare"], cwd=ROOT, env=env, check=True)
    command = [sys.executable, "-m", "gunicorn", "identity.broker.wsgi", "--bind", f"127.0.0.1:{port}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            # Kept alive for long: on a busy machine a connection would be closed just as it is used again.
            [*command, "--threads", "4", "--keep-alive", "60", "--no-control-socket"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"{issuer}/.well-known/openid-configuration", process, folder / "log")
        yield issuer
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(address, timeout=2).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"The login broker did not start:\n{log.read_text()[-2000:]}")


class Visitor:
    """Somebody at a browser: goes to a page, chooses a person, presses a button."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.browser = httpx.Client(follow_redirects=True, timeout=60)

    def go(self, path: str) -> httpx.Response:
        return self.browser.get(self.site + path)

    def choose(self, page: httpx.Response, person: str) -> httpx.Response:
        """Press the button of `person` on the broker's page."""
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text))
        fields["next"] = fields["next"].replace("&amp;", "&")
        return self.browser.post(
            page.url, data={**fields, "person": person}, headers={"Referer": str(page.url)}
        )

    def log_in(self, audience: str, person: str, *, then: str = "/design/") -> httpx.Response:
        return self.choose(self.go(f"/login/{audience}/?next={then}"), person)

    @property
    def session(self) -> dict[str, object]:
        """What the application remembers of this browser."""
        from django.contrib.sessions.backends.db import SessionStore

        key = self.browser.cookies.get("kommunalpro_session")
        return dict(SessionStore(key).items()) if key else {}


@pytest.fixture
def visitor(live_server, broker, settings) -> Iterator[Visitor]:
    settings.PUBLIC_URL = live_server.url
    settings.OIDC = {audience: {**each, "issuer": broker} for audience, each in settings.OIDC.items()}
    someone = Visitor(live_server.url)
    yield someone
    someone.browser.close()
