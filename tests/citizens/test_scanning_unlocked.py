"""Who looks for viruses may take their time: nothing of the draft is locked meanwhile, also with an employee's help."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client

from identity.actors import CitizenActor, StaffActor
from identity.roles import Role
from plans.models import Task
from questionnaires.models import Response
from tests import factories, uploads
from tests.at_the_same_time import in_a_connection_of_its_own
from tests.citizens.test_answering_pages import task_with
from tests.citizens.test_uploads import Uploader
from tests.conftest import NURSE_ROLES, staff_actor
from tests.staff.test_assisting import begin

pytestmark = pytest.mark.django_db(transaction=True)


def one_that_wants_the_draft(content: bytes) -> str:
    """Locks every draft as another request would, without waiting: fails where one is locked already."""
    with ThreadPoolExecutor() as pool:
        pool.submit(in_a_connection_of_its_own, _lock_every_draft).result()
    return ""


def _lock_every_draft() -> None:
    with transaction.atomic():
        found = list(Response.objects.select_for_update(nowait=True))
    assert found


@pytest.fixture(params=["alone", "with help"])
def visitor(
    request: pytest.FixtureRequest,
    settings: LazySettings,
    client_as: Callable[[CitizenActor | StaffActor], Client],
) -> Uploader:
    citizen = factories.CitizenFactory()
    task: Task = task_with(uploads.FORM, citizen)
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    if request.param == "with help":
        nurse = factories.StaffMemberFactory(municipality=citizen.municipality)
        client = client_as(staff_actor(nurse, NURSE_ROLES | {Role.LOGIN_ASSISTOR}))
        begin(client, citizen)
    visitor = Uploader(client, task)
    visitor.begin()
    settings.UPLOAD_SCANNER = f"{__name__}.{one_that_wants_the_draft.__name__}"
    return visitor


@pytest.mark.parametrize(
    "send",
    [
        pytest.param(lambda visitor, file: visitor.press(photo=file), id="with the form"),
        pytest.param(lambda visitor, file: visitor.upload("photo", file), id="by itself"),
    ],
)
def test_the_draft_is_free_while_a_file_is_looked_at(
    visitor: Uploader, send: Callable[[Uploader, Any], Any]
) -> None:
    answer = send(visitor, uploads.sent())
    assert answer.status_code < 400, answer.content.decode()
    assert len(visitor.attachments("photo")) == 1
