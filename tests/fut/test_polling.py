"""What others did on the platform comes in: taken over where it is safe, else shown until a person settles it."""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import StringIO
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from citizens.models import Citizen
from fut import channel
from fut.client import FutClient
from fut.errors import FutUnavailable
from fut.facts import Reference, ResponseFacts, Window
from fut.gateway import HttpFutGateway
from fut.incoming import polling
from fut.incoming.gateway import Changes, TeamsThere
from fut.incoming.reading import Seen, Verdict, has_nemsms, moment_of, seen, verdict
from fut.incoming.settling import NotToBeTaken, open_findings, settle
from fut.incoming.standing import open_groups
from fut.models import FutFinding, FutLook, FutReference, FutRun
from fut.subjects import service_request_id
from fut.tokens import Context
from municipalities.scope import Scope, stay_within
from outbox import channels, dispatcher
from outbox.models import Delivery, Event
from plans import services as plans
from plans.models import Activity, CarePlan, EpisodeOfCare
from plans.schedule import Every, Length, Times, Unit
from tests import factories
from tests.fut.conftest import Simulator
from tests.fut.test_channel import answer

pytestmark = pytest.mark.django_db

OURS, THEIRS, SEEN = FutFinding.Settlement.OURS, FutFinding.Settlement.THEIRS, FutFinding.Settlement.SEEN


@pytest.fixture(autouse=True)
def platform(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[FutClient]:
    httpx.delete(f"{simulator.origin}/control/faults")
    with FutClient(simulator.config()) as client:
        monkeypatch.setattr(channel, "client", lambda: client)
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield client
    httpx.delete(f"{simulator.origin}/control/faults")


def told(weekly: int = 3) -> CarePlan:
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=weekly))
    dispatcher.deliver_due(channels.named("fut"))
    return care_plan


def address(resource_type: str, local_id: UUID) -> str:
    return FutReference.objects.get(resource_type=resource_type, local_id=local_id).url


def inside(client: FutClient, care_plan: CarePlan) -> FutClient:
    return client.within(
        Context(
            patient=address("Patient", care_plan.citizen_id),
            episode=address("EpisodeOfCare", care_plan.episode_id),
        )
    )


def elsewhere(client: FutClient, care_plan: CarePlan, **changed: Any) -> None:
    """Somebody else changes our plan on the platform."""
    there, within = address("CarePlan", care_plan.pk), inside(client, care_plan)
    within.update(there, {**within.read(there), **changed})


def request_address(care_plan: CarePlan, activity: Activity | None = None) -> str:
    activity = activity or care_plan.plan.activities.get()
    return address("ServiceRequest", service_request_id(care_plan, activity))


def stop_request(
    client: FutClient, care_plan: CarePlan, activity: Activity | None = None, **changed: Any
) -> None:
    """Somebody else changes one questionnaire of our plan on the platform, and nothing of the plan itself."""
    there, within = request_address(care_plan, activity), inside(client, care_plan)
    within.update(there, {**within.read(there), **{"status": "revoked", **changed}})


def of_two() -> tuple[CarePlan, Activity, Activity]:
    """A plan of two weekly questionnaires that FUT knows."""
    every_week = Every(Length(1, Unit.WEEKS), Times(2))
    plan = factories.PlanFactory(weekly=3, activities=lambda made: factories.add_to(made, every_week))
    one, other = plan.activities.order_by("position")
    care_plan = factories.assign(plan=plan)
    dispatcher.deliver_due(channels.named("fut"))
    return care_plan, one, other


def status_there(client: FutClient, care_plan: CarePlan) -> str:
    status: str = inside(client, care_plan).read(address("CarePlan", care_plan.pk))["status"]
    return status


def look() -> polling.Polled:
    return polling.poll(at=timezone.now())


def the_finding() -> FutFinding:
    return FutFinding.objects.get()


def conflict(client: FutClient, status: str) -> tuple[CarePlan, FutFinding]:
    """FUT says `status`, and our answer to the plan was given up on its way."""
    care_plan = told()
    answer(care_plan.tasks.earliest("opens_at"))
    Delivery.objects.filter(channel="fut", state="waiting").update(state="dead", ended_at=timezone.now())
    elsewhere(client, care_plan, status=status)
    look()
    return care_plan, the_finding()


# --- reading: tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "theirs", "ours", "waits", "expected"),
    [
        ("CarePlan", "active", "active", False, Verdict.SAME),
        ("CarePlan", "revoked", "active", False, Verdict.TAKE_OVER),
        ("CarePlan", "completed", "active", False, Verdict.TAKE_OVER),
        ("CarePlan", "revoked", "active", True, Verdict.CONFLICT),
        ("CarePlan", "on-hold", "active", False, Verdict.CONFLICT),
        ("CarePlan", "entered-in-error", "active", False, Verdict.CONFLICT),
        ("CarePlan", "entered-in-error", "revoked", False, Verdict.CONFLICT),
        ("CarePlan", "active", "revoked", False, Verdict.OURS_IS_NEWER),
        ("CarePlan", "completed", "revoked", False, Verdict.CONFLICT),
        ("CarePlan", "active", None, False, Verdict.ELSEWHERE),
        ("ServiceRequest", "active", "active", False, Verdict.SAME),
        ("ServiceRequest", "revoked", "active", False, Verdict.TAKE_OVER),
        ("ServiceRequest", "completed", "active", False, Verdict.TAKE_OVER),
        ("ServiceRequest", "revoked", "active", True, Verdict.CONFLICT),
        ("ServiceRequest", "on-hold", "active", False, Verdict.CONFLICT),
        ("ServiceRequest", "revoked", "completed", False, Verdict.SAME),
        ("ServiceRequest", "active", None, False, Verdict.ELSEWHERE),
        ("QuestionnaireResponse", "completed", "completed", False, Verdict.SAME),
        ("QuestionnaireResponse", "entered-in-error", "completed", False, Verdict.CONFLICT),
        ("QuestionnaireResponse", "completed", None, False, Verdict.ELSEWHERE),
    ],
)
def test_what_follows_from_what_was_seen(
    kind: str, theirs: str, ours: str | None, waits: bool, expected: Verdict
) -> None:
    assert verdict(Seen(kind, uuid4(), theirs, "https://x/1"), ours=ours, waits=waits) is expected


@pytest.mark.parametrize(
    ("telecom", "expected"),
    [
        (None, False),
        ([], False),
        ([{"system": "phone", "value": "NemSMS"}], False),
        ([{"system": "phone", "value": "1"}, {"system": "other", "value": "NemSMS"}], True),
    ],
)
def test_the_telecom_says_whether_text_messages_are_taken(telecom: Any, expected: bool) -> None:
    assert has_nemsms({"telecom": telecom}) is expected


@pytest.mark.parametrize("text", [None, "", "2026-11-24", "2026-11-24T10:00:00", "x"])
def test_a_moment_without_a_zone_is_none(text: Any) -> None:
    assert moment_of(text) is None


def test_an_answer_is_read() -> None:
    read = seen(
        {
            "resourceType": "QuestionnaireResponse", "status": "completed", "questionnaire": "https://q/1",
            "authored": "2026-11-24T10:00:00+01:00", "meta": {"versionId": "2"},
        },
        "https://x/1",
    )  # fmt: skip
    assert (read.our_id, read.about, read.version) == (None, "https://q/1", "2")
    assert read.happened_at == datetime.fromisoformat("2026-11-24T09:00:00+00:00")


# --- against the simulator ----------------------------------------------------------------------------------


def test_where_both_say_the_same_nothing_is_found() -> None:
    care_plan = told()
    answer(care_plan.tasks.earliest("opens_at"))
    dispatcher.deliver_due(channels.named("fut"))
    # The plan, its request, the answer and the patient.
    assert look() == polling.Polled(looked=1, resources=4)
    assert not FutFinding.objects.exists()


@pytest.mark.parametrize("status", ["revoked", "completed"])
def test_a_plan_ended_elsewhere_ends_here_and_nothing_goes_back(platform: FutClient, status: str) -> None:
    care_plan = told()
    elsewhere(platform, care_plan, status=status)
    before = Event.objects.count()

    assert look().found == 1

    care_plan.refresh_from_db()
    assert care_plan.status == status
    assert not care_plan.tasks.unanswered().exists()
    assert the_finding().settlement == "taken_over"
    assert Event.objects.count() == before
    assert look().found == 0


def test_a_plan_whose_answers_are_on_their_way_waits(platform: FutClient) -> None:
    care_plan = told()
    answer(care_plan.tasks.earliest("opens_at"))
    elsewhere(platform, care_plan, status="revoked")

    look()
    assert not FutFinding.objects.exists()
    assert FutLook.objects.get().read_until is None

    Delivery.objects.filter(state="waiting").update(state="dead", ended_at=timezone.now())
    look()
    assert the_finding().kind == "plan"
    care_plan.refresh_from_db()
    assert care_plan.status == "active"


def test_theirs_is_used_when_a_person_says_so(platform: FutClient) -> None:
    care_plan, finding = conflict(platform, "revoked")
    before = Event.objects.count()
    by = factories.StaffMemberFactory()
    for _ in range(2):  # the second click
        settle(finding_id=finding.pk, settlement=THEIRS, by=by, at=timezone.now())
    care_plan.refresh_from_db()
    assert care_plan.status == "revoked"
    assert (the_finding().settlement, the_finding().settled_by) == ("theirs", by)
    assert Event.objects.count() == before


def test_ours_is_kept_and_not_asked_again(platform: FutClient) -> None:
    care_plan, finding = conflict(platform, "revoked")
    settle(finding_id=finding.pk, settlement=OURS, by=factories.StaffMemberFactory(), at=timezone.now())
    assert look().found == 0
    care_plan.refresh_from_db()
    assert care_plan.status == "active"


def test_a_plan_at_rest_there_goes_on_when_ours_is_kept(platform: FutClient) -> None:
    care_plan = told()
    elsewhere(platform, care_plan, status="on-hold")
    look()
    finding = the_finding()
    assert (finding.ours, finding.theirs) == ("active", "on-hold")
    by = factories.StaffMemberFactory()
    with pytest.raises(NotToBeTaken):
        settle(finding_id=finding.pk, settlement=THEIRS, by=by, at=timezone.now())
    assert status_there(platform, care_plan) == "on-hold"

    settle(finding_id=finding.pk, settlement=OURS, by=by, at=timezone.now())
    look()

    assert status_there(platform, care_plan) == "active"
    assert the_finding().told_at is not None


def test_what_was_changed_again_is_outdated(platform: FutClient) -> None:
    care_plan = told()
    elsewhere(platform, care_plan, status="on-hold")
    look()
    elsewhere(platform, care_plan, status="active")
    look()
    assert the_finding().settlement == "outdated"


def test_a_plan_made_elsewhere_is_shown(platform: FutClient) -> None:
    care_plan = told()
    within = inside(platform, care_plan)
    ours = within.read(address("CarePlan", care_plan.pk))
    theirs = {
        key: value for key, value in ours.items() if key not in {"id", "meta", "identifier", "activity"}
    }
    theirs["meta"] = {"profile": ours["meta"]["profile"]}
    within.transact("careplan", {
        "resourceType": "Bundle", "type": "transaction",
        "entry": [{"fullUrl": f"urn:uuid:{uuid4()}", "resource": theirs,
                   "request": {"method": "POST", "url": "CarePlan"}}],
    })  # fmt: skip
    look()
    finding = the_finding()
    assert (finding.kind, finding.ours, finding.theirs) == ("plan_elsewhere", "", "active")
    assert open_findings(care_plan.citizen, care_plan.episode.municipality) == [finding]
    [group] = open_groups()
    assert (group.municipality, group.kind, group.number) == (
        care_plan.episode.municipality.name, "plan_elsewhere", 1,
    )  # fmt: skip
    assert group.oldest == finding.found_at
    settle(finding_id=finding.pk, settlement=SEEN, by=factories.StaffMemberFactory(), at=timezone.now())
    assert look().found == 0
    assert open_groups() == []


def test_an_answer_sent_from_elsewhere_is_shown_and_ours_stays() -> None:
    care_plan = told()
    response = answer(care_plan.tasks.earliest("opens_at")).response
    assert response is not None
    dispatcher.deliver_due(channels.named("fut"))
    before = response.document
    request_id = channel.service_request_id(care_plan, care_plan.plan.activities.get())
    request = FutReference.objects.get(local_id=request_id)
    later = care_plan.tasks.latest("opens_at")
    theirs = channel.gateway().submit_response(
        ResponseFacts(
            id=uuid4(),
            questionnaire=response.version.canonical,
            authored=timezone.now(),
            items=response.document["item"],
            window=Window(start=later.opens_at, end=later.due_at - timedelta(seconds=1)),
            started_at=response.started_at,
        ),
        patient=Reference(address("Patient", care_plan.citizen_id)),
        episode=Reference(address("EpisodeOfCare", care_plan.episode_id)),
        service_request=Reference(request.url, request.version_id),
    )

    look()

    finding = the_finding()
    assert (finding.kind, finding.url) == ("answer_elsewhere", theirs.url)
    assert finding.happened_at is not None
    assert finding.about
    response.refresh_from_db()
    assert response.document == before


# --- one questionnaire of a plan ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["revoked", "completed"])
def test_a_questionnaire_stopped_alone_ends_here_and_the_plan_goes_on(
    platform: FutClient, status: str
) -> None:
    care_plan, stopped, other = of_two()
    stop_request(platform, care_plan, stopped, status=status)
    version = inside(platform, care_plan).read(address("CarePlan", care_plan.pk))["meta"]["versionId"]
    before = Event.objects.count()

    assert look().found == 1

    care_plan.refresh_from_db()
    assert care_plan.status == "active"
    open_of = set(care_plan.tasks.unanswered().values_list("activity", flat=True))
    assert open_of == {other.pk}
    assert care_plan.tasks.filter(activity=stopped, status="cancelled").count() == 3
    found = the_finding()
    assert (found.kind, found.settlement, found.activity, found.theirs) == (
        "request", "taken_over", stopped, status,
    )  # fmt: skip
    assert found.happened_at is not None
    assert Event.objects.count() == before
    assert look().found == 0
    there = inside(platform, care_plan)
    assert there.read(request_address(care_plan, stopped))["status"] == status
    # Its plan there is as it was, which is why the requests have to be looked at by themselves.
    assert there.read(address("CarePlan", care_plan.pk))["meta"]["versionId"] == version


def test_a_plan_whose_last_questionnaire_was_stopped_is_over_and_what_they_did_stays(
    platform: FutClient,
) -> None:
    care_plan = told()
    stop_request(platform, care_plan)
    look()
    care_plan.refresh_from_db()
    assert care_plan.status == "completed"
    dispatcher.deliver_due(channels.named("fut"))
    assert status_there(platform, care_plan) == "completed"
    assert inside(platform, care_plan).read(request_address(care_plan))["status"] == "revoked"
    assert look().found == 0


def test_a_questionnaire_with_an_answer_that_did_not_arrive_waits_for_a_person(platform: FutClient) -> None:
    care_plan = told()
    answer(care_plan.tasks.earliest("opens_at"))
    stop_request(platform, care_plan)

    assert look().found == 0  # the answer is on its way

    Delivery.objects.filter(state="waiting").update(state="dead", ended_at=timezone.now())
    assert look().found == 1
    found = the_finding()
    assert (found.kind, found.ours, found.theirs, found.settlement) == ("request", "active", "revoked", "")
    assert care_plan.tasks.unanswered().count() == 2
    settle(finding_id=found.pk, settlement=THEIRS, by=factories.StaffMemberFactory(), at=timezone.now())
    assert not care_plan.tasks.unanswered().exists()


def test_what_a_person_kept_is_not_taken_over_when_our_news_have_arrived(platform: FutClient) -> None:
    care_plan = told()
    answer(care_plan.tasks.earliest("opens_at"))
    Delivery.objects.filter(channel="fut", state="waiting").update(state="dead", ended_at=timezone.now())
    stop_request(platform, care_plan)
    look()
    settle(finding_id=the_finding().pk, settlement=OURS, by=factories.StaffMemberFactory(), at=timezone.now())
    Delivery.objects.filter(state="dead").update(state="delivered")

    assert look().found == 0

    assert care_plan.tasks.unanswered().count() == 2
    assert the_finding().settlement == "ours"


def test_nor_is_a_plan_that_a_person_kept(platform: FutClient) -> None:
    care_plan, finding = conflict(platform, "revoked")
    settle(finding_id=finding.pk, settlement=OURS, by=factories.StaffMemberFactory(), at=timezone.now())
    Delivery.objects.filter(state="dead").update(state="delivered")
    look()
    care_plan.refresh_from_db()
    assert care_plan.status == "active"
    assert the_finding().settlement == "ours"


def test_what_can_be_taken_over_by_now_waits_for_nobody_any_more(platform: FutClient) -> None:
    care_plan, finding = conflict(platform, "revoked")
    Delivery.objects.filter(state="dead").update(state="delivered")
    look()
    care_plan.refresh_from_db()
    finding.refresh_from_db()
    assert (care_plan.status, finding.settlement) == ("revoked", "taken_over")


def test_a_questionnaire_whose_plan_has_ended_here_waits_for_nobody(platform: FutClient) -> None:
    care_plan = told()
    stop_request(platform, care_plan, status="on-hold")
    look()
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())
    dispatcher.deliver_due(channels.named("fut"))
    look()
    assert the_finding().settlement == "outdated"


def test_a_questionnaire_at_rest_there_goes_on_when_ours_is_kept(platform: FutClient) -> None:
    care_plan = told()
    stop_request(platform, care_plan, status="on-hold")
    look()
    found = the_finding()
    assert (found.kind, found.theirs, found.may_take_theirs) == ("request", "on-hold", False)
    settle(finding_id=found.pk, settlement=OURS, by=factories.StaffMemberFactory(), at=timezone.now())
    look()
    assert inside(platform, care_plan).read(request_address(care_plan))["status"] == "active"


def test_what_others_add_to_our_plan_is_shown() -> None:
    episode = known_course()
    care_plan = episode.care_plans.get()
    there = Scripted()
    there.seen = [
        Seen(
            "ServiceRequest", None, "active", "https://x.invalid/ServiceRequest/1", "1", part_of=care_plan.pk
        ),
        # Of a plan that was made elsewhere: that plan is shown, once.
        Seen("ServiceRequest", None, "active", "https://x.invalid/ServiceRequest/2", "1"),
    ]
    polling.poll(at=timezone.now(), gateway=there)
    found = the_finding()
    assert (found.kind, found.care_plan, found.ours) == ("request_elsewhere", care_plan, "")
    assert not found.is_conflict


class Scripted:
    """A platform that says what a test wants."""

    def __init__(self, *, nemsms: bool = False, away_after: int | None = None) -> None:
        self.nemsms, self.away_after = nemsms, away_after
        self.asked: list[str] = []
        self.since: list[datetime | None] = []
        self.seen: list[Seen] = []

    def teams(self, *, municipality_code: str, known: Collection[str]) -> TeamsThere:
        raise AssertionError

    def changes(
        self, *, patient: Reference, episode: Reference, since: datetime | None, requests: bool
    ) -> Changes:
        if self.away_after is not None and len(self.asked) >= self.away_after:
            raise FutUnavailable(what="opslag", reason="ingen forbindelse", unclear=False)
        self.asked.append(episode.url)
        self.since.append(since)
        return Changes(self.seen, self.nemsms)

    def go_on(self, care_plan: str, *, version: str, patient: Reference, episode: Reference) -> None:
        raise AssertionError


def known_course() -> EpisodeOfCare:
    """A course that FUT knows, without telling it."""
    episode = factories.assign().episode
    for kind, local_id, whose in (
        ("Patient", episode.citizen_id, None), ("EpisodeOfCare", episode.pk, episode.municipality),
    ):  # fmt: skip
        FutReference.objects.create(
            resource_type=kind, local_id=local_id, citizen=episode.citizen, municipality=whose,
            url=f"https://x.invalid/{kind}/{local_id}",
        )  # fmt: skip
    return episode


def test_the_citizens_text_messages_are_remembered_when_they_change() -> None:
    episode, there = known_course(), Scripted()

    def enrolled() -> bool | None:
        polling.poll(at=timezone.now(), gateway=there)
        return cast("bool | None", Citizen.objects.get(pk=episode.citizen_id).is_nemsms_enrolled)

    Citizen.objects.filter(pk=episode.citizen_id).update(is_nemsms_enrolled=None, nemsms_asked_at=None)
    assert enrolled() is None  # never was there: no answer
    there.nemsms = True
    assert enrolled() is True
    there.nemsms = False
    assert enrolled() is False


def test_an_outage_in_the_middle_ends_the_run_and_burns_no_turn() -> None:
    for _ in range(3):
        known_course()
    stopped = polling.poll(at=timezone.now(), gateway=Scripted(away_after=1))
    assert (stopped.looked, bool(stopped.stopped)) == (1, True)
    assert FutLook.objects.filter(looked_at=None, leased_until=None).count() == 2
    assert polling.poll(at=timezone.now(), gateway=Scripted(), at_most=2).looked == 2
    assert not FutLook.objects.filter(looked_at=None).exists()


def test_the_longest_waiting_goes_first_and_only_what_changed_is_read() -> None:
    first, second = known_course(), known_course()
    polling.note_courses()
    now = timezone.now()
    FutLook.objects.filter(pk=first.pk).update(looked_at=now - timedelta(minutes=1))
    FutLook.objects.filter(pk=second.pk).update(looked_at=now - timedelta(minutes=9), read_until=now)
    there = Scripted()
    polling.poll(at=now, gateway=there, at_most=1)
    assert there.asked == [f"https://x.invalid/EpisodeOfCare/{second.pk}"]
    assert there.since == [now - polling.OVERLAP]


def test_a_course_in_a_workers_hands_is_left_to_it_until_the_lease_ends() -> None:
    known_course()
    polling.note_courses()
    now = timezone.now()
    FutLook.objects.update(leased_until=now + timedelta(minutes=1))
    assert polling.poll(at=now, gateway=Scripted()).looked == 0
    FutLook.objects.update(leased_until=now - timedelta(minutes=1))
    assert polling.poll(at=now, gateway=Scripted()).looked == 1


def test_a_look_asks_the_database_as_often_for_many_answers_as_for_one() -> None:
    known_course()

    def queries(number: int) -> int:
        there = Scripted()
        there.seen = [
            Seen("QuestionnaireResponse", None, "completed", f"https://x.invalid/{number}/{n}", "1")
            for n in range(number)
        ]
        with CaptureQueriesContext(connection) as captured:
            assert polling.poll(at=timezone.now(), gateway=there).found == number
        return len(captured)

    queries(1)
    assert queries(1 + 1) == queries(9)


def test_a_course_that_is_closed_to_us_keeps_us_from_no_other(simulator: Simulator) -> None:
    told(), told()
    once = {"kind": "status", "status": 403, "target": "CarePlan", "method": "GET", "times": 1}
    httpx.post(f"{simulator.origin}/control/faults", json=once).raise_for_status()
    polled = look()
    assert (polled.looked, polled.refused, polled.stopped) == (1, 1, "")
    assert FutLook.objects.exclude(problem="").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"settlement": "seen"},
        {"settlement": "ours", "settled_at": datetime.fromisoformat("2026-11-24T09:00:00+00:00")},
        {"ours": "active"},
        {"kind": "plan"},
        {"told_at": datetime.fromisoformat("2026-11-24T09:00:00+00:00")},
    ],
    ids=["settled without a moment", "by nobody", "ours of nothing", "plan of nothing", "told and not kept"],
)
def test_the_database_refuses_a_finding_that_cannot_be(wrong: dict[str, Any]) -> None:
    episode = known_course()
    given = {
        "municipality": episode.municipality, "citizen": episode.citizen, "episode": episode,
        "kind": "plan_elsewhere", "url": "https://x/1", "theirs": "active", "found_at": timezone.now(),
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        FutFinding.objects.create(**{**given, **wrong})


def test_how_the_runs_go_is_noted_over_all_workers() -> None:
    for _ in range(3):
        known_course()
    first = timezone.now()
    polling.poll(at=first, gateway=Scripted(away_after=2))
    run = FutRun.objects.get(what="courses")
    assert (run.runs, run.stopped, run.looked, run.resources, run.succeeded_at) == (1, 1, 2, 2, None)
    assert "ingen forbindelse" in run.problem
    polling.poll(at=timezone.now(), gateway=Scripted())
    run.refresh_from_db()
    assert (run.runs, run.stopped, run.looked, run.problem) == (2, 1, 5, "")
    assert run.succeeded_at is not None
    assert run.succeeded_at > first


def test_the_command_says_what_it_did(simulator: Simulator) -> None:
    told()
    said = StringIO()
    call_command("fut", "poll", stdout=said)
    assert "1 courses looked at, 0 refused, 0 findings." in said.getvalue()
    assert "Teams of 1 municipalities looked at, 0 refused, 0 findings." in said.getvalue()
    away = {"kind": "status", "status": 500, "target": "CarePlan", "method": "GET", "share": 1}
    httpx.post(f"{simulator.origin}/control/faults", json=away).raise_for_status()
    with pytest.raises(CommandError, match="Stopped"):
        call_command("fut", "poll", stdout=said)


@pytest.mark.django_db(transaction=True)
def test_two_workers_look_at_each_course_once() -> None:
    stay_within(Scope.system())
    for _ in range(6):
        known_course()
    there, at = Scripted(), timezone.now()

    def work(_: int) -> int:
        try:
            return polling.poll(at=at, gateway=there).looked
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        looked = list(pool.map(work, range(2)))
    assert sum(looked) == 6
    assert len(there.asked) == len(set(there.asked)) == 6
