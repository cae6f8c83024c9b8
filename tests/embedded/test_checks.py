import os
import socket
from pathlib import Path

import pytest

from kommunalpro.embedded.checks import parse_port, require_free_ports, require_writable
from kommunalpro.embedded.data_folder import DataFolder
from kommunalpro.embedded.errors import SetupError


@pytest.mark.parametrize("text", ["", "http", "-1", "0", "80.0", "٨٠٠٠", "65533", "70000", "8000;"])
def test_what_is_no_port_is_told(text: str):
    with pytest.raises(SetupError, match="expected a number from 1 to 65532"):
        parse_port(text)


def test_a_port_is_a_number():
    assert parse_port("8000") == 8000


def test_free_ports_pass(port: int):
    require_free_ports(port)


@pytest.mark.parametrize("offset", range(4))
def test_each_of_the_four_ports_is_looked_at(port: int, offset: int):
    with (
        socket.create_server(("127.0.0.1", port + offset)),
        pytest.raises(SetupError, match=rf"Port {port + offset} is taken .* make run PORT={port + 1000}"),
    ):
        require_free_ports(port)


def test_a_port_taken_on_all_addresses_is_taken(port: int):
    with socket.create_server(("0.0.0.0", port)), pytest.raises(SetupError, match=f"Port {port} is taken"):
        require_free_ports(port)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_told(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(SetupError, match="is read-only for you"):
        require_writable(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_another_user_is_told(tmp_path: Path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secrets.json").touch(mode=0o400)
    with (
        pytest.raises(SetupError, match="belongs to another user"),
        DataFolder(tmp_path / "data").claim(8000),
    ):
        pass


def test_a_second_run_is_told_where_the_first_one_is(tmp_path: Path):
    with (
        DataFolder(tmp_path / "data").claim(9000),
        pytest.raises(
            SetupError, match=rf"already runs on .*, at http://127.0.0.1:9000 \(process {os.getpid()}\)"
        ),
        DataFolder(tmp_path / "data").claim(9100),
    ):
        pass


def test_a_folder_knows_the_port_of_its_run_and_forgets_it(tmp_path: Path):
    data = DataFolder(tmp_path / "data")
    assert data.running_port() is None
    with data.claim(9000):
        assert DataFolder(tmp_path / "data").running_port() == 9000
    assert data.running_port() is None
    with data.claim(9100):
        assert data.running_port() == 9100
