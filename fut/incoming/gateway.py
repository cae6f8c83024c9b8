"""The platform as the poll sees it: what changed in a course since a moment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from fut.client import FutClient
from fut.errors import FutRefused
from fut.facts import Reference
from fut.gateway import HttpFutGateway
from fut.incoming.reading import Seen, has_nemsms, parts, seen
from fut.incoming.team_changes import TeamThere, team_there
from fut.tokens import Context


@dataclass(frozen=True, slots=True)
class Changes:
    """The care plans and answers of a course that changed, the requests of its plans that go on there, and whether
    its citizen takes NemSMS there.
    """

    seen: Sequence[Seen]
    has_nemsms: bool


@dataclass(frozen=True, slots=True)
class TeamsThere:
    """The teams of a municipality's organisation, and those asked for by address that are elsewhere by now.

    `gone`: addresses that lead to nothing any more.
    """

    organization: str
    teams: Sequence[TeamThere]
    gone: frozenset[str] = frozenset()


class IncomingGateway(Protocol):
    """Both raise as `fut.gateway.FutGateway` does."""

    def changes(
        self, *, patient: Reference, episode: Reference, since: datetime | None, requests: bool
    ) -> Changes:
        """What changed in the course at `since` or later; all of it without. `requests`: look at those as well."""
        ...

    def teams(self, *, municipality_code: str, known: Collection[str]) -> TeamsThere:
        """The municipality's teams; those at the addresses `known` also where they are not among them any more."""
        ...

    def go_on(self, care_plan: str, *, version: str, patient: Reference, episode: Reference) -> None:
        """A care plan of ours, or a request of it, goes on there, if it still is in this version."""
        ...


class HttpIncomingGateway:
    """Over HTTP; each search names every dimension of its token (contract §3)."""

    def __init__(self, client: FutClient) -> None:
        self._client = client

    def changes(
        self, *, patient: Reference, episode: Reference, since: datetime | None, requests: bool
    ) -> Changes:
        client = self._client.within(Context(patient=patient.url, episode=episode.url))
        changed = {"_lastUpdated": f"ge{since.isoformat(timespec='seconds')}"} if since else {}
        of_course = {"patient": patient.url, "episodeOfCare": episode.url}
        plans = client.search_all("CarePlan", **of_course, **changed)
        answers = client.search_all(
            "QuestionnaireResponse", subject=patient.url, episodeOfCare=episode.url, **changed
        )
        found = [seen(one, self._address(one)) for one in plans + answers]
        if requests:
            # Their plan's version stays when they change, and they cannot be searched: they come with the plans.
            going_on = client.search_all(
                "CarePlan",
                also="ServiceRequest",
                **of_course,
                status="active",
                _include="CarePlan:activity-reference",
            )
            of_plan = parts(one for one in going_on if one["resourceType"] == "CarePlan")
            found += [
                seen(one, self._address(one), part_of=of_plan.get(one["id"]))
                for one in going_on
                if one["resourceType"] == "ServiceRequest"
            ]
        return Changes(found, has_nemsms(client.read(patient.url)))

    def teams(self, *, municipality_code: str, known: Collection[str]) -> TeamsThere:
        organization = HttpFutGateway(self._client).find_organization(municipality_code)
        client = self._client.within(Context(organization=organization.url))
        found = client.search_all("CareTeam", managingOrganization=organization.url)
        theirs = {there.url: there for there in (team_there(one, self._address(one)) for one in found)}
        gone = set()
        for url in known:
            if url not in theirs:
                try:
                    theirs[url] = team_there(client.read(url), url)
                except FutRefused as error:
                    if error.status not in {404, 410}:
                        raise
                    gone.add(url)
        return TeamsThere(organization.url, list(theirs.values()), frozenset(gone))

    def go_on(self, care_plan: str, *, version: str, patient: Reference, episode: Reference) -> None:
        client = self._client.within(Context(patient=patient.url, episode=episode.url))
        there = client.read(care_plan)
        if there.get("status") == "on-hold" and there["meta"]["versionId"] == version:
            client.update(care_plan, {**there, "status": "active"}, if_match=version)

    def _address(self, resource: dict[str, object]) -> str:
        kind = str(resource["resourceType"])
        return f"{self._client.bases.of_type(kind)}/{kind}/{resource['id']}"
