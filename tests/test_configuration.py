"""The table of settings says what the code reads, and the code refuses what is missing."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from kommunalpro import __version__

ROOT = Path(__file__).resolve().parent.parent


def names_read() -> set[str]:
    source = (ROOT / "kommunalpro" / "settings.py").read_text()
    return set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z_]+)"', source))


def test_the_table_names_exactly_what_the_settings_read() -> None:
    documented = set()
    for line in (ROOT / "docs" / "configuration.md").read_text().splitlines():
        if line.startswith("| `"):
            documented |= set(re.findall(r"`([A-Z][A-Z_]+)`", line.split("|")[1]))
    assert documented == names_read()


def start(code: str = "", /, **changed: str | None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **{name: value or "" for name, value in changed.items()}}
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        env={**environment, "DJANGO_SETTINGS_MODULE": "kommunalpro.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "DATABASE_URL", "REDIS_URL", "OIDC_ISSUER"])
def test_a_server_without_its_settings_does_not_start_and_says_why(name: str) -> None:
    result = start(KOMMUNALPRO_MODE="server", **{name: None})
    assert result.returncode != 0
    assert f"these environment variables are missing: {name}." in result.stderr


def test_an_unknown_mode_is_refused() -> None:
    result = start(KOMMUNALPRO_MODE="production")
    assert "expected “server” or “embedded”" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "NEMSMS_GATEWAY",
            "sf1601",
            "needs NEMSMS_CERTIFICATE and NEMSMS_KEY (PEM files) and an https address",
        ),
        ("NEMSMS_GATEWAY", "sms", "expected “sf1601” or “simulator”"),
        ("NEMSMS_QUIET_FROM", "6 pm", "“6 pm” is no time of day"),
        ("FUT_TOKEN_GRANT", "password", "expected “client_credentials”, “refresh_token” or “token_exchange”"),
        ("FUT_TOKEN_GRANT", "token_exchange", "needs FUT_GRANT_FILE"),
        ("TASK_MESSAGES_FROM", "both", "expected “us” or “platform”"),
        ("OUTBOX_ARCHIVE_AFTER_DAYS", "0", "what arrived today is still counted by the minute"),
    ],
)
def test_what_nobody_can_have_meant_is_refused(name: str, value: str, sentence: str) -> None:
    assert sentence in start(KOMMUNALPRO_MODE="server", **{name: value}).stderr


@pytest.mark.parametrize(
    ("named", "allowed"), [("", ["pro.example.dk"]), ("a.dk,b.dk", ["pro.example.dk", "a.dk", "b.dk"])]
)
def test_the_public_address_is_always_served(named: str, allowed: list[str]) -> None:
    code = "from django.conf import settings; print(settings.ALLOWED_HOSTS)"
    done = start(code, KOMMUNALPRO_MODE="server", PUBLIC_URL="https://pro.example.dk", ALLOWED_HOSTS=named)
    assert done.stdout == f"{allowed}\n"


def test_localhost_is_led_to_our_address_in_the_embedded_mode_only() -> None:
    code = "from django.conf import settings; print('LocalhostMiddleware' in str(settings.MIDDLEWARE))"
    assert start(code, KOMMUNALPRO_MODE="embedded").stdout == "True\n"
    assert start(code, KOMMUNALPRO_MODE="server").stdout == "False\n"


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    assert __version__ == project["version"] == public["softwareVersion"]
