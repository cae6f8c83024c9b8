"""`python -m fut.simulator`: start the stand-in; Ctrl-C or SIGTERM stops it after the request at hand."""

import os
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from fut.simulator.addresses import Base
from fut.simulator.app import simulator
from fut.simulator.nemsms import NemSms
from fut.simulator.receipts import Receipts
from fut.simulator.store import Store
from fut.simulator.switches import Switches
from fut.simulator.tokens import Issuer
from fut.simulator.trouble import HangUpProtocol

YES = frozenset({"1", "true", "yes", "ja"})


def main() -> int:
    """Serve until stopped. 2 and one sentence when a setting is wrong."""
    try:
        store, app, port = _prepare(os.environ)
    except (OSError, sqlite3.Error, ValueError) as error:
        sys.stderr.write(f"The FUT simulator does not start: {error}\n")
        return 2
    try:
        uvicorn.run(
            app,
            host=os.environ.get("FUT_SIMULATOR_HOST", "127.0.0.1"),
            port=port,
            http=HangUpProtocol,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=5,
        )
    except KeyboardInterrupt:
        # uvicorn has finished the requests at hand and raises the signal again; it is no fault.
        return 130
    finally:
        store.close()
    return 0


def _prepare(environment: Mapping[str, str]) -> tuple[Store, ASGIApp, int]:
    missing = [name for name in ("FUT_CLIENT_ID", "FUT_CLIENT_SECRET") if not environment.get(name)]
    if missing:
        raise ValueError(f"set {' and '.join(missing)}.")
    port = environment.get("FUT_SIMULATOR_PORT", "8002")
    if not port.isdecimal():
        raise ValueError(f"FUT_SIMULATOR_PORT is “{port}”, expected a number such as 8002.")
    system_tokens = environment.get("FUT_SIMULATOR_SYSTEM_TOKENS", "narrowed")
    if system_tokens not in {"narrowed", "unbound"}:
        raise ValueError(f"FUT_SIMULATOR_SYSTEM_TOKENS is “{system_tokens}”, expected narrowed or unbound.")
    store = Store(Path(environment.get("FUT_SIMULATOR_DATA", ".data/fut-simulator")))
    issuer = Issuer(
        store=store,
        client_id=environment["FUT_CLIENT_ID"],
        client_secret=environment["FUT_CLIENT_SECRET"],
        life=float(environment.get("FUT_SIMULATOR_TOKEN_SECONDS", "300")),
        tags=tuple(environment.get("FUT_SIMULATOR_TAGS", "xa").split()),
        unbound=system_tokens == "unbound",
    )
    app = simulator(
        store,
        issuer,
        _nemsms(store, environment),
        own_address=_own_address(environment, port),
        switches=Switches(
            definitions_demanded=_is_on(environment, "FUT_SIMULATOR_DEFINITIONS_DEMANDED", default="1")
        ),
        reminds=_is_on(environment, "FUT_SIMULATOR_TASK_MESSAGES"),
    )
    return store, app, int(port)


def _nemsms(store: Store, environment: Mapping[str, str]) -> NemSms:
    receipts = Receipts(
        store,
        url=environment.get("FUT_SIMULATOR_RECEIPTS_URL", ""),
        secret=environment.get("NEMSMS_RECEIPT_SECRET", ""),
    )
    nemsms = NemSms(store, receipts)
    for cpr in filter(None, environment.get("FUT_SIMULATOR_OUTSIDE_NEMSMS", "").split(",")):
        nemsms.telephones.enrol(cpr, enrolled=False)
    return nemsms


def _own_address(environment: Mapping[str, str], port: str) -> Base:
    """What FUT_BASE_URL says of the simulator, so that its own resources name each other as the client does."""
    template = environment.get("FUT_BASE_URL", f"http://127.0.0.1:{port}/fhir")
    origin = template.partition("/fhir")[0].removesuffix("/{service}")
    return Base(origin, "careplan" if "{service}" in template else None)


def _is_on(environment: Mapping[str, str], name: str, *, default: str = "") -> bool:
    return (environment.get(name) or default).lower() in YES


if __name__ == "__main__":
    sys.exit(main())
