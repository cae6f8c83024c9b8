"""What of the unanswered questionnaires is listed, and in which order: read from the address, and kept in its links."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from followup.teams import Teams
from municipalities.models import CareTeam, Municipality
from notifications.unanswered import Wanted, plans_going_on
from plans.selectors import care_teams_to_choose

PLACE = "fra"
"""Where in the list (staff/keyset.py)."""


class UnansweredFilter(forms.Form):
    """Every choice has a first that asks for all; what nobody offers is as if it were not there."""

    team = forms.ChoiceField(label=_("Team"), required=False)
    plan = forms.ChoiceField(label=_("Plan"), required=False)
    frist = forms.ChoiceField(
        label=_("Frist"),
        required=False,
        choices=[("", _("Alle ubesvarede")), ("over", _("Kun over fristen"))],
    )
    paamindet = forms.ChoiceField(
        label=_("Påmindelse"),
        required=False,
        choices=[("", _("Med og uden")), ("nej", _("Ikke påmindet")), ("ja", _("Påmindet"))],
    )
    sms = forms.ChoiceField(
        label=_("Sms"),
        required=False,
        choices=[("", _("Alle borgere")), ("nej", _("Kan ikke få en sms"))],
    )
    orden = forms.ChoiceField(
        label=_("Rækkefølge"),
        required=False,
        choices=[("", _("Længst over fristen først")), ("nyeste", _("Nyeste frist først"))],
    )

    def __init__(self, data: QueryDict, *, municipality: Municipality, teams: Teams) -> None:
        super().__init__(data)
        self.own = teams
        self.teams = {
            str(team.pk): team for team in care_teams_to_choose(municipality) if teams.holds(team.pk)
        }
        self.plans = {str(line): (line, title) for line, title in plans_going_on(municipality)}
        self._offer("team", _("Alle teams"), [(pk, team.name) for pk, team in self.teams.items()])
        self._offer("plan", _("Alle planer"), [(pk, title) for pk, (_line, title) in self.plans.items()])
        self.is_valid()

    def _offer(self, name: str, everything: Any, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.choices = [("", everything), *choices]  # type: ignore[attr-defined]

    @property
    def offered(self) -> tuple[tuple[str, str], ...]:
        """The teams and plans to choose among, as (id, name)."""
        teams = tuple((pk, team.name) for pk, team in self.teams.items())
        return (*teams, *((pk, title) for pk, (_line, title) in self.plans.items()))

    @property
    def is_as_offered(self) -> bool:
        """Whether nothing is chosen: then it looks the same to everybody who is offered the same."""
        return not self.query

    @property
    def query(self) -> str:
        """The choices as an address has them, without a place in the list."""
        chosen = QueryDict(mutable=True)
        for name in self.fields:
            if value := self.data.get(name):
                chosen[name] = value
        return chosen.urlencode()

    @property
    def asked(self) -> "Asked":
        """What the address asks for."""
        chosen = getattr(self, "cleaned_data", {})
        team: CareTeam | None = self.teams.get(chosen.get("team", ""))
        line, _title = self.plans.get(chosen.get("plan", ""), (None, ""))
        return Asked(
            wanted=Wanted(
                teams=self.own,
                care_team=team,
                plan_line=line if isinstance(line, UUID) else None,
                only_overdue=chosen.get("frist") == "over",
                is_reminded={"ja": True, "nej": False}.get(chosen.get("paamindet", "")),
                only_outside_nemsms=chosen.get("sms") == "nej",
            ),
            newest_first=chosen.get("orden") == "nyeste",
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """The tasks that are wanted, and their order."""

    wanted: Wanted
    newest_first: bool

    @property
    def order(self) -> tuple[str, str]:
        """What the list is sorted by."""
        return ("-due_at", "-pk") if self.newest_first else ("due_at", "pk")

    @property
    def is_everything(self) -> bool:
        return self.wanted == Wanted(teams=self.wanted.teams)


def way_back(text: str) -> str:
    """The list's own part of a query that a form has sent back, for an address: other names go no further."""
    sent = QueryDict(text[:500])
    kept = QueryDict(mutable=True)
    for name in (*UnansweredFilter.base_fields, PLACE):
        if sent.get(name):
            kept[name] = sent[name]
    return f"?{kept.urlencode()}" if kept else ""
