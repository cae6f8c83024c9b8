"""docker-compose.yml gives the application exactly what its settings ask for; no engine is needed to see it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APPLICATION = ("migrate", "web", "worker", "beat")

SETTINGS = (ROOT / "kommunalpro" / "settings.py").read_text()
CALL = r'\benv(?:\.\w+)?\(\s*"([A-Z][A-Z_]*)"(?:\s*,\s*(default))?'
READ: dict[str, str] = dict(re.findall(CALL, SETTINGS))
REQUIRED = {name for name, default in READ.items() if not default}


def test_the_settings_were_read():
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "OIDC_ISSUER"} <= REQUIRED
    assert "DEBUG" in READ.keys() - REQUIRED


@pytest.mark.parametrize("service", APPLICATION)
def test_each_process_of_the_application_gets_what_it_needs_and_nothing_unknown(service: str):
    given = set(SERVICES[service]["environment"])
    assert REQUIRED - given == set()
    assert given - set(READ) == set()


def test_no_secret_has_a_value_in_the_file():
    for name, value in COMPOSE["x-settings"].items():
        if name in REQUIRED:
            assert re.search(r"\$\{[A-Z_]+:\?.+\}", value), f"{name} must be given by whoever starts it"


def test_the_whole_system_is_there():
    assert set(SERVICES) == {"postgres", "redis", *APPLICATION, "simulator"}
    assert SERVICES["simulator"]["profiles"] == ["simulator"]
    assert "profiles" not in SERVICES["web"]


@pytest.mark.parametrize("service", ["web", "worker", "beat"])
def test_nothing_serves_before_the_database_is_up_to_date(service: str):
    needs = SERVICES[service]["depends_on"]
    assert needs["migrate"]["condition"] == "service_completed_successfully"
    assert needs["redis"]["condition"] == "service_healthy"


def test_the_targets_exist_in_the_dockerfile():
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert {SERVICES[service]["build"]["target"] for service in (*APPLICATION, "simulator")} <= stages


def test_the_image_runs_as_an_ordinary_user_and_takes_no_local_state_along():
    assert re.search(r"^USER kommunalpro$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {".git", ".env", ".data", ".venv", "node_modules"} <= set(
        (ROOT / ".dockerignore").read_text().split()
    )
