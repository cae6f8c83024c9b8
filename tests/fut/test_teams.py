"""Care teams on the platform: what its people decide of them holds here, but for what would hurt something of ours."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.utils import timezone

from fut import channel
from fut.client import FutClient
from fut.facts import Reference
from fut.gateway import HttpFutGateway
from fut.incoming import polling, teams
from fut.incoming.reading import Verdict
from fut.incoming.settling import NotToBeTaken, settle
from fut.incoming.team_changes import OurTeam, TeamChange, TeamThere, same_by_name, team_change, team_there
from fut.mapping import teams_changed
from fut.models import FutFinding, FutReference, FutRun, FutTeam, FutTeamLook
from fut.tokens import Context
from municipalities.models import CareTeam, Municipality
from municipalities.scope import Scope, within
from outbox import channels, dispatcher
from outbox.models import Delivery, EventName
from plans import enrolling, selectors
from plans.models import CarePlan
from tests import factories
from tests.fut.conftest import Simulator

pytestmark = pytest.mark.django_db

HOME = "https://organization.invalid/fhir/Organization/1"
TAKE_OVER, CONFLICT, SAME = Verdict.TAKE_OVER, Verdict.CONFLICT, Verdict.SAME


def there(**given: Any) -> TeamThere:
    facts = {
        "url": "https://x/1",
        "version": "1",
        "name": "Hjerte",
        "status": "active",
        "organizations": (HOME,),
    }
    return TeamThere(**{**facts, **given})


def ours(**given: Any) -> OurTeam:
    facts = {"name": "Hjerte", "is_active": True, "has_courses": False, "others": frozenset({"Lunger"})}
    return OurTeam(**{**facts, **given})


@pytest.mark.parametrize(
    ("theirs", "mine", "expected"),
    [
        pytest.param(there(), ours(), TeamChange(SAME, "active"), id="alike"),
        pytest.param(there(name="Hjerter"), ours(), TeamChange(TAKE_OVER, "active"), id="renamed"),
        pytest.param(there(name=""), ours(), TeamChange(SAME, "active"), id="without a name"),
        pytest.param(
            there(name="Lunger"), ours(), TeamChange(CONFLICT, "renamed"), id="a name that is taken"
        ),
        pytest.param(there(status="inactive"), ours(), TeamChange(TAKE_OVER, "inactive"), id="closed"),
        pytest.param(
            there(status="suspended"), ours(has_courses=True), TeamChange(CONFLICT, "suspended"), id="in use"
        ),
        pytest.param(
            there(status="inactive"), ours(is_active=False), TeamChange(SAME, "inactive"), id="closed both"
        ),
        pytest.param(there(), ours(is_active=False), TeamChange(TAKE_OVER, "active"), id="open again"),
        pytest.param(
            there(organizations=("https://organization.invalid/fhir/Organization/2",)),
            ours(has_courses=True),
            TeamChange(CONFLICT, "moved"),
            id="another organisation's, in use",
        ),
        pytest.param(there(organizations=()), ours(), TeamChange(TAKE_OVER, "moved"), id="nobody's"),
        pytest.param(None, ours(), TeamChange(TAKE_OVER, "gone"), id="deleted"),
        pytest.param(None, ours(has_courses=True), TeamChange(CONFLICT, "gone"), id="deleted, in use"),
    ],
)
def test_what_follows_from_a_team_there(
    theirs: TeamThere | None, mine: OurTeam, expected: TeamChange
) -> None:
    assert team_change(theirs, ours=mine, organization=HOME) == expected


def test_a_team_is_known_by_its_name_where_that_is_one_teams() -> None:
    theirs = [
        there(url="https://x/1", name="hjerte"),
        there(url="https://x/2", name="Lunger"),
        there(url="https://x/3", name="Lunger"),
        there(url="https://x/4", name="Psyke", status="inactive"),
    ]
    found = same_by_name({1: "Hjerte", 2: "Lunger", 3: "Psyke", 4: "Knæ"}, theirs)
    assert found == {1: theirs[0]}


def test_a_team_is_read_as_recorded() -> None:
    read = team_there(
        {
            "resourceType": "CareTeam", "id": "268", "meta": {"versionId": "1"}, "status": "active", "name": " Hjerte ",
            "managingOrganization": [{"reference": f"{HOME}/_history/3"}],
        },
        "https://x/268",
    )  # fmt: skip
    assert read == there(url="https://x/268")


# --- against the simulator ----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def platform(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[FutClient]:
    httpx.delete(f"{simulator.origin}/control/faults")
    with FutClient(simulator.config()) as client:
        monkeypatch.setattr(channel, "client", lambda: client)
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield client
    httpx.delete(f"{simulator.origin}/control/faults")


def told() -> CarePlan:
    """A plan whose course FUT knows; the poll has noted it."""
    care_plan = factories.assign()
    dispatcher.deliver_due(channels.named("fut"))
    polling.note_courses()
    return care_plan


def organization(client: FutClient, place: Municipality) -> str:
    return HttpFutGateway(client).find_organization(place.code).url


def made_there(client: FutClient, place: Municipality, name: str) -> str:
    """The team's address on the platform."""
    made = client.create({
        "resourceType": "CareTeam",
        "meta": {"profile": ["http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-careteam"]},
        "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"}],
        "status": "active", "name": name,
        "reasonCode": [{"coding": [{"system": "urn:oid:1.2.208.176.2.4", "code": "DJ44"}]}],
        "managingOrganization": [{"reference": organization(client, place)}],
    })  # fmt: skip
    return f"{client.bases.of('organization')}/CareTeam/{made['id']}"


def changed_there(client: FutClient, url: str, **changed: Any) -> None:
    client.update(url, {**client.read(url), **changed})


def look() -> polling.Polled:
    return teams.poll_teams(at=timezone.now(), every=timedelta(0))


@pytest.fixture
def known(platform: FutClient) -> tuple[CareTeam, str]:
    """A team of ours with a course, found on the platform by its name; and its address there."""
    team = told().episode.care_team
    url = made_there(platform, team.municipality, team.name)
    assert look() == polling.Polled(looked=1, resources=1)
    assert FutTeam.objects.get().url == url
    return team, url


def test_a_new_name_there_is_ours(platform: FutClient, known: tuple[CareTeam, str]) -> None:
    team, url = known
    changed_there(platform, url, name="Rehabilitering Nord")
    assert look().found == 1
    team.refresh_from_db()
    assert team.name == "Rehabilitering Nord"
    assert FutFinding.objects.get().settlement == "taken_over"
    assert look().found == 0


def test_a_name_that_another_team_has_here_is_shown(platform: FutClient, known: tuple[CareTeam, str]) -> None:
    team, url = known
    other = factories.CareTeamFactory(municipality=team.municipality, name="Syd")
    changed_there(platform, url, name="Syd")
    look()
    found, before = FutFinding.objects.get(), team.name
    team.refresh_from_db()
    assert (found.kind, found.care_team, found.theirs, found.about) == ("team", team, "renamed", "Syd")
    assert team.name == before
    with pytest.raises(NotToBeTaken):
        settle(
            finding_id=found.pk, settlement=FutFinding.Settlement.THEIRS,
            by=factories.StaffMemberFactory(), at=timezone.now(),
        )  # fmt: skip

    other.name = "Syd 2"
    other.save()
    look()

    team.refresh_from_db()
    found.refresh_from_db()
    assert (team.name, found.settlement) == ("Syd", "taken_over")


def test_a_team_closed_there_is_closed_for_new_plans_when_a_person_says_so(
    platform: FutClient, known: tuple[CareTeam, str]
) -> None:
    team, url = known
    changed_there(platform, url, status="inactive")
    look()
    found = FutFinding.objects.get()
    assert (found.theirs, found.citizen, found.settlement) == ("inactive", None, "")
    assert team in selectors.care_teams_of(team.municipality)

    settle(
        finding_id=found.pk, settlement=FutFinding.Settlement.THEIRS,
        by=factories.StaffMemberFactory(), at=timezone.now(),
    )  # fmt: skip

    assert team not in selectors.care_teams_of(team.municipality)
    assert team.episodes.get().status == "active"
    assert look().found == 0


def test_a_team_kept_open_stays_so_also_when_its_courses_have_ended(
    platform: FutClient, known: tuple[CareTeam, str]
) -> None:
    team, url = known
    other = factories.CareTeamFactory(municipality=team.municipality)
    changed_there(platform, url, status="inactive")
    look()
    settle(
        finding_id=FutFinding.objects.get().pk, settlement=FutFinding.Settlement.OURS,
        by=factories.StaffMemberFactory(), at=timezone.now(),
    )  # fmt: skip
    team.episodes.update(care_team=other)
    assert look().found == 0
    team.refresh_from_db()
    assert team.is_active


def test_a_team_that_moved_to_another_organisation_never_becomes_theirs(
    platform: FutClient, known: tuple[CareTeam, str]
) -> None:
    team, url = known
    elsewhere = told().episode.care_team
    changed_there(
        platform, url, managingOrganization=[{"reference": organization(platform, elsewhere.municipality)}]
    )
    look()
    found = FutFinding.objects.get()
    assert (found.theirs, found.municipality, found.care_team) == ("moved", team.municipality, team)
    team.refresh_from_db()
    assert team.is_active
    with within(Scope.municipality(elsewhere.municipality_id)):
        assert not FutFinding.objects.exists()
        assert not FutTeam.objects.exists()
        assert not FutTeamLook.objects.exclude(pk=elsewhere.municipality_id).exists()


def test_a_team_that_was_deleted_there_is_shown(platform: FutClient, known: tuple[CareTeam, str]) -> None:
    _, url = known
    platform._send("DELETE", url)
    look()
    assert FutFinding.objects.get().theirs == "gone"


def test_teams_of_the_same_name_in_two_municipalities_are_each_their_own(platform: FutClient) -> None:
    here, elsewhere = told().episode.care_team, told().episode.care_team
    CareTeam.objects.filter(pk__in=[here.pk, elsewhere.pk]).update(name="Genoptræning")
    urls = {team.pk: made_there(platform, team.municipality, "Genoptræning") for team in (here, elsewhere)}
    assert look().looked == 2
    assert dict(FutTeam.objects.values_list("care_team", "url")) == urls


def test_teams_there_that_are_none_of_ours_are_left_alone(platform: FutClient) -> None:
    team = told().episode.care_team
    made_there(platform, team.municipality, "Et andet projekt")
    assert look().found == 0
    assert not FutTeam.objects.exists()
    assert CareTeam.objects.count() == 1


def test_they_are_looked_at_once_an_hour_and_only_where_courses_go_on(platform: FutClient) -> None:
    factories.CareTeamFactory()
    team = told().episode.care_team

    def looked(minutes_ago: int) -> int:
        FutTeamLook.objects.update(looked_at=timezone.now() - timedelta(minutes=minutes_ago))
        return teams.poll_teams(at=timezone.now()).looked

    assert teams.poll_teams(at=timezone.now()).looked == 1
    assert (looked(59), looked(61)) == (0, 1)
    team.episodes.update(status="finished", ended_on=timezone.localdate() + timedelta(days=1))
    assert looked(61) == 0


def test_an_outage_costs_no_turn_and_a_refusal_waits(platform: FutClient, simulator: Simulator) -> None:
    told(), told()
    away = {"kind": "status", "status": 500, "target": "CareTeam", "share": 1}
    httpx.post(f"{simulator.origin}/control/faults", json=away).raise_for_status()
    assert (look().looked, FutRun.objects.get(what="teams").stopped) == (0, 1)
    assert FutTeamLook.objects.filter(looked_at=None, leased_until=None).count() == 2
    httpx.delete(f"{simulator.origin}/control/faults")
    closed = {"kind": "status", "status": 403, "target": "CareTeam", "times": 1}
    httpx.post(f"{simulator.origin}/control/faults", json=closed).raise_for_status()
    polled = look()
    assert (polled.looked, polled.refused) == (1, 1)
    assert FutTeamLook.objects.exclude(problem="").count() == 1


# --- which team follows a course ------------------------------------------------------------------------------


def with_teams(simulator: Simulator, care_plan: CarePlan) -> list[list[str]]:
    """Of the course and of its plan, as they stand there."""
    [course] = simulator.stored("EpisodeOfCare", care_plan.episode_id)
    [plan] = simulator.stored("CarePlan", care_plan.pk)
    return [[one["reference"] for one in kept] for kept in (course.get("team", []), plan.get("careTeam", []))]


def tell() -> list[tuple[str, str]]:
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    dispatcher.deliver_due(channels.named("fut"))
    return list(Delivery.objects.filter(channel="fut").order_by("id").values_list("event__name", "state"))


def one_more(client: FutClient, place: Municipality) -> tuple[CareTeam, str]:
    """A second team of the municipality that the platform has, too."""
    team = factories.CareTeamFactory(municipality=place, name="Hjerte")
    url = made_there(client, place, team.name)
    look()
    return team, url


def test_a_new_course_stands_with_its_team(simulator: Simulator, known: tuple[CareTeam, str]) -> None:
    team, url = known
    care_plan = factories.assign(factories.CitizenFactory(municipality=team.municipality))
    tell()

    assert with_teams(simulator, care_plan) == [[url], [url]]


def test_a_course_that_moves_is_with_the_other_team_there(
    simulator: Simulator, platform: FutClient, known: tuple[CareTeam, str]
) -> None:
    care_plan = factories.assign(factories.CitizenFactory(municipality=known[0].municipality))
    tell()
    another = one_more(platform, known[0].municipality)
    enrolling.change_team(episode=care_plan.episode, care_team=another[0], at=timezone.now())

    assert tell()[-1] == (EventName.EPISODE_MOVED, "delivered")
    assert with_teams(simulator, care_plan) == [[another[1]], [another[1]]]
    for resource_type, ours in (("EpisodeOfCare", care_plan.episode_id), ("CarePlan", care_plan.pk)):
        [there] = simulator.stored(resource_type, ours)
        kept = FutReference.objects.get(resource_type=resource_type, local_id=ours)
        assert kept.version_id == there["meta"]["versionId"]


def test_teams_of_others_stay(simulator: Simulator, platform: FutClient, known: tuple[CareTeam, str]) -> None:
    """The region's, which somebody there has added."""
    care_plan = factories.assign(factories.CitizenFactory(municipality=known[0].municipality))
    tell()
    another = one_more(platform, known[0].municipality)
    theirs = made_there(platform, known[0].municipality, "Ambulatoriet")
    place = {one.resource_type: one.url for one in FutReference.objects.filter(citizen=care_plan.citizen)}
    within_course = platform.within(Context(patient=place["Patient"], episode=place["EpisodeOfCare"]))
    within_course.operate(
        "careplan",
        f"{place['EpisodeOfCare'].partition('/fhir/')[2]}/$update-care-teams",
        {
            "resourceType": "Parameters",
            "parameter": [{"name": "addCareteams", "valueReference": {"reference": theirs}}],
        },
    )
    enrolling.change_team(episode=care_plan.episode, care_team=another[0], at=timezone.now())
    tell()

    assert with_teams(simulator, care_plan) == [[theirs, another[1]], [another[1]]]


def test_a_team_that_the_platform_does_not_have_only_takes_the_former_away(
    simulator: Simulator, known: tuple[CareTeam, str]
) -> None:
    care_plan = factories.assign(factories.CitizenFactory(municipality=known[0].municipality))
    tell()
    ours_alone = factories.CareTeamFactory(municipality=known[0].municipality, name="Kun her")
    enrolling.change_team(episode=care_plan.episode, care_team=ours_alone, at=timezone.now())

    assert tell()[-1] == (EventName.EPISODE_MOVED, "delivered")
    assert with_teams(simulator, care_plan) == [[], []]


def test_the_operation_names_teams_as_recorded() -> None:
    team, former, theirs = (Reference(f"https://organization.example/fhir/CareTeam/{n}") for n in (1, 2, 3))
    there = [{"reference": f"{former.url}/_history/4"}, {"reference": theirs.url}]

    changed = teams_changed({"resourceType": "EpisodeOfCare", "id": "9", "team": there}, team, [team, former])
    assert changed is not None
    assert [(one["name"], one["valueReference"]["reference"]) for one in changed["parameter"]] == [
        ("addCareteams", team.url),
        ("removeCareteams", former.url),
    ]
    assert (
        teams_changed({"resourceType": "CarePlan", "id": "9", "careTeam": there}, former, [team, former])
        is None
    )
