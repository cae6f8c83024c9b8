"""From draft through review to active and retired: who may do what, and that the database holds it as well."""

import json
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from identity.models import StaffMember
from kommunalpro.problems import Problem
from questionnaires import decision_support, reviewing
from questionnaires.building import new_version
from questionnaires.definitions import definition_of
from questionnaires.drafting import DraftChanged, NotADraft, change_draft
from questionnaires.events import events_of
from questionnaires.importing import QuestionnaireRefused, import_questionnaire
from questionnaires.models import PublicationEvent, PublicationStatus, Questionnaire, QuestionnaireVersion
from questionnaires.publishability import NotPublishable
from questionnaires.publishing import (
    ApprovalNeeded,
    NotActive,
    PermissionNotConfirmed,
    publish_questionnaire,
    withdraw_questionnaire,
)
from tests import factories
from tests.engine.test_scoring import feedback, significance

pytestmark = pytest.mark.django_db

Kind = PublicationEvent.Kind
RED = significance("red", (">=", {"valueInteger": 5}))


def source(**more: Any) -> dict[str, Any]:
    return factories.questionnaire_source(**more)


def with_colours(**more: Any) -> dict[str, Any]:
    """The small form, where five days of pain or more are red, and the citizen is told to call."""
    made = source(**more)
    made["item"][0]["item"][1]["extension"] = [RED, feedback("Ring til os", 5, 7)]
    return made


def person(**more: Any) -> StaffMember:
    member: StaffMember = factories.StaffMemberFactory(municipality=None, **more)
    return member


def draft(made: dict[str, Any] | None = None, by: StaffMember | None = None) -> QuestionnaireVersion:
    return import_questionnaire(content=json.dumps(made or source()).encode(), owner=None, by=by).version


def sent(version: QuestionnaireVersion, by: StaffMember) -> QuestionnaireVersion:
    return reviewing.send_to_review(
        version=version, fingerprint=version.fingerprint, by=by, at=timezone.now()
    )


def approved(version: QuestionnaireVersion, by: StaffMember) -> QuestionnaireVersion:
    return reviewing.approve(version=version, fingerprint=version.fingerprint, by=by, at=timezone.now())


def published(version: QuestionnaireVersion, by: StaffMember, **more: Any) -> QuestionnaireVersion:
    return publish_questionnaire(
        version=version, fingerprint=version.fingerprint, by=by, at=timezone.now(), **more
    )


def switched_on(questionnaire: Questionnaire, by: StaffMember, algorithm: str = "1.0") -> None:
    decision_support.switch_on(
        questionnaire=questionnaire,
        intended_purpose="Sygeplejersken ringer til dem, der har ondt de fleste dage.",
        algorithm_version=algorithm,
        by=by,
        at=timezone.now(),
    )


def steps(version: QuestionnaireVersion) -> list[str]:
    return [event.kind for event in reversed(events_of(version))]


def test_the_whole_way_is_in_the_log() -> None:
    editor, publisher = person(), person()
    version = sent(draft(by=editor), editor)
    assert (version.status, version.fhir_status) == ("in-review", "draft")

    reviewing.send_back(version=version, by=publisher, at=timezone.now(), comment="Stavefejl i nr. 2")
    version.refresh_from_db()
    assert version.is_draft
    version = approved(sent(version, editor), publisher)
    version = published(version, publisher)
    withdraw_questionnaire(version=version, by=publisher, at=timezone.now(), comment="Fejl i spørgsmål 3")

    assert steps(version) == [
        Kind.SENT_TO_REVIEW, Kind.SENT_BACK, Kind.SENT_TO_REVIEW, Kind.APPROVED, Kind.PUBLISHED, Kind.WITHDRAWN,
    ]  # fmt: skip
    log = {event.kind: event for event in events_of(version)}
    assert log[Kind.SENT_BACK].comment == "Stavefejl i nr. 2"
    assert log[Kind.PUBLISHED].by == publisher
    assert log[Kind.PUBLISHED].fingerprint == version.fingerprint


def test_in_review_nothing_changes_until_it_is_taken_back() -> None:
    editor = person()
    version = sent(draft(), editor)

    with pytest.raises(NotADraft, match="til gennemsyn"):
        change_draft(version=version, change=lambda was: was, fingerprint=version.fingerprint)
    with pytest.raises(QuestionnaireRefused, match="til gennemsyn"):
        draft(source(title="Ny"))
    with pytest.raises(DatabaseError, match="in review"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(title="Ny")
    with pytest.raises(NotADraft):
        sent(version, editor)

    version = reviewing.take_back(version=version, by=editor, at=timezone.now())
    assert draft(source(title="Ny")).title == "Ny"


def test_a_draft_that_comes_back_is_compiled_anew() -> None:
    """What is in review may change after it: nothing of it is kept by the process."""
    version = sent(draft(source(title="Før")), person())
    assert definition_of(version).title == "Før"
    reviewing.take_back(version=version, by=person(), at=timezone.now())
    version = published(draft(source(title="Efter")), person())
    assert definition_of(version).title == "Efter"


def test_who_looks_has_looked_at_exactly_this() -> None:
    version = sent(draft(), person())
    for step in (reviewing.approve, publish_questionnaire):
        with pytest.raises(DraftChanged):
            step(version=version, fingerprint="0" * 64, by=person(), at=timezone.now())
    other = draft(source(url="https://example.org/other"))
    with pytest.raises(DraftChanged):
        reviewing.send_to_review(version=other, fingerprint="", by=person(), at=timezone.now())


def test_sending_back_says_why() -> None:
    version = sent(draft(), person())
    with pytest.raises(reviewing.CommentMissing):
        reviewing.send_back(version=version, by=person(), at=timezone.now(), comment="  ")


@pytest.mark.parametrize("step", ["approve", "take_back", "send_back"])
def test_only_what_is_in_review_is_judged(step: str) -> None:
    made = draft()
    more = {"fingerprint": made.fingerprint} if step == "approve" else {"comment": "Fordi"}
    with pytest.raises(reviewing.NotInReview):
        getattr(reviewing, step)(version=made, by=person(), at=timezone.now(), **more)


def test_nobody_approves_their_own_draft() -> None:
    editor = person()
    version = sent(draft(by=editor), editor)
    with pytest.raises(reviewing.AnotherPersonNeeded, match="selv skrevet"):
        approved(version, editor)


# --- what the engine calls an error -----------------------------------------------------------------


def broken(version: QuestionnaireVersion) -> QuestionnaireVersion:
    """As it could only come about past every check: two questions of one name."""
    bad = source()
    bad["item"][0]["item"].append(dict(bad["item"][0]["item"][0]))
    QuestionnaireVersion.objects.filter(pk=version.pk).update(source=bad)
    version.refresh_from_db()
    return version


@pytest.mark.parametrize("step", [sent, published])
def test_what_the_engine_calls_an_error_goes_no_further(step: Any) -> None:
    version = broken(draft())
    with pytest.raises(NotPublishable) as refused:
        step(version, person())
    assert refused.value.issues
    version.refresh_from_db()
    assert version.is_draft


# --- decision support ------------------------------------------------------------------------------


def test_without_the_switch_colours_are_published_but_are_not_there() -> None:
    version = published(draft(with_colours()), person())
    assert not version.shows_decision_support
    item = definition_of(version).by_link_id["how-much"]
    assert (item.significance, item.feedback) == ((), ())
    assert "extension" in version.source["item"][0]["item"][1]  # the file stays as it was


def test_with_the_switch_two_others_are_needed() -> None:
    editor, first, second = person(), person(), person()
    version = draft(with_colours(), by=editor)
    switched_on(version.questionnaire, first)

    with pytest.raises(ApprovalNeeded, match="til gennemsyn"):
        published(version, second)
    version = sent(version, editor)
    with pytest.raises(ApprovalNeeded, match="godkende"):
        published(version, second)
    version = approved(version, first)
    with pytest.raises(reviewing.AnotherPersonNeeded, match="selv godkendt"):
        published(version, first)
    with pytest.raises(reviewing.AnotherPersonNeeded, match="selv skrevet"):
        published(version, editor)
    version = published(version, second)

    assert version.shows_decision_support
    item = definition_of(version).by_link_id["how-much"]
    assert len(item.significance) == len(item.feedback) == 1
    log = {event.kind: event for event in events_of(version)}
    assert (log[Kind.APPROVED].by, log[Kind.PUBLISHED].by) == (first, second)
    assert log[Kind.PUBLISHED].decision_support == version.decision_support
    assert log[Kind.SUPPORT_ON].by == first


def written(
    version: QuestionnaireVersion, by: StaffMember, title: str = "Et komma, rettet"
) -> QuestionnaireVersion:
    return change_draft(
        version=version, change=lambda one: {**one, "title": title}, fingerprint=version.fingerprint, by=by
    )


def test_a_comma_of_a_colleague_makes_nobody_a_second_person() -> None:
    """Whoever wrote anything in the version is none of the two, also where somebody else was the last to write."""
    author, colleague, third, fourth = person(), person(), person(), person()
    version = draft(with_colours(), by=author)
    switched_on(version.questionnaire, third)
    version = sent(written(version, colleague), colleague)
    for writer in (author, colleague):
        with pytest.raises(reviewing.AnotherPersonNeeded, match="selv skrevet"):
            approved(version, writer)
    version = approved(version, third)
    for writer in (author, colleague):
        with pytest.raises(reviewing.AnotherPersonNeeded, match="selv skrevet"):
            published(version, writer)
    assert published(version, fourth).shows_decision_support


def test_who_wrote_stays_known_while_it_goes_back_and_forth() -> None:
    """An approval goes when it is taken back: all of it is approved anew, and not by who wrote most of it."""
    author, colleague, third = person(), person(), person()
    version = approved(sent(draft(with_colours(), by=author), author), third)
    reviewing.take_back(version=version, by=author, at=timezone.now())
    version.refresh_from_db()
    version = written(version, colleague)
    version = draft(with_colours(title="Fra en fil"), by=colleague)
    with pytest.raises(reviewing.AnotherPersonNeeded, match="selv skrevet"):
        approved(sent(version, colleague), author)


def test_what_changes_nothing_is_no_writing() -> None:
    author, colleague = person(), person()
    version = draft(with_colours(), by=author)
    version = written(version, colleague, version.source["title"])
    assert approved(sent(version, author), colleague).approved_by == colleague


def test_a_new_version_begins_with_who_begins_it() -> None:
    author, second = person(), person()
    first = published(draft(by=author), second)
    version = new_version(version=first, by=second, at=timezone.now())
    assert approved(sent(version, second), author).approved_by == author


@pytest.mark.parametrize("who", ["approver", "publisher"])
def test_the_database_knows_who_wrote(who: str) -> None:
    author, colleague, third = person(), person(), person()
    version = draft(with_colours(), by=author)
    switched_on(version.questionnaire, third)
    version = approved(sent(written(version, colleague), colleague), third)
    changes: dict[str, Any] = {"approved_by": author}
    if who == "publisher":
        changes = {"status": PublicationStatus.ACTIVE, "published_by": author, "published_at": timezone.now()}
    with pytest.raises(IntegrityError, match="nobody_approves_what_they_wrote"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(**changes)


def test_the_database_forgets_no_writer() -> None:
    author, colleague = person(), person()
    version = written(draft(by=author), colleague)
    QuestionnaireVersion.objects.filter(pk=version.pk).update(written_by=[])
    version.refresh_from_db()
    assert set(version.written_by) == {author.pk, colleague.pk}


@pytest.mark.parametrize("publisher", ["approver", "editor", "nobody"])
def test_the_database_knows_that_two_are_needed(publisher: str) -> None:
    editor, first = person(), person()
    version = draft(with_colours(), by=editor)
    switched_on(version.questionnaire, first)
    approved(sent(version, editor), first)
    by = {"approver": first, "editor": editor, "nobody": None}[publisher]
    with pytest.raises(IntegrityError, match="by_two"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(
            status=PublicationStatus.ACTIVE, published_by=by, published_at=timezone.now()
        )


def test_the_database_wants_the_review_itself() -> None:
    first, second = person(), person()
    version = draft(with_colours())
    switched_on(version.questionnaire, first)
    with pytest.raises(DatabaseError, match="not approved in review"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(
            status=PublicationStatus.ACTIVE,
            published_by=second,
            published_at=timezone.now(),
            approved_by=first,
            approved_at=timezone.now(),
            decision_support=version.questionnaire.decision_supports.get(),
        )


def test_another_algorithm_is_approved_anew() -> None:
    first, second = person(), person()
    version = draft(with_colours())
    switched_on(version.questionnaire, first)
    version = approved(sent(version, first), first)
    switched_on(version.questionnaire, second, "2.0")
    with pytest.raises(ApprovalNeeded):
        published(version, second)
    version = published(approved(version, second), first)
    assert version.decision_support is not None
    assert version.decision_support.algorithm_version == "2.0"


def test_switching_off_works_at_once_and_for_all_versions() -> None:
    first, second = person(), person()
    version = draft(with_colours())
    switched_on(version.questionnaire, first)
    version = published(approved(sent(version, first), first), second)
    waiting = approved(sent(draft(with_colours(title="Nr. 2")), first), first)

    decision_support.switch_off(questionnaire=version.questionnaire, by=second, at=timezone.now())

    version.refresh_from_db()
    waiting.refresh_from_db()
    assert not definition_of(version).by_link_id["how-much"].significance
    assert (waiting.approved_by, waiting.is_in_review) == (None, True)
    with pytest.raises(decision_support.SupportIsOff):
        decision_support.switch_off(questionnaire=version.questionnaire, by=second, at=timezone.now())
    support = version.questionnaire.decision_supports.get()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        QuestionnaireVersion.objects.filter(pk=version.pk).update(decision_support=support)


def test_what_it_is_for_is_said_and_never_changed() -> None:
    questionnaire = draft().questionnaire
    for purpose, algorithm in (("", "1"), ("Til alle", " ")):
        with pytest.raises(decision_support.PurposeMissing):
            decision_support.switch_on(
                questionnaire=questionnaire, intended_purpose=purpose, algorithm_version=algorithm,
                by=person(), at=timezone.now(),
            )  # fmt: skip
    switched_on(questionnaire, person())
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        questionnaire.decision_supports.update(intended_purpose="Noget andet")


# --- out of use ------------------------------------------------------------------------------------


def test_out_of_use_are_all_versions_and_the_next_brings_it_back() -> None:
    by = person()
    first = published(draft(), by)
    second = published(draft(source(title="Rettet")), by)
    with pytest.raises(reviewing.CommentMissing):
        withdraw_questionnaire(version=second, by=by, at=timezone.now(), comment="")
    with pytest.raises(NotActive):
        withdraw_questionnaire(version=first, by=by, at=timezone.now(), comment="Fejl")

    withdraw_questionnaire(version=second, by=by, at=timezone.now(), comment="Fejl")

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.is_withdrawn
    assert second.is_withdrawn
    assert not first.has_a_newer
    third = published(draft(source(title="Igen")), by)
    assert (third.number, third.is_withdrawn) == (3, False)


def test_an_instrument_under_licence_is_published_by_who_says_that_they_may() -> None:
    version = draft()
    Questionnaire.objects.update(permission_needed=True, licence="EuroQol")
    with pytest.raises(PermissionNotConfirmed):
        published(version, person())
    published(version, person(), permission_confirmed=True)
    assert Kind.PERMISSION_CONFIRMED in steps(version)


@pytest.mark.parametrize("act", ["UPDATE", "DELETE"])
def test_the_log_is_neither_changed_nor_deleted(act: str) -> None:
    published(draft(), person())
    rows = PublicationEvent.objects.all()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows.update(comment="") if act == "UPDATE" else rows._raw_delete("default")


def test_every_refusal_has_a_sentence() -> None:
    with pytest.raises(Problem) as refused:
        published(published(draft(), person()), person())
    assert refused.value.sentence
