"""Putting the demo into the database: municipalities, people, questionnaires, plans and a year of answers.

What happened in the past is written as rows with their own times and never goes through the outbox: nobody is
sent a message about last spring. Everything has an id that follows from who it is about, so that loading again
finds what is there and adds only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings

from citizens.models import Citizen
from followup.models import Attention
from followup.noting import attention_of, is_worse
from identity.models import StaffMember
from kommunalpro.demo.access import load_access
from kommunalpro.demo.answers import HIGH_IS_GOOD, Respondent, filled_in
from kommunalpro.demo.history import ANSWER_DAYS, WEEKS, DemoCourse, DemoPlan, courses
from kommunalpro.demo.people import (
    CLINICAL_ROLES,
    DemoCitizen,
    DemoStaff,
    demo_care_teams,
    demo_citizens,
    demo_staff,
)
from municipalities.models import CareTeam, Municipality
from municipalities.national import MUNICIPALITIES
from municipalities.scope import Scope, within
from plans.building import ActivityContent, PlanTexts, create_plan
from plans.models import CarePlan, EpisodeOfCare, Plan, Task
from plans.publishing import publish_plan
from plans.schedule import CALLED_OFF_AFTER, DANISH_TIME, Every, Length, Occurrence, Once, Times, Unit, Window
from plans.services import tasks_of
from questionnaires import engine, use_counts
from questionnaires.decision_support import switch_on
from questionnaires.definitions import definition_of
from questionnaires.facts import Facts, change_facts
from questionnaires.importing import import_questionnaire
from questionnaires.models import Area, QuestionnaireVersion, Response, Score
from questionnaires.publishing import publish_questionnaire
from questionnaires.reviewing import approve, send_to_review
from questionnaires.services import score_rows

QUESTIONNAIRES = Path(__file__).with_name("questionnaires")
_NAMESPACE = uuid5(NAMESPACE_URL, "kommunalpro:demo")
_BATCH = 1000
# How long the demo's answers wait until somebody has handled them.
_LOOKED_AT_AFTER = timedelta(days=8)
_CORRECTION_DAYS = 3

# (title, description) of the plans as staff see them.
_PLANS: dict[DemoPlan, tuple[str, str]] = {
    DemoPlan.WELL_BEING: (
        "Trivsel hver uge",
        "Fem spørgsmål om trivsel, hver uge i et år. Til at følge, hvordan borgeren har det undervejs i forløbet.",
    ),
    DemoPlan.DAILY_LIFE: (
        "Hverdagsliv ved opstart",
        "Tolv spørgsmål om hverdagen, én gang. Bruges som forberedelse til den første samtale.",
    ),
    DemoPlan.PAIN: (
        "Smerte og funktion i 12 uger",
        "Om smerter, og hvad borgeren kan klare, hver uge i et træningsforløb på tolv uger.",
    ),
}

_SOURCE, _LICENCE = "Skrevet til Kommunal PRO som eksempel. Ikke et valideret instrument.", "Må bruges frit."
_FACTS = {
    DemoPlan.WELL_BEING: Facts(Area.WELL_BEING.value, _LICENCE, _SOURCE, permission_needed=False),
    DemoPlan.DAILY_LIFE: Facts(Area.REHABILITATION.value, _LICENCE, _SOURCE, permission_needed=False),
    DemoPlan.PAIN: Facts(Area.PAIN.value, _LICENCE, _SOURCE, permission_needed=False),
}
# What the colours of each are for, as whoever switched them on wrote it.
_PURPOSES = {
    DemoPlan.WELL_BEING: (
        "Hjælper personalet med at få øje på borgere, hvis trivsel er lav, så de kan blive ringet op. En sundhedsfaglig"
        " medarbejder vurderer altid selv svarene."
    ),
    DemoPlan.DAILY_LIFE: (
        "Hjælper personalet med at forberede den første samtale: fald og ensomhed skal tages op. Farverne bruges ikke"
        " til at afslå eller prioritere hjælp."
    ),
    DemoPlan.PAIN: (
        "Hjælper personalet med at få øje på stærke smerter i et træningsforløb, så øvelserne kan tilpasses. En"
        " sundhedsfaglig medarbejder vurderer altid selv svarene."
    ),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows a load added; all zero where the demo was there already."""

    municipalities: int
    citizens: int
    plans: int
    tasks: int
    responses: int


def demo_id(*parts: str) -> UUID:
    """The id of something in the demo, from what it is about."""
    return uuid5(_NAMESPACE, ":".join(parts))


def load_demo(*, now: datetime) -> Loaded:
    """Load what is missing of the demo, with a history that ends at `now` (aware), in one transaction.

    A citizen who is there already keeps the history they have, whatever has happened in it since.
    """
    with within(Scope.system()):
        return _load(now)


def _load(now: datetime) -> Loaded:
    municipalities = _load_municipalities()
    _load_care_teams()
    assigners = _load_staff(now)
    new_citizens = _load_citizens(now)
    plans, new_plans = _load_plans(assigners, now)
    history = _load_history(new_citizens, plans, assigners, now)
    ids = {each.key: _citizen_id(each) for each in new_citizens}
    use_counts.count(at=now)
    load_access(new_citizens, ids, history.responses, assigners, now=now)
    return Loaded(
        municipalities=municipalities,
        citizens=len(new_citizens),
        plans=new_plans,
        tasks=len(history.tasks),
        responses=len(history.responses),
    )


def _load_municipalities() -> int:
    known = set(Municipality.objects.values_list("code", flat=True))
    missing = [
        Municipality(code=each.code, name=each.name, region=each.region, cvr=each.cvr, wave=each.wave)
        for each in MUNICIPALITIES
        if each.code not in known
    ]
    return len(Municipality.objects.bulk_create(missing))


def _load_care_teams() -> None:
    municipalities = {each.code: each for each in Municipality.objects.all()}
    CareTeam.objects.bulk_create(
        [
            CareTeam(
                municipality=municipalities[each.municipality_code],
                name=each.name,
                condition_code=each.condition_code,
                condition_name=each.condition_name,
                login_id=str(each.id),
            )
            for each in demo_care_teams()
        ],
        ignore_conflicts=True,
    )


def _load_staff(now: datetime) -> Mapping[str | None, StaffMember]:
    """Those who published and assigned in the past, by municipality code; None is the system administration.

    They are who their login says they are: the same issuer and subject, so that the first login finds them.
    Everybody else appears at their own first login, as in real life.
    """
    municipalities = {each.code: each for each in Municipality.objects.all()}
    members: dict[str | None, StaffMember] = {}
    for staff in _assigners():
        members[staff.municipality_code] = _member(
            staff, municipalities.get(staff.municipality_code or ""), now
        )
    return members


def _member(staff: DemoStaff, municipality: Municipality | None, now: datetime) -> StaffMember:
    member, _ = StaffMember.objects.get_or_create(
        issuer=settings.OIDC["staff"]["issuer"],
        subject=staff.key,
        defaults={
            "name": staff.name,
            "municipality": municipality,
            "first_seen_at": now - timedelta(days=400),
            "last_login_at": now - timedelta(days=1),
        },
    )
    return member


def _assigners() -> Iterable[DemoStaff]:
    """The national administrator, and the main nurse of each municipality."""
    seen: set[str | None] = set()
    for staff in demo_staff():
        is_assigner = staff.municipality_code is None or staff.roles == CLINICAL_ROLES
        if is_assigner and staff.municipality_code not in seen:
            seen.add(staff.municipality_code)
            yield staff


def _load_citizens(now: datetime) -> tuple[DemoCitizen, ...]:
    """Enrol those who are missing, and say who they were."""
    ids = {each.key: demo_id("citizen", each.key) for each in demo_citizens()}
    known = set(Citizen.objects.filter(pk__in=ids.values()).values_list("pk", flat=True))
    missing = tuple(each for each in demo_citizens() if ids[each.key] not in known)
    municipalities = {each.code: each for each in Municipality.objects.all()}
    for each in missing:
        Citizen.objects.enrol(
            cpr_number=each.cpr,
            id=ids[each.key],
            municipality=municipalities[each.municipality_code],
            given_name=each.given_name,
            family_name=each.family_name,
            birth_date=each.birth_date,
            sex=each.sex,
            is_name_protected=each.name_protected,
            is_nemsms_enrolled=each.nemsms_enrolled,
            nemsms_asked_at=now - timedelta(days=1),
        )
    return missing


def _load_plans(
    assigners: Mapping[str | None, StaffMember], now: datetime
) -> tuple[dict[DemoPlan, Plan], int]:
    """The three plans with their activities and versions at hand, and how many of them are new."""
    published_at = now - timedelta(days=380)
    plans: dict[DemoPlan, Plan] = {}
    new = 0
    for demo_plan, (title, description) in _PLANS.items():
        known = Plan.objects.filter(owner=None, title=title).order_by("created_at").first()
        if known is None:
            new += 1
            version = _published_version(demo_plan, assigners[None], _reviewers(now), published_at)
            known = publish_plan(
                plan=create_plan(
                    texts=PlanTexts(
                        title=title,
                        description=description,
                        citizens_see_scores=True,
                        correction_days=_CORRECTION_DAYS,
                    ),
                    owner=None,
                    activities=[
                        ActivityContent(
                            version=version, rhythm=rhythm_of(demo_plan), window=Window(ANSWER_DAYS)
                        )
                    ],
                ),
                by=assigners[None],
                at=published_at,
            )
        plans[demo_plan] = Plan.objects.prefetch_related("activities__version").get(pk=known.pk)
    return plans, new


def rhythm_of(demo_plan: DemoPlan) -> Once | Every:
    """Every week for as many weeks as the plan has, or once."""
    weeks = WEEKS[demo_plan]
    return Every(Length(1, Unit.WEEKS), Times(weeks)) if weeks > 1 else Once()


def _published_version(
    demo_plan: DemoPlan, by: StaffMember, reviewers: tuple[StaffMember, StaffMember], at: datetime
) -> QuestionnaireVersion:
    """As in real life: one writes it, another approves it for what it is meant for, a third publishes it."""
    editor, approver = reviewers
    content = (QUESTIONNAIRES / f"{demo_plan}.json").read_bytes()
    draft = import_questionnaire(content=content, owner=None, by=editor).version
    questionnaire = change_facts(
        questionnaire=draft.questionnaire, facts=_FACTS[demo_plan], by=editor, at=at - timedelta(hours=4)
    )
    switch_on(
        questionnaire=questionnaire,
        intended_purpose=_PURPOSES[demo_plan],
        algorithm_version="1.0",
        by=approver,
        at=at - timedelta(hours=3),
    )
    seen = draft.fingerprint
    sent = send_to_review(version=draft, fingerprint=seen, by=editor, at=at - timedelta(hours=2))
    approved = approve(version=sent, fingerprint=seen, by=approver, at=at - timedelta(hours=1))
    return publish_questionnaire(version=approved, fingerprint=seen, by=by, at=at)


def _reviewers(now: datetime) -> tuple[StaffMember, StaffMember]:
    """Who wrote the national questionnaires, and who approved them."""
    editor, approver = (
        each for each in demo_staff() if each.municipality_code is None and each.key != "kam-national"
    )
    return _member(editor, None, now), _member(approver, None, now)


@dataclass(frozen=True, slots=True)
class _History:
    """Rows of the past, unsaved, in the order in which they must be written."""

    episodes: list[EpisodeOfCare]
    care_plans: list[CarePlan]
    responses: list[Response]
    tasks: list[Task]
    scores: list[Score]
    attention: list[Attention]

    def save(self) -> None:
        EpisodeOfCare.objects.bulk_create(self.episodes, batch_size=_BATCH)
        CarePlan.objects.bulk_create(self.care_plans, batch_size=_BATCH)
        Response.objects.bulk_create(self.responses, batch_size=_BATCH)
        Task.objects.bulk_create(self.tasks, batch_size=_BATCH)
        Score.objects.bulk_create(self.scores, batch_size=_BATCH)
        Attention.objects.bulk_create(self.attention, batch_size=_BATCH)


def _load_history(
    citizens: tuple[DemoCitizen, ...],
    plans: Mapping[DemoPlan, Plan],
    assigners: Mapping[str | None, StaffMember],
    now: datetime,
) -> _History:
    """Write the past of these citizens, one episode of care each, with the team that follows them."""
    history = _History([], [], [], [], [], [])
    people = {each.pk: each for each in Citizen.objects.filter(pk__in=map(_citizen_id, citizens))}
    teams = {
        (team.municipality.code, team.name): team
        for team in CareTeam.objects.select_related("municipality").all()
    }
    today = now.astimezone(DANISH_TIME).date()
    for citizen, of_citizen in groupby(courses(citizens, today), key=lambda course: course.citizen):
        theirs = list(of_citizen)
        team = teams[citizen.municipality_code, citizen.care_team]
        episode = EpisodeOfCare(
            id=demo_id("episode", citizen.key),
            citizen=people[_citizen_id(citizen)],
            municipality=team.municipality,
            care_team=team,
            started_on=min(course.starts_on for course in theirs) - timedelta(days=1),
        )
        history.episodes.append(episode)
        for course in theirs:
            by = assigners[citizen.municipality_code]
            _add_course(history, course, episode, plans[course.plan], by, now)
    history.save()
    return history


def _citizen_id(citizen: DemoCitizen) -> UUID:
    return demo_id("citizen", citizen.key)


def _add_course(
    history: _History, course: DemoCourse, episode: EpisodeOfCare, plan: Plan, by: StaffMember, now: datetime
) -> None:
    """One plan that was given to the citizen the day before it began, and what came of its tasks."""
    care_plan = CarePlan(
        id=demo_id("care plan", course.citizen.key, course.plan),
        episode=episode,
        municipality_id=episode.municipality_id,
        citizen_id=episode.citizen_id,
        plan=plan,
        starts_on=course.starts_on,
        assigned_by=by,
        assigned_at=_office_hour(course.starts_on - timedelta(days=1)),
    )
    tasks = tasks_of(care_plan, episode.citizen)
    colours: Mapping[str, str] = {}
    for task in tasks:
        window = Occurrence(opens_at=task.opens_at, due_at=task.due_at)
        answered_at = course.answered_at(window, now)
        if answered_at is not None:
            task.response = _response(course, task, answered_at)
            task.status = Task.Status.COMPLETED
            history.responses.append(task.response)
            history.scores.extend(score_rows(task.response))
            row = _attention(task.response, answered_at, episode, by, now)
            row.worsened, colours = is_worse(row.colours, colours), row.colours
            history.attention.append(row)
        elif task.due_at < now - CALLED_OFF_AFTER:
            task.status = Task.Status.CANCELLED
    if all(task.status != Task.Status.OPEN for task in tasks):
        care_plan.status = CarePlan.Status.COMPLETED
    history.care_plans.append(care_plan)
    history.tasks.extend(tasks)


def _response(course: DemoCourse, task: Task, answered_at: datetime) -> Response:
    version = task.activity.version
    definition = definition_of(version)
    respondent = Respondent(
        person=course.citizen.key,
        level=course.level(answered_at.astimezone(DANISH_TIME).date()),
        day=answered_at.astimezone(DANISH_TIME).date(),
        high_is_good=HIGH_IS_GOOD[course.plan],
    )
    window = Occurrence(opens_at=task.opens_at, due_at=task.due_at)
    return Response(
        id=demo_id("response", course.citizen.key, course.plan, task.opens_at.isoformat()),
        citizen=task.citizen,
        municipality_id=task.municipality_id,
        version=version,
        status=Response.Status.COMPLETED,
        document=engine.finish(definition, filled_in(definition, respondent)),
        started_at=answered_at - course.minutes_taken(window),
        saved_at=answered_at,
        completed_at=answered_at,
    )


def _attention(
    response: Response, answered_at: datetime, episode: EpisodeOfCare, by: StaffMember, now: datetime
) -> Attention:
    """What staff's lists have of it; what came more than a few days ago has been looked at."""
    found = engine.evaluate(definition_of(response.version), response.document).significance
    row = attention_of(response=response, care_team_id=episode.care_team_id, found=found, at=answered_at)
    if answered_at < now - _LOOKED_AT_AFTER:
        row.handled_at, row.handled_by = answered_at + timedelta(days=1), by
    return row


def _office_hour(day: date) -> datetime:
    return datetime.combine(day, time(10, 20), tzinfo=DANISH_TIME)
