"""Refusals of views, in the one shape of `kommunalpro.problem_json`."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from kommunalpro.problem_json import CONTENT_TYPE, problem_document
from kommunalpro.problems import Problem


def answer_problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to a refusal; None for a fault, which goes the way of all faults: logged, and 500."""
    del context
    headers: dict[str, str] = {}
    errors: Any = None
    match error:
        case Problem():
            status, code, detail = int(error.status), error.code, error.sentence
            errors = getattr(error, "facts", None)
            headers |= error.headers
        case Http404() | exceptions.NotFound():
            status, code, detail = 404, "not_found", _("Det findes ikke.")
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            status, code, detail = 401, "not_authenticated", _("Du er ikke logget ind.")
            headers["WWW-Authenticate"] = str(getattr(error, "auth_header", ""))
        case PermissionDenied() | exceptions.PermissionDenied():
            status, code, detail = 403, "permission_denied", _("Det har du ikke adgang til.")
        case exceptions.ValidationError():
            status, code, detail = 400, "invalid", _("Noget i forespørgslen er forkert.")
            errors = error.detail
        case exceptions.Throttled():
            wait = int(getattr(error, "wait", None) or 1)
            status, code, detail = 429, "too_many_requests", _("For mange forespørgsler på kort tid.")
            headers["Retry-After"] = str(max(1, wait))
        case exceptions.APIException():
            status, code, detail = error.status_code, str(error.default_code), str(error.detail)
        case _other:
            return None
    set_rollback()
    document = problem_document(status=status, code=code, detail=detail, errors=errors)
    return Response(document, status=status, headers=headers, content_type=CONTENT_TYPE)
