"""What a look found, written once a version; what a person has settled is left as they said."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from fut.incoming.models import FutFinding

Settlement = FutFinding.Settlement


class Notes:
    """The findings of one course, or of a municipality's teams, while it is looked at; read in one query."""

    def __init__(self, known: QuerySet[FutFinding], *, at: datetime) -> None:
        self._known = known
        self._rows = {(one.url, one.version_id): one for one in known}
        self._read: dict[str, str] = {}
        self._new: list[FutFinding] = []
        self._done: list[FutFinding] = []
        self._at = at

    def saw(self, url: str, version: str) -> None:
        """It stands there in this version now."""
        self._read[url] = version

    def is_kept(self, url: str, version: str) -> bool:
        """Whether a person has said of this version that ours holds."""
        row = self._rows.get((url, version))
        return row is not None and row.settlement == Settlement.OURS

    def add(self, finding: FutFinding) -> None:
        """Once a version. What a person had still to look at and is taken over now is settled by that."""
        row = self._rows.get((finding.url, finding.version_id))
        if row is None:
            self._new.append(finding)
        elif not row.settlement and finding.settlement == Settlement.TAKEN_OVER:
            self._done.append(row)

    def agrees(self, url: str, version: str) -> None:
        """Both sides say the same of it by now: there is nothing left to settle."""
        row = self._rows.get((url, version))
        if row is not None and not row.settlement:
            self._settle([row], Settlement.OUTDATED)

    def are_over(self, care_plans: Collection[UUID]) -> None:
        """These plans have ended here: whatever stood open of their questionnaires needs nobody any more."""
        self._settle(
            [
                row
                for row in self._rows.values()
                if row.kind == FutFinding.Kind.REQUEST
                and not row.settlement
                and row.care_plan_id in care_plans
            ],
            Settlement.OUTDATED,
        )

    def write(self) -> int:
        """Write what is new, and what is open of a former version as outdated; how many are new."""
        former = [
            row
            for row in self._rows.values()
            if not row.settlement and self._read.get(row.url, row.version_id) != row.version_id
        ]
        self._settle(former, Settlement.OUTDATED)
        self._settle(self._done, Settlement.TAKEN_OVER)
        FutFinding.objects.bulk_create(self._new)
        return len(self._new)

    def _settle(self, rows: Iterable[FutFinding], settlement: FutFinding.Settlement) -> None:
        if ids := [row.pk for row in rows]:
            self._known.filter(pk__in=ids, settlement="").update(settlement=settlement, settled_at=self._at)
