"""What drf-spectacular cannot see by itself: how one logs in, and the one shape of a refusal."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from kommunalpro.problem_json import CONTENT_TYPE

PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `detail` is a sentence for people, `code` a word for programs.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": True},
    },
}
REFUSALS = {
    "400": "Something in the request is wrong; `errors` names the fields.",
    "401": "Nobody is logged in, or the key is unknown (`key_unknown`), expired or revoked.",
    "403": "The caller, or the key, has no right to it.",
    "404": "It is not there, or not the caller's.",
    "409": "It is no draft, or no longer the one that was looked at.",
    "415": "It was sent as something else than JSON.",
    "422": "The questionnaire cannot be asked or kept as it is; `errors.issue` holds FHIR's issues.",
    "429": "Too many requests; Retry-After says how many seconds to wait.",
}


class ActorScheme(OpenApiAuthenticationExtension):
    """The session's cookie."""

    target_class = "api.authentication.ActorAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """As OpenAPI writes it."""
        del auto_schema
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class KeyScheme(OpenApiAuthenticationExtension):
    """A program's key."""

    target_class = "api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """As OpenAPI writes it."""
        del auto_schema
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "kpro_…",
            "description": "The key of a program, as an administrator got it in KAM.",
        }


def with_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Give each operation the refusals that it may answer with."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, methods in result["paths"].items():
        for operation in methods.values():
            for status, words in REFUSALS.items():
                if status == "404" and "questionnaires" not in path:
                    continue
                if status in {"401", "403"} and not operation.get("security"):
                    continue
                if status in {"409", "415", "422"} and "requestBody" not in operation:
                    continue
                operation["responses"].setdefault(status, {"description": words, "content": content})
    return result
