"""The control for tests, for this machine only: faults, counts, tokens, the clock, jobs, and what is stored.

GET    /control                     what there is here
GET    /control/faults              the orders that stand     POST one or a list   DELETE all or /control/faults/3
GET    /control/counts              creations and doubles     ?type=QuestionnaireResponse
GET    /control/order               identifiers by citizen    ?type=QuestionnaireResponse
GET    /control/requests            calls by target, status   DELETE begins anew
GET    /control/resources           ?type= &identifier=       DELETE forgets everything
GET    /control/history/Type/id     every version of one
POST   /control/tokens              a token by its claims     DELETE ends all
POST   /control/grants              a stored grant, as after a login
POST   /control/clock               {"now": "2026-11-24T07:59:50+01:00"}   DELETE sets it right
POST   /control/jobs/reminders      the platform's own task messages, now or {"at": …}
POST   /control/jobs/background     triage and text messages that wait, now
POST   /control/switches            {"systemTokens": "narrowed" or "unbound", "definitionsDemanded": true,
"taskMessages": true}
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from fut.simulator import counting
from fut.simulator.addresses import local_part
from fut.simulator.background import Background
from fut.simulator.callers import Caller
from fut.simulator.counting import Requests
from fut.simulator.faults import Faults, FaultUnclear
from fut.simulator.guard import from_here
from fut.simulator.nemsms import NemSms
from fut.simulator.outcomes import Refusal
from fut.simulator.roles import rights_of
from fut.simulator.searching import Cursors
from fut.simulator.store import Store
from fut.simulator.switches import Switches
from fut.simulator.tokens import Issuer
from fut.simulator.web import read_json

Json = dict[str, Any]

DONE = 204


@dataclass(frozen=True, slots=True)
class Control:
    """All that can be turned, with its routes."""

    store: Store
    issuer: Issuer
    nemsms: NemSms
    background: Background
    cursors: Cursors
    switches: Switches
    faults: Faults
    requests: Requests

    def routes(self) -> list[Route]:
        served: dict[str, tuple[Callable[[Request], Awaitable[Response]], list[str]]] = {
            "": (self.help, ["GET"]),
            "/faults": (self.all_faults, ["GET", "POST", "DELETE"]),
            "/faults/{number:int}": (self.one_fault, ["DELETE"]),
            "/counts": (self.counts, ["GET"]),
            "/order": (self.order, ["GET"]),
            "/requests": (self.calls, ["GET", "DELETE"]),
            "/resources": (self.resources, ["GET", "DELETE"]),
            "/history/{kind}/{number}": (self.history, ["GET"]),
            "/tokens": (self.tokens, ["POST", "DELETE"]),
            "/grants": (self.grants, ["POST"]),
            "/cursors": (self.end_cursors, ["DELETE"]),
            "/clock": (self.clock, ["GET", "POST", "DELETE"]),
            "/jobs/reminders": (self.reminders, ["POST"]),
            "/jobs/background": (self.work_off, ["POST"]),
            "/switches": (self.turn, ["GET", "POST"]),
        }
        return [
            Route(f"/control{path}", from_here(endpoint), methods=methods)
            for path, (endpoint, methods) in served.items()
        ]

    async def help(self, request: Request) -> Response:
        return PlainTextResponse(__doc__ or "")

    async def all_faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
            return Response(status_code=DONE)
        if request.method == "POST":
            wanted = read_json(await request.body())
            try:
                ordered = [
                    self.faults.order(one) for one in (wanted if isinstance(wanted, list) else [wanted])
                ]
            except (FaultUnclear, AttributeError) as error:
                raise Refusal(400, [f"The order cannot be read: {error}"], issue_type="invalid") from error
            return JSONResponse({"faults": [one.shown() for one in ordered]}, 201)
        return JSONResponse({"faults": [one.shown() for one in self.faults.all()]})

    async def one_fault(self, request: Request) -> Response:
        if not self.faults.clear(request.path_params["number"]):
            raise Refusal(404, ["There is no such fault."], issue_type="not-found")
        return Response(status_code=DONE)

    async def counts(self, request: Request) -> Response:
        wanted = request.query_params.get("type")
        names = [wanted] if wanted else list(self.store.counts())
        return JSONResponse({"counts": [counting.creations(self.store, name) for name in names]})

    async def order(self, request: Request) -> Response:
        wanted = request.query_params.get("type", "QuestionnaireResponse")
        return JSONResponse({"order": counting.order(self.store, wanted)})

    async def calls(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.requests.clear()
            return Response(status_code=DONE)
        return JSONResponse(self.requests.shown())

    async def resources(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.store.forget_everything()
            self.nemsms.forget()
            self.background.forget()
            return Response(status_code=DONE)
        wanted = request.query_params.get("type")
        identifier = request.query_params.get("identifier")
        criteria = {"identifier": [identifier]} if identifier else {}
        found = [
            one
            for name in ([wanted] if wanted else list(self.store.counts()))
            for one in self.store.find(name, criteria)
        ]
        return JSONResponse({"total": len(found), "resources": found})

    async def history(self, request: Request) -> Response:
        """The platform gives one version at a time and no list of them; a test may want the list."""
        return JSONResponse({"versions": self.store.versions(*request.path_params.values())})

    async def tokens(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.issuer.expire_all()
            return Response(status_code=DONE)
        claims = read_json(await request.body())
        caller = Caller(
            claims.get("user_type", "SYSTEM"),
            claims.get("user_id", "test"),
            rights_of(frozenset(claims["roles"])) if "roles" in claims else self.issuer.rights,
            {name: local_part(one) for name, one in claims.get("context", {}).items()},
            tuple(claims.get("tags", self.issuer.tags)),
            claims.get("unbound", self.issuer.unbound),
        )
        return JSONResponse({"access_token": self.issuer.mint(caller)}, 201)

    async def grants(self, request: Request) -> Response:
        return JSONResponse({"refresh_token": self.issuer.keep_grant(read_json(await request.body()))}, 201)

    async def end_cursors(self, request: Request) -> Response:
        self.cursors.end_all()
        return Response(status_code=DONE)

    async def clock(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.store.clock.back()
        elif request.method == "POST":
            self.store.clock.move_to(_moment(read_json(await request.body()).get("now")))
        return JSONResponse({"now": self.store.clock.now().isoformat()})

    async def reminders(self, request: Request) -> Response:
        body = await request.body()
        at = read_json(body).get("at") if body else None
        made = self.background.remind(at=_moment(at) if at else None)
        self.background.work_off()
        return JSONResponse({"messages": [one["id"] for one in made]})

    async def work_off(self, request: Request) -> Response:
        self.background.work_off()
        return Response(status_code=DONE)

    async def turn(self, request: Request) -> Response:
        wanted = read_json(await request.body()) if request.method == "POST" else {}
        if unknown := wanted.keys() - {"systemTokens", "definitionsDemanded", "taskMessages"}:
            raise Refusal(400, [f"There is no switch {', '.join(sorted(unknown))}."], issue_type="invalid")
        if "systemTokens" in wanted:
            self.issuer.unbound = wanted["systemTokens"] == "unbound"
            self.issuer.expire_all()
        self.switches.definitions_demanded = bool(
            wanted.get("definitionsDemanded", self.switches.definitions_demanded)
        )
        self.background.reminds = bool(wanted.get("taskMessages", self.background.reminds))
        return JSONResponse(
            {
                "systemTokens": "unbound" if self.issuer.unbound else "narrowed",
                "definitionsDemanded": self.switches.definitions_demanded,
                "taskMessages": self.background.reminds,
            }
        )


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise Refusal(400, [f"“{text}” is no moment."], issue_type="invalid") from error
    if moment.tzinfo is None:
        raise Refusal(400, [f"“{text}” has no time zone."], issue_type="invalid")
    return moment
