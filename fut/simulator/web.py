"""The small parts of the simulator's web: bodies in, FHIR answers out, refusals as OperationOutcomes."""

import json
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from fut.simulator.outcomes import Refusal

Json = dict[str, Any]

FHIR_JSON = "application/fhir+json; charset=UTF-8"


class FhirResponse(JSONResponse):
    media_type = FHIR_JSON


def echo(request: Request) -> dict[str, str]:
    """The caller's request id, so that both sides' logs can be laid beside each other."""
    request_id = request.headers.get("X-Request-ID")
    return {"X-Request-ID": request_id} if request_id else {}


def found(request: Request, resource: Json, *, status: int = 200) -> Response:
    """A resource with its version as ETag."""
    headers = echo(request)
    if version := resource.get("meta", {}).get("versionId"):
        headers["ETag"] = f'W/"{version}"'
    return FhirResponse(resource, status, headers=headers)


async def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for it
    headers = echo(request)
    if error.retry_after is not None:
        headers["Retry-After"] = str(error.retry_after)
    return FhirResponse(error.outcome(), error.status, headers=headers)


async def http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it
    return FhirResponse(Refusal(error.status_code, [error.detail]).outcome(), error.status_code)


def form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(errors="replace"), keep_blank_values=True)


def read_json(body: bytes) -> Any:
    """400 for a body that is no JSON."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise Refusal(400, ["The body is not JSON."], issue_type="structure") from error


def read_resource(body: bytes) -> Json:
    """400 for a body that is no resource."""
    resource = read_json(body)
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise Refusal(400, ["The body is not a FHIR resource."], issue_type="structure")
    return resource
