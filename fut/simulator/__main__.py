"""`python -m fut.simulator`: start the stand-in; Ctrl-C or SIGTERM stops it after the request at hand."""

import os
import sys
from pathlib import Path

import uvicorn

from fut.simulator.app import simulator
from fut.simulator.store import Store
from fut.simulator.tokens import Issuer


def main() -> int:
    missing = [name for name in ("FUT_CLIENT_ID", "FUT_CLIENT_SECRET") if not os.environ.get(name)]
    if missing:
        sys.stderr.write(f"The FUT simulator does not start: set {' and '.join(missing)}.\n")
        return 2
    store = Store(Path(os.environ.get("FUT_SIMULATOR_DATA", ".data/fut-simulator")))
    issuer = Issuer(
        store=store,
        client_id=os.environ["FUT_CLIENT_ID"],
        client_secret=os.environ["FUT_CLIENT_SECRET"],
        life=float(os.environ.get("FUT_SIMULATOR_TOKEN_SECONDS", "300")),
    )
    try:
        uvicorn.run(
            simulator(store, issuer),
            host=os.environ.get("FUT_SIMULATOR_HOST", "127.0.0.1"),
            port=int(os.environ.get("FUT_SIMULATOR_PORT", "8002")),
            log_level="warning",
            access_log=False,
        )
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
