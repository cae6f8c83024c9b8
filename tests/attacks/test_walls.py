"""Every address as every role of two municipalities, the system administration, two citizens and nobody.

What comes back holds no word of anybody else's, and what a role may not do is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models, transaction
from django.http.response import HttpResponseBase
from django.test import Client

from identity.actors import CitizenActor, StaffActor
from identity.roles import PERMISSIONS, Permission, Role
from tests import factories
from tests.attacks.world import ANSWERS, LOG, LOG_FOR_CITIZENS, NAMES, Word, World, make, words_in
from tests.conftest import staff_actor
from tests.every_address import Pattern, patterns

pytestmark = pytest.mark.django_db

ALL_ROLES = frozenset(Role)
# Which kinds of id a parameter of this name takes.
KINDS = {
    "citizen_id": ["citizen"],
    "task_id": ["task"],
    "response_id": ["response"],
    "version_id": ["version"],
    "batch_id": ["batch"],
    "plan_id": ["plan"],
    "activity_id": ["activity"],
    "test_id": ["test"],
    "id": ["version"],
    "entry_id": ["entry"],
    "hold_id": ["hold"],
    "bulk_id": ["bulk"],
    "errand_id": ["errand"],
    "key_id": ["key"],
}


@dataclass
class Someone:
    """An actor, and which words are theirs to read."""

    name: str
    actor: StaffActor | CitizenActor | None
    letter: str = ""
    person: int = 0

    def may_read(self, word: Word) -> bool:
        if word.owner != self.letter:
            return False
        if isinstance(self.actor, CitizenActor):
            # Their own, and the titles, questions and canonical addresses of what they were given, and their team.
            own = word.person == self.person
            if word.what in LOG:
                return own and word.what in LOG_FOR_CITIZENS
            return own or (
                word.person == 0
                and word.what in {"plan", "form", "question", "description", "team", "formurl"}
            )
        if not isinstance(self.actor, StaffActor):
            return False
        if word.what in LOG or self.actor.roles == {Role.CLINICAL_SUPPORTER}:
            return self.actor.may(Permission.CONTROL_ACCESS) and word.what not in ANSWERS
        if word.what in ANSWERS and not self.actor.may(Permission.SEE_ANSWERS):
            return False
        if word.what in NAMES and self.actor.may(Permission.ASSIST_LOGIN):
            return True  # whom they help, found by the whole CPR number
        return word.person == 0 or self.actor.may(Permission.SEE_CITIZENS)


@pytest.fixture
def worlds(db: None) -> dict[str, World]:
    return {letter: make(letter) for letter in "AB"}


@pytest.fixture
def cast(worlds: dict[str, World]) -> list[Someone]:
    national = factories.StaffMemberFactory(municipality=None)
    people = [
        Someone("nobody", None),
        Someone("national", staff_actor(national, ALL_ROLES), "N"),
        *(
            Someone(f"{letter} with every role", staff_actor(world.staff, ALL_ROLES), letter)
            for letter, world in worlds.items()
        ),
        *(Someone(f"A as {role}", staff_actor(worlds["A"].staff, frozenset({role})), "A") for role in Role),
    ]
    for letter, who in (("A", 0), ("A", 1), ("B", 0)):
        citizen = worlds[letter].citizens[who]
        actor = CitizenActor(citizen_id=citizen.pk, name=citizen.name)
        people.append(Someone(f"citizen {letter}{who + 1}", actor, letter, who + 1))
    return people


@contextmanager
def undone() -> Iterator[None]:
    """What is changed inside is as before afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def filled_in(worlds: dict[str, World], letter: str) -> dict[str, Any]:
    """A form that fits most: the fields of all of ours, with ids of one municipality."""
    ids = worlds[letter].ids
    return {
        "text": f"zz{letter}",
        "plan": ids["plan"][0],
        "care_team": ids["team"][0],
        "questionnaire": ids["version"][0],
        "starts_on": "01-01-2035",
        "title": "x",
        "kind": "once",
        "answer_days": "7",
        "language": "da",
        "q-note": "overwritten",
    }


def addresses(
    pattern: Pattern, worlds: dict[str, World], *, every_kind: bool = False, most: int = 4
) -> Iterator[tuple[str, str]]:
    """(letter, address) with ids of each municipality; `every_kind` also with ids of other things.

    `most` is how many of each kind.
    """
    if not pattern.parameters:
        yield "", pattern.address({})
        return
    for letter, world in worlds.items():
        kinds = {name: KINDS.get(name, ["code"]) for name, _ in pattern.parameters}
        if every_kind:
            kinds = {name: ["code"] if kind == ["code"] else list(world.ids) for name, kind in kinds.items()}
        for kind in sorted({kind for each in kinds.values() for kind in each}):
            for given in world.ids.get(kind, [world.municipality.code])[:most]:
                filled = {
                    name: world.municipality.code if conv == "str" else given if name in KINDS else "1"
                    for name, conv in pattern.parameters
                    if conv != "audience"
                }
                yield letter, pattern.address({**filled, "audience": "staff"})


def text_of(answer: HttpResponseBase) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
    if answer.get("Content-Type") == "application/zip":
        with ZipFile(BytesIO(body)) as archive:
            body = b"\n".join(archive.read(name) for name in archive.namelist())
    return body.decode(errors="replace") + str(answer.headers)


def ask(client: Client, method: str, address: str, data: dict[str, Any]) -> HttpResponseBase:
    with undone():
        answer: HttpResponseBase = client.generic(
            method, address, data="&".join(f"{k}={v}" for k, v in data.items()),
            content_type="application/x-www-form-urlencoded",
        ) if method != "GET" else client.get(address)  # fmt: skip
    return answer


def leaks(someone: Someone, answer: HttpResponseBase) -> set[Word]:
    return {word for word in words_in(text_of(answer)) if not someone.may_read(word)}


def walk(
    who: list[Someone], worlds: dict[str, World], client_as: Callable[..., Client], *, every_kind: bool
) -> tuple[int, set[str], dict[str, set[Word]]]:
    """(attempts, what leaked or failed, the words that each person did read)."""
    attempts, wrong, read = 0, set[str](), dict[str, set[Word]]()
    for someone in who:
        client = Client() if someone.actor is None else client_as(someone.actor)
        client.raise_request_exception = False
        read[someone.name] = set()
        for pattern in patterns():
            if pattern.name in {"identity:logout", "identity:sessions"}:
                continue  # they end the walk; tests/identity has them
            most = 1 if every_kind or " as " in someone.name else 2
            for letter, address in addresses(pattern, worlds, every_kind=every_kind, most=most):
                for method in ("GET", "POST"):
                    answer = ask(client, method, address, filled_in(worlds, letter or "B"))
                    attempts += 1
                    found = words_in(text_of(answer))
                    read[someone.name] |= found
                    if answer.status_code >= 500 and answer.status_code != 503:
                        wrong.add(f"{someone.name}: {method} {pattern.name} failed ({answer.status_code})")
                    for word in found:
                        if not someone.may_read(word):
                            wrong.add(f"{someone.name}: {method} {pattern.name} shows {word}")
                    foreign = letter != someone.letter and bool(pattern.parameters)
                    # The system administration helps every municipality with its logins.
                    invited = "audience" in pattern.route or (
                        someone.name == "national" and pattern.name == "identity:readiness_of"
                    )
                    if foreign and answer.status_code in {200, 201} and not invited:
                        wrong.add(f"{someone.name}: {method} {pattern.name} lets in to {letter}")
    return attempts, wrong, read


def test_nobody_is_shown_what_is_not_theirs(
    worlds: dict[str, World],
    cast: list[Someone],
    client_as: Callable[..., Client],
    tried: Callable[[str, int], None],
) -> None:
    attempts, wrong, read = walk(cast, worlds, client_as, every_kind=False)
    tried("walls: every address as every role", attempts)
    assert wrong == set()
    # The walk can see: everybody was shown what is theirs, or it would prove nothing.
    assert {word.what for word in read["A with every role"]} >= {"given", "answer", "score", "plan", "draft"}
    assert {word.what for word in read["citizen A1"]} >= {"answer", "form"}
    assert not read["nobody"]


def test_no_id_of_any_kind_opens_what_is_not_theirs(
    worlds: dict[str, World],
    cast: list[Someone],
    client_as: Callable[..., Client],
    tried: Callable[[str, int], None],
) -> None:
    """Also an id of something else: a citizen's where a task is expected."""
    who = [each for each in cast if each.name in {"A with every role", "citizen A1"}]
    attempts, wrong, _ = walk(who, worlds, client_as, every_kind=True)
    tried("IDOR: ids of every kind", attempts)
    assert wrong == set()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_no_method_changes_what_is_not_theirs(
    method: str,
    worlds: dict[str, World],
    cast: list[Someone],
    client_as: Callable[..., Client],
    tried: Callable[[str, int], None],
) -> None:
    attempts = 0
    before = rows_of(worlds["B"])
    for someone in cast:
        if someone.name not in {"A with every role", "citizen A1", "national"}:
            continue
        client = client_as(someone.actor)
        client.raise_request_exception = False
        for pattern in patterns():
            if not pattern.parameters or "audience" in pattern.route:
                continue
            for letter, address in addresses(pattern, {"B": worlds["B"]}):
                data = {**filled_in(worlds, letter), "confirm": "1", "go": "next", "seen": "x"}
                answer = client.generic(
                    method,
                    address,
                    "&".join(f"{name}={value}" for name, value in data.items()),
                    "application/x-www-form-urlencoded",
                    headers={"X-HTTP-Method-Override": "DELETE", "HX-Request": "true"},
                )
                assert answer.status_code in {302, 403, 404, 405} or (
                    method == "OPTIONS" and not words_in(text_of(answer))
                ), f"{someone.name} {method} {address}: {answer.status_code}"
                attempts += 1
    tried(f"IDOR: {method} with a stranger's id", attempts)
    assert rows_of(worlds["B"]) == before


def rows_of(world: World) -> dict[str, list[Any]]:
    """Every row with a word of this municipality in it, as it is in the database."""
    found: dict[str, list[Any]] = {}
    for model in our_models():
        rows = [
            row for row in model._default_manager.order_by("pk").values() if f"zz{world.letter}" in str(row)
        ]
        found[model._meta.label] = rows
    tasks = apps.get_model("plans", "Task")._default_manager
    found["tasks"] = list(tasks.filter(pk__in=world.ids["task"]).order_by("pk").values())
    return found


def our_models() -> list[type[models.Model]]:
    return [
        model
        for app in apps.get_app_configs()
        if Path(app.path).parent == settings.BASE_DIR
        for model in app.get_models()
    ]


@pytest.mark.parametrize("permission", Permission)
def test_a_right_is_some_roles_and_not_every_roles(permission: Permission) -> None:
    """Or the walk as single roles would show nothing of it."""
    having = {role for role, given in PERMISSIONS.items() if permission in given}
    assert having
    assert having != set(Role)


# Texts in which no word of ours can stand, and why.
NO_WORDS = {
    "municipalities.Municipality": "code, CVR and name are public, region is one of five",
    "municipalities.CareTeam.condition_code": "SKS",
    "municipalities.CareTeam.condition_name": "the words of SKS",
    "municipalities.CareTeam.login_id": "the name that the login gives a team, shown to nobody",
    "questionnaires.QuestionnaireVersion.language": "a language code",
    "plans.CourseConsent.text_version": "which of our texts was shown",
    "plans.BulkAssignmentItem.problem": "a sentence of ours",
    "plans.Activity.condition": "names an item of the form, and an answer to it by its code",
    "questionnaires.Upload.content_type": "one of three",
    "questionnaires.QuestionnaireTest.expected_scores": "link ids of the form, and numbers",
    "questionnaires.QuestionnaireTest.expected_shown": "link ids of the form",
    "questionnaires.QuestionnaireTest.expected_hidden": "link ids of the form",
    "questionnaires.Score.link_id": "names an item of the form",
    "questionnaires.DraftStep.link_id": "names an item of the form",
    "questionnaires.DraftStep.delta": "what a step changed, shown to nobody",
    "questionnaires.PublicationEvent.fingerprint": "a hash",
    "questionnaires.ImportBatch.refusal": "a sentence of ours",
    "questionnaires.ImportFile.url": "as in its source",
    "questionnaires.ImportFile.copyright": "as in its source",
    "questionnaires.ImportFile.language": "a language code",
    "questionnaires.ImportFile.refusal": "a sentence of ours",
    "questionnaires.ImportFile.issues": "sentences of ours",
    "questionnaires.ImportFile.notes": "sentences of ours",
    "followup.Attention.colours": "link ids of the form, and colours",
    "outbox.Event": "names of news and models, a request's id",
    "outbox.ArchivedDelivery": "as Event",
    "outbox.ChannelState": "of a channel, for the system administration alone",
    "outbox.ReceiverState": "as ChannelState",
    "outbox.Delivery.receiver": "which service it waits for",
    "outbox.Intervention": "the system administration's own acts",
    "fut.FutReference": "addresses at FUT, shown to nobody",
    "fut.FutLook": "the platform's refusal, for operators; CPR masked",
    "fut.FutFinding": "addresses and codes of FUT, and our own statuses",
    "fut.FutTeam": "addresses at FUT, shown to nobody",
    "fut.FutTeamLook": "as FutLook",
    "fut.FutRun": "numbers, and why a run ended; CPR masked",
    "fut.FutDefinition": "addresses at FUT, shown to nobody",
    "identity.StaffMember.issuer": "the login's address",
    "identity.StaffMember.subject": "who it says it is, shown to nobody",
    "identity.SpentLogoutToken": "a hash",
    "identity.ProgramKey.secret_hash": "a hash",
    "identity.ProgramKey.hint": "how a secret begins, which is made by chance",
    "identity.AssistedVisit.session_hash": "a hash",
    "identity.UserSession": "hashes; the device in words is only shown to its own person",
    "privacy.DeletionRecord": "numbers by kind",
    "privacy.ErasureRequest": "numbers by kind",
    "identity.LoginAttempt": "no person in it; a municipality's own, by its CVR",
}


def test_every_text_says_whose_it_is(worlds: dict[str, World]) -> None:
    """A new column with words belongs into the worlds above, or with its reason into NO_WORDS."""
    silent = []
    for model in our_models():
        for column in model._meta.get_fields():
            if (
                not isinstance(column, models.CharField | models.TextField | models.JSONField)
                or column.choices
            ):
                continue
            name = f"{model._meta.label}.{column.name}"
            if model._meta.label in NO_WORDS or name in NO_WORDS:
                continue
            values = model._default_manager.values_list(column.name, flat=True)
            if not any(words_in(str(value)) for value in values):
                silent.append(name)
    assert silent == []
