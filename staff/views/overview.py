"""The first page: whom to call. Answers that wait for a look, and citizens who have not answered."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from followup.saved_views import views_of
from identity.access_log import Action, Use, What
from identity.roles import Permission
from plans import selectors
from questionnaires.use_counts import used_in
from staff.access import MunicipalRequest, municipal_staff
from staff.forms import CitizenSearchForm
from staff.numbers import counted, waiting_and_tabs
from staff.overview_choice import Choice, Tab
from staff.overview_lists import answer_page, citizen_page
from staff.pages import render_page
from staff.seen import seen


@require_safe
@municipal_staff(Permission.SEE_CITIZENS, keeps_plans=True)
def overview(request: MunicipalRequest) -> HttpResponse:
    """One list of the five, with the numbers of the others, the filters and the search."""
    now = timezone.now()
    choice = choice_of(request)
    numbers = waiting_and_tabs(request, choice.whose(request), now)
    context = tabs_of(request, choice, numbers)
    if "fane" not in request.GET:
        # Who has just come begins where somebody waits.
        choice = choice.on(_first_that_waits(context["tabs"], choice.tab))
        context["choice"] = choice
    whose = choice.whose(request)
    if choice.tab.is_of_answers:
        answers = answer_page(choice, whose, now)
        shown = [row.citizen_id for row in answers.rows]
        context |= {"page": answers, "answers": answers.rows}
    else:
        late = citizen_page(choice, whose, now)
        shown = [row.citizen_id for row in late.rows]
        context |= {"page": late, "late": late.rows}
    context |= {
        "form": CitizenSearchForm(),
        "teams": _teams(request),
        "questionnaires": tuple(used_in(request.municipality)),
        "saved_views": views_of(request.actor.staff_id),
        "has_unknown_team": request.teams.ids == (),
    }
    seen(request, shown, Use(What.OVERVIEW, Action.LIST), at=now)
    return render_page(request, "staff/overview.html", context, now=now, numbers=numbers)


def _teams(request: MunicipalRequest) -> tuple[tuple[int, str], ...]:
    """(id, name) of the teams that one can choose among."""
    if not request.teams.is_all:
        return ()
    return tuple((team.pk, team.name) for team in selectors.care_teams_to_choose(request.municipality))


def _first_that_waits(tabs: list[tuple[Tab, str, str]], otherwise: Tab) -> Tab:
    """Of the tabs with somebody in them the most pressing: marked answers, then new ones, then who is late."""
    waiting = {tab for tab, number, _ in tabs if number not in {"", "0"}}
    return next((tab for tab in (Tab.MARKED, Tab.NEW, Tab.OVERDUE) if tab in waiting), otherwise)


def choice_of(request: MunicipalRequest, given: Any = None) -> Choice:
    """What is chosen in the address; who may see no answers begins with those who have not answered."""
    may_see = request.actor.may(Permission.SEE_ANSWERS)
    first = Tab.NEW if may_see else Tab.OVERDUE
    choice = Choice.read(request.GET if given is None else given, first=first)
    return choice if may_see or not choice.tab.is_of_answers else choice.on(Tab.OVERDUE)


def chosen_before(request: MunicipalRequest) -> Choice:
    """What was chosen on the overview that an act comes from."""
    address = request.POST.get("next") or request.htmx.current_url or ""
    return choice_of(request, {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()})


def tabs_of(request: MunicipalRequest, choice: Choice, numbers: Mapping[str, int]) -> dict[str, Any]:
    """The tabs that the employee may see, each with its number of `staff.numbers.waiting_and_tabs`."""
    may_see = request.actor.may(Permission.SEE_ANSWERS)
    tabs = tuple(tab for tab in Tab if may_see or not tab.is_of_answers)
    return {
        "choice": choice,
        "tabs": [
            (tab, counted(numbers[tab]) if tab in numbers else "", choice.on(tab).query) for tab in tabs
        ],
    }
