"""Taking citizens into a course: who they are, which team follows them, and that they said yes."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from citizens import cpr, cpr_sealing
from citizens.models import Citizen
from followup.noting import move_to_team
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import CareTeam
from municipalities.scope import Scope, within
from outbox import services as outbox
from outbox.models import EventName
from plans import consent_texts
from plans.ending import finish_episode, revoke_care_plan
from plans.models import CarePlan, CourseConsent, EpisodeOfCare
from plans.schedule import DANISH_TIME


class LivesElsewhere(Problem):
    """Another municipality has the citizen: it is theirs to enrol."""

    code = "lives_elsewhere"


class KnownAlready(Problem):
    """The municipality has the citizen already; what is wanted is a course."""

    code = "known_already"


class CourseThere(Problem):
    """The citizen has a course with the team already."""

    code = "course_there"


class ConsentNotPossible(Problem):
    """The day of the consent lies in the future, or the course is over."""

    code = "consent_not_possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Yes:
    """How and on which day the citizen consented."""

    given: CourseConsent.Given
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a citizen is, as staff have it from them or from the CPR register."""

    cpr_number: str
    given_name: str
    family_name: str
    is_name_protected: bool


@transaction.atomic
def enrol(
    *, person: Person, care_team: CareTeam, consent: Yes, by: StaffMember, at: datetime
) -> EpisodeOfCare:
    """Put in a citizen of the team's municipality and begin their course.

    Birth date and sex are those of the CPR number. Raises LivesElsewhere, KnownAlready (also at a second click), or as
    `begin_course`.
    """
    number = cpr.normalise(person.cpr_number)
    whose = _municipality_of(number)
    if whose == care_team.municipality_id:
        raise KnownAlready(_("Borgeren findes allerede i kommunen. Opret forløbet på borgerens side."))
    if whose is not None:
        raise LivesElsewhere(
            _(
                "Borgeren hører til en anden kommune, så forløbet skal oprettes der. "
                "Er borgeren lige flyttet hertil, så kontakt systemadministrationen."
            )
        )
    born = cpr.birth_date(number)
    if born is None:
        raise cpr.InvalidCpr(_("Et CPR-nummer har ti cifre, for eksempel 010203-1234."))
    try:
        with transaction.atomic():
            citizen: Citizen = Citizen.objects.enrol(
                cpr_number=number,
                municipality=care_team.municipality,
                given_name=person.given_name,
                family_name=person.family_name,
                birth_date=born,
                sex=Citizen.Sex.MALE if cpr.is_male(number) else Citizen.Sex.FEMALE,
                is_name_protected=person.is_name_protected,
            )
    except IntegrityError:
        # A colleague, or another click, was faster by a moment.
        raise KnownAlready(
            _("Borgeren findes allerede i kommunen. Opret forløbet på borgerens side.")
        ) from None
    return begin_course(citizen=citizen, care_team=care_team, consent=consent, by=by, at=at)


def _municipality_of(number: str) -> int | None:
    """Whose citizen has the number, also where their rows are not ours to see."""
    with within(Scope.login(cpr_hashes=cpr_sealing.lookup_values(number))):
        found: int | None = Citizen.objects.by_cpr(number).values_list("municipality_id", flat=True).first()
        return found


@transaction.atomic
def begin_course(
    *, citizen: Citizen, care_team: CareTeam, consent: Yes, by: StaffMember, at: datetime
) -> EpisodeOfCare:
    """Begin a course with a team, with the consent to it. Raises CourseThere or ConsentNotPossible."""
    Citizen.objects.select_for_update(no_key=True).get(pk=citizen.pk)
    episode, is_new = EpisodeOfCare.objects.get_or_create(
        citizen=citizen,
        care_team=care_team,
        status=EpisodeOfCare.Status.ACTIVE,
        defaults={"municipality_id": care_team.municipality_id, "started_on": _day(at)},
    )
    if not is_new:
        raise CourseThere(_("Borgeren har allerede et forløb i teamet."))
    record_consent(episode=episode, consent=consent, by=by, at=at)
    return episode


@transaction.atomic
def record_consent(*, episode: EpisodeOfCare, consent: Yes, by: StaffMember, at: datetime) -> CourseConsent:
    """Write down that the citizen said yes; a second click gives what the first wrote. Raises ConsentNotPossible."""
    episode = EpisodeOfCare.objects.select_for_update(no_key=True).get(pk=episode.pk)
    standing = CourseConsent.objects.filter(episode=episode, withdrawn_at=None).first()
    if standing is not None:
        return standing
    if episode.status != EpisodeOfCare.Status.ACTIVE:
        raise ConsentNotPossible(_("Forløbet er afsluttet, så der er ikke noget at give samtykke til."))
    if consent.on > _day(at):
        raise ConsentNotPossible(_("Datoen ligger i fremtiden. Skriv den dag, borgeren gav samtykke."))
    return CourseConsent.objects.create(
        episode=episode,
        municipality_id=episode.municipality_id,
        citizen_id=episode.citizen_id,
        text_version=consent_texts.CURRENT,
        given=consent.given,
        given_on=consent.on,
        recorded_at=at,
        recorded_by=by,
    )


@transaction.atomic
def withdraw_consent(*, episode: EpisodeOfCare, by: StaffMember, at: datetime) -> EpisodeOfCare:
    """The citizen takes the consent back: the course's plans stop and the course ends; a second click does no more."""
    standing = CourseConsent.objects.filter(episode=episode, withdrawn_at=None)
    if not standing.update(withdrawn_at=at, withdrawn_by=by):
        return episode
    going_on = CarePlan.objects.filter(episode=episode, status__in=CarePlan.GOING_ON).order_by("pk")
    for care_plan in going_on:
        reason = _("Borgeren har trukket sit samtykke til forløbet tilbage.")
        revoke_care_plan(care_plan=care_plan, at=at, by=by, reason=reason)
    finished = finish_episode(episode=episode, at=at)
    # The last of the news: what ends the course is told while the consent to it still stands there.
    outbox.record(EventName.CONSENT_WITHDRAWN, subject=finished, key=finished.citizen_id, at=at)
    return finished


@transaction.atomic
def change_team(*, episode: EpisodeOfCare, care_team: CareTeam, at: datetime) -> EpisodeOfCare:
    """Let another team of the municipality follow the course, and what nobody has looked at yet. Raises CourseThere."""
    Citizen.objects.select_for_update(no_key=True).get(pk=episode.citizen_id)
    episode = EpisodeOfCare.objects.select_for_update(no_key=True).get(pk=episode.pk)
    if episode.care_team_id == care_team.pk:
        return episode
    others = EpisodeOfCare.objects.filter(
        citizen=episode.citizen_id, care_team=care_team, status=EpisodeOfCare.Status.ACTIVE
    )
    if episode.status != EpisodeOfCare.Status.ACTIVE or others.exists():
        raise CourseThere(_("Borgeren har allerede et forløb i teamet, eller forløbet er afsluttet."))
    episode.care_team = care_team
    episode.save(update_fields=["care_team"])
    move_to_team(episode_id=episode.pk, care_team_id=care_team.pk)
    outbox.record(EventName.EPISODE_MOVED, subject=episode, key=episode.citizen_id, at=at)
    return episode


def _day(at: datetime) -> date:
    return at.astimezone(DANISH_TIME).date()
