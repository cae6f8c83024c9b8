"""Importing and publishing questionnaires, on real PostgreSQL."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from identity.models import StaffMember
from questionnaires.drafting import DraftChanged, NotADraft
from questionnaires.importing import QuestionnaireRefused, import_questionnaire
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion
from questionnaires.publishing import publish_questionnaire
from tests import factories
from tests.at_the_same_time import in_a_connection_of_its_own, wait_until_somebody_waits

pytestmark = pytest.mark.django_db


def imported(source: object = None, **more: object) -> QuestionnaireVersion:
    content = json.dumps(source if source is not None else factories.questionnaire_source(**more)).encode()  # type: ignore[arg-type]
    return import_questionnaire(content=content, owner=None).version


def published(draft: QuestionnaireVersion, by: StaffMember) -> QuestionnaireVersion:
    """As by somebody who looked at the draft as it is given."""
    return publish_questionnaire(version=draft, fingerprint=draft.fingerprint, by=by, at=timezone.now())


def test_a_file_becomes_version_1_when_it_is_published(nurse: StaffMember) -> None:
    draft = imported(title="Smerter")
    assert (draft.number, draft.status, draft.title) == (1, PublicationStatus.DRAFT, "Smerter")

    active = published(draft, nurse)

    assert active.status == PublicationStatus.ACTIVE
    assert active.published_by == nurse


def test_the_next_import_of_the_same_questionnaire_is_the_next_version(nurse: StaffMember) -> None:
    first = published(imported(), nurse)
    second = published(imported(title="Rettet"), nurse)

    first.refresh_from_db()
    assert (first.number, first.status) == (1, PublicationStatus.RETIRED)
    assert (second.number, second.status) == (2, PublicationStatus.ACTIVE)


def test_importing_again_replaces_the_draft() -> None:
    imported(title="Første")
    imported(title="Anden")
    assert list(QuestionnaireVersion.objects.values_list("title", flat=True)) == ["Anden"]


def test_a_form_without_an_address_gets_one() -> None:
    source = factories.questionnaire_source()
    del source["url"]
    assert imported(source).questionnaire.url.startswith("urn:uuid:")


def test_a_published_version_never_changes(nurse: StaffMember) -> None:
    active = published(imported(), nurse)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=active.pk).update(source={})
    with pytest.raises(NotADraft):
        published(active, nurse)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b'"Questionnaire"', b'{"resourceType": "Patient"}', b"[" * 100_000],
    ids=["empty", "half", "not text", "list", "string", "another resource", "deep"],
)
def test_what_is_no_questionnaire_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(QuestionnaireRefused) as refused:
        import_questionnaire(content=content, owner=None)
    assert refused.value.sentence
    assert not Questionnaire.objects.exists()


def test_nobody_publishes_what_they_have_not_seen(nurse: StaffMember) -> None:
    seen = imported(title="Som A så det")
    imported(title="Som B hentede det ind imens")

    with pytest.raises(DraftChanged, match="ændret"):
        published(seen, nurse)

    draft = QuestionnaireVersion.objects.get()
    assert draft.is_draft
    assert published(draft, nurse).title == "Som B hentede det ind imens"


def test_the_same_file_again_is_the_same_draft(nurse: StaffMember) -> None:
    source = factories.questionnaire_source(
        extension=[{"url": "https://example.org/n", "valueDecimal": 1e30}]
    )
    seen = imported(source)
    imported(dict(reversed(source.items())))
    assert published(seen, nurse).status == PublicationStatus.ACTIVE


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"description": "før \0 efter"}, "tegn"),
        ({"description": "en halv \ud83d smiley"}, "tegn"),
        ({"\ud83d": 1}, "tegn"),
        ({"extension": [{"url": "https://example.org/n", "valueDecimal": float("nan")}]}, "JSON"),
        ({"extension": [{"url": "https://example.org/n", "valueDecimal": float("-inf")}]}, "JSON"),
        ({"url": "https://example.org/" + "q" * 500}, "500"),
        ({"language": "da-x-" + "meget-lang" * 3}, "20"),
    ],
    ids=["NUL", "half a pair", "half a pair as a name", "NaN", "-Infinity", "long url", "long language"],
)
def test_what_the_database_cannot_keep_is_refused_with_a_sentence(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(QuestionnaireRefused, match=said):
        imported(factories.questionnaire_source() | wrong)
    assert not Questionnaire.objects.exists()


def test_a_number_beyond_all_numbers_is_refused_with_a_sentence() -> None:
    content = json.dumps(factories.questionnaire_source(extension=[{"url": "x", "valueDecimal": 0.5}]))
    with pytest.raises(QuestionnaireRefused, match="tal"):
        import_questionnaire(content=content.replace("0.5", "1e999").encode(), owner=None)


@pytest.mark.django_db(transaction=True)
def test_two_first_imports_at_the_same_moment_are_one_questionnaire() -> None:
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            imported(title="Første")
            second = other.submit(in_a_connection_of_its_own, imported, title="Anden")
            wait_until_somebody_waits()
        second.result()
    assert [(version.number, version.title) for version in QuestionnaireVersion.objects.all()] == [
        (1, "Anden")
    ]


@pytest.mark.django_db(transaction=True)
def test_an_import_while_the_draft_is_being_published_is_the_next_version() -> None:
    draft, administrator = imported(title="Første"), factories.StaffMemberFactory()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            published(draft, administrator)
            second = other.submit(in_a_connection_of_its_own, imported, title="Anden")
            wait_until_somebody_waits()
        second.result()
    assert list(QuestionnaireVersion.objects.order_by("number").values_list("title", "status")) == [
        ("Første", "active"),
        ("Anden", "draft"),
    ]


@pytest.mark.django_db(transaction=True)
def test_publishing_while_the_draft_is_being_replaced_is_refused() -> None:
    draft, administrator = imported(title="Første"), factories.StaffMemberFactory()
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            imported(title="Anden")
            publishing = other.submit(in_a_connection_of_its_own, published, draft, administrator)
            wait_until_somebody_waits()
        with pytest.raises(DraftChanged):
            publishing.result()
    assert QuestionnaireVersion.objects.get().is_draft


def test_another_owners_address_is_not_taken_over() -> None:
    imported()
    with pytest.raises(QuestionnaireRefused, match="tilhører en anden"):
        import_questionnaire(
            content=json.dumps(factories.questionnaire_source()).encode(),
            owner=factories.MunicipalityFactory(),
        )
