"""What an employee has chosen to see on the overview, as its address has it. No citizen stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from followup.selectors import Whose
from followup.teams import Teams
from staff.access import MunicipalRequest

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Tab(StrEnum):
    """The lists of the overview; the values stand in its address."""

    NEW = "nye"
    MARKED = "markerede"
    OVERDUE = "over-fristen"
    SILENT = "tavse"
    HANDLED = "haandterede"

    @property
    def label(self) -> "StrOrPromise":
        return _LABELS[self]

    @property
    def is_of_answers(self) -> bool:
        """Whether it lists answers, for those who may see them; the others list citizens."""
        return self not in {Tab.OVERDUE, Tab.SILENT}


_LABELS: dict[Tab, "StrOrPromise"] = {
    Tab.NEW: _("Nye svar"),
    Tab.MARKED: _("Markerede"),
    Tab.OVERDUE: _("Over fristen"),
    Tab.SILENT: _("Tavse"),
    Tab.HANDLED: _("Håndterede"),
}


class Sorting(StrEnum):
    NEWEST = "nyeste"
    OLDEST = "aeldste"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which list, of whom, and sorted how; `place` is where in the list (staff/keyset.py)."""

    tab: Tab
    team_id: int | None = None
    is_own: bool = False
    questionnaire_id: UUID | None = None
    sorting: Sorting = Sorting.NEWEST
    place: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any], *, first: Tab) -> "Choice":
        """What an address says; what does not read is as if it were not there."""
        return cls(
            tab=_member(Tab, given.get("fane"), first),
            team_id=_number(given.get("team")),
            is_own=given.get("liste") == "egne",
            questionnaire_id=_uuid(given.get("skema")),
            sorting=_member(Sorting, given.get("foerst"), Sorting.NEWEST),
            place=str(given.get("fra") or ""),
        )

    def to_query(self) -> dict[str, str]:
        """The fields of the address, without the place and what is as usual: also what a saved view keeps."""
        fields = {
            "fane": self.tab.value,
            "team": str(self.team_id or ""),
            "liste": "egne" if self.is_own else "",
            "skema": str(self.questionnaire_id or ""),
            "foerst": self.sorting.value if self.sorting is not Sorting.NEWEST else "",
        }
        return {name: value for name, value in fields.items() if value}

    @property
    def query(self) -> str:
        return urlencode(self.to_query())

    def on(self, tab: Tab) -> "Choice":
        """The same choice on another tab, at its beginning."""
        return replace(self, tab=tab, place="")

    def whose(self, request: MunicipalRequest) -> Whose:
        """Whose citizens it is of: a team that is not one's own is as if it were not chosen."""
        teams = request.teams
        if self.team_id is not None and teams.holds(self.team_id):
            teams = Teams(ids=(self.team_id,))
        return Whose(
            municipality=request.municipality,
            teams=teams,
            followed_by=request.actor.staff_id if self.is_own else None,
            questionnaire_id=self.questionnaire_id,
        )


def _member(kind: Any, value: object, otherwise: Any) -> Any:
    try:
        return kind(value)
    except ValueError:
        return otherwise


def _number(value: object) -> int | None:
    text = str(value or "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value or ""))
    except ValueError:
        return None
