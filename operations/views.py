"""The outbox as the system administration follows it: how the channels stand, what fails and why, and acting on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fut.incoming.models import FutFinding
from fut.incoming.standing import OpenGroup, looking, open_groups
from identity.access import StaffRequest, missing_permission, permission_required
from identity.roles import Permission
from operations.forms import PauseForm
from operations.words import Words, age, words_of_part, words_of_standing
from outbox import bookkeeping, operation
from outbox.bookkeeping import Standing
from outbox.models import ChannelName, EventName, Intervention, ReceiverState

P = ParamSpec("P")

FINDINGS = 50
"""Lines a page."""


@dataclass(frozen=True, slots=True)
class Line:
    """A channel on the page."""

    standing: Standing
    words: Words
    oldest: str
    parts: list[tuple[ReceiverState, Words]]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of what was changed on FUT."""

    group: OpenGroup
    oldest: str


def administration_only(
    view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Whoever runs the system for all municipalities; a municipality's own employees have nothing to do here."""

    @permission_required(Permission.OPERATE)
    @wraps(view)
    def guarded(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.actor.municipality_id is not None:
            return missing_permission(request, Permission.OPERATE)
        return view(request, *args, **kwargs)

    return guarded


@require_GET
@administration_only
def overview(request: StaffRequest) -> HttpResponse:
    """All channels; htmx asks for the part that changes."""
    now = timezone.now()
    lines = [_line(standing) for standing in bookkeeping.standings(now)]
    facts: dict[str, object] = {"lines": lines, "now": now, "acts": Intervention.objects.all()[:10]}
    groups = open_groups()
    facts["open_findings"] = sum(group.number for group in groups)
    facts["oldest_finding"] = age(groups[0].oldest, now) if groups else ""
    return render(request, "operations/_channels.html" if request.htmx else "operations/overview.html", facts)


@require_GET
@administration_only
def findings(request: StaffRequest) -> HttpResponse:
    """What others changed on FUT and nobody has settled: how many of which kind, where, and since when; no citizen."""
    now = timezone.now()
    groups = open_groups()
    page = Paginator([_waiting(group, now) for group in groups], FINDINGS).get_page(request.GET.get("page"))
    by_kind = Counter[FutFinding.Kind]()
    for group in groups:
        by_kind[group.kind] += group.number
    facts = {"page": page, "by_kind": by_kind.most_common(), "looking": looking(), "now": now}
    return render(request, "operations/findings.html", facts)


@require_GET
@administration_only
def channel(request: StaffRequest, channel: str) -> HttpResponse:
    """One channel: what fails, and what was given up."""
    name = _named(channel)
    now = timezone.now()
    [standing] = [one for one in bookkeeping.standings(now) if one.channel == name]
    letters = bookkeeping.dead_letters(name)
    facts = {
        "line": _line(standing),
        "now": now,
        "failing": bookkeeping.failing(name),
        "given_up": bookkeeping.given_up(name),
        "letters": [(letter, EventName(letter.news).label) for letter in letters],
        "more": standing.dead - len(letters),
    }
    return render(request, "operations/_channel.html" if request.htmx else "operations/channel.html", facts)


@require_http_methods(["GET", "POST"])
@administration_only
def pause(request: StaffRequest, channel: str) -> HttpResponse:
    name = _named(channel)
    form = PauseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        operation.pause(name, by=_by(request), reason=form.cleaned_data["reason"], at=timezone.now())
        messages.success(request, _("%(channel)s holder pause. Det, der venter, bliver stående.") % _of(name))
        return redirect("operations:overview")
    facts = {"form": form, "channel": name}
    return render(request, "operations/pause.html", facts, status=422 if form.is_bound else 200)


@require_POST
@administration_only
def resume(request: StaffRequest, channel: str) -> HttpResponse:
    name = _named(channel)
    operation.resume(name, by=_by(request), at=timezone.now())
    messages.success(request, _("%(channel)s sender igen.") % _of(name))
    return redirect("operations:overview")


@require_POST
@administration_only
def send_again(request: StaffRequest, channel: str) -> HttpResponse:
    """One delivery, or all of a reason."""
    name = _named(channel)
    one = request.POST.get("delivery", "")
    reason = request.POST.get("reason")
    if not one.isdecimal() and reason is None:
        raise Http404
    sent = operation.send_again(
        name,
        by=_by(request),
        at=timezone.now(),
        reason=None if one.isdecimal() else reason,
        delivery_id=int(one[:18]) if one.isdecimal() else None,
    )
    messages.success(
        request,
        ngettext("%(count)s levering bliver sendt igen.", "%(count)s leveringer bliver sendt igen.", sent)
        % {"count": sent},
    )
    return redirect("operations:channel", channel=name.value)


def _waiting(group: OpenGroup, now: datetime) -> Waiting:
    return Waiting(group, age(group.oldest, now))


def _line(standing: Standing) -> Line:
    now = timezone.now()
    oldest = age(standing.oldest_due_at, now) if standing.oldest_due_at else ""
    return Line(
        standing=standing,
        words=words_of_standing(standing, now),
        oldest=oldest,
        parts=[(part, words_of_part(part, now)) for part in standing.parts],
    )


def _named(channel: str) -> ChannelName:
    try:
        return ChannelName(channel)
    except ValueError:
        raise Http404 from None


def _by(request: StaffRequest) -> operation.By:
    return operation.By(name=request.actor.name, id=request.actor.staff_id)


def _of(name: ChannelName) -> dict[str, object]:
    return {"channel": name.label}
