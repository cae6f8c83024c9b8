"""The simulator's web: tokens, FHIR, NemSMS, a page for people and a control for tests."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from fut.simulator import episodes, measurements, registers
from fut.simulator.addresses import Base, parse
from fut.simulator.capability import INTERACTIONS, capability_statement
from fut.simulator.guard import from_here
from fut.simulator.nemsms import NemSms
from fut.simulator.outcomes import Refusal, not_supported
from fut.simulator.page import front_page, telephone_page
from fut.simulator.patching import patched
from fut.simulator.records import Records
from fut.simulator.searching import criteria_of, page_of
from fut.simulator.store import Store
from fut.simulator.tokens import Issuer
from fut.simulator.transactions import transact

Json = dict[str, Any]

FHIR_JSON = "application/fhir+json; charset=UTF-8"


class FhirResponse(JSONResponse):
    media_type = FHIR_JSON


def simulator(store: Store, issuer: Issuer, nemsms: NemSms) -> Starlette:
    """The application. Each request is served whole before the next, so no two see half of each other's work."""

    @asynccontextmanager
    async def pushing(_: Starlette) -> AsyncIterator[None]:
        """Receipts are pushed beside the requests, for as long as they are served."""
        task = asyncio.create_task(nemsms.receipts.push())
        yield
        task.cancel()

    async def token(request: Request) -> Response:
        form = _form(await request.body())
        status, body = issuer.grant(dict(form), request.headers.get("Authorization", ""))
        return JSONResponse(body, status, headers={"Cache-Control": "no-store"})

    async def fhir(request: Request) -> Response:
        base, parts = parse(str(request.base_url).rstrip("/"), request.url.path)
        if request.method == "GET" and parts == ["metadata"]:
            return FhirResponse(capability_statement(base))
        if not issuer.accepts(request.headers.get("Authorization", "")):
            raise Refusal(401, ["A valid access token is missing."], issue_type="login")
        return _answer(Records(store, base), request, parts, await request.body())

    async def control_resources(request: Request) -> Response:
        if request.method == "DELETE":
            store.forget_everything()
            nemsms.forget()
            return Response(status_code=204)
        wanted = request.query_params.get("type")
        names = [wanted] if wanted else list(store.counts())
        identifier = request.query_params.get("identifier")
        criteria = {"identifier": [identifier]} if identifier else {}
        found = [
            resource
            for name in names
            for resource in store.search(name, criteria, count=1_000_000, offset=0).resources
        ]
        return JSONResponse({"total": len(found), "resources": found})

    async def control_tokens(request: Request) -> Response:
        issuer.expire_all()
        return Response(status_code=204)

    async def page(request: Request) -> Response:
        return HTMLResponse(front_page(store, nemsms.telephones))

    async def telephone(request: Request) -> Response:
        found = nemsms.telephones.telephone(request.path_params["number"])
        if found is None:
            raise Refusal(404, ["There is no such telephone."], issue_type="not-found")
        return HTMLResponse(telephone_page(*found))

    async def alive(request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/", page),
            Route("/healthz", alive),
            Route("/token", token, methods=["POST"]),
            Route("/telefon/{number:int}", telephone),
            *nemsms.routes(),
            Route("/control/resources", from_here(control_resources), methods=["GET", "DELETE"]),
            Route("/control/tokens", from_here(control_tokens), methods=["DELETE"]),
            Route("/{path:path}", fhir, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _http_error},
        lifespan=pushing,
    )


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for it
    return FhirResponse(error.outcome(), error.status, headers=_echo(request))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    return FhirResponse(Refusal(error.status_code, [error.detail]).outcome(), error.status_code)


def _echo(request: Request) -> dict[str, str]:
    """The caller's request id, so that both sides' logs can be laid beside each other."""
    request_id = request.headers.get("X-Request-ID")
    return {"X-Request-ID": request_id} if request_id else {}


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(errors="replace"), keep_blank_values=True)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise Refusal(400, ["The body is not JSON."], issue_type="structure") from error


def _answer(records: Records, request: Request, parts: list[str], body: bytes) -> Response:
    """Carry out one FHIR interaction."""
    base, method = records.base, request.method
    representation = "return=representation" in request.headers.get("Prefer", "")
    match method, parts:
        case "POST", []:
            base.require("careplan", "transactions")
            return _found(request, transact(records, _resource(body), representation=representation))
        case "POST", ["Patient", "$createPatient"]:
            base.require("patient", "$createPatient")
            return _found(request, registers.create_patient(records, _resource(body)))
        case "POST", ["$create-episode-of-care"]:
            base.require("careplan", "$create-episode-of-care")
            return _found(
                request,
                episodes.create_episode_of_care(records, _resource(body), representation=representation),
            )
        case "POST", ["$submit-measurement"]:
            base.require("measurement", "$submit-measurement")
            return _found(
                request,
                measurements.submit_measurement(records, _resource(body), representation=representation),
            )
        case "GET", [resource_type]:
            _require(base, resource_type, "search-type")
            return _found(
                request, _search(records, resource_type, request.query_params.multi_items(), request)
            )
        case "POST", [resource_type, "_search"]:
            _require(base, resource_type, "search-type")
            query = _form(body) + request.query_params.multi_items()
            return _found(request, _search(records, resource_type, query, request))
        case "GET", [resource_type, resource_id]:
            _require(base, resource_type, "read")
            return _found(request, records.get(resource_type, resource_id))
        case "GET", [resource_type, resource_id, "_history", version]:
            _require(base, resource_type, "vread")
            return _found(request, records.get(resource_type, resource_id, version))
        case "POST", [resource_type]:
            _require(base, resource_type, "create")
            return _create(records, resource_type, _resource(body), request)
        case "PUT", [resource_type, resource_id]:
            _require(base, resource_type, "update")
            return _update(records, _resource(body), records.get(resource_type, resource_id), request)
        case "PATCH", [resource_type, resource_id]:
            _require(base, resource_type, "patch")
            before = records.get(resource_type, resource_id)
            return _update(records, patched(before, _json(body)), before, request)
    raise not_supported(f"{method} on /{'/'.join(parts)}")


def _require(base: Base, resource_type: str, interaction: str) -> None:
    if not base.holds(resource_type) or interaction not in INTERACTIONS.get(resource_type, ()):
        raise not_supported(f"{interaction} of {resource_type}")


def _resource(body: bytes) -> Json:
    resource = _json(body)
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise Refusal(400, ["The body is not a FHIR resource."], issue_type="structure")
    return resource


def _create(records: Records, resource_type: str, resource: Json, request: Request) -> Response:
    if resource["resourceType"] != resource_type:
        raise Refusal(
            400, [f"A {resource['resourceType']} cannot be a {resource_type}."], issue_type="invalid"
        )
    with records.store.transaction():
        stored = records.create(resource)
    answer = _found(request, stored, status=201)
    answer.headers["Location"] = records.versioned_url(stored)
    return answer


def _update(records: Records, resource: Json, before: Json, request: Request) -> Response:
    """Store the next version; an episode that becomes active needs its consent first."""
    with records.store.transaction():
        becomes_active = resource.get("status") == "active" != before.get("status")
        if before["resourceType"] == "EpisodeOfCare" and becomes_active:
            episodes.require_consent(records, before)
        stored = records.update(resource, before=before, if_match=request.headers.get("If-Match"))
    return _found(request, stored)


def _search(records: Records, resource_type: str, query: list[tuple[str, str]], request: Request) -> Json:
    criteria, (count, offset) = criteria_of(resource_type, query), page_of(query)
    with records.store.transaction():
        found = records.store.search(resource_type, criteria, count=count, offset=offset)
        codes = criteria.get("municipalityCode", [])
        if resource_type == "Organization" and not found.total and len(codes) == 1:
            registers.organization_of(records, codes[0])
            found = records.store.search(resource_type, criteria, count=count, offset=offset)
    links = [{"relation": "self", "url": str(request.url)}]
    if offset + count < found.total and count:
        following = request.url.include_query_params(_offset=offset + count)
        links.append({"relation": "next", "url": str(following)})
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": found.total,
        "link": links,
        "entry": [
            {"fullUrl": records.url(resource), "resource": resource, "search": {"mode": "match"}}
            for resource in found.resources
        ],
    }


def _found(request: Request, resource: Json, *, status: int = 200) -> Response:
    headers = _echo(request)
    if version := resource.get("meta", {}).get("versionId"):
        headers["ETag"] = f'W/"{version}"'
    return FhirResponse(resource, status, headers=headers)
