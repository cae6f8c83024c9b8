"""The environment variables that turn the application and its stand-ins into one system on this machine."""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from kommunalpro.demo.people import demo_citizens
from kommunalpro.embedded.errors import SetupError

# How many ports a system takes, from PORT on: web, login broker, FUT simulator, Redis.
PORTS = 4


def environment(*, folder: Path, port: int, database_url: str) -> dict[str, str]:
    """All that `kommunalpro.settings`, the login broker and the FUT simulator read.

    `folder` is the data folder: the secrets are made there once, and the stand-ins keep their data there.
    Redis listens on the last of the ports, with its password from the secrets.
    """
    secret = read_secrets(folder)
    web, broker, simulator = (f"http://127.0.0.1:{port + offset}" for offset in range(3))
    return {
        "DJANGO_SETTINGS_MODULE": "kommunalpro.settings",
        "KOMMUNALPRO_MODE": "embedded",
        "LOG_FORMAT": "console",
        "SECRET_KEY": secret["SECRET_KEY"],
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://:{secret['REDIS_PASSWORD']}@127.0.0.1:{port + 3}/0",
        "PUBLIC_URL": web,
        "OIDC_ISSUER": broker,
        "OIDC_CITIZEN_CLIENT_ID": "kommunalpro-citizen",
        "OIDC_CITIZEN_CLIENT_SECRET": secret["OIDC_CITIZEN_CLIENT_SECRET"],
        "OIDC_STAFF_CLIENT_ID": "kommunalpro-staff",
        "OIDC_STAFF_CLIENT_SECRET": secret["OIDC_STAFF_CLIENT_SECRET"],
        "CPR_ENCRYPTION_KEY": secret["CPR_ENCRYPTION_KEY"],
        "CPR_HASH_KEY": secret["CPR_HASH_KEY"],
        "FUT_BASE_URL": f"{simulator}/fhir",
        "FUT_TOKEN_URL": f"{simulator}/token",
        "FUT_CLIENT_ID": "kommunalpro",
        "FUT_CLIENT_SECRET": secret["FUT_CLIENT_SECRET"],
        "NEMSMS_GATEWAY": "simulator",
        "NEMSMS_URL": f"{simulator}/nemsms",
        "NEMSMS_RECEIPT_SECRET": _derived(secret["FUT_CLIENT_SECRET"], "receipts of NemSMS"),
        **past_the_proxy(os.environ),
        # for the stand-ins themselves
        "BROKER_DATA_DIR": str(folder.absolute() / "broker"),
        "BROKER_PORT": str(port + 1),
        "FUT_SIMULATOR_DATA": str(folder.absolute() / "fut-simulator"),
        "FUT_SIMULATOR_PORT": str(port + 2),
        "FUT_SIMULATOR_RECEIPTS_URL": f"{web}/nemsms/kvitteringer",
        "FUT_SIMULATOR_OUTSIDE_NEMSMS": ",".join(
            each.cpr for each in demo_citizens() if not each.nemsms_enrolled
        ),
    }


def _derived(secret: str, purpose: str) -> str:
    """A secret of its own for `purpose`, also in folders whose secrets were made before it was needed."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def past_the_proxy(variables: Mapping[str, str]) -> dict[str, str]:
    """What lets calls on this machine go past a company's proxy, beside what already goes past it.

    Programs disagree on which spelling counts, so both get the same value.
    """
    named = f"{variables.get('no_proxy', '')},{variables.get('NO_PROXY', '')}".split(",")
    hosts = dict.fromkeys(host.strip() for host in [*named, "127.0.0.1", "localhost"] if host.strip())
    # A lone asterisk says that no proxy is used at all; with something beside it, it would say nothing.
    value = "*" if "*" in hosts else ",".join(hosts)
    return {"NO_PROXY": value, "no_proxy": value}


def environment_without_servers(folder: Path) -> dict[str, str]:
    """For commands that read the settings and touch no data: type checks, static files."""
    return environment(folder=folder, port=8000, database_url="postgresql://127.0.0.1/none")


def read_secrets(folder: Path) -> dict[str, str]:
    """The secrets of a data folder, made on first use and readable by its owner only.

    Raises SetupError when they are lost or unreadable while there is data that only they can decrypt.
    """
    path = folder / "secrets.json"
    if path.exists():
        try:
            found = json.loads(path.read_text())
            return {name: str(found[name]) for name in _new_secrets()}
        except (ValueError, KeyError, TypeError):
            pass
    elif not (folder / "postgres").exists():
        made = _new_secrets()
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(made, indent=2) + "\n")
        return made
    raise SetupError(
        f"The keys that encrypt the data in {folder} are lost or damaged (secrets.json). "
        f"Restore that file from a copy, or remove {folder} to begin anew with demo data."
    )


def _new_secrets() -> dict[str, str]:
    words = ("SECRET_KEY", "OIDC_CITIZEN_CLIENT_SECRET", "OIDC_STAFF_CLIENT_SECRET", "FUT_CLIENT_SECRET")
    keys = ("CPR_ENCRYPTION_KEY", "CPR_HASH_KEY")
    return {
        **{name: secrets.token_urlsafe(48) for name in (*words, "REDIS_PASSWORD")},
        **{name: base64.b64encode(secrets.token_bytes(32)).decode() for name in keys},
    }
