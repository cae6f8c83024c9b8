"""An administrator imports, looks, tries, publishes and puts into a plan."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from identity.actors import StaffActor
from identity.models import StaffMember
from identity.roles import Role
from plans.models import Plan
from plans.schedule import Every, Length, Times, Unit
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.kam import importing
from tests.roles import QUERIES_OF_A_SCOPE

pytestmark = pytest.mark.django_db


def upload(client: Client, source: object, **more: Any) -> Any:
    content = source if isinstance(source, bytes) else json.dumps(source).encode()
    return importing.upload(client, content, **more)


def publish(client: Client, page: Any) -> Any:
    """Press “Udgiv” on the page of a draft, with all that its form holds."""
    text = page.content.decode()
    [action] = re.findall(r'action="([^"]*/udgiv/)"', text)
    [fingerprint] = re.findall(r'name="fingerprint" value="(\w+)"', text)
    return client.post(action, {"fingerprint": fingerprint}, follow=True)


def test_from_a_file_to_a_plan_that_staff_can_assign(administrator_client: Client) -> None:
    page = upload(administrator_client, factories.questionnaire_source(title="Smerter"), follow=True)
    version = QuestionnaireVersion.objects.get()
    assert "Har du smerter?" in page.content.decode()
    assert "Vises, når »Har du smerter?« er »Ja«." in page.content.decode()

    publish(administrator_client, page)
    version.refresh_from_db()
    assert (version.number, version.status) == (1, PublicationStatus.ACTIVE)
    assert version.published_by is not None

    made = administrator_client.post(
        reverse("kam:new_plan"),
        {
            "title": "Ugentlig smertemåling",
            "questionnaire": version.pk,
            "what_happens_now": "En sygeplejerske læser dine svar inden fredag.",
            "if_you_get_worse": "Ring til teamet på 12 34 56 78.",
        },
    )
    plan = Plan.objects.get()
    assert plan.if_you_get_worse == "Ring til teamet på 12 34 56 78."
    assert "inden fredag" in administrator_client.get(reverse("kam:plan", args=[plan.pk])).content.decode()
    assert made.headers["Location"] == (
        f"{reverse('kam:new_activity', args=[plan.pk])}?questionnaire={version.pk}"
    )
    administrator_client.post(
        made.headers["Location"],
        {
            "questionnaire": version.pk,
            "kind": "every",
            "every": 1,
            "every_unit": "weeks",
            "ends": "times",
            "times": 12,
            "answer_days": 5,
        },
    )
    administrator_client.post(reverse("kam:publish_plan", args=[plan.pk]))
    activity = Plan.objects.active().get().activities.get()
    assert activity.rhythm == Every(Length(1, Unit.WEEKS), Times(12))
    assert activity.answer_days == 5


def test_a_draft_that_somebody_replaced_is_shown_again_before_it_is_published(
    administrator_client: Client,
) -> None:
    seen = upload(administrator_client, factories.questionnaire_source(title="Som A så det"), follow=True)
    upload(administrator_client, factories.questionnaire_source(title="Hentet ind af B imens"))

    shown = publish(administrator_client, seen)

    assert "Kladden er ændret, siden du åbnede den" in shown.content.decode()
    assert "Hentet ind af B imens" in shown.content.decode()
    assert QuestionnaireVersion.objects.get().is_draft
    publish(administrator_client, shown)
    assert not QuestionnaireVersion.objects.get().is_draft


def test_a_form_that_does_not_say_what_was_seen_publishes_nothing(administrator_client: Client) -> None:
    upload(administrator_client, factories.questionnaire_source())
    version = QuestionnaireVersion.objects.get()
    administrator_client.post(reverse("kam:publish", args=[version.pk]))
    version.refresh_from_db()
    assert version.is_draft


def test_a_file_that_cannot_be_asked_is_refused_with_its_reasons(administrator_client: Client) -> None:
    source = factories.questionnaire_source()
    source["item"][0]["item"].append(dict(source["item"][0]["item"][0]))
    refused = upload(administrator_client, source)
    assert refused.status_code == 422
    assert "linkId" in refused.content.decode() or "pain" in refused.content.decode()
    assert not QuestionnaireVersion.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"not json", b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b'{"a": NaN}', b'{"a": 1e999}'],
    ids=["empty", "half", "words", "NUL", "half a pair", "NaN", "beyond numbers"],
)
def test_a_file_that_cannot_be_read_is_refused_kindly(administrator_client: Client, content: bytes) -> None:
    refused = upload(administrator_client, content)
    assert refused.status_code == 422
    assert "fil" in refused.content.decode()


def test_a_plan_without_a_title_is_explained_at_its_field(administrator_client: Client) -> None:
    page = administrator_client.post(reverse("kam:new_plan"), {"title": "", "correction_days": "99"})
    text = page.content.decode()
    assert page.status_code == 422
    for sentence in ("Giv planen en titel.", "Skriv et helt tal mellem 0 og 14."):
        assert sentence in text


def test_a_municipality_sees_national_and_own_but_never_anothers(
    client_as: Callable[[StaffActor], Client],
) -> None:
    mine = factories.StaffMemberFactory()
    own = factories.QuestionnaireVersionFactory(title="Vores", questionnaire__owner=mine.municipality)
    national = factories.QuestionnaireVersionFactory(title="National")
    national_draft = factories.QuestionnaireVersionFactory(
        title="National kladde", status=PublicationStatus.DRAFT, published_at=None
    )
    others = factories.QuestionnaireVersionFactory(
        title="De andres", questionnaire__owner=factories.MunicipalityFactory()
    )
    client = client_as(staff_actor(mine, ADMINISTRATOR_ROLES))

    listed = client.get(reverse("kam:questionnaires")).content.decode()

    assert "Vores" in listed
    assert "National" in listed
    assert "De andres" not in listed
    assert "National kladde" not in listed
    for version, status in [(own, 200), (national, 200), (national_draft, 404), (others, 404)]:
        assert client.get(reverse("kam:questionnaire", args=[version.pk])).status_code == status
    assert client.post(reverse("kam:publish", args=[national.pk])).status_code == 404


def test_a_nurse_has_no_business_in_kam(nurse_client: Client) -> None:
    assert nurse_client.get(reverse("kam:questionnaires")).status_code == 403


@pytest.mark.parametrize("with_content", [True, False], ids=["full", "empty"])
@pytest.mark.parametrize("role", [Role.QUESTIONNAIRE_EDITOR, Role.CLINICAL_ADMINISTRATOR])
def test_nothing_is_offered_that_would_be_refused(
    client_as: Callable[[StaffActor], Client], role: Role, with_content: bool
) -> None:
    client = client_as(staff_actor(factories.StaffMemberFactory(municipality=None), frozenset({role})))
    looked_at = [reverse("kam:questionnaires"), reverse("kam:plans")]
    if with_content:
        version = factories.QuestionnaireVersionFactory()
        looked_at += [
            reverse("kam:questionnaire", args=[version.pk]),
            reverse("kam:plan", args=[factories.PlanFactory().pk]),
        ]

    offered = {
        link
        for path in looked_at
        for link in re.findall(r'(?:href|action)="(/kam/[^"]*)"', client.get(path).content.decode())
    }

    refused = {link for link in offered if client.get(link).status_code == 403}
    assert not refused
    assert (reverse("kam:import") in offered) == (role is Role.QUESTIONNAIRE_EDITOR)
    assert (reverse("kam:new_plan") in offered) == (role is Role.CLINICAL_ADMINISTRATOR)


def test_nobody_gets_to_the_login(client: Client) -> None:
    answer = client.get(reverse("kam:questionnaires"))
    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]


def test_the_file_goes_out_as_it_came_in(administrator_client: Client) -> None:
    source = factories.questionnaire_source(title="Ærlig søvn på øen")
    upload(administrator_client, source)
    version = QuestionnaireVersion.objects.get()
    answer = administrator_client.get(reverse("kam:export", args=[version.pk]))
    assert json.loads(answer.content) == source


def test_the_list_costs_the_same_whatever_its_length(
    administrator_client: Client, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    """The count, the page's ids and rows, the languages, and for the rows: plans, answers, active versions, origins."""
    for made in (1, 40):
        factories.QuestionnaireVersionFactory.create_batch(made)
        with django_assert_max_num_queries(8 + QUERIES_OF_A_SCOPE):
            administrator_client.get(reverse("kam:questionnaires"))


def test_published_by_is_named(administrator_client: Client) -> None:
    colleague: StaffMember = factories.StaffMemberFactory(municipality=None)
    version = factories.QuestionnaireVersionFactory(published_by=colleague)
    assert (
        colleague.name
        in administrator_client.get(reverse("kam:questionnaire", args=[version.pk])).content.decode()
    )


def test_a_plan_on_an_older_version_says_so_and_goes_on(administrator_client: Client) -> None:
    plan = factories.PlanFactory(title="Ugentlig")
    older = plan.activities.get().version
    page = reverse("kam:plan", args=[plan.pk])
    assert "nyere version" not in administrator_client.get(page).content.decode()

    QuestionnaireVersion.objects.filter(pk=older.pk).update(status=PublicationStatus.RETIRED)
    newer = factories.QuestionnaireVersionFactory(questionnaire=older.questionnaire, number=2)

    text = administrator_client.get(page).content.decode()
    assert "Et spørgeskema findes i en nyere version. Planen bruger fortsat den" in text
    assert "Se »Om din dag«, version 1" in text
    administrator_client.post(reverse("kam:new_plan_version", args=[plan.pk]))
    assert Plan.objects.get(line=plan.line, version=2).activities.get().version == newer
    assert "nyere version" in administrator_client.get(reverse("kam:plans")).content.decode()


def test_a_draft_plan_on_an_older_version_leads_to_the_newer(administrator_client: Client) -> None:
    plan = factories.PlanFactory(status=PublicationStatus.DRAFT, published_at=None)
    older = plan.activities.get().version
    QuestionnaireVersion.objects.filter(pk=older.pk).update(status=PublicationStatus.RETIRED)
    newer = factories.QuestionnaireVersionFactory(questionnaire=older.questionnaire, number=2)

    text = administrator_client.get(reverse("kam:plan", args=[plan.pk])).content.decode()

    assert "Udgiv planen" not in text
    assert "»Om din dag« findes i en nyere version. Vælg den i planen." in text
    edit = reverse("kam:activity", args=[plan.pk, plan.activities.get().pk])
    assert edit in text
    assert f'value="{newer.pk}" selected' in administrator_client.get(edit).content.decode()
