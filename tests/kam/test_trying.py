"""Trying a questionnaire as a citizen, keeping it as a test, and what a failing test stops."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.actors import StaffActor
from identity.roles import Role
from questionnaires.models import PublicationStatus, QuestionnaireTest, QuestionnaireVersion
from questionnaires.publishing import publish_questionnaire
from questionnaires.test_cases import MOST_TESTS, FailingTests
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.engine.small_forms import calculated, extension, group, question, when
from tests.roles import QUERIES_OF_A_SCOPE
from tests.translated_form import TRANSLATED

pytestmark = pytest.mark.django_db

FUT = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"
RED = {
    "url": f"{FUT}ehealth-questionnaire-answerSignificance",
    "extension": [
        {"url": "significance", "valueCoding": {"code": "red"}},
        {
            "url": "answerCondition",
            "extension": [
                {"url": "operator", "valueCode": ">="},
                {"url": "value", "valueDecimal": 10},
            ],
        },
    ],
}
WORRYING = {
    "url": f"{FUT}ehealth-questionnaire-feedback",
    "extension": [
        {"url": "min", "valueInteger": 10},
        {"url": "max", "valueInteger": 20},
        {"url": "value", "valueString": "Tal med en læge"},
    ],
}
HIDDEN = extension("questionnaire-hidden", valueBoolean=True)
SUM = "%resource.descendants().where(linkId='n').answer.value * 2"
SCORED: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/scored",
    "title": "Om din dag",
    "status": "active",
    "item": [
        group(
            "p1",
            question("n", "integer", text="Hvor stærke er smerterne?", required=True),
            question("why", text="Hvad gør de værre?", enableWhen=[when("n", ">", answerInteger=3)]),
            text="Smerter",
        ),
        group("p2", question("note", "text", text="Er der andet?"), text="Til sidst"),
        question("sum", "decimal", text="Smertetal", extension=[calculated(SUM), HIDDEN]),
    ],
}


def draft(source: dict[str, Any] = SCORED, **more: Any) -> QuestionnaireVersion:
    version: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        source=source, status=PublicationStatus.DRAFT, published_at=None, title=source["title"], **more
    )
    return version


def answer(client: Client, version: QuestionnaireVersion, **fields: Any) -> str:
    named = {name.replace("__", ":"): value for name, value in fields.items()}
    shown = client.post(
        reverse("kam:try", args=[version.pk]), {"way": "all", **named}, headers={"HX-Request": "true"}
    )
    assert shown.status_code == 200
    return str(shown.content.decode())


def carried(page: str) -> str:
    [found] = re.findall(r'name="answers" value="([^"]*)"', page)
    return str(found).replace("&quot;", '"')


class TestTrying:
    def test_an_answer_opens_its_question_and_says_why_and_nothing_is_stored(
        self, administrator_client: Client
    ) -> None:
        version = factories.QuestionnaireVersionFactory()
        page = answer(administrator_client, version, asked=["pain", "note"], a__pain="true")
        assert "»Hvor mange dage i denne uge?« vises, fordi »Har du smerter?« er »Ja«." in page
        page = answer(administrator_client, version, asked=["pain", "note"], a__pain="false")
        assert (
            "»Hvor mange dage i denne uge?« vises ikke, fordi »Har du smerter?« er »Nej« og ikke »Ja«."
            in page
        )
        assert version.responses.count() == 0

    def test_scores_are_there_at_once(self, administrator_client: Client) -> None:
        page = answer(administrator_client, draft(), a__n="7")
        assert re.search(r"Smertetal</dt>\s*<dd>\s*<strong[^>]*>14</strong>", page)
        assert "»Hvad gør de værre?« vises, fordi »Hvor stærke er smerterne?« er »7«" in page

    def test_a_score_without_answers_says_why_it_is_missing(self, administrator_client: Client) -> None:
        page = administrator_client.get(reverse("kam:try", args=[draft().pk])).content.decode()
        assert re.search(r"Smertetal</dt>\s*<dd><strong[^>]*>–</strong>", page)

    def test_colours_have_a_word_and_a_shape_and_feedback_is_told(self, administrator_client: Client) -> None:
        source = json.loads(json.dumps(SCORED))
        source["item"][2]["extension"] += [RED, WORRYING]
        page = answer(administrator_client, draft(source), a__n="7")
        assert 'class="significance significance-red"' in page
        assert "significance-shape" in page
        assert "Tal med en læge" in page
        page = answer(administrator_client, draft(source), a__n="2")
        assert "significance-red" not in page
        assert "Tal med en læge" not in page

    def test_page_by_page_as_a_citizen_goes(self, administrator_client: Client) -> None:
        version = draft()
        first = administrator_client.get(reverse("kam:try", args=[version.pk])).content.decode()
        assert "Hvor stærke er smerterne?" in first
        assert "Er der andet?" not in first
        missing = answer(administrator_client, version, way="pages", page="1", go="next", asked=["n"])
        assert "Hvor stærke er smerterne?" in missing
        second = answer(administrator_client, version, way="pages", page="1", go="next", a__n="7", a__why="")
        assert "Er der andet?" in second
        over = answer(
            administrator_client,
            version,
            way="pages",
            page="2",
            go="next",
            answers=carried(second),
            a__note="",
        )
        assert "Det var det hele" in over
        assert '"valueInteger":7' in carried(over)
        back = answer(administrator_client, version, way="pages", page="0", go="back", answers=carried(over))
        assert "Er der andet?" in back

    def test_answers_of_other_pages_are_carried_along(self, administrator_client: Client) -> None:
        version = draft()
        page = answer(administrator_client, version, a__n="7")
        page = answer(administrator_client, version, answers=carried(page), a__note="Hej")
        document = json.loads(carried(page))
        assert [item["linkId"] for item in document["item"]][:2] == ["p1", "p2"]
        assert ">14</strong>" in page

    @pytest.mark.parametrize(
        "answers", ["", "{", "[]", "5", '{"resourceType": "Patient"}', '{"item": NaN}', "x" * 500_000]
    )
    def test_whatever_the_form_carries_is_no_fault(self, administrator_client: Client, answers: str) -> None:
        assert "Hvor stærke er smerterne?" in answer(administrator_client, draft(), answers=answers)

    def test_in_each_of_its_languages_with_the_screens_own_words(self, administrator_client: Client) -> None:
        page = answer(administrator_client, draft(TRANSLATED), words="en")
        assert "Are you in pain?" in page
        assert 'class="try-screen" lang="en" dir="ltr"' in page
        arabic = answer(administrator_client, draft(TRANSLATED), words="ar")
        assert "هل تشعر بألم؟" in arabic
        assert 'dir="rtl"' in arabic
        assert 'class="try-screen" lang="da"' in arabic  # a citizen's own screen has no Arabic

    def test_a_language_that_is_half_there_is_not_offered(self, administrator_client: Client) -> None:
        page = answer(administrator_client, draft(TRANSLATED), words="uk")
        assert "Har du smerter?" in page
        assert 'value="uk"' not in page

    def test_without_javascript_it_is_a_whole_page(self, administrator_client: Client) -> None:
        page = administrator_client.post(reverse("kam:try", args=[draft().pk]), {"way": "all", "a:n": "7"})
        assert "<!DOCTYPE html>" in page.content.decode()
        assert ">14</strong>" in page.content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_form(
        self, administrator_client: Client, django_assert_max_num_queries: Callable[[int], Any]
    ) -> None:
        many = {**SCORED, "item": [question(f"q{number}") for number in range(200)]}
        for source in (SCORED, many):
            version = draft(source)
            with django_assert_max_num_queries(2 + QUERIES_OF_A_SCOPE):
                administrator_client.get(reverse("kam:try", args=[version.pk]))


def keep(client: Client, version: QuestionnaireVersion, **fields: Any) -> Any:
    named = {name.replace("__", ":"): value for name, value in fields.items()}
    return client.post(reverse("kam:save_test", args=[version.pk]), named, follow=True)


def publish(version: QuestionnaireVersion) -> QuestionnaireVersion:
    return publish_questionnaire(
        version=version,
        fingerprint=version.fingerprint,
        by=factories.StaffMemberFactory(),
        at=timezone.now(),
    )


class TestTestCases:
    def test_one_click_keeps_what_was_tried(self, administrator_client: Client) -> None:
        version = draft()
        page = keep(administrator_client, version, a__n="7", name="Stærke smerter").content.decode()
        assert "»Stærke smerter« er gemt som prøve." in page
        assert "1 prøve består" in page
        kept = QuestionnaireTest.objects.get()
        assert (kept.expected_scores, kept.expected_shown, kept.expected_hidden) == (
            {"sum": "14"},
            ["why"],
            [],
        )

    def test_it_gets_a_name_of_its_own_where_none_is_given(self, administrator_client: Client) -> None:
        version = draft()
        for _ in range(2):
            keep(administrator_client, version, a__n="7")
        assert {test.name for test in QuestionnaireTest.objects.all()} == {"Prøve 1", "Prøve 2"}

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"name": "Optaget", "a__n": "1"}, "Der er allerede en prøve, der hedder »Optaget«"),
            ({"name": "Tom"}, "Der er ingen svar at gemme"),
            ({"name": "N\0UL", "a__n": "1"}, "et tegn, der ikke kan gemmes"),
        ],
    )
    def test_what_cannot_be_kept_says_so(
        self, administrator_client: Client, fields: dict[str, Any], sentence: str
    ) -> None:
        version = draft()
        factories.QuestionnaireTestFactory(questionnaire=version.questionnaire, name="Optaget")
        assert sentence in keep(administrator_client, version, **fields).content.decode()
        assert QuestionnaireTest.objects.count() == 1

    def test_there_are_never_too_many(self, administrator_client: Client) -> None:
        version = draft()
        factories.QuestionnaireTestFactory.create_batch(MOST_TESTS, questionnaire=version.questionnaire)
        assert "Der er allerede 200 prøver" in keep(administrator_client, version, a__n="1").content.decode()

    def test_a_draft_that_fails_its_test_is_not_published(self, administrator_client: Client) -> None:
        version = draft()
        keep(administrator_client, version, a__n="7", name="Stærke smerter")
        version.source = json.loads(json.dumps(SCORED).replace("value * 2", "value * 3"))
        version.save()
        with pytest.raises(FailingTests, match="Prøven »Stærke smerter« fejler"):
            publish(version)
        version.refresh_from_db()
        assert version.is_draft
        page = administrator_client.post(
            reverse("kam:publish", args=[version.pk]), {"fingerprint": version.fingerprint}, follow=True
        ).content.decode()
        assert "Prøven »Stærke smerter« fejler. Ret spørgeskemaet eller prøven, før du udgiver." in page
        assert "»Smertetal« skulle være 14, men er 21." in page
        administrator_client.post(
            reverse("kam:accept_test", args=[version.pk, QuestionnaireTest.objects.get().pk])
        )
        assert not publish(version).is_draft

    def test_it_stays_with_the_questionnaire_over_versions(self, administrator_client: Client) -> None:
        version = draft()
        keep(administrator_client, version, a__n="7", name="Stærke smerter")
        publish(version)
        without = {**SCORED, "item": [question("other", text="Noget andet")]}
        later = draft(without, questionnaire=version.questionnaire, number=2)
        page = administrator_client.get(reverse("kam:tests", args=[later.pk])).content.decode()
        assert "1 prøve fejler" in page
        assert "Spørgsmålet »Hvor stærke er smerterne?« findes ikke mere." in page
        assert "Scoren »Smertetal« findes ikke mere." in page

    def test_what_is_expected_can_be_changed(self, administrator_client: Client) -> None:
        version = draft()
        keep(administrator_client, version, a__n="7", name="Stærke smerter")
        kept = QuestionnaireTest.objects.get()
        address = reverse("kam:test", args=[version.pk, kept.pk])
        assert 'value="14"' in administrator_client.get(address).content.decode()
        changed = {"name": "Omdøbt", "score-0": "13,5", "question-0": "hidden"}
        page = administrator_client.post(address, changed, follow=True).content.decode()
        assert "»Smertetal« skulle være 13,5, men er 14." in page
        assert "»Hvad gør de værre?« skulle ikke vises, men vises." in page
        administrator_client.post(address, {"name": "Omdøbt", "score-0": "14", "question-0": ""})
        kept.refresh_from_db()
        assert (kept.name, kept.expected_scores, kept.expected_hidden) == ("Omdøbt", {"sum": "14"}, [])

    @pytest.mark.parametrize("written", ["tolv", "NaN", "Infinity", "1,2,3"])
    def test_what_is_no_number_is_explained_at_its_field(
        self, administrator_client: Client, written: str
    ) -> None:
        version = draft()
        keep(administrator_client, version, a__n="7")
        address = reverse("kam:test", args=[version.pk, QuestionnaireTest.objects.get().pk])
        answered = administrator_client.post(address, {"name": "x", "score-0": written})
        assert answered.status_code == 422
        assert "Skriv et tal, for eksempel 12 eller 3,5." in answered.content.decode()

    def test_it_can_be_deleted(self, administrator_client: Client) -> None:
        version = draft()
        keep(administrator_client, version, a__n="7", name="Væk")
        kept = QuestionnaireTest.objects.get()
        page = administrator_client.post(
            reverse("kam:delete_test", args=[version.pk, kept.pk]), follow=True
        ).content.decode()
        assert "Prøven »Væk« er slettet." in page
        assert not QuestionnaireTest.objects.exists()

    def test_nobody_elses_tests_are_seen_or_touched(
        self, client_as: Callable[[StaffActor], Client], addresses: Callable[..., list[str]]
    ) -> None:
        version = factories.QuestionnaireVersionFactory()  # national, and published: everybody tries it
        kept = factories.QuestionnaireTestFactory(questionnaire=version.questionnaire)
        municipal = client_as(staff_actor(factories.StaffMemberFactory(), ADMINISTRATOR_ROLES))
        assert municipal.get(reverse("kam:try", args=[version.pk])).status_code == 200
        assert municipal.get(reverse("kam:tests", args=[version.pk])).status_code == 404
        for address in addresses(version, kept):
            assert municipal.post(address, {"a:pain": "true"}).status_code == 404
        assert QuestionnaireTest.objects.get() == kept

    def test_who_does_not_edit_keeps_no_tests(
        self, client_as: Callable[[StaffActor], Client], addresses: Callable[..., list[str]]
    ) -> None:
        member = factories.StaffMemberFactory(municipality=None)
        client = client_as(staff_actor(member, frozenset({Role.CLINICAL_ADMINISTRATOR})))
        version = draft()
        kept = factories.QuestionnaireTestFactory(questionnaire=version.questionnaire)
        assert "Gem som prøve" not in client.get(reverse("kam:try", args=[version.pk])).content.decode()
        for address in addresses(version, kept):
            assert client.post(address).status_code == 403

    def test_who_does_not_edit_reads_what_holds_a_draft_back(
        self, client_as: Callable[[StaffActor], Client]
    ) -> None:
        member = factories.StaffMemberFactory(municipality=None)
        client = client_as(staff_actor(member, frozenset({Role.CLINICAL_ADMINISTRATOR})))
        version = draft()
        kept = factories.QuestionnaireTestFactory(questionnaire=version.questionnaire)
        page = client.get(reverse("kam:tests", args=[version.pk]))
        assert page.status_code == 200
        assert "Spørgsmålet »Har du smerter?« findes ikke mere." in page.content.decode()
        assert reverse("kam:test", args=[version.pk, kept.pk]) not in page.content.decode()

    def test_a_test_counts_although_its_maker_works_elsewhere_by_now(
        self, administrator_client: Client
    ) -> None:
        """The wall hides an employee of another municipality, and must not hide the test with them."""
        version = draft()
        elsewhere = factories.StaffMemberFactory()
        kept = factories.QuestionnaireTestFactory(questionnaire=version.questionnaire, made_by=elsewhere)
        page = administrator_client.get(reverse("kam:tests", args=[version.pk])).content.decode()
        assert kept.name in page
        assert elsewhere.name not in page
        seen = {"fingerprint": version.fingerprint}
        answered = administrator_client.post(reverse("kam:publish", args=[version.pk]), seen, follow=True)
        assert f"Prøven »{kept.name}« fejler." in answered.content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_tests(
        self, administrator_client: Client, django_assert_max_num_queries: Callable[[int], Any]
    ) -> None:
        version = draft()
        member = factories.StaffMemberFactory()
        factories.QuestionnaireTestFactory.create_batch(
            30, questionnaire=version.questionnaire, made_by=member
        )
        with django_assert_max_num_queries(4 + QUERIES_OF_A_SCOPE):
            administrator_client.get(reverse("kam:tests", args=[version.pk]))


@pytest.fixture
def addresses() -> Callable[..., list[str]]:
    """Every address that writes a test."""

    def of(version: QuestionnaireVersion, kept: QuestionnaireTest) -> list[str]:
        own = [version.pk, kept.pk]
        return [
            reverse("kam:save_test", args=[version.pk]),
            *(reverse(f"kam:{name}", args=own) for name in ("test", "accept_test", "delete_test")),
        ]

    return of
