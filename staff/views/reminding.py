"""Reminding many: who gets it and who cannot, what became of each, and the list of whom to ring instead."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from identity.access_log import Action, Use, What
from identity.roles import Permission
from notifications import reminders, texts
from notifications.models import Message
from notifications.obstacles import Kind, of_another_team
from notifications.reminders import Prospect
from notifications.selectors import soon
from notifications.sending import allowed_from
from notifications.unanswered import as_listed, with_activities
from plans import selectors
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.chosen import ids_in
from staff.pages import render_page
from staff.reminder_states import address_to_ask_again, rows_asked_for, state_of
from staff.rows import RowWriter
from staff.seen import nobody_seen, seen
from staff.unanswered_filter import way_back


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.SEND_REMINDER)
def remind_many(request: MunicipalRequest) -> HttpResponse:
    """GET: what would be sent and to whom, at an address one can come back to. POST: send it."""
    now = timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    list_again = reverse("staff:unanswered") + way_back(asked.get("query", ""))
    ids = ids_in(asked, "task")
    problem = "" if ids else _("Sæt kryds ud for mindst ét spørgeskema.")
    try:
        reminders.require_few_enough(len(ids))
    except reminders.TooManyReminders as refusal:
        problem = refusal.sentence
    if problem:
        nobody_seen(request)
        messages.error(request, problem)
        return redirect(list_again)
    prospects = _prospects(request, ids, now)
    shown = [prospect.task.citizen_id for prospect in prospects]
    if request.method == "POST":
        sent = reminders.send_to_many(
            tasks=[one.task.pk for one in prospects if not _is_of_others(one)],
            municipality=request.municipality,
            by=member_of_staff(request),
            at=now,
            outside_nemsms_too="outside_too" in request.POST,
        )
        reached = [message.citizen_id for message in sent]
        seen(request, reached, Use(What.REMINDER, Action.CHANGE), at=now)
        seen(request, set(shown) - set(reached), Use(What.REMINDER, Action.LIST), at=now)
        chosen = urlencode([("task", prospect.task.pk) for prospect in prospects])
        return redirect(f"{reverse('staff:reminded')}?{chosen}")
    seen(request, shown, Use(What.REMINDER, Action.LIST), at=now)
    context = _parted(prospects) | {
        "list_again": list_again,
        "query": asked.get("query", ""),
        "reminder_text": texts.text_of(Message.Kind.REMINDER),
        "leaves": _leaves(now),
    }
    return render_page(request, "staff/remind_many.html", context, now=now)


@require_safe
@municipal_staff(Permission.SEND_REMINDER)
def reminded(request: MunicipalRequest) -> HttpResponse:
    """What became of each of the reminders that the address names."""
    now = timezone.now()
    prospects = _prospects(request, ids_in(request.GET, "task"), now)
    seen(request, [one.task.citizen_id for one in prospects], Use(What.REMINDER, Action.LIST), at=now)
    states = [state_of(prospect, now) for prospect in prospects]
    context = {
        "states": states,
        "to_be_called": [state.task.pk for state in states if state.is_to_be_called],
        "ask_again": address_to_ask_again(states),
    }
    return render_page(request, "staff/reminded.html", context, now=now)


@require_safe
@municipal_staff(Permission.SEND_REMINDER)
def reminder_states(request: MunicipalRequest) -> HttpResponse:
    """What has changed since the page last asked: nothing (204), or the new states without names.

    Only who has changed is entered into the log: the page itself stands there, and asking is no reading.
    """
    now = timezone.now()
    known = rows_asked_for(request.GET.getlist("row")[: reminders.MOST_AT_ONCE])
    states = [state_of(prospect, now) for prospect in _prospects(request, [*known], now)]
    changed = [state for state in states if state.key != known[state.task.pk]]
    ask_again = address_to_ask_again(states)
    if not changed:
        nobody_seen(request)
        return HttpResponse(status=204 if ask_again else 200)
    seen(request, [state.task.citizen_id for state in changed], Use(What.REMINDER, Action.LIST), at=now)
    return render(request, "staff/_reminder_states.html", {"changed": changed, "ask_again": ask_again})


@require_safe
@municipal_staff(Permission.SEE_CITIZENS)
def call_list(request: MunicipalRequest) -> HttpResponse:
    """A page to print: whom to ring, why, and room for what came of it."""
    now = timezone.now()
    chosen = _prospects(request, ids_in(request.GET, "task"), now)
    # Whom other teams follow they ring themselves.
    prospects = [one for one in chosen if not _is_of_others(one)]
    seen(request, [one.task.citizen_id for one in prospects], Use(What.UNANSWERED, Action.PRINT), at=now)
    write = RowWriter(now)
    rows = [(write.unanswered_row(prospect), state_of(prospect, now)) for prospect in prospects]
    return render_page(request, "staff/call_list.html", {"rows": rows}, now=now)


def _prospects(request: MunicipalRequest, ids: Sequence[UUID], now: datetime) -> list[Prospect]:
    """Of those of the ids that are the municipality's, the longest overdue first; whom other teams follow cannot be."""
    found = selectors.followed_tasks(request.municipality).filter(pk__in=ids[: reminders.MOST_AT_ONCE])
    tasks = list(as_listed(found).order_by("due_at", "pk"))
    with_activities(tasks)
    people = [task.citizen_id for task in tasks]
    others = selectors.followed_by_others(people, request.municipality, request.teams)
    return [
        replace(one, obstacle=of_another_team()) if one.task.citizen_id in others else one
        for one in reminders.prospects(tasks, now)
    ]


def _is_of_others(prospect: Prospect) -> bool:
    return prospect.obstacle is not None and prospect.obstacle.kind == Kind.OTHER_TEAM


def _parted(prospects: Sequence[Prospect]) -> dict[str, list[Prospect]]:
    """Who gets it, who got none the last time, and who cannot be reminded now."""
    return {
        "getting": [one for one in prospects if one.obstacle is None],
        "outside": [one for one in prospects if one.obstacle and one.obstacle.kind == Kind.OUTSIDE_NEMSMS],
        "cannot": [one for one in prospects if one.obstacle and one.obstacle.kind != Kind.OUTSIDE_NEMSMS],
    }


def _leaves(now: datetime) -> str:
    """When it leaves, in words; empty for at once."""
    leaves_at = allowed_from(now)
    return soon(leaves_at, now) if leaves_at > now else ""
