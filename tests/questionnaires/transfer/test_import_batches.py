"""An upload is read, chosen among and stored; killed in between, it is gone on with, and nothing doubles."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from municipalities.models import Municipality
from questionnaires import import_batches
from questionnaires.import_models import ImportBatch, ImportFile
from questionnaires.importing import import_questionnaire
from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion
from tests import factories
from tests.engine.small_forms import form, question, when
from tests.questionnaires.transfer.files import SHEET, as_csv, as_json, as_zip, many, simple

pytestmark = pytest.mark.django_db


def begun(content: bytes, *, owner: Municipality | None = None, name: str = "fil.json") -> ImportBatch:
    """An upload, and the worker that takes it from there."""
    by = factories.StaffMemberFactory(municipality=owner)
    batch = import_batches.begin(content=content, name=name, owner=owner, by=by, at=timezone.now())
    import_batches.read_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def chosen(batch: ImportBatch, *positions: int) -> ImportBatch:
    batch = import_batches.choose(batch=batch, positions=positions, at=timezone.now())
    import_batches.store_batch(batch.pk)
    batch.refresh_from_db()
    return batch


def relations(batch: ImportBatch) -> list[str]:
    return list(batch.files.order_by("position").values_list("relation", flat=True))


def test_nothing_is_a_draft_until_it_is_chosen() -> None:
    batch = begun(as_json(simple(copyright="© Nogen")))
    file = batch.files.get()
    assert (batch.state, file.relation, file.number, file.copyright) == ("ready", "new", 1, "© Nogen")
    assert not QuestionnaireVersion.objects.exists()
    assert not Questionnaire.objects.exists()

    batch = chosen(batch, 0)

    version = QuestionnaireVersion.objects.get()
    file.refresh_from_db()
    assert (batch.state, file.outcome, file.version) == ("done", "stored", version)
    assert version.source == simple(copyright="© Nogen")
    assert (bytes(batch.content), file.source) == (b"", None)


def test_each_is_told_what_it_is_to_those_we_have() -> None:
    for number in (1, 2, 3):
        import_questionnaire(content=as_json(simple(number)), owner=None)
    QuestionnaireVersion.objects.filter(questionnaire__url=simple(1)["url"]).update(
        status=PublicationStatus.ACTIVE, published_at=timezone.now()
    )
    others = factories.MunicipalityFactory()
    import_questionnaire(content=as_json(simple(5)), owner=others)
    files = {
        "next.json": as_json(simple(1, title="Ny")),
        "replaces.json": as_json(simple(2, title="Ny")),
        "identical.json": as_json(simple(3)),
        "new.json": as_json(simple(4)),
        "others.json": as_json(simple(5)),
        "twice.json": as_json(simple(4)),
        "broken.json": b"{",
    }
    batch = begun(as_zip(files))
    assert relations(batch) == ["next", "replaces", "identical", "new", "refused", "refused", "refused"]
    assert [file.number for file in batch.files.order_by("position")] == [2, 1, 1, 1, None, None, None]
    refused = {file.name: file.refusal for file in batch.files.filter(relation="refused")}
    assert "tilhører en anden" in refused["others.json"]
    assert "»new.json«" in refused["twice.json"]

    chosen(batch, *range(7))

    assert QuestionnaireVersion.objects.filter(questionnaire__owner=None).count() == 5
    assert batch.files.filter(outcome="stored").count() == 3


def test_what_is_not_chosen_is_not_stored() -> None:
    batch = chosen(begun(many(5)), 1, 3, 99)
    assert {version.title for version in QuestionnaireVersion.objects.all()} == {"Skema 1", "Skema 3"}
    assert batch.state == "done"


def test_choosing_nothing_and_choosing_twice() -> None:
    batch = begun(many(2))
    with pytest.raises(import_batches.NothingChosen):
        import_batches.choose(batch=batch, positions=[], at=timezone.now())
    chosen(batch, 0)
    chosen(batch, 0, 1)
    assert QuestionnaireVersion.objects.count() == 1


def test_a_spreadsheet_becomes_a_draft() -> None:
    chosen(begun(as_csv(SHEET), name="smerter.csv"), 0)
    assert QuestionnaireVersion.objects.get().title == "Smerter i hverdagen"


def test_one_without_an_address_gets_ours_and_comes_in_again_as_itself() -> None:
    source = simple()
    del source["url"]
    chosen(begun(as_json(source)), 0)
    version = QuestionnaireVersion.objects.get()
    assert version.source["url"] == version.questionnaire.url
    assert relations(begun(as_json(version.source))) == ["identical"]


# --- workers that die ---------------------------------------------------------------------------------


class Killed(BaseException):
    """The worker is gone, at once."""


def dying(monkeypatch: pytest.MonkeyPatch, name: str, after: int) -> None:
    """Let the worker die in its `after`-th call of one of the functions it works with."""
    real, calls = getattr(import_batches, name), 0

    def die(*arguments: Any, **more: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == after:
            raise Killed
        return real(*arguments, **more)

    monkeypatch.setattr(import_batches, name, die)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_reading_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    by = factories.StaffMemberFactory(municipality=None)
    batch = import_batches.begin(content=many(6), name="x.zip", owner=None, by=by, at=timezone.now())
    with monkeypatch.context() as patched:
        dying(patched, "_say_what_it_is", 4)
        with pytest.raises(Killed):
            import_batches.read_batch(batch.pk)
    assert batch.files.count() == 3
    import_batches.read_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.expected) == ("ready", 6)
    assert list(batch.files.order_by("position").values_list("position", flat=True)) == [*range(6)]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_storing_is_gone_on_with_and_nothing_doubles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    batch = begun(many(20))
    import_batches.choose(batch=batch, positions=range(20), at=timezone.now())
    with monkeypatch.context() as patched:
        dying(patched, "store_draft", 8)
        with pytest.raises(Killed):
            import_batches.store_batch(batch.pk)
    assert QuestionnaireVersion.objects.count() == 7
    import_batches.store_batch(batch.pk)
    import_batches.store_batch(batch.pk)
    batch.refresh_from_db()
    assert batch.state == "done"
    assert QuestionnaireVersion.objects.count() == 20
    assert set(QuestionnaireVersion.objects.values_list("number", flat=True)) == {1}


def test_what_nobody_works_on_is_handed_over_again(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[Any] = []
    monkeypatch.setattr(import_batches, "_hand_over", lambda *what: handed.append(what))
    by = factories.StaffMemberFactory(municipality=None)
    batch = import_batches.begin(content=many(2), name="x.zip", owner=None, by=by, at=timezone.now())
    handed.clear()  # what was handed over was lost
    later = timezone.now() + timedelta(minutes=2)
    assert import_batches.resume(at=timezone.now()) == 0
    assert import_batches.resume(at=later) == 1
    assert import_batches.resume(at=later + timedelta(seconds=30)) == 0
    assert handed == [("read_import", batch.pk)]


def test_an_upload_is_forgotten_after_a_day() -> None:
    batch = begun(many(2))
    assert import_batches.forget(at=timezone.now() + timedelta(hours=23)) == 0
    assert import_batches.forget(at=timezone.now() + timedelta(hours=25)) == 1
    assert not ImportBatch.objects.filter(pk=batch.pk).exists()
    assert not ImportFile.objects.exists()


def test_what_is_done_is_forgotten_after_an_hour_and_its_drafts_stay() -> None:
    chosen(begun(many(2)), 0)
    assert import_batches.forget(at=timezone.now() + timedelta(minutes=50)) == 0
    assert import_batches.forget(at=timezone.now() + timedelta(minutes=70)) == 1
    assert QuestionnaireVersion.objects.count() == 1


# --- bad input: refused with a sentence, nothing half stored --------------------------------------------

BOMB = as_zip({"a.json": as_json(simple(1)), **{f"{n}.json": b"0" * 900_000 for n in range(50)}})


def test_a_bomb_behind_a_good_file_leaves_nothing() -> None:
    batch = begun(BOMB)
    assert (batch.state, batch.files.count(), bytes(batch.content)) == ("refused", 0, b"")
    assert "langt mere" in batch.refusal


@pytest.mark.parametrize(
    "bad",
    [
        form(*[question(f"q{n}") for n in range(10_000)]),
        form(
            question("a", enableWhen=[when("b", "exists", answerBoolean=True)]),
            question("a"),
        ),
        {"resourceType": "Patient"},
        form(question("a\0")),
        form(question("a\ud800")),
        {**simple(), "url": "x" * 501},
        [simple()],
        7,
    ],
    ids=["10,000 items", "twice", "a patient", "NUL", "half a pair", "a long address", "a list", "a number"],
)
def test_what_cannot_be_a_draft_is_refused_with_a_sentence(bad: Any) -> None:
    import json

    batch = begun(as_zip({"bad.json": json.dumps(bad).encode(), "good.json": as_json(simple(7))}))
    refused, good = batch.files.order_by("position")
    assert refused.relation == "refused"
    assert refused.refusal
    assert refused.source is None
    assert good.relation == "new"
    chosen(batch, 0, 1)
    assert QuestionnaireVersion.objects.count() == 1


def test_a_name_that_no_column_could_keep_is_shown_all_the_same() -> None:
    batch = begun(as_zip({"æ\x00\x1b/../" + "y" * 900: b"{"}), name="\ud800" + "z" * 900)
    assert len(batch.name) <= 200
    assert batch.files.get().name.isprintable()


def test_json_with_a_name_twice_that_is_half_a_pair() -> None:
    [file] = begun(b'{"\\ud800": 1, "\\ud800": 2}').files.all()
    assert file.relation == "refused"


def test_what_becomes_another_s_meanwhile_is_not_stored() -> None:
    batch = begun(as_json(simple(1)))
    import_questionnaire(content=as_json(simple(1)), owner=factories.MunicipalityFactory())
    batch = chosen(batch, 0)
    file = batch.files.get()
    assert (batch.state, file.outcome) == ("done", "failed")
    assert "tilhører en anden" in file.refusal
    assert QuestionnaireVersion.objects.count() == 1
