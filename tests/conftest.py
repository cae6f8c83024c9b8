"""What every test may use: people who act, a clock that stands still, a client that is logged in."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import hypothesis
import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.utils import timezone

from identity.actors import CitizenActor, StaffActor
from identity.middleware import SESSION_ACTOR
from identity.models import StaffMember
from identity.roles import Role
from identity.sessions import SESSION_SEEN_AT
from municipalities.scope import Scope, within
from questionnaires import kept_drafts
from questionnaires.authoring.deltas import same
from questionnaires.models import QuestionnaireVersion
from tests import factories
from tests.roles import _sees_everything, django_db_modify_db_settings, django_db_setup

__all__ = ["_sees_everything", "django_db_modify_db_settings", "django_db_setup"]

# At a desk every run looks at new examples; CI looks at the same ones each time, so that it fails for a change only.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "desk")

DENMARK = ZoneInfo("Europe/Copenhagen")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", metavar="FOLDER", help="keep pictures of the pages here")


def copenhagen(text: str) -> datetime:
    """“2026-03-29 08:00” on a clock in Denmark."""
    return datetime.fromisoformat(text).replace(tzinfo=DENMARK)


@pytest.fixture
def at() -> Callable[[str], AbstractContextManager[datetime]]:
    """`with at("2026-03-28 23:30") as now:` - the time stands still there, on a clock in Denmark."""

    @contextmanager
    def stand_still(text: str) -> Iterator[datetime]:
        moment = copenhagen(text)
        with time_machine.travel(moment, tick=False):
            yield moment

    return stand_still


@pytest.fixture(autouse=True)
def _plain_static_files(settings: LazySettings) -> None:
    """Pages in tests name static files plainly: nothing has to be collected first."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _kept_drafts_are_their_rows(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did: a draft's document that this process keeps is the one in its row, and nobody changed it."""
    uses_rows = request.node.get_closest_marker("django_db") or "db" in request.fixturenames
    if uses_rows:
        request.getfixturevalue("db")
    yield
    kept = kept_drafts.kept()
    kept_drafts.forget()
    if not kept or not uses_rows or connection.needs_rollback:
        return
    with within(Scope.system()):
        rows = QuestionnaireVersion.objects.filter(
            pk__in=kept, revision__in=[one.revision for one in kept.values()]
        )
        for row in rows:
            assert same(row.source, kept[row.pk].document)


NURSE_ROLES = frozenset(
    {Role.CITIZEN_ENROLLER, Role.CLINICAL_VIEWER, Role.MONITORING_ASSISTOR, Role.MONITORING_ADJUSTER}
)
ADMINISTRATOR_ROLES = frozenset({Role.QUESTIONNAIRE_EDITOR, Role.CLINICAL_ADMINISTRATOR})


def staff_actor(member: StaffMember, roles: frozenset[Role] = NURSE_ROLES) -> StaffActor:
    """How the session remembers `member` with these roles."""
    return StaffActor(
        staff_id=member.pk,
        name=member.name,
        municipality_id=member.municipality_id,
        municipality_name=str(member.municipality or "Systemadministrationen"),
        roles=roles,
    )


@pytest.fixture
def client_as() -> Callable[[CitizenActor | StaffActor], Client]:
    """A browser in which this actor has logged in."""

    def log_in(actor: CitizenActor | StaffActor) -> Client:
        client = Client()
        session = client.session
        session[SESSION_ACTOR] = actor.to_session()
        session[SESSION_SEEN_AT] = timezone.now().timestamp()
        session.save()
        return client

    return log_in


@pytest.fixture
def nurse(db: None) -> StaffMember:
    member: StaffMember = factories.StaffMemberFactory()
    return member


@pytest.fixture
def nurse_client(nurse: StaffMember, client_as: Callable[[StaffActor], Client]) -> Client:
    """A nurse of a municipality, with the clinical roles."""
    return client_as(staff_actor(nurse))


@pytest.fixture
def administrator_client(db: None, client_as: Callable[[StaffActor], Client]) -> Client:
    """A KAM administrator of the national system administration."""
    member = factories.StaffMemberFactory(municipality=None)
    return client_as(staff_actor(member, ADMINISTRATOR_ROLES))
