"""Looking at the courses on FUT in turn, the longest waiting first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from citizens.models import Citizen
from fut import channel
from fut.errors import FutAuthenticationFailed, FutChangedMeanwhile, FutRefused, FutUnavailable
from fut.facts import Reference
from fut.incoming import runs
from fut.incoming.gateway import Changes, HttpIncomingGateway, IncomingGateway
from fut.incoming.models import FutFinding, FutLook, FutRun
from fut.incoming.noting import Notes
from fut.incoming.ours import Mine, ours_of
from fut.incoming.reading import Seen, Verdict, verdict
from fut.models import FutReference
from municipalities.scope import Scope, within
from outbox.models import ChannelName, Delivery
from plans import services as plans
from plans.models import CarePlan, EpisodeOfCare

log = structlog.get_logger(__name__)

AT_MOST = 200
"""Courses a run."""

LEASE = timedelta(minutes=10)
OVERLAP = timedelta(minutes=10)
"""How far the platform's clock may be from ours; what is read twice is found once."""


@dataclass(frozen=True, slots=True)
class Polled:
    """How many looks there were, how many were refused, what was found; `stopped`: why the run ended early.

    `resources`: how many were read.
    """

    looked: int = 0
    refused: int = 0
    found: int = 0
    stopped: str = ""
    resources: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A course that is ours to look at until the lease ends."""

    episode_id: UUID
    municipality_id: int
    citizen_id: UUID
    read_until: datetime | None
    had_nemsms: bool | None


def poll(*, at: datetime, at_most: int = AT_MOST, gateway: IncomingGateway | None = None) -> Polled:
    """Look at those courses that have waited longest; none twice in a run. Safe beside another one.

    Where the platform does not answer the run ends, and the course keeps its turn.
    """
    polled = _run(at=at, at_most=at_most, there=gateway or HttpIncomingGateway(channel.client()))
    runs.note(
        FutRun.What.COURSES,
        at=timezone.now(),
        looked=polled.looked,
        refused=polled.refused,
        resources=polled.resources,
        stopped=polled.stopped,
    )
    return polled


def _run(*, at: datetime, at_most: int, there: IncomingGateway) -> Polled:
    note_courses()
    looked = refused = found = resources = 0
    while looked + refused < at_most and (claim := _claim(before=at)) is not None:
        started = timezone.now()
        try:
            seen = _look(claim, there, at=started)
            looked, found, resources = looked + 1, found + seen.found, resources + seen.resources
        except (FutUnavailable, FutAuthenticationFailed) as error:
            _give_back(claim)
            log.warning("fut.poll_stopped", reason=str(error), looked=looked)
            return Polled(looked, refused, found, stopped=str(error), resources=resources)
        except FutRefused as error:
            # One course that is closed to us must not keep us from the others.
            _done(claim, looked_at=started, problem=str(error))
            log.warning("fut.poll_refused", episode=str(claim.episode_id), reason=str(error))
            refused += 1
        except BaseException:
            _give_back(claim)
            raise
    return Polled(looked, refused, found, resources=resources)


def note_courses() -> None:
    """A row for each course that goes on and that FUT has come to know."""
    with within(Scope.system()):
        known = FutReference.objects.filter(resource_type="EpisodeOfCare").values("local_id")
        new = EpisodeOfCare.objects.filter(status=EpisodeOfCare.Status.ACTIVE, pk__in=known).exclude(
            pk__in=FutLook.objects.values("episode_id")
        )
        rows = [
            FutLook(episode_id=pk, municipality_id=whose)
            for pk, whose in new.values_list("pk", "municipality_id")
        ]
        FutLook.objects.bulk_create(rows, ignore_conflicts=True)


def _claim(*, before: datetime) -> Claim | None:
    now = timezone.now()
    with within(Scope.system()):
        free = FutLook.objects.filter(
            Q(looked_at=None) | Q(looked_at__lt=before),
            Q(leased_until=None) | Q(leased_until__lt=now),
            episode__status=EpisodeOfCare.Status.ACTIVE,
        )
        look = (
            free.select_related("episode")
            .order_by(F("looked_at").asc(nulls_first=True), "episode_id")
            .select_for_update(skip_locked=True, of=("self",), no_key=True)
            .first()
        )
        if look is None:
            return None
        look.leased_until = now + LEASE
        look.save(update_fields=["leased_until"])
        return Claim(
            look.episode_id, look.municipality_id, look.episode.citizen_id, look.read_until, look.had_nemsms
        )


def _give_back(claim: Claim) -> None:
    with within(Scope.municipality(claim.municipality_id)):
        FutLook.objects.filter(pk=claim.episode_id).update(leased_until=None)


def _done(claim: Claim, **changed: object) -> None:
    with within(Scope.municipality(claim.municipality_id)):
        FutLook.objects.filter(pk=claim.episode_id).update(leased_until=None, **changed)


@dataclass(frozen=True, slots=True)
class _Seen:
    found: int = 0
    resources: int = 0


def _look(claim: Claim, there: IncomingGateway, *, at: datetime) -> _Seen:
    scope = Scope.municipality(claim.municipality_id)
    with within(scope):
        patient = _address("Patient", claim.citizen_id)
        episode = _address("EpisodeOfCare", claim.episode_id)
        goes_on = CarePlan.objects.filter(episode=claim.episode_id, status=CarePlan.Status.ACTIVE).exists()
    if patient is None or episode is None:
        _done(claim, looked_at=at)
        return _Seen()
    _tell_what_was_kept(claim, there, patient, episode)
    since = claim.read_until - OVERLAP if claim.read_until else None
    changes = there.changes(patient=patient, episode=episode, since=since, requests=goes_on)
    with within(scope):
        found, all_settled = _take_in(claim, changes, at=at)
        _note_nemsms(claim, changes, at=at)
    # What could not be judged yet, because something of ours waits, is read again.
    read = {"read_until": at} if all_settled else {}
    _done(claim, looked_at=at, had_nemsms=changes.has_nemsms, problem="", **read)
    return _Seen(found, len(changes.seen) + 1)


def _address(resource_type: str, local_id: UUID) -> Reference | None:
    row = FutReference.objects.filter(resource_type=resource_type, local_id=local_id).first()
    return Reference(row.url) if row else None


def _tell_what_was_kept(claim: Claim, there: IncomingGateway, patient: Reference, episode: Reference) -> None:
    """“Behold vores”: a plan that rests there goes on again. What has ended there, the platform opens no more."""
    scope = Scope.municipality(claim.municipality_id)
    with within(scope):
        kept = list(
            FutFinding.objects.filter(
                episode=claim.episode_id,
                settlement=FutFinding.Settlement.OURS,
                theirs="on-hold",
                told_at=None,
                care_plan__status=CarePlan.Status.ACTIVE,
            )
        )
    for finding in kept:
        try:
            there.go_on(finding.url, version=finding.version_id, patient=patient, episode=episode)
        except FutChangedMeanwhile:
            log.info("fut.kept_was_changed_meanwhile", finding=str(finding.pk))
        with within(scope):
            FutFinding.objects.filter(pk=finding.pk).update(told_at=timezone.now())


def _take_in(claim: Claim, changes: Changes, *, at: datetime) -> tuple[int, bool]:
    """How many findings are new, and whether everything could be judged; call inside the course's scope."""
    ours = ours_of(claim.episode_id)
    waiting, undelivered = _undelivered({*ours.care_plans, *ours.answers})
    notes = Notes(FutFinding.objects.filter(episode=claim.episode_id), at=at)
    notes.are_over(ours.ended)
    is_complete = True
    for one in changes.seen:
        mine = ours.of(one)
        if mine is None:
            continue
        if mine.status != one.status and mine.news & waiting:
            # Requests are read each time, whatever changed.
            is_complete = is_complete and one.resource_type == "ServiceRequest"
            continue
        notes.saw(one.url, one.version)
        what = verdict(one, ours=mine.status, waits=bool(mine.news & undelivered))
        if what in {Verdict.SAME, Verdict.OURS_IS_NEWER}:
            notes.agrees(one.url, one.version)
        elif not notes.is_kept(one.url, one.version):
            if what is Verdict.TAKE_OVER:
                _take_over(one, mine, at=at)
            notes.add(_finding(claim, one, what, mine, at=at))
    return notes.write(), is_complete


def _take_over(one: Seen, mine: Mine, *, at: datetime) -> None:
    """What has ended there ends here."""
    if mine.care_plan is not None and mine.activity is not None:
        plans.end_activity_as_elsewhere(care_plan=mine.care_plan, activity=mine.activity, at=at)
    elif mine.care_plan is not None:
        plans.end_as_elsewhere(care_plan=mine.care_plan, status=CarePlan.Status(one.status), at=at)


def _undelivered(ids: set[UUID]) -> tuple[set[UUID], set[UUID]]:
    """Of what there are news that wait, and of what news that wait or were given up."""
    rows = (
        Delivery.objects.filter(channel=ChannelName.FUT, event__subject_id__in=ids)
        .exclude(state=Delivery.State.DELIVERED)
        .values_list("event__subject_id", "state")
    )
    undelivered = {subject for subject, _ in rows}
    return {subject for subject, state in rows if state == Delivery.State.WAITING}, undelivered


KINDS = {
    "CarePlan": (FutFinding.Kind.PLAN, FutFinding.Kind.PLAN_ELSEWHERE),
    "ServiceRequest": (FutFinding.Kind.REQUEST, FutFinding.Kind.REQUEST_ELSEWHERE),
    "QuestionnaireResponse": (FutFinding.Kind.ANSWER, FutFinding.Kind.ANSWER_ELSEWHERE),
}


def _finding(claim: Claim, one: Seen, what: Verdict, mine: Mine, *, at: datetime) -> FutFinding:
    ours, elsewhere = KINDS[one.resource_type]
    taken = what is Verdict.TAKE_OVER
    return FutFinding(
        municipality_id=claim.municipality_id,
        citizen_id=claim.citizen_id,
        episode_id=claim.episode_id,
        kind=elsewhere if what is Verdict.ELSEWHERE else ours,
        care_plan=mine.care_plan,
        activity=mine.activity,
        url=one.url,
        version_id=one.version,
        ours=mine.status or "",
        theirs=one.status,
        about=one.about[:500],
        happened_at=one.happened_at,
        found_at=at,
        settlement=FutFinding.Settlement.TAKEN_OVER if taken else "",
        settled_at=at if taken else None,
    )


def _note_nemsms(claim: Claim, changes: Changes, *, at: datetime) -> None:
    """What staff read of it (ADR 10), and nothing decides by it.

    A telecom that never held NemSMS is no answer: we may have made the patient there ourselves.
    """
    if changes.has_nemsms == claim.had_nemsms or (not changes.has_nemsms and claim.had_nemsms is None):
        return
    Citizen.objects.filter(pk=claim.citizen_id).update(
        is_nemsms_enrolled=changes.has_nemsms, nemsms_asked_at=at
    )


@transaction.atomic
def look_soon(episode_id: UUID) -> None:
    """The next run looks at this course first."""
    FutLook.objects.filter(pk=episode_id).update(looked_at=None)
