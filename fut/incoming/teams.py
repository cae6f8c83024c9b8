"""Looking at the municipalities' care teams on FUT, each municipality in turn.

Only where FUT knows courses of the municipality. A team there that is none of ours is left alone; who is a member of it
is FUT's to say at the login, and nothing of ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from fut import channel
from fut.errors import FutAuthenticationFailed, FutRefused, FutUnavailable
from fut.incoming import runs
from fut.incoming.gateway import HttpIncomingGateway, IncomingGateway, TeamsThere
from fut.incoming.models import FutFinding, FutLook, FutRun, FutTeam, FutTeamLook
from fut.incoming.noting import Notes
from fut.incoming.polling import LEASE, Polled
from fut.incoming.reading import Verdict
from fut.incoming.team_changes import OurTeam, TeamChange, TeamThere, free_of, same_by_name, team_change
from municipalities.models import CareTeam
from municipalities.scope import Scope, within
from plans.models import EpisodeOfCare

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
"""Teams change seldom, and there are few of them: all of a municipality's are read each time."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A municipality that is ours to look at until the lease ends."""

    municipality_id: int
    code: str


def poll_teams(*, at: datetime, every: timedelta = EVERY, gateway: IncomingGateway | None = None) -> Polled:
    """Look at the teams of those municipalities whose last look is `every` ago. Safe beside another run."""
    there = gateway or HttpIncomingGateway(channel.client())
    looked = refused = found = resources = 0
    stopped = ""
    _note_municipalities()
    while not stopped and (claim := _claim(before=at - every)) is not None:
        started = timezone.now()
        try:
            seen = _look(claim, there, at=started)
            looked, found, resources = looked + 1, found + seen.found, resources + seen.resources
        except (FutUnavailable, FutAuthenticationFailed) as error:
            _done(claim)
            stopped = str(error)
            log.warning("fut.team_poll_stopped", reason=stopped, looked=looked)
        except FutRefused as error:
            _done(claim, looked_at=started, problem=str(error))
            log.warning("fut.team_poll_refused", municipality=claim.code, reason=str(error))
            refused += 1
        except BaseException:
            _done(claim)
            raise
    runs.note(
        FutRun.What.TEAMS,
        at=timezone.now(),
        looked=looked,
        refused=refused,
        resources=resources,
        stopped=stopped,
    )
    return Polled(looked, refused, found, stopped=stopped, resources=resources)


def _note_municipalities() -> None:
    with within(Scope.system()):
        known = FutLook.objects.filter(episode__status=EpisodeOfCare.Status.ACTIVE)
        new = known.exclude(municipality__in=FutTeamLook.objects.values("municipality"))
        rows = [
            FutTeamLook(municipality_id=pk) for pk in new.values_list("municipality", flat=True).distinct()
        ]
        FutTeamLook.objects.bulk_create(rows, ignore_conflicts=True)


def _claim(*, before: datetime) -> Claim | None:
    now = timezone.now()
    going_on = FutLook.objects.filter(
        municipality=OuterRef("municipality"), episode__status=EpisodeOfCare.Status.ACTIVE
    )
    with within(Scope.system()):
        look = (
            FutTeamLook.objects.filter(
                Exists(going_on),
                Q(looked_at=None) | Q(looked_at__lt=before),
                Q(leased_until=None) | Q(leased_until__lt=now),
            )
            .select_related("municipality")
            .order_by(F("looked_at").asc(nulls_first=True), "municipality_id")
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .first()
        )
        if look is None:
            return None
        look.leased_until = now + LEASE
        look.save(update_fields=["leased_until"])
        return Claim(look.municipality_id, look.municipality.code)


def _done(claim: Claim, **changed: object) -> None:
    with within(Scope.municipality(claim.municipality_id)):
        FutTeamLook.objects.filter(pk=claim.municipality_id).update(leased_until=None, **changed)


@dataclass(frozen=True, slots=True)
class _Seen:
    found: int
    resources: int


def _look(claim: Claim, there: IncomingGateway, *, at: datetime) -> _Seen:
    scope = Scope.municipality(claim.municipality_id)
    with within(scope):
        known = dict(
            FutTeam.objects.filter(municipality=claim.municipality_id).values_list("care_team_id", "url")
        )
    theirs = there.teams(municipality_code=claim.code, known=frozenset(known.values()))
    with within(scope):
        found = _take_in(claim, known, theirs, at=at)
    _done(claim, looked_at=at, problem="")
    return _Seen(found, len(theirs.teams))


def _take_in(claim: Claim, known: Mapping[int, str], theirs: TeamsThere, *, at: datetime) -> int:
    """How many findings are new; call inside the municipality's scope."""
    going_on = EpisodeOfCare.objects.filter(care_team=OuterRef("pk"), status=EpisodeOfCare.Status.ACTIVE)
    teams = {
        team.pk: team
        for team in CareTeam.objects.filter(municipality=claim.municipality_id).annotate(
            has_courses=Exists(going_on)
        )
    }
    found = _paired(teams, known, theirs)
    notes = Notes(
        FutFinding.objects.filter(municipality=claim.municipality_id, kind=FutFinding.Kind.TEAM), at=at
    )
    for pk, (url, there) in found.items():
        team = teams[pk]
        ours = OurTeam(
            name=team.name,
            is_active=team.is_active,
            has_courses=team.has_courses,
            others=frozenset(one.name for one in teams.values() if one.pk != pk),
        )
        version = there.version if there else ""
        notes.saw(url, version)
        change = team_change(there, ours=ours, organization=theirs.organization)
        if change.verdict is Verdict.SAME or notes.is_kept(url, version):
            notes.agrees(url, version)
            continue
        if change.verdict is Verdict.TAKE_OVER:
            _take_over(team, there, change)
        notes.add(_finding(claim, team, url, there, change, at=at))
    _keep_addresses(claim, found, at=at)
    return notes.write()


def _paired(
    teams: Mapping[int, CareTeam], known: Mapping[int, str], theirs: TeamsThere
) -> dict[int, tuple[str, TeamThere | None]]:
    """Each team of ours that FUT has or had, with its address and what stands there."""
    by_url = {one.url: one for one in theirs.teams}
    found = {pk: (url, by_url.get(url)) for pk, url in known.items()}
    unknown = {pk: team.name for pk, team in teams.items() if pk not in known}
    new = same_by_name(unknown, free_of(theirs.teams, frozenset(known.values())))
    return found | {pk: (one.url, one) for pk, one in new.items()}


def _take_over(team: CareTeam, there: TeamThere | None, change: TeamChange) -> None:
    """What the platform's people have decided of their team."""
    team.is_active = change.theirs == "active"
    if there is not None and team.is_active and there.name:
        team.name = there.name
    team.save(update_fields=["is_active", "name"])


def _finding(
    claim: Claim, team: CareTeam, url: str, there: TeamThere | None, change: TeamChange, *, at: datetime
) -> FutFinding:
    taken = change.verdict is Verdict.TAKE_OVER
    return FutFinding(
        municipality_id=claim.municipality_id,
        kind=FutFinding.Kind.TEAM,
        care_team=team,
        url=url,
        version_id=there.version if there else "",
        ours="active",
        theirs=change.theirs[:20],
        about=there.name if there else "",
        found_at=at,
        settlement=FutFinding.Settlement.TAKEN_OVER if taken else "",
        settled_at=at if taken else None,
    )


def _keep_addresses(claim: Claim, found: Mapping[int, tuple[str, TeamThere | None]], *, at: datetime) -> None:
    rows = [
        FutTeam(
            care_team_id=pk,
            municipality_id=claim.municipality_id,
            url=url,
            version_id=there.version if there else "",
            read_at=at,
        )
        for pk, (url, there) in sorted(found.items())
    ]
    FutTeam.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["care_team"],
        update_fields=["version_id", "read_at"],
    )
    for row in rows:
        # The roles of a login name the team by what FUT calls it.
        unnamed = CareTeam.objects.filter(pk=row.care_team_id, login_id="")
        unnamed.update(login_id=row.url.rpartition("/")[2][:100])
