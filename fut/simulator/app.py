"""The simulator's web: tokens, FHIR, NemSMS, pages for people and a control for tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from fut.simulator import web
from fut.simulator.addresses import Base, parse
from fut.simulator.background import Background
from fut.simulator.capability import capability_statement
from fut.simulator.control import Control
from fut.simulator.counting import Requests
from fut.simulator.faults import Faults
from fut.simulator.interactions import Interaction
from fut.simulator.nemsms import NemSms
from fut.simulator.outcomes import Refusal
from fut.simulator.page import front_page, telephone_page
from fut.simulator.records import Records
from fut.simulator.searching import Cursors
from fut.simulator.store import Store
from fut.simulator.switches import Switches
from fut.simulator.tokens import Issuer
from fut.simulator.trouble import Trouble

Json = dict[str, Any]

REALM = "/auth/realms/{realm}"


def simulator(
    store: Store,
    issuer: Issuer,
    nemsms: NemSms,
    *,
    own_address: Base,
    switches: Switches | None = None,
    reminds: bool = False,
) -> ASGIApp:
    """The application. Each request is served whole before the next, so no two see half of each other's work.

    `own_address` is what the jobs write in what they make; `reminds`: do the platform's own task messages go out?
    """
    background = Background(store, nemsms.telephones, own_address, reminds)
    cursors, faults, requests = Cursors(store), Faults(), Requests()
    turned = switches or Switches()
    control = Control(store, issuer, nemsms, background, cursors, turned, faults, requests)

    @asynccontextmanager
    async def beside(_: Starlette) -> AsyncIterator[None]:
        """What goes on beside the requests, for as long as they are served."""
        tasks = [asyncio.create_task(nemsms.receipts.push()), asyncio.create_task(background.run())]
        yield
        for task in tasks:
            task.cancel()

    async def token(request: Request) -> Response:
        form = web.form(await request.body())
        status, body = issuer.grant(dict(form), request.headers.get("Authorization", ""))
        return JSONResponse(body, status, headers={"Cache-Control": "no-store"})

    async def userinfo(request: Request) -> Response:
        caller = issuer.caller(request.headers.get("Authorization", ""))
        return JSONResponse(
            {
                "user_type": caller.user_type,
                "user_id": caller.user_id,
                "roles": sorted(caller.rights),
                "context": dict(caller.context),
            }
        )

    async def fhir(request: Request) -> Response:
        base, parts = parse(str(request.base_url).rstrip("/"), request.url.path)
        if request.method == "GET" and parts == ["metadata"]:
            return web.FhirResponse(capability_statement(base))
        caller = issuer.caller(request.headers.get("Authorization", ""))
        body = await request.body()
        records = Records(store, base, request.headers.get("X-Request-ID") or token_hex(8))
        interaction = Interaction(records, caller, cursors, background, turned, request, body)
        return interaction.answer(parts)

    async def page(request: Request) -> Response:
        return HTMLResponse(front_page(store, nemsms.telephones, faults.all()))

    async def telephone(request: Request) -> Response:
        found = nemsms.telephones.telephone(request.path_params["number"])
        if found is None:
            raise Refusal(404, ["There is no such telephone."], issue_type="not-found")
        return HTMLResponse(telephone_page(*found))

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    app = Starlette(
        routes=[
            Route("/", page),
            Route("/healthz", alive),
            Route("/token", token, methods=["POST"]),
            Route(f"{REALM}/protocol/openid-connect/token", token, methods=["POST"]),
            Route(f"{REALM}/protocol/openid-connect/userinfo", userinfo),
            Route("/telefon/{number:int}", telephone),
            *nemsms.routes(),
            *control.routes(),
            Route("/{path:path}", fhir, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ],
        exception_handlers={Refusal: web.refused, HTTPException: web.http_error},
        lifespan=beside,
    )
    return Trouble(app, faults=faults, requests=requests, issuer=issuer)
