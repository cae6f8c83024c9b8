"""A file among the answers goes to FUT inside the answer, up to a size; its address here stays here."""

import base64

import pytest
from django.conf import LazySettings
from django.utils import timezone

from fut.attachments import with_contents
from plans import services as plans
from questionnaires.models import Response, Upload
from tests.factories import PlanFactory, QuestionnaireVersionFactory, open_task
from tests.uploads import FORM

pytestmark = pytest.mark.django_db


@pytest.fixture
def response() -> Response:
    """A draft with a picture of three bytes."""
    version = QuestionnaireVersionFactory(source=FORM)
    now = timezone.now()
    made = plans.begin_task(task=open_task(plan=PlanFactory(weekly__version=version)), at=now)
    upload = Upload.objects.create(
        response=made,
        municipality_id=made.municipality_id,
        citizen_id=made.citizen_id,
        name="Sår.jpg",
        content_type="image/jpeg",
        size=3,
        content=b"abc",
        created_at=now,
    )
    attachment = {"contentType": "image/jpeg", "url": upload.address, "size": 3, "title": "Sår.jpg"}
    photo = {"linkId": "photo", "answer": [{"valueAttachment": attachment}]}
    made.document = {**made.document, "item": [{"linkId": "p", "item": [photo]}]}
    made.save()
    return made


def test_its_bytes_are_in_the_answer(response: Response) -> None:
    [group] = with_contents(response)
    [answer] = group["item"][0]["answer"]
    assert answer == {
        "valueAttachment": {
            "contentType": "image/jpeg",
            "size": 3,
            "title": "Sår.jpg",
            "data": base64.b64encode(b"abc").decode(),
        }
    }
    assert (
        "url" in response.document["item"][0]["item"][0]["answer"][0]["valueAttachment"]
    )  # ours stays as it is


def test_one_that_is_too_large_is_named_without_its_bytes(response: Response, settings: LazySettings) -> None:
    settings.FUT_LARGEST_FILE_BYTES = 2
    [group] = with_contents(response)
    assert group["item"][0]["answer"] == [
        {"valueAttachment": {"contentType": "image/jpeg", "size": 3, "title": "Sår.jpg"}}
    ]


def test_answers_without_files_ask_nothing(response: Response, django_assert_num_queries: object) -> None:
    response.document = {"item": [{"linkId": "note", "answer": [{"valueString": "urn:uuid:x"}]}]}
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert with_contents(response) == response.document["item"]


def test_an_attachment_that_came_otherwise_goes_as_it_is(response: Response) -> None:
    response.document["item"][0]["item"][0]["answer"].append({"valueAttachment": {"url": "https://x.dk/a"}})
    [group] = with_contents(response)
    assert group["item"][0]["answer"][1] == {"valueAttachment": {"url": "https://x.dk/a"}}
