import base64
import stat
from pathlib import Path

import pytest

from kommunalpro.embedded.environment import environment
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
