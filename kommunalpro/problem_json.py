"""What went wrong, for programs: one shape for every refusal under /api/ (RFC 9457, Problem Details)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse

CONTENT_TYPE = "application/problem+json"
PREFIX = "/api/"


def is_for_programs(request: HttpRequest) -> bool:
    """Whether this address answers programs, not people."""
    return request.path.startswith(PREFIX)


def problem_document(
    *, status: int, code: str, detail: str, errors: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """`detail` is the sentence for people, `code` the word for programs; `errors` the fields that are wrong."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
    }
    if errors:
        document["errors"] = errors
    return document


def problem_answer(
    *, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
) -> JsonResponse:
    """The document as an answer."""
    return JsonResponse(
        problem_document(status=status, code=code, detail=detail),
        status=status,
        content_type=CONTENT_TYPE,
        headers=dict(headers or {}),
    )
