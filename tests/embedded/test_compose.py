"""docker-compose.yml gives the application exactly what its settings ask for; no engine is needed to see it."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from kommunalpro.embedded import supervisor
from kommunalpro.embedded.postgres import SILENT_ABOUT_PEOPLE
from outbox.models import ChannelName

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
WORKERS = ("worker-fut", "worker-nemsms")
APPLICATION = ("migrate", "web", *WORKERS, "beat")

SETTINGS = (ROOT / "kommunalpro" / "settings.py").read_text()
CALL = r'\benv(?:\.\w+)?\(\s*"([A-Z][A-Z_]*)"(?:\s*,\s*default=([^)]*))?\)'
# Each name that the settings read, with its default as it is written there.
READ: dict[str, str] = dict(re.findall(CALL, SETTINGS))
REQUIRED = {name for name, default in READ.items() if not default}


def test_the_settings_were_read():
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "OIDC_ISSUER"} <= REQUIRED
    assert "DEBUG" in READ.keys() - REQUIRED
    assert READ["SESSION_MINUTES"] == "30"


# Compose is for servers, and a server never shows debug pages.
FIXED = {"KOMMUNALPRO_MODE", "DEBUG"}
# Read by gunicorn, not by the settings.
BY_GUNICORN = {"web": {"WEB_CONCURRENCY"}}


@pytest.mark.parametrize("service", APPLICATION)
def test_each_process_of_the_application_gets_every_setting_and_nothing_unknown(service: str):
    given = set(SERVICES[service]["environment"])
    assert given == set(READ) - FIXED | BY_GUNICORN.get(service, set())


@pytest.mark.parametrize("name", sorted(READ.keys() - REQUIRED - FIXED))
def test_what_can_be_left_out_has_the_default_of_the_settings(name: str):
    on_a_server = READ[name].removeprefix("[]").removeprefix("{}").rpartition(" if EMBEDDED else ")[2]
    default = on_a_server.strip('"')
    assert COMPOSE["x-settings"][name] == f"${{{name}:-{default}}}"


def test_each_server_has_a_password_and_the_application_does_not_know_the_superusers():
    assert "POSTGRES_PASSWORD" not in str([SERVICES[service] for service in APPLICATION])
    assert "${DATABASE_PASSWORD:?" in COMPOSE["x-settings"]["DATABASE_URL"]
    assert "PASSWORD '${DATABASE_PASSWORD:?" in COMPOSE["configs"]["database"]["content"]
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")


def test_only_the_migrations_own_the_tables():
    """Whoever owns a table is behind its walls."""
    owners = [name for name, service in SERVICES.items() if "DATABASE_OWNER_PASSWORD" in str(service)]
    assert owners == ["migrate"]
    assert SERVICES["migrate"]["environment"]["DATABASE_URL"].startswith(
        "postgresql://kommunalpro_owner:${DATABASE_OWNER_PASSWORD:?"
    )
    made = COMPOSE["configs"]["database"]["content"]
    assert "CREATE ROLE kommunalpro LOGIN PASSWORD" in made
    assert "CREATE DATABASE kommunalpro OWNER kommunalpro_owner;" in made


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_what_ends_is_started_again(service: str):
    """But for the migrations, which end."""
    assert SERVICES[service]["restart"] == ("no" if service == "migrate" else "unless-stopped")


def test_no_secret_has_a_value_in_the_file():
    for name, value in COMPOSE["x-settings"].items():
        if name in REQUIRED:
            assert re.search(r"\$\{[A-Z_]+:\?.+\}", value), f"{name} must be given by whoever starts it"


def test_the_database_is_as_silent_about_people_as_the_embedded_one():
    said = SERVICES["postgres"]["command"]
    assert {word for word in said if "=" in word} == {
        f"{name}={value}" for name, value in SILENT_ABOUT_PEOPLE.items()
    }


def test_the_whole_system_is_there():
    assert set(SERVICES) == {"postgres", "redis", *APPLICATION, "simulator"}
    assert SERVICES["simulator"]["profiles"] == ["simulator"]
    assert "profiles" not in SERVICES["web"]


@pytest.mark.parametrize("service", ["web", *WORKERS, "beat"])
def test_nothing_serves_before_the_database_is_up_to_date(service: str):
    needs = SERVICES[service]["depends_on"]
    assert needs["migrate"]["condition"] == "service_completed_successfully"
    assert needs["redis"]["condition"] == "service_healthy"


def test_each_queue_has_its_worker_in_compose_and_in_make_run():
    """Every channel's own, and Celery's for the rest; no two workers share one."""
    compose = {
        name.removeprefix("worker-"): word.removeprefix("--queues=")
        for name in WORKERS
        for word in SERVICES[name]["command"]
        if word.startswith("--queues=")
    }
    taken = [queue for queues in compose.values() for queue in queues.split(",")]
    assert sorted(taken) == sorted([*ChannelName.values, "celery"])
    assert compose == supervisor.WORKERS


def test_workers_ask_nothing_of_each_other(tmp_path: Path):
    """Gossip and mingle among workers fail when Redis starts again, and nothing of ours needs them."""
    started = [SERVICES[name]["command"] for name in WORKERS]
    started += [
        command for name, command in supervisor.commands(tmp_path, 8000).items() if name.startswith("worker-")
    ]
    assert len(started) == 2 * len(WORKERS)
    for command in started:
        assert set(supervisor.APART) <= set(command)


def test_the_targets_exist_in_the_dockerfile():
    stages = set(re.findall(r"^FROM \S+ AS (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE))
    assert {SERVICES[service]["build"]["target"] for service in (*APPLICATION, "simulator")} <= stages


def test_the_image_runs_as_an_ordinary_user_and_takes_no_local_state_along():
    assert re.search(r"^USER kommunalpro$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {".git", ".env", ".data", ".venv", "node_modules"} <= set(
        (ROOT / ".dockerignore").read_text().split()
    )
