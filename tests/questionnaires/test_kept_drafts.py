"""What a process keeps of a draft is what its row holds, whoever writes it, and however little of it is sent."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.forms import form
from identity.models import StaffMember
from questionnaires import building, kept_drafts
from questionnaires.authoring import deltas, elements, moves, patches
from questionnaires.authoring import settings as element_settings
from questionnaires.authoring.kinds import Kind
from questionnaires.authoring.moves import Move, Side
from questionnaires.authoring.refusals import CannotDo
from questionnaires.authoring.tree import link_ids
from questionnaires.drafting import DraftChanged, change_draft
from questionnaires.fingerprints import fingerprint
from questionnaires.importing import import_questionnaire
from questionnaires.kept_drafts import load_source
from questionnaires.models import DraftStep, PublicationStatus, QuestionnaireVersion
from questionnaires.publishing import publish_questionnaire
from questionnaires.stored_patches import as_stored, patched
from tests import factories
from tests.authoring.documents import documents
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


def read(draft: QuestionnaireVersion) -> QuestionnaireVersion:
    """As the builder reads it."""
    version = QuestionnaireVersion.objects.defer("source").get(pk=draft.pk)
    load_source(version)
    return version


def stored(draft: QuestionnaireVersion) -> QuestionnaireVersion:
    return QuestionnaireVersion.objects.get(pk=draft.pk)


def retitled(version: QuestionnaireVersion, title: str) -> QuestionnaireVersion:
    return change_draft(
        version=version, change=lambda source: {**source, "title": title}, fingerprint=version.revision.hex
    )


def _documents_read(asked: CaptureQueriesContext) -> int:
    document = 'SELECT.*"questionnaires_questionnaireversion"."source"'
    return sum(re.match(document, query["sql"]) is not None for query in asked)


@contextmanager
def another_process() -> Iterator[None]:
    """What is done here is done by one that keeps things of its own."""
    ours = kept_drafts.kept()
    kept_drafts.forget()
    yield
    kept_drafts.forget()
    kept_drafts._kept.update(ours)


# --- the database makes the same of it ------------------------------------------------------------------------


@given(documents(), documents(), st.sampled_from([0, 4, patches.SMALL]))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_postgresql_makes_of_a_patch_what_python_makes(
    draft: QuestionnaireVersion, before: dict[str, Any], after: dict[str, Any], small: int
) -> None:
    rows = QuestionnaireVersion.objects.filter(pk=draft.pk)
    rows.update(source=before)
    before = stored(draft).source
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patches, "SMALL", small)
        delta = patches.between(before, after)
    if not delta:
        return
    delta = as_stored(delta)
    rows.update(source=patched(F("source"), delta))
    assert deltas.same(stored(draft).source, deltas.apply(before, delta))
    assert fingerprint(stored(draft).source) == fingerprint(after)


def _act(source: dict[str, Any], which: int, at: str, by: str) -> dict[str, Any]:
    match which:
        case 0:
            return element_settings.with_setting(source, at, "text", f"Tekst {by}")
        case 1 | 2 | 3 | 4:
            return moves.moved(source, at, list(Move)[which - 1])
        case 5 | 6 | 7:
            return moves.moved_to(source, at, by=by, side=list(Side)[which - 5])
        case 8:
            return elements.deleted(source, at, with_uses=True)
        case 9:
            return elements.duplicated(source, at)[0]
        case 10:
            return {**source, "item": list(reversed(source["item"]))}  # too much for a patch
        case 11:
            return {
                **source,
                "description": by,
                "item": [*source["item"], {"linkId": str(uuid4()), "type": "date"}],
            }
    return elements.added(source, list(Kind)[which % 3], at=at, scale=[])[0]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 15),
            st.integers(0, 99),
            st.integers(0, 99),
            st.sampled_from(["", "", "other", "undo"]),
        ),
        min_size=3,
        max_size=12,
    )
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_by_whichever_process_all_have_the_same(
    draft: QuestionnaireVersion, editor: StaffMember, plan: list[tuple[int, int, int, str]]
) -> None:
    QuestionnaireVersion.objects.filter(pk=draft.pk).update(source=form(60))
    draft.steps.all().delete()
    expected = form(60)
    before: list[dict[str, Any]] = []
    for which, first, second, how in plan:
        if how == "other":
            with another_process():
                expected = _done(draft, editor, which, first, second, expected, before)
        elif how == "undo" and before:
            version = read(draft)
            building.undo(version=version, fingerprint=version.revision.hex, by=editor, at=MORNING)
            expected = before.pop()
        else:
            expected = _done(draft, editor, which, first, second, expected, before)
        assert deltas.same(read(draft).source, expected)
        assert deltas.same(stored(draft).source, expected)


def _done(
    draft: QuestionnaireVersion,
    editor: StaffMember,
    which: int,
    first: int,
    second: int,
    expected: dict[str, Any],
    before: list[dict[str, Any]],
) -> dict[str, Any]:
    version = read(draft)
    known = sorted(link_ids(version.source))
    try:
        made = _act(version.source, which, known[first % len(known)], known[second % len(known)])
    except (CannotDo, IndexError):
        return expected
    building.edit(
        version=version,
        operation=lambda source: made,
        act=DraftStep.Act.SETTING,
        fingerprint=version.revision.hex,
        by=editor,
        at=MORNING,
    )
    if not deltas.same(made, expected):
        before.append(expected)
    return made


# --- never an old one -----------------------------------------------------------------------------------------


def test_a_document_is_read_once_for_many_acts(draft: QuestionnaireVersion) -> None:
    with CaptureQueriesContext(connection) as asked:
        read(draft)
    assert _documents_read(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        for number in range(3):
            version = retitled(read(draft), f"Titel {number}")
            assert version.source["title"] == f"Titel {number}"
    assert _documents_read(asked) == 0
    assert stored(draft).source == read(draft).source


def _saves_all(version: QuestionnaireVersion) -> None:
    version.source = {**version.source, "title": "Andet"}
    version.save()


def _saves_some(version: QuestionnaireVersion) -> None:
    version.source = {"title": "Andet"}
    version.save(update_fields=["source"])


def _updates(version: QuestionnaireVersion) -> None:
    QuestionnaireVersion.objects.filter(pk=version.pk).update(source={"title": "Andet"})


def _writes_by_hand(version: QuestionnaireVersion) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE questionnaires_questionnaireversion SET source = %s::jsonb, revision = %s WHERE id = %s",
            [json.dumps({"title": "Andet"}), version.revision, version.pk],
        )


@pytest.mark.parametrize("writer", [_saves_all, _saves_some, _updates, _writes_by_hand])
def test_whoever_writes_a_document_nobody_goes_on_with_the_old_one(
    draft: QuestionnaireVersion, writer: Callable[[QuestionnaireVersion], object]
) -> None:
    old = read(draft)
    writer(stored(draft))
    assert read(draft).source["title"] == "Andet"
    assert read(draft).revision != old.revision
    with pytest.raises(DraftChanged):
        retitled(old, "Et gammelt syn")


def test_a_page_of_long_ago_does_not_give_its_revision_back_to_the_row(draft: QuestionnaireVersion) -> None:
    """Who saves a whole row that was read before somebody else wrote it would else revive what is kept of then."""
    old, kept = stored(draft), read(draft)
    with another_process():
        retitled(read(draft), "Imens")
    old.source = {**old.source, "title": "Gemt sent"}
    old.save()
    assert stored(draft).revision not in (old.revision, kept.revision)
    assert read(draft).source["title"] == "Gemt sent"


def test_an_act_that_is_rolled_back_was_never_there(draft: QuestionnaireVersion) -> None:
    before = read(draft)

    @transaction.atomic
    def break_off() -> None:
        retitled(before, "Aldrig")
        assert read(draft).source["title"] == "Aldrig"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert read(draft).source == before.source
    assert read(draft).revision == before.revision
    assert retitled(before, "Alligevel").source["title"] == stored(draft).source["title"] == "Alligevel"


def test_a_file_takes_the_place_of_what_is_kept(draft: QuestionnaireVersion, editor: StaffMember) -> None:
    read(draft)
    source = factories.questionnaire_source(url=draft.questionnaire.url, title="Fra en fil")
    import_questionnaire(content=json.dumps(source).encode(), owner=editor.municipality, by=editor)
    assert read(draft).source == stored(draft).source
    assert read(draft).source["title"] == "Fra en fil"


def test_what_changes_nothing_is_the_same_revision_and_nobody_wrote(
    draft: QuestionnaireVersion, editor: StaffMember
) -> None:
    before, other = read(draft), factories.StaffMemberFactory()
    same = change_draft(
        version=before, change=lambda source: dict(source), fingerprint=before.revision.hex, by=other
    )
    assert same.revision == stored(draft).revision == before.revision
    assert (stored(draft).edited_by, stored(draft).written_by) == (editor, [editor.pk])


def test_what_is_kept_is_what_was_sent_and_not_what_it_was_made_of(draft: QuestionnaireVersion) -> None:
    labels = ["a"]
    version = read(draft)
    written = change_draft(
        version=version,
        change=lambda source: {**source, "code": (labels,)},
        fingerprint=version.revision.hex,
    )
    labels.append("b")
    assert written.source["code"] == read(draft).source["code"] == stored(draft).source["code"] == [["a"]]


def test_large_documents_and_the_longest_unused_are_not_kept(
    draft: QuestionnaireVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_drafts, "MOST_KEPT", 2)
    made = [
        factories.QuestionnaireVersionFactory(status=PublicationStatus.DRAFT, published_at=None)
        for _ in range(2)
    ]
    for one in (made[0], made[1], made[0], draft):
        read(one)
    assert set(kept_drafts.kept()) == {made[0].pk, draft.pk}

    kept_drafts.forget()
    monkeypatch.setattr(kept_drafts, "LARGEST_KEPT", 100)
    assert read(draft).source == stored(draft).source
    retitled(read(draft), "Stor")
    assert read(draft).title == "Stor"
    assert not kept_drafts.kept()


def test_what_was_read_with_its_document_keeps_that(draft: QuestionnaireVersion) -> None:
    version = stored(draft)
    retitled(read(draft), "Imens")
    load_source(version)
    assert version.source["title"] == "Din hverdag"


def test_what_is_published_is_confirmed_by_its_content(editor: StaffMember) -> None:
    """The name of a revision says when it was written, and not what stands in it."""
    version = factories.QuestionnaireVersionFactory(status=PublicationStatus.DRAFT, published_at=None)
    with pytest.raises(DraftChanged):
        publish_questionnaire(version=version, fingerprint=version.revision.hex, by=editor, at=MORNING)
    assert publish_questionnaire(version=version, fingerprint=version.fingerprint, by=editor, at=MORNING)
