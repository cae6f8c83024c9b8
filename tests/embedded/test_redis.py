import socket
from pathlib import Path

import pytest
import redis

from kommunalpro.embedded.errors import SetupError
from kommunalpro.embedded.redis import EmbeddedRedis
from tests.embedded.conftest import processes_of


def test_the_queue_survives_a_stop(folder: Path, port: int):
    for expected in (1, 2):
        server = EmbeddedRedis(folder / "redis", port, password="a-secret_1")
        with redis.Redis.from_url(server.start()) as client:
            assert client.incr("jobs") == expected
        server.stop()
        assert processes_of(folder) == []


def test_nobody_gets_in_without_the_password(folder: Path, port: int):
    server = EmbeddedRedis(folder / "redis", port, password="a-secret_1")
    server.start()
    try:
        with socket.create_connection(("127.0.0.1", port)) as stranger:
            stranger.sendall(b"KEYS *\r\n")
            assert stranger.recv(100).startswith(b"-NOAUTH")
    finally:
        server.stop()


def test_a_taken_port_is_explained(folder: Path, port: int):
    with socket.create_server(("127.0.0.1", port)), pytest.raises(SetupError, match=f"on port {port}"):
        EmbeddedRedis(folder / "redis", port).start()


def test_damaged_data_are_explained(folder: Path, port: int):
    server = EmbeddedRedis(folder / "redis", port)
    with redis.Redis.from_url(server.start()) as client:
        client.set("jobs", "x" * 100)
    server.stop()
    (folder / "redis" / "appendonly.aof").write_bytes(b"this is no append-only file")
    with pytest.raises(SetupError, match=r"Redis does not start with the data in .*remove that folder"):
        server.start()
