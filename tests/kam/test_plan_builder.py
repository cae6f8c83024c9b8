"""The pages on which plans are built, drawn, looked through and published."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.actors import StaffActor
from identity.roles import Role
from plans import building, publishing
from plans.building import PlanTexts
from plans.models import Plan
from plans.schedule import (
    AfterAnswer,
    AtOffsets,
    BeforeAppointment,
    Every,
    Length,
    Moves,
    Once,
    OnWeekdays,
    Rhythm,
    Times,
    Unit,
)
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor

pytestmark = pytest.mark.django_db

WEEKLY = {"kind": "every", "every": 1, "every_unit": "weeks", "ends": "times", "times": 4}


@pytest.fixture
def draft() -> Plan:
    return building.create_plan(texts=PlanTexts(title="Efter operationen"), owner=None)


@pytest.fixture
def version() -> QuestionnaireVersion:
    made: QuestionnaireVersion = factories.QuestionnaireVersionFactory()
    return made


def address(plan: Plan) -> str:
    return reverse("kam:new_activity", args=[plan.pk])


def text_of(client: Client, name: str, *args: object, **query: Any) -> str:
    return client.get(reverse(f"kam:{name}", args=args), query).content.decode()


@pytest.mark.parametrize(
    ("filled_in", "rhythm"),
    [
        ({"kind": "once"}, Once()),
        ({"kind": "once", "times": "x", "offsets": "x"}, Once()),
        ({"kind": "offsets", "offsets": "90, 0 og 30"}, AtOffsets((0, 30, 90))),
        (WEEKLY, Every(Length(1, Unit.WEEKS), Times(4))),
        (
            {**WEEKLY, "every_unit": "months", "ends": "lasts", "lasts": 1, "lasts_unit": "months"},
            Every(Length(1, Unit.MONTHS), Length(1, Unit.MONTHS)),
        ),
        (
            {"kind": "weekdays", "weekdays": [4, 1], "every_weeks": 2,
             "ends": "lasts", "lasts": 3, "lasts_unit": "months"},
            OnWeekdays((1, 4), 2, Length(3, Unit.MONTHS)),
        ),
        ({"kind": "appointment", "days_before": 7}, BeforeAppointment(7)),
    ],
)  # fmt: skip
def test_what_is_filled_in_is_the_rhythm(
    administrator_client: Client,
    draft: Plan,
    version: QuestionnaireVersion,
    filled_in: dict[str, Any],
    rhythm: Rhythm,
) -> None:
    sent = {"questionnaire": version.pk, "answer_days": 5, "moves": "later", **filled_in}
    assert administrator_client.post(address(draft), sent).status_code == 302
    activity = draft.activities.get()
    assert activity.rhythm == rhythm
    assert (activity.window.answer_days, activity.window.moves) == (5, Moves.LATER)

    # The form shows it as it was, and sends back the same.
    edit = reverse("kam:activity", args=[draft.pk, activity.pk])
    assert administrator_client.post(edit, {**sent, "title": "Ny titel"}).status_code == 302
    activity.refresh_from_db()
    assert (activity.rhythm, activity.title) == (rhythm, "Ny titel")


@pytest.mark.parametrize(
    ("filled_in", "sentence"),
    [
        ({"questionnaire": ""}, "Vælg det spørgeskema, borgeren skal svare på."),
        ({"kind": ""}, "Vælg, hvornår borgeren skal svare."),
        ({"kind": "offsets", "offsets": "snart"}, "Skriv hele tal mellem 0 og 1830"),
        ({"kind": "offsets", "offsets": ""}, "Skriv hele tal mellem 0 og 1830"),
        ({**WEEKLY, "times": ""}, "Skriv et helt tal."),
        ({**WEEKLY, "times": 999}, "Skriv et helt tal mellem 1 og 366."),
        ({**WEEKLY, "every": 40, "every_unit": "months"}, "Skriv et helt tal mellem 1 og 36."),
        ({"kind": "weekdays", "every_weeks": 1, "ends": "times", "times": 3}, "Vælg mindst én ugedag."),
        (
            {"kind": "weekdays", "weekdays": [1], "every_weeks": 1, "ends": "lasts", "lasts": 3, "lasts_unit": "days"},
            "Skriv mindst 7 dage",
        ),
        ({"answer_days": 0}, "Skriv et helt tal mellem 1 og 90."),
        ({"title": "x" * 201}, "Titlen er for lang."),
    ],
)  # fmt: skip
def test_what_cannot_be_is_explained_at_its_field(
    administrator_client: Client,
    draft: Plan,
    version: QuestionnaireVersion,
    filled_in: dict[str, Any],
    sentence: str,
) -> None:
    sent = {"questionnaire": version.pk, "kind": "once", "answer_days": 7, **filled_in}
    page = administrator_client.post(address(draft), sent)
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert not draft.activities.exists()


@pytest.mark.parametrize(
    "answer",
    [
        ("pain", "=", "true", {"valueBoolean": True}),
        ("how-much", ">=", "3", {"valueInteger": 3}),
    ],
)
def test_a_questionnaire_follows_an_answer(
    administrator_client: Client, draft: Plan, version: QuestionnaireVersion, answer: tuple[str, ...]
) -> None:
    question, operator, value, stored = answer
    first = factories.add_to(draft, Once(), version=version)
    administrator_client.post(
        address(draft),
        {
            **{"questionnaire": version.pk, "kind": "answer", "after": first.pk, "answer_days": 7},
            **{"question": question, "operator": operator, "value": value, "days_after": 2},
        },
    )
    made = draft.activities.get(after=first)
    assert made.rhythm == AfterAnswer(2)
    assert made.condition == {"question": question, "operator": operator, "value": stored}
    page = text_of(administrator_client, "plan", draft.pk)
    assert "2 dage efter svaret på »Om din dag«, når »" in page
    edit = text_of(administrator_client, "activity", draft.pk, made.pk)
    assert f'value="{question}" selected' in edit


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({}, "Vælg det spørgeskema, borgeren svarer på først."),
        ({"question": "how-much", "operator": ">=", "value": "mange"}, "Skriv eller vælg det svar"),
        ({"question": "pain", "operator": ">", "value": "true"}, "Vælg en af de muligheder, der står her."),
    ],
)
def test_an_answer_that_cannot_be_given_is_explained(
    administrator_client: Client,
    draft: Plan,
    version: QuestionnaireVersion,
    more: dict[str, str],
    sentence: str,
) -> None:
    first = factories.add_to(draft, Once(), version=version)
    sent = {"questionnaire": version.pk, "kind": "answer", "days_after": 0, "answer_days": 7, **more}
    if more:
        sent["after"] = first.pk
    page = administrator_client.post(address(draft), sent)
    assert page.status_code == 422
    assert sentence in page.content.decode()


def test_looking_shows_the_fields_and_the_time_line_and_stores_nothing(
    administrator_client: Client, draft: Plan, version: QuestionnaireVersion
) -> None:
    sent = {"questionnaire": version.pk, "answer_days": 7, "start": "24-11-2026", **WEEKLY}
    shown = administrator_client.post(address(draft), sent, headers={"HX-Request": "true"})
    text = shown.content.decode()
    assert "<html" not in text
    assert "Hver uge 4 gange" in text
    assert text.count('class="time-line-bar') == 4
    assert "tirsdag 15. december 2026" in text
    without_scripts = administrator_client.post(address(draft), {**sent, "look": "1"})
    assert "Hver uge 4 gange" in without_scripts.content.decode()
    assert (
        "Vælg mindst"
        not in administrator_client.post(address(draft), {"kind": "weekdays", "look": "1"}).content.decode()
    )
    assert not draft.activities.exists()


def test_the_time_line_is_drawn_for_an_example_and_stands_in_a_table(
    administrator_client: Client, draft: Plan
) -> None:
    factories.add_to(draft, AtOffsets((0, 30)))
    factories.add_to(draft, BeforeAppointment(7), title="Før samtalen")
    factories.add_to(draft, AfterAnswer(1), after=draft.activities.all()[0], title="Opfølgning")
    query = {"start": "01-03-2027", "appointment": "2027-04-20"}
    page = text_of(administrator_client, "plan", draft.pk, **query)
    for day in (
        *("mandag 1. marts 2027", "onsdag 31. marts 2027", "tirsdag 13. april 2027"),
        "tirsdag 2. marts 2027",
    ):
        assert day in page
    assert "eksempel: borgeren svarer den første dag" in page
    fragment = administrator_client.get(
        reverse("kam:plan", args=[draft.pk]), query, headers={"HX-Request": "true"}
    )
    assert "<html" not in fragment.content.decode()
    assert "mandag 1. marts 2027" in fragment.content.decode()


@pytest.mark.parametrize("start", ["i morgen", "01-01-0001", "31-12-9999", ""])
def test_no_start_date_breaks_the_time_line(administrator_client: Client, draft: Plan, start: str) -> None:
    factories.add_to(draft, Every(Length(36, Unit.MONTHS), Times(366)))
    page = administrator_client.get(
        reverse("kam:plan", args=[draft.pk]), {"start": start, "appointment": start}
    )
    assert page.status_code == 200


def test_activities_are_moved_and_taken_out(administrator_client: Client, draft: Plan) -> None:
    first = factories.add_to(draft, Once(), title="A")
    factories.add_to(draft, Once(), title="B")
    administrator_client.post(reverse("kam:move_activity", args=[draft.pk, first.pk]), {"direction": "down"})
    assert [one.title for one in draft.activities.all()] == ["B", "A"]
    administrator_client.post(reverse("kam:remove_activity", args=[draft.pk, first.pk]))
    assert [one.title for one in draft.activities.all()] == ["B"]


def test_a_plan_is_looked_through_published_and_made_anew(administrator_client: Client, draft: Plan) -> None:
    factories.add_to(draft, Once())

    def press(word: str, plan: Plan) -> None:
        page = text_of(administrator_client, "plan", plan.pk)
        found = re.search(rf'action="([^"]*)"[^>]*>(?:(?!</form>).)*?>\s*{word}', page, re.DOTALL)
        assert found, word
        administrator_client.post(found[1])
        plan.refresh_from_db()

    press("Send til gennemsyn", draft)
    assert draft.is_in_review
    page = text_of(administrator_client, "plan", draft.pk)
    assert "Sæt et spørgeskema ind" not in page
    press("Tilbage til kladde", draft)
    administrator_client.post(
        reverse("kam:plan_texts", args=[draft.pk]), {"title": "Ny titel", "correction_days": 3}
    )
    administrator_client.post(reverse("kam:publish_plan", args=[draft.pk]))
    draft.refresh_from_db()
    assert (draft.title, draft.correction_days, draft.status) == ("Ny titel", 3, PublicationStatus.ACTIVE)
    press("Lav en ny version", draft)
    newer = Plan.objects.get(line=draft.line, version=2)
    assert "Version 1" in text_of(administrator_client, "plan", newer.pk)
    press("Lad planen udgå", draft)
    assert draft.is_retired


def test_a_municipality_copies_a_national_plan_and_changes_nothing_of_it(
    client_as: Callable[[StaffActor], Client],
) -> None:
    member = factories.StaffMemberFactory()
    client = client_as(staff_actor(member, ADMINISTRATOR_ROLES))
    national, others = factories.PlanFactory(), factories.PlanFactory(owner=factories.MunicipalityFactory())
    in_review = factories.PlanFactory(status=PublicationStatus.IN_REVIEW, published_at=None)
    assert client.get(reverse("kam:plan", args=[others.pk])).status_code == 404
    assert client.get(reverse("kam:plan", args=[in_review.pk])).status_code == 404
    for name in ("retire_plan", "new_plan_version", "send_plan_back", "publish_plan", "send_plan_to_review"):
        assert client.post(reverse(f"kam:{name}", args=[national.pk])).status_code == 404
    assert client.get(reverse("kam:plan_texts", args=[national.pk])).status_code == 404
    assert client.get(address(national)).status_code == 404

    client.post(reverse("kam:copy_plan", args=[national.pk]))
    copy = Plan.objects.get(copied_from=national)
    assert copy.owner_id == member.municipality_id
    assert "Lavet af den nationale plan" in text_of(client, "plan", copy.pk)


def test_an_editor_of_questionnaires_builds_no_plans(
    client_as: Callable[[StaffActor], Client], draft: Plan
) -> None:
    client = client_as(
        staff_actor(factories.StaffMemberFactory(municipality=None), frozenset({Role.QUESTIONNAIRE_EDITOR}))
    )
    assert client.get(address(draft)).status_code == 403
    assert "Sæt et spørgeskema ind" not in text_of(client, "plan", draft.pk)


def test_what_is_published_is_not_built(administrator_client: Client, draft: Plan) -> None:
    activity = factories.add_to(draft, Once())
    member = factories.StaffMemberFactory(municipality=None)
    publishing.publish_plan(plan=draft, by=member, at=timezone.now())
    for name in ("activity", "move_activity", "remove_activity"):
        answer = administrator_client.post(
            reverse(f"kam:{name}", args=[draft.pk, activity.pk]), {"kind": "once"}
        )
        assert answer.status_code == 404
    refused = administrator_client.post(reverse("kam:plan_texts", args=[draft.pk]), {"title": "x"})
    assert refused.status_code == 409
    assert draft.activities.get() == activity
