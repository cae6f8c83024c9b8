"""Importing and publishing questionnaires, on real PostgreSQL."""

import json

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from identity.models import StaffMember
from questionnaires import services as questionnaires
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion
from tests import factories

pytestmark = pytest.mark.django_db


def imported(source: object = None, **more: object) -> QuestionnaireVersion:
    content = json.dumps(source if source is not None else factories.questionnaire_source(**more)).encode()  # type: ignore[arg-type]
    return questionnaires.import_questionnaire(content=content, owner=None).version


def test_a_file_becomes_version_1_when_it_is_published(nurse: StaffMember) -> None:
    draft = imported(title="Smerter")
    assert (draft.number, draft.status, draft.title) == (1, PublicationStatus.DRAFT, "Smerter")

    active = questionnaires.publish_questionnaire(version=draft, by=nurse, at=timezone.now())

    assert active.status == PublicationStatus.ACTIVE
    assert active.published_by == nurse


def test_the_next_import_of_the_same_questionnaire_is_the_next_version(nurse: StaffMember) -> None:
    first = questionnaires.publish_questionnaire(version=imported(), by=nurse, at=timezone.now())
    second = questionnaires.publish_questionnaire(
        version=imported(title="Rettet"), by=nurse, at=timezone.now()
    )

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
    active = questionnaires.publish_questionnaire(version=imported(), by=nurse, at=timezone.now())
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=active.pk).update(source={})
    with pytest.raises(questionnaires.NotADraft):
        questionnaires.publish_questionnaire(version=active, by=nurse, at=timezone.now())


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b'"Questionnaire"', b'{"resourceType": "Patient"}', b"[" * 100_000],
    ids=["empty", "half", "not text", "list", "string", "another resource", "deep"],
)
def test_what_is_no_questionnaire_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(questionnaires.QuestionnaireRefused) as refused:
        questionnaires.import_questionnaire(content=content, owner=None)
    assert refused.value.sentence
    assert not Questionnaire.objects.exists()


def test_another_owners_address_is_not_taken_over() -> None:
    imported()
    with pytest.raises(questionnaires.QuestionnaireRefused, match="tilhører en anden"):
        questionnaires.import_questionnaire(
            content=json.dumps(factories.questionnaire_source()).encode(),
            owner=factories.MunicipalityFactory(),
        )
