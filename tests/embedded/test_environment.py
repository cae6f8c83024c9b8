import base64
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from kommunalpro.embedded.environment import environment, past_the_proxy
from kommunalpro.embedded.errors import SetupError


def made(folder: Path) -> dict[str, str]:
    return environment(folder=folder, port=9000, database_url="postgresql://kommunalpro@/kommunalpro")


def test_addresses_follow_the_port(tmp_path: Path):
    variables = made(tmp_path)
    assert variables["PUBLIC_URL"] == "http://127.0.0.1:9000"
    assert variables["OIDC_ISSUER"] == "http://127.0.0.1:9001"
    assert variables["FUT_BASE_URL"] == "http://127.0.0.1:9002/fhir"
    assert variables["FUT_TOKEN_URL"] == "http://127.0.0.1:9002/token"
    assert variables["NEMSMS_URL"] == "http://127.0.0.1:9002/nemsms"
    assert variables["REDIS_URL"].endswith("@127.0.0.1:9003/0")
    assert all(variables.values())


def test_secrets_are_made_once_for_their_owner_only(tmp_path: Path):
    first, second = made(tmp_path), made(tmp_path)
    assert first == second
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert (
        len(base64.b64decode(first["CPR_ENCRYPTION_KEY"]))
        == len(base64.b64decode(first["CPR_HASH_KEY"]))
        == 32
    )
    assert first["CPR_ENCRYPTION_KEY"] != first["CPR_HASH_KEY"]


def test_every_folder_has_secrets_of_its_own(tmp_path: Path):
    one, other = made(tmp_path / "one"), made(tmp_path / "other")
    assert not {value for name, value in one.items() if "SECRET" in name or name.endswith("_KEY")} & set(
        other.values()
    )


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", '{"SECRET_KEY": "only"}'])
def test_lost_keys_are_not_replaced_behind_the_back_of_encrypted_data(tmp_path: Path, content: str | None):
    (tmp_path / "postgres").mkdir()
    if content is not None:
        (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(SetupError, match=r"lost or damaged \(secrets.json\)"):
        made(tmp_path)


@pytest.fixture
def stand_in() -> Iterator[str]:
    """The address of a server on this machine."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("library", ["httpx", "requests"])
def test_calls_on_this_machine_go_past_a_companys_proxy(
    tmp_path: Path, stand_in: str, library: str, monkeypatch: pytest.MonkeyPatch
):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    dead = "http://127.0.0.1:9"
    proxy = dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"), dead)
    code = f"import {library}; print({library}.get({stand_in!r}, timeout=5).status_code)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **proxy, **made(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "204\n", done.stderr


@pytest.mark.parametrize(
    ("there", "becomes"),
    [
        pytest.param({}, "127.0.0.1,localhost", id="nothing"),
        pytest.param({"NO_PROXY": "example.dk, .lan"}, "example.dk,.lan,127.0.0.1,localhost", id="some"),
        pytest.param({"NO_PROXY": "a.dk", "no_proxy": "b.dk"}, "b.dk,a.dk,127.0.0.1,localhost", id="both"),
        pytest.param({"no_proxy": "localhost"}, "localhost,127.0.0.1", id="one of ours"),
        pytest.param({"no_proxy": "*"}, "*", id="all"),
    ],
)
def test_what_goes_past_the_proxy_already_still_does(there: dict[str, str], becomes: str):
    assert past_the_proxy(there) == {"NO_PROXY": becomes, "no_proxy": becomes}
