"""A form that was sent after its session had run out: kept in the browser's new one, for whom it was made for.

    {% form_mark %}                     in the form: whose it is, signed, readable to nobody
    @kept_while_logged_out              around a view that takes the form, and shows it by GET at the same address
    unsent = take(request, now=…)       in that view, when the same citizen is back: what they sent, once

Only a mark that we made is kept anything for, only the citizen it names gets it, and after an hour nobody does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from identity.access import to_login
from identity.actors import Actor, CitizenActor
from identity.middleware import actor_of

P = ParamSpec("P")

SESSION_UNSENT = "identity.unsent"
MARK = "whose"
KEPT_FOR = timedelta(hours=1)
# Characters of JSON: a long page of questions with long texts. What is longer is not kept, and that is said.
LARGEST = 200_000
_SALT = "identity.unsent"


@dataclass(frozen=True, slots=True)
class Unsent:
    """What a form said; `form` is None where it was too long to be kept."""

    form: QueryDict | None


def mark_of(actor: Actor | None) -> str:
    """Whose form it is, for a hidden field of it; "" for nobody's."""
    return Signer(salt=_SALT).sign(_name_of(actor)) if isinstance(actor, CitizenActor) else ""


def _name_of(citizen: CitizenActor) -> str:
    return salted_hmac(_SALT, str(citizen.citizen_id)).hexdigest()[:32]


def kept_while_logged_out(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Keep a citizen's form that comes while nobody is logged in; to the login, and back to this address.

    Not for htmx: then the device keeps what was given (static/js/kept-answers.js).
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        is_form = request.method == "POST" and "HX-Request" not in request.headers
        if not is_form or actor_of(request) is not None:
            return view(request, *args, **kwargs)
        _keep(request, now=timezone.now())
        return to_login(request, "citizen", back=request.get_full_path())

    return guarded


def _keep(request: HttpRequest, *, now: datetime) -> None:
    try:
        name = Signer(salt=_SALT).unsign(request.POST.get(MARK, ""))
    except BadSignature:
        return
    fields: dict[str, list[str]] | None = {
        field: [str(value) for value in values]
        for field, values in request.POST.lists()
        if field not in (MARK, "csrfmiddlewaretoken")
    }
    if len(json.dumps(fields)) > LARGEST:
        fields = None
    request.session[SESSION_UNSENT] = {
        "whose": name,
        "at": now.timestamp(),
        "path": request.get_full_path(),
        "fields": fields,
    }


def waiting(request: HttpRequest) -> dict[str, Any] | None:
    """What waits in this browser for somebody to log in; to be read before a login empties the session."""
    found: dict[str, Any] | None = request.session.get(SESSION_UNSENT)
    return found


def hand_over(request: HttpRequest, found: dict[str, Any] | None, *, to: Actor | None) -> None:
    """Into the new session with it, if it is that of the one who sent it; else it is gone."""
    if found is not None and isinstance(to, CitizenActor) and _is_of(found, to):
        request.session[SESSION_UNSENT] = found


def take(request: HttpRequest, *, now: datetime) -> Unsent | None:
    """What this citizen sent to this very address while they were logged out, once; None where there is nothing."""
    found, actor = waiting(request), actor_of(request)
    if found is None or found["path"] != request.get_full_path():
        return None
    del request.session[SESSION_UNSENT]
    is_theirs = isinstance(actor, CitizenActor) and _is_of(found, actor)
    if not is_theirs or now.timestamp() - found["at"] > KEPT_FOR.total_seconds():
        return None
    if found["fields"] is None:
        return Unsent(form=None)
    form = QueryDict(mutable=True)
    for name, values in found["fields"].items():
        form.setlist(name, values)
    return Unsent(form=form)


def _is_of(found: dict[str, Any], citizen: CitizenActor) -> bool:
    return constant_time_compare(str(found["whose"]), _name_of(citizen))
