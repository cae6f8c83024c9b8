"""What we show for a token: our own credentials, or a grant that a login left and that changes with each use.

The choice is a setting (`FUT_TOKEN_GRANT`): how the platform lets a vendor's system in is not known (contract §3).
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from fut.errors import FutAuthenticationFailed

REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 - the name of a grant
REFRESH_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:refresh_token"  # noqa: S105 - the name of a type


@dataclass(frozen=True, slots=True)
class Turn:
    """One request for a token: the fields that show the grant, and where the next grant goes."""

    form: Mapping[str, str] = field(repr=False)
    keep: Callable[[str], None]


class Grant(Protocol):
    def turn(self) -> AbstractContextManager[Turn]:
        """Hold the grant while it is used; raises `FutAuthenticationFailed` where there is none."""
        ...


class ClientCredentials:
    """RFC 6749 §4.4: client id and secret are all there is."""

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        yield Turn({"grant_type": "client_credentials"}, keep=lambda _: None)


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A refresh token in a file, used as itself or exchanged (RFC 8693); the platform gives another one each time.

    The file is locked while it is used and replaced whole, so that all processes on it use the newest one.
    """

    path: Path
    kind: str = TOKEN_EXCHANGE

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        try:
            lock = self.path.with_name(f"{self.path.name}.lock").open("w")
        except OSError as error:
            raise FutAuthenticationFailed(f"FUT_GRANT_FILE kan ikke låses ({error.strerror})") from error
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Turn(self._form(self._read()), keep=self._write)

    def _form(self, token: str) -> dict[str, str]:
        if self.kind == REFRESH_TOKEN:
            return {"grant_type": REFRESH_TOKEN, "refresh_token": token}
        return {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": token,
            "subject_token_type": REFRESH_TOKEN_TYPE,
        }

    def _read(self) -> str:
        try:
            return self.path.read_text().strip()
        except OSError as error:
            raise FutAuthenticationFailed(f"FUT_GRANT_FILE kan ikke læses ({error.strerror})") from error

    def _write(self, token: str) -> None:
        """Whole or not at all, also where the power goes: the former grant is worth nothing any more."""
        new = self.path.with_name(f"{self.path.name}.new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as written:
            written.write(token)
            written.flush()
            os.fsync(written.fileno())
        new.replace(self.path)
