"""The platform as the poll sees it: what changed in a course since a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fut.client import FutClient
from fut.facts import Reference
from fut.incoming.reading import Seen, has_nemsms, seen
from fut.tokens import Context


@dataclass(frozen=True, slots=True)
class Changes:
    """The care plans and answers of a course that changed, and whether its citizen takes NemSMS there."""

    seen: Sequence[Seen]
    has_nemsms: bool


class IncomingGateway(Protocol):
    """Both raise as `fut.gateway.FutGateway` does."""

    def changes(self, *, patient: Reference, episode: Reference, since: datetime | None) -> Changes:
        """What changed in the course at `since` or later; all of it without."""
        ...

    def go_on(self, care_plan: str, *, version: str, patient: Reference, episode: Reference) -> None:
        """A care plan of ours goes on there, if it still is in this version."""
        ...


class HttpIncomingGateway:
    """Over HTTP; each search names every dimension of its token (contract §3)."""

    def __init__(self, client: FutClient) -> None:
        self._client = client

    def changes(self, *, patient: Reference, episode: Reference, since: datetime | None) -> Changes:
        client = self._client.within(Context(patient=patient.url, episode=episode.url))
        changed = {"_lastUpdated": f"ge{since.isoformat(timespec='seconds')}"} if since else {}
        plans = client.search_all("CarePlan", patient=patient.url, episodeOfCare=episode.url, **changed)
        answers = client.search_all(
            "QuestionnaireResponse", subject=patient.url, episodeOfCare=episode.url, **changed
        )
        found = [seen(one, self._address(one)) for one in plans + answers]
        return Changes(found, has_nemsms(client.read(patient.url)))

    def go_on(self, care_plan: str, *, version: str, patient: Reference, episode: Reference) -> None:
        client = self._client.within(Context(patient=patient.url, episode=episode.url))
        there = client.read(care_plan)
        if there.get("status") == "on-hold" and there["meta"]["versionId"] == version:
            client.update(care_plan, {**there, "status": "active"}, if_match=version)

    def _address(self, resource: dict[str, object]) -> str:
        kind = str(resource["resourceType"])
        return f"{self._client.bases.of_type(kind)}/{kind}/{resource['id']}"
