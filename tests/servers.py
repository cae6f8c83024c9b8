"""A pytest plugin: real PostgreSQL and Redis of the run's own, there before Django reads its settings."""

import os
import shutil
import socket
import tempfile
from base64 import b64encode
from collections.abc import Generator
from pathlib import Path

import pytest

from kommunalpro.embedded.environment import past_the_proxy
from kommunalpro.embedded.postgres import EmbeddedPostgres
from kommunalpro.embedded.redis import EmbeddedRedis

_folder: Path | None = None
_postgres: EmbeddedPostgres | None = None
_redis: EmbeddedRedis | None = None


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    global _folder, _postgres, _redis
    _folder = Path(tempfile.mkdtemp(prefix="kommunalpro-tests-"))
    _folder.chmod(0o711)
    _postgres = EmbeddedPostgres(_folder / "postgres", durable=False)
    _redis = EmbeddedRedis(_folder / "redis", free_port())
    os.environ.update(environment(database_url=_postgres.start(), redis_url=_redis.start()))
    return (yield)


def pytest_unconfigure() -> None:
    for server in (_redis, _postgres):
        if server is not None:
            server.stop()
    if _folder is not None:
        shutil.rmtree(_folder, ignore_errors=True)


def environment(*, database_url: str, redis_url: str) -> dict[str, str]:
    """The settings of a test run; the addresses of login and platform are answered by nobody."""
    return {
        "KOMMUNALPRO_MODE": "embedded",
        "SECRET_KEY": "for tests only",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PUBLIC_URL": "http://testserver",
        "OIDC_ISSUER": "http://login.invalid",
        "OIDC_CITIZEN_CLIENT_ID": "citizen",
        "OIDC_CITIZEN_CLIENT_SECRET": "for tests only",
        "OIDC_STAFF_CLIENT_ID": "staff",
        "OIDC_STAFF_CLIENT_SECRET": "for tests only",
        "CPR_ENCRYPTION_KEY": b64encode(b"encrypts in tests only, 32 bytes").decode(),
        "CPR_HASH_KEY": b64encode(b"hashes in tests only, 32 bytes !").decode(),
        "FUT_BASE_URL": "http://fut.invalid/fhir",
        "FUT_TOKEN_URL": "http://fut.invalid/token",
        "FUT_CLIENT_ID": "kommunalpro",
        "FUT_CLIENT_SECRET": "for tests only",
        "NEMSMS_GATEWAY": "simulator",
        "NEMSMS_URL": "http://nemsms.invalid",
        "NEMSMS_PER_SECOND": "0",
        **past_the_proxy(os.environ),
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
