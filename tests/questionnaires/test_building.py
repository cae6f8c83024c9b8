"""Building as a use case: steps, undoing, who has the draft, new versions; on PostgreSQL."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from django.utils import timezone

from identity.models import StaffMember
from municipalities.scope import Scope, within
from questionnaires import building
from questionnaires.authoring import elements, settings
from questionnaires.authoring.kinds import Kind
from questionnaires.building import DraftHeld, EditRefused, NothingToUndo
from questionnaires.drafting import DraftChanged, NotADraft, change_draft
from questionnaires.engine import Paging
from questionnaires.fingerprints import fingerprint
from questionnaires.importing import QuestionnaireRefused, import_questionnaire
from questionnaires.models import DraftHolder, DraftStep, PublicationStatus, QuestionnaireVersion
from questionnaires.paging import with_paging
from questionnaires.publishability import NotPublishable
from questionnaires.publishing import publish_questionnaire
from tests import factories
from tests.conftest import copenhagen

pytestmark = pytest.mark.django_db

MORNING = copenhagen("2026-11-26 09:00")


@pytest.fixture
def editor(db: None) -> StaffMember:
    member: StaffMember = factories.StaffMemberFactory(name="Birgitte Hedegård")
    return member


@pytest.fixture
def draft(editor: StaffMember) -> QuestionnaireVersion:
    return building.start_questionnaire(owner=editor.municipality, title="Din hverdag", by=editor, at=MORNING)


Edit = Callable[..., QuestionnaireVersion]


@pytest.fixture
def edit(draft: QuestionnaireVersion, editor: StaffMember) -> Edit:
    """Do something to the draft as it is."""

    def do(operation: building.Operation, at: datetime = MORNING, **more: Any) -> QuestionnaireVersion:
        now = QuestionnaireVersion.objects.get(pk=draft.pk)
        given: dict[str, Any] = {"act": DraftStep.Act.SETTING, "by": editor, "fingerprint": now.fingerprint}
        given |= more
        return building.edit(version=now, operation=operation, at=at, **given)

    return do


def titled(title: str) -> building.Operation:
    return lambda source: {**source, "title": title}


def test_a_new_questionnaire_is_our_own_draft_in_danish(
    draft: QuestionnaireVersion, editor: StaffMember
) -> None:
    assert draft.questionnaire.url.startswith("urn:uuid:")
    assert draft.source["url"] == draft.questionnaire.url
    assert draft.questionnaire.owner == editor.municipality
    assert (draft.is_draft, draft.language, draft.title) == (True, "da", "Din hverdag")
    assert building.holder_of(draft, at=MORNING) == DraftHolder.objects.get(staff=editor)


def test_the_row_says_what_the_document_says(edit: Edit, draft: QuestionnaireVersion) -> None:
    edit(lambda source: {**source, "title": "Om søvn", "language": "en"})
    draft.refresh_from_db()
    assert (draft.title, draft.language) == ("Om søvn", "en")
    edit(lambda source: {name: part for name, part in source.items() if name not in ("title", "language")})
    draft.refresh_from_db()
    assert (draft.title, draft.language) == ("Spørgeskema uden titel", "da")


def test_each_act_is_a_step_and_nothing_is_none(edit: Edit, draft: QuestionnaireVersion) -> None:
    edit(titled("Et"), act=DraftStep.Act.HEAD, about="titel")
    edit(titled("Et"))
    [step] = draft.steps.all()
    assert step.sentence == "Ændrede spørgeskemaets oplysninger: »titel«"
    assert step.delta == [{"at": ["title"], "old": "Din hverdag", "new": "Et"}]


def test_back_and_forth_and_something_new_ends_the_way_forth(
    edit: Edit, draft: QuestionnaireVersion, editor: StaffMember
) -> None:
    def go(how: Callable[..., Any], **more: Any) -> str:
        now = QuestionnaireVersion.objects.get(pk=draft.pk)
        how(version=now, fingerprint=now.fingerprint, by=editor, at=MORNING, **more)
        return QuestionnaireVersion.objects.get(pk=draft.pk).title

    for title in ("Et", "To", "Tre"):
        edit(titled(title))
    assert go(building.undo) == "To"
    assert go(building.undo) == "Et"
    assert go(building.redo) == "To"
    assert go(building.go_to, number=0) == "Din hverdag"
    assert go(building.go_to, number=3) == "Tre"
    assert go(building.undo) == "To"
    edit(titled("Fire"))
    with pytest.raises(NothingToUndo):
        go(building.redo)
    assert [step.number for step in draft.steps.order_by("number")] == [1, 2, 3]
    assert go(building.undo) == "To"


def test_old_steps_are_forgotten(
    edit: Edit, draft: QuestionnaireVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "MOST_STEPS", 3)
    for number in range(6):
        edit(titled(f"Titel {number}"))
    assert [step.number for step in draft.steps.order_by("number")] == [4, 5, 6]


def test_what_was_changed_without_a_step_stays_when_another_is_undone(
    edit: Edit, draft: QuestionnaireVersion, editor: StaffMember
) -> None:
    edited = edit(titled("Et"))
    paged = change_draft(
        version=edited,
        change=lambda source: with_paging(source, Paging.WHOLE),
        fingerprint=edited.fingerprint,
    )
    back, _ = building.undo(version=paged, fingerprint=paged.fingerprint, by=editor, at=MORNING)
    assert back.title == "Din hverdag"
    assert back.source["extension"]


def test_a_step_that_does_not_fit_any_more_is_refused_and_changes_nothing(
    edit: Edit, draft: QuestionnaireVersion, editor: StaffMember
) -> None:
    edited = edit(titled("Et"))
    imported = change_draft(version=edited, change=titled("Hentet ind imens"), fingerprint=edited.fingerprint)
    with pytest.raises(EditRefused, match="ikke fortrydes"):
        building.undo(version=imported, fingerprint=imported.fingerprint, by=editor, at=MORNING)
    assert QuestionnaireVersion.objects.get(pk=draft.pk).title == "Hentet ind imens"
    assert not draft.steps.get().is_undone


def test_what_authoring_refuses_is_a_sentence_and_no_step(edit: Edit, draft: QuestionnaireVersion) -> None:
    with pytest.raises(EditRefused, match="ikke længere"):
        edit(lambda source: elements.deleted(source, "nobody"))
    assert not draft.steps.exists()


def test_the_draft_as_it_was_looked_at(edit: Edit, draft: QuestionnaireVersion) -> None:
    with pytest.raises(DraftChanged):
        edit(titled("Et"), fingerprint="0" * 64)
    assert not draft.steps.exists()


def test_one_at_a_time_until_ten_minutes_have_gone(edit: Edit, draft: QuestionnaireVersion) -> None:
    other = factories.StaffMemberFactory(name="Thomas Værum")
    with pytest.raises(DraftHeld, match=r"Birgitte Hedegård har haft kladden siden kl\. 09\.00"):
        edit(titled("Et"), by=other)
    edit(titled("Et"), at=MORNING + timedelta(minutes=5))
    with pytest.raises(DraftHeld):
        edit(titled("To"), by=other, at=MORNING + timedelta(minutes=14))
    edit(titled("To"), by=other, at=MORNING + timedelta(minutes=15))
    assert building.holder_of(draft, at=MORNING + timedelta(minutes=16)).staff == other  # type: ignore[union-attr]
    with pytest.raises(DraftHeld, match="Thomas Værum"):
        edit(titled("Tre"), at=MORNING + timedelta(minutes=16))
    building.give_up(version=draft, by=other)
    assert building.holder_of(draft, at=MORNING + timedelta(minutes=16)) is None


def test_nobody_gives_up_anothers(draft: QuestionnaireVersion) -> None:
    building.give_up(version=draft, by=factories.StaffMemberFactory())
    assert building.holder_of(draft, at=MORNING) is not None


def test_a_new_version_is_a_draft_of_the_same_and_there_is_only_one(editor: StaffMember) -> None:
    active = factories.QuestionnaireVersionFactory(number=4)
    draft = building.new_version(version=active, by=editor, at=MORNING)
    assert (draft.number, draft.status, draft.source) == (5, PublicationStatus.DRAFT, active.source)
    again = building.new_version(version=active, by=editor, at=MORNING)
    assert again == draft
    with pytest.raises(NotADraft):
        building.edit(
            version=active,
            operation=titled("X"),
            act=DraftStep.Act.HEAD,
            fingerprint=active.fingerprint,
            by=editor,
            at=MORNING,
        )


def test_what_the_engine_calls_an_error_is_not_published(edit: Edit, editor: StaffMember) -> None:
    version = edit(lambda source: elements.added(source, Kind.ONE_CHOICE, at="", scale=[])[0])
    with pytest.raises(NotPublishable) as refusal:
        publish_questionnaire(version=version, fingerprint=version.fingerprint, by=editor, at=MORNING)
    assert "option.none" in {issue.key for issue in refusal.value.issues}
    version.refresh_from_db()
    assert version.is_draft


def test_a_step_costs_what_it_changes(edit: Edit, draft: QuestionnaireVersion) -> None:
    from benchmarks.forms import form

    edit(lambda source: form(500))
    edit(lambda source: settings.with_setting(source, "g7.3", "text", "Ny tekst"))
    step = draft.steps.latest("number")
    assert len(str(step.delta)) < 300


def test_the_fingerprint_is_the_same_however_numbers_are_written() -> None:
    for one, other in (
        ({"a": 1.0}, {"a": 1}),
        ({"a": [1e30]}, {"a": [10**30]}),
        ({"a": {"b": 2.0, "c": "1.0"}}, {"a": {"c": "1.0", "b": 2}}),
        (MappingProxyType({"a": MappingProxyType({"b": 1.0})}), {"a": {"b": 1}}),
    ):
        assert fingerprint(one) == fingerprint(other)
    assert fingerprint({"a": 1.5}) != fingerprint({"a": 1})
    assert fingerprint({"a": 10.05}) != fingerprint({"a": 10})
    assert fingerprint({"a": "1.0"}) != fingerprint({"a": "1"})


@pytest.mark.parametrize("scope", ["other", "national", "citizen"])
def test_the_steps_of_a_draft_are_its_owners(
    edit: Edit, draft: QuestionnaireVersion, editor: StaffMember, scope: str
) -> None:
    edit(titled("Et"))
    citizen = factories.CitizenFactory(municipality=editor.municipality)
    scopes = {
        "other": Scope.municipality(factories.MunicipalityFactory().pk),
        "national": Scope.national(),
        "citizen": Scope.citizen(citizen.pk),
    }
    assert editor.municipality_id is not None
    with within(Scope.municipality(editor.municipality_id)):
        assert DraftStep.objects.count() == DraftHolder.objects.count() == 1
    with within(scopes[scope]):
        assert not DraftStep.objects.exists()
        assert not DraftHolder.objects.exists()


def test_a_file_takes_the_place_of_a_draft_only_while_nobody_else_builds_it(
    draft: QuestionnaireVersion, editor: StaffMember
) -> None:
    now = timezone.now()
    building.give_up(version=draft, by=editor)
    building.take(version=draft, by=editor, at=now)
    building.edit(
        version=draft, operation=titled("Bygget"), act=DraftStep.Act.HEAD, fingerprint=draft.fingerprint,
        by=editor, at=now,
    )  # fmt: skip
    content = json.dumps(
        factories.questionnaire_source(url=draft.questionnaire.url, title="Fra en fil")
    ).encode()
    owner, other = editor.municipality, factories.StaffMemberFactory(municipality=editor.municipality)
    for somebody in (other, None):
        with pytest.raises(QuestionnaireRefused, match="Birgitte Hedegård er ved at bygge"):
            import_questionnaire(content=content, owner=owner, by=somebody)
    draft.refresh_from_db()
    assert draft.title == "Bygget"

    import_questionnaire(content=content, owner=owner, by=editor)
    draft.refresh_from_db()
    assert draft.title == "Fra en fil"
    assert not draft.steps.exists()
    building.give_up(version=draft, by=editor)
    import_questionnaire(content=content, owner=owner, by=other)


def test_who_begins_a_draft_has_written_in_it(draft: QuestionnaireVersion, editor: StaffMember) -> None:
    """Or they could approve as the second person what they wrote themselves."""
    assert draft.edited_by == editor
    active = factories.QuestionnaireVersionFactory(questionnaire__owner=editor.municipality)
    assert building.new_version(version=active, by=editor, at=MORNING).edited_by == editor
