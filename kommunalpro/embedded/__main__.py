"""The command line behind the Makefile: `python -m kommunalpro.embedded --help`."""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from kommunalpro.embedded import assets, browser, supervisor
from kommunalpro.embedded.checks import parse_port, require_free_ports, require_writable
from kommunalpro.embedded.data_folder import DataFolder
from kommunalpro.embedded.environment import environment, environment_without_servers
from kommunalpro.embedded.errors import SetupError
from kommunalpro.embedded.postgres import EmbeddedPostgres

# What changes or empties tables, which the application's own role may not.
OWNER_COMMANDS = frozenset({"migrate", "flush"})

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit code. What is wrong with the machine is told in a sentence on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m kommunalpro.embedded", description="PORT and DATA come from the environment."
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    run = commands.add_parser("run", help="start the whole system; Ctrl-C stops it")
    run.set_defaults(run=_run)
    manage = commands.add_parser("manage", help="a management command on the data of `run`", add_help=False)
    manage.add_argument("arguments", nargs=argparse.REMAINDER)
    manage.set_defaults(run=_manage)
    module = commands.add_parser(
        "module", help="a Python module with settings and no servers", add_help=False
    )
    module.add_argument("arguments", nargs=argparse.REMAINDER)
    module.set_defaults(run=_module)
    prepare = commands.add_parser("assets", help="front-end assets, translations, static files")
    prepare.set_defaults(run=_assets)
    audit = commands.add_parser("audit", help="known faults of the locked npm packages")
    audit.set_defaults(run=lambda _: assets.audit(ROOT))
    chromium = commands.add_parser("browser", help="Chromium for the browser tests: found or installed")
    chromium.set_defaults(run=_browser)
    return parser


def _run(_: argparse.Namespace) -> int:
    supervisor.run(ROOT, parse_port(os.environ.get("PORT") or "8000"), _data())
    return 0


def _data() -> Path:
    """Where the data are: `.data` beside the Makefile, or the folder that DATA names."""
    return Path(os.environ.get("DATA") or ROOT / ".data").absolute()


def _assets(_: argparse.Namespace) -> int:
    require_writable(ROOT)
    assets.prepare(ROOT)
    return 0


def _browser(_: argparse.Namespace) -> int:
    print(browser.ensure() or browser.LEFT_OUT)
    return 0


def _manage(chosen: argparse.Namespace) -> int:
    """On the servers of a running `run`, else on servers started for this command alone."""
    data = DataFolder(_data())
    port = data.running_port()
    if port is not None:
        database_url = EmbeddedPostgres(data.path / "postgres").running_url()
        if database_url is None:
            raise SetupError("Kommunal PRO is starting or stopping right now: try again in a few seconds.")
        if _is_for_the_owner(chosen.arguments):
            database_url = EmbeddedPostgres.owner_url(database_url)
        variables = environment(folder=data.path, port=port, database_url=database_url)
        return _python(["manage.py", *chosen.arguments], variables)
    port = parse_port(os.environ.get("PORT") or "8000")
    with data.claim(port):
        require_free_ports(port + 3, count=1)
        with supervisor.servers(data.path, port) as started:
            owner = started.owner if _is_for_the_owner(chosen.arguments) else {}
            return _python(["manage.py", *chosen.arguments], started.variables | owner)


def _is_for_the_owner(arguments: list[str]) -> bool:
    return bool(arguments) and arguments[0] in OWNER_COMMANDS


def _module(chosen: argparse.Namespace) -> int:
    with TemporaryDirectory() as nowhere:
        return _python(["-m", *chosen.arguments], environment_without_servers(Path(nowhere)))


def _python(arguments: list[str], variables: dict[str, str]) -> int:
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
