"""A citizen gives a picture or a file as an answer, with a script or by the form's own buttons."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, transaction
from django.test import Client
from PIL import Image

from citizens.models import Citizen
from identity.actors import CitizenActor
from identity.models import AccessEntry
from municipalities.scope import Scope, within
from questionnaires.models import Response, Upload
from tests import factories, uploads
from tests.citizens.test_answering_pages import Visitor, body, task_with
from tests.conftest import NURSE_ROLES, staff_actor
from tests.test_headers import policy_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def citizen() -> Citizen:
    made: Citizen = factories.CitizenFactory()
    return made


@pytest.fixture
def visitor(citizen: Citizen, client_as: Callable[[CitizenActor], Client]) -> "Uploader":
    task = task_with(uploads.FORM, citizen)
    visitor = Uploader(client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)), task)
    visitor.begin()
    return visitor


class Uploader(Visitor):
    """A citizen with files."""

    def upload(self, question: str, *files: Any) -> Any:
        """What the script sends when a file is chosen."""
        fields = {"question": question, f"a:{question}": list(files)}
        return self.client.post(f"{self.root}fil/1/", fields, headers={"HX-Request": "true"})

    def press(self, go: str = "next", **fields: Any) -> Any:
        """A button of the form, without a script: everything in it is sent."""
        return self.client.post(
            f"{self.root}side/1/", {f"a:{name}": value for name, value in fields.items()} | {"go": go}
        )

    def attachments(self, question: str) -> list[dict[str, Any]]:
        return [answer["valueAttachment"] for answer in self.answer(question)]


def nobody_elses(client_as: Callable[..., Client]) -> Client:
    other = factories.CitizenFactory()
    return client_as(CitizenActor(citizen_id=other.pk, name=other.name))


def test_a_picture_is_an_answer_by_a_script(visitor: Uploader) -> None:
    answer = visitor.upload("photo", uploads.sent())
    assert answer.status_code == 200
    assert "Såret.jpg" in body(answer)
    upload = Upload.objects.get()
    [attachment] = visitor.attachments("photo")
    assert attachment["url"] == f"urn:uuid:{upload.pk}"
    assert (attachment["contentType"], attachment["size"]) == ("image/jpeg", len(upload.content))
    assert "data" not in attachment
    assert b"Kamera" not in bytes(upload.content)
    assert f"/borger/filer/{upload.pk}/" in body(visitor.look(1))


def test_a_picture_is_an_answer_without_a_script_and_so_is_what_is_written(visitor: Uploader) -> None:
    page = body(visitor.look(1))
    assert 'enctype="multipart/form-data"' in page
    assert 'accept="image/jpeg,image/png"' in page
    assert "capture" not in page
    assert visitor.press(photo=uploads.sent(), note="Det gør ondt").url.endswith("/opsummering/")
    assert visitor.answer("note") == ({"valueString": "Det gør ondt"},)
    assert len(visitor.attachments("photo")) == 1


def test_a_required_picture_is_missed_and_nothing_typed_is_lost(visitor: Uploader) -> None:
    refused = visitor.press(note="Det gør ondt")
    assert refused.status_code == 422
    assert "Vælg en fil." in body(refused)
    assert "Det gør ondt" in body(refused)
    assert visitor.answer("note") == ({"valueString": "Det gør ondt"},)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html><script>alert(1)</script></html>", "Filen kan ikke bruges her. Vælg et billede."),
        (uploads.PDF, "Her kan du ikke sende en PDF. Vælg et billede."),
        (b"", "Filen er tom"),
    ],
    ids=["page", "pdf", "empty"],
)
def test_what_is_refused_says_why_beside_the_question(
    content: bytes, sentence: str, visitor: Uploader
) -> None:
    refused = visitor.press(photo=uploads.sent(content), note="Det gør ondt")
    assert refused.status_code == 422
    if content:  # Django leaves out an empty file by itself: then it is missing
        assert sentence in body(refused)
    assert visitor.answer("note") == ({"valueString": "Det gør ondt"},)
    by_script = visitor.upload("photo", uploads.sent(content))
    assert not Upload.objects.exists()
    if content:
        assert by_script.status_code == 422
        assert sentence in body(by_script)
        assert 'aria-invalid="true"' in body(by_script)


def test_another_one_takes_the_place_of_the_first_whose_bytes_go(visitor: Uploader) -> None:
    visitor.upload("photo", uploads.sent(name="En.jpg"))
    visitor.upload("photo", uploads.sent(name="To.jpg"))
    assert [each["title"] for each in visitor.attachments("photo")] == ["To.jpg"]
    assert Upload.objects.get().name == "To.jpg"


def test_one_is_taken_back_and_its_bytes_go(visitor: Uploader) -> None:
    visitor.upload(
        "letters", uploads.sent(uploads.PDF, "Brev.pdf", "application/pdf"), uploads.sent(name="To.jpg")
    )
    assert [each["title"] for each in visitor.attachments("letters")] == ["Brev.pdf", "To.jpg"]
    [first, _second] = re.findall(r'name="remove-file"\s+value="([^"]+)"', body(visitor.look(1)))
    gone: Any = visitor.client.post(f"{visitor.root}side/1/", {"remove-file": first, "a:note": "x"})
    assert gone.url.endswith("/side/1/")
    assert [each["title"] for each in visitor.attachments("letters")] == ["To.jpg"]
    assert Upload.objects.get().name == "To.jpg"
    assert (
        visitor.client.post(f"{visitor.root}side/1/", {"remove-file": first}).status_code == 302
    )  # twice is as once


def test_there_is_room_for_so_many(visitor: Uploader, settings: LazySettings) -> None:
    settings.UPLOAD_MOST_FILES = 2
    assert visitor.upload("photo", uploads.sent()).status_code == 200
    assert visitor.upload("letters", uploads.sent()).status_code == 200
    refused = visitor.upload("letters", uploads.sent())
    assert refused.status_code == 422
    assert "Du kan højst sende 2" in body(refused)
    assert (
        visitor.upload("photo", uploads.sent(name="Ny.jpg")).status_code == 200
    )  # in the place of the first
    assert Upload.objects.count() == 2


def test_a_file_that_is_too_large_is_refused(visitor: Uploader, settings: LazySettings) -> None:
    settings.UPLOAD_LARGEST_BYTES = 1024 * 1024
    refused = visitor.upload("letters", uploads.sent(b"%PDF-1.4" + b" " * 1024 * 1024 + b"%%EOF"))
    assert refused.status_code == 422
    assert "højst 1 MB" in body(refused)
    much = visitor.upload("letters", uploads.sent(b"%PDF-1.4" + b" " * 7 * 1024 * 1024 + b"%%EOF"))
    assert much.status_code == 413


@pytest.mark.parametrize(
    ("scanner", "sentence"),
    [("finds", "noget skadeligt"), ("is_down", "Vi kan ikke tage imod filer lige nu")],
)
def test_what_the_scanner_has_not_passed_is_not_taken(
    scanner: str, sentence: str, visitor: Uploader, settings: LazySettings
) -> None:
    settings.UPLOAD_SCANNER = f"tests.citizens.test_uploads.{scanner}"
    refused = visitor.press(photo=uploads.sent(), note="Det gør ondt")
    assert sentence in body(refused)
    assert visitor.answer("note") == ({"valueString": "Det gør ondt"},)
    assert not Upload.objects.exists()


def finds(content: bytes) -> str:
    return "Noget"


def is_down(content: bytes) -> str:
    raise TimeoutError


def test_other_answers_are_saved_beside_it_and_name_none(visitor: Uploader) -> None:
    """A form that is saved by htmx has an empty file field, or the words of one; neither is an answer."""
    visitor.upload("photo", uploads.sent())
    said = {"a:photo": "[object File]", "asked": "photo", "a:note": "Mere"}
    visitor.client.post(f"{visitor.root}svar/1/", said, headers={"HX-Request": "true"})
    assert len(visitor.attachments("photo")) == 1
    assert visitor.answer("note") == ({"valueString": "Mere"},)


def sent_off(visitor: Uploader) -> Response:
    visitor.press(photo=uploads.sent(), letters=uploads.sent(uploads.PDF, "Brev.pdf", "application/pdf"))
    assert visitor.send().url.endswith("/kvittering/")
    return Response.objects.get()


def test_it_is_read_again_on_the_summary_among_ones_answers_and_in_the_pdf(visitor: Uploader) -> None:
    visitor.press(photo=uploads.sent())
    [upload] = Upload.objects.all()
    assert f'src="/borger/filer/{upload.pk}/"' in body(visitor.client.get(f"{visitor.root}opsummering/"))
    response = sent_off(visitor)
    page = body(visitor.client.get(f"/borger/svar/{response.pk}/"))
    assert page.count("/borger/filer/") == 3  # the picture, and a link to each
    without = len(visitor.client.get(f"/borger/svar/{response.pk}/pdf/").content)
    Upload.objects.filter(content_type="image/jpeg").delete()
    assert without > len(visitor.client.get(f"/borger/svar/{response.pk}/pdf/").content)


def test_a_file_is_handed_out_as_what_it_is_and_runs_nothing(visitor: Uploader) -> None:
    sent_off(visitor)
    for upload in Upload.objects.all():
        answer = visitor.client.get(f"/borger/filer/{upload.pk}/")
        assert answer["Content-Type"] == upload.content_type
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer["Cache-Control"]
        assert "sandbox" in policy_of(answer)
        assert policy_of(answer)["default-src"] == "'none'"
        way = "inline" if upload.is_picture else "attachment"
        assert answer["Content-Disposition"].startswith(way)
        assert visitor.client.get(f"/borger/filer/{upload.pk}/?hent=1")["Content-Disposition"].startswith(
            "attachment"
        )
    picture = visitor.client.get(f"/borger/filer/{Upload.objects.get(name='Såret.jpg').pk}/")
    assert "filename*=UTF-8''S%C3%A5ret.jpg" in picture["Content-Disposition"]
    assert Image.open(BytesIO(picture.content)).format == "JPEG"


def test_nobody_else_sees_it(visitor: Uploader, client_as: Callable[..., Client], client: Client) -> None:
    visitor.upload("photo", uploads.sent())
    address = f"/borger/filer/{Upload.objects.get().pk}/"
    assert client.get(address).status_code == 302
    assert nobody_elses(client_as).get(address).status_code == 404


def test_staff_see_it_once_it_is_sent_and_that_is_a_look(
    visitor: Uploader, citizen: Citizen, client_as: Callable[..., Client]
) -> None:
    nurse = client_as(
        staff_actor(factories.StaffMemberFactory(municipality=citizen.municipality), NURSE_ROLES)
    )
    visitor.upload("photo", uploads.sent())
    upload = Upload.objects.get()
    assert nurse.get(f"/medarbejder/filer/{upload.pk}/").status_code == 404  # a draft is the citizen's own
    visitor.send()
    answer = nurse.get(f"/medarbejder/filer/{upload.pk}/?hent=1")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    entry = AccessEntry.objects.latest("pk")
    assert (entry.citizen_id, entry.subject_id, entry.what) == (citizen.pk, upload.response_id, "response")
    page = nurse.get(f"/medarbejder/besvarelser/{upload.response_id}/").content.decode()
    assert f'src="/medarbejder/filer/{upload.pk}/"' in page
    elsewhere = client_as(staff_actor(factories.StaffMemberFactory(), NURSE_ROLES))
    assert elsewhere.get(f"/medarbejder/filer/{upload.pk}/").status_code == 404


def test_a_correction_has_files_of_its_own_and_the_former_keeps_its(
    citizen: Citizen, client_as: Callable[[CitizenActor], Client]
) -> None:
    version = factories.QuestionnaireVersionFactory(source=uploads.FORM)
    task = factories.open_task(
        citizen, plan=factories.PlanFactory(weekly__version=version, correction_days=3)
    )
    visitor = Uploader(client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)), task)
    visitor.begin()
    former = sent_off(visitor)
    visitor.client.post(f"{visitor.root}ret/")
    answer = visitor.upload("photo", uploads.sent(name="Ny.jpg"))
    assert (answer.status_code, "Ny.jpg" in body(answer)) == (200, True)
    visitor.send()

    correction = Response.objects.get(replaces=former)
    assert correction.is_completed
    assert {one.name for one in correction.uploads.all()} == {"Ny.jpg"}
    assert "Såret.jpg" in {one.name for one in former.uploads.all()}
    newest = body(visitor.client.get(f"/borger/svar/{correction.pk}/"))
    assert ("Ny.jpg" in newest, "Såret.jpg" in newest) == (True, False)
    assert "Såret.jpg" in body(visitor.client.get(f"/borger/svar/{former.pk}/"))
    for upload in Upload.objects.all():
        assert visitor.client.get(f"/borger/filer/{upload.pk}/").status_code == 200


def test_what_was_sent_is_never_changed(visitor: Uploader, citizen: Citizen) -> None:
    response = sent_off(visitor)
    too_late = visitor.upload("photo", uploads.sent(name="Ny.jpg"))
    assert too_late.headers["HX-Redirect"].endswith("/kvittering/")
    own = Scope.citizen(citizen.pk)
    with within(own):
        assert Upload.objects.filter(response=response).delete()[0] == 0
    whose = {"citizen_id": citizen.pk, "municipality_id": citizen.municipality_id}
    given = {
        "name": "x.jpg",
        "content_type": "image/jpeg",
        "size": 1,
        "content": b"x",
        "created_at": response.saved_at,
    }
    with within(own), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Upload.objects.create(response=response, **whose, **given)
    with (
        within(Scope.system()),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
    ):
        Upload.objects.update(content=b"y")
    assert Upload.objects.count() == 2


def test_what_is_no_longer_asked_is_not_sent_and_not_kept(
    citizen: Citizen, client_as: Callable[[CitizenActor], Client]
) -> None:
    asked = [{"question": "hurts", "operator": "=", "answerBoolean": True}]
    form = factories.questionnaire_source(
        item=[
            {"linkId": "hurts", "type": "boolean", "text": "Gør det ondt?", "required": True},
            uploads.asks("photo", "Billede", enableWhen=asked),
        ]
    )
    visitor = Uploader(
        client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)), task_with(form, citizen)
    )
    visitor.begin()
    visitor.save(1, hurts="true")
    assert visitor.upload("photo", uploads.sent()).status_code == 200
    visitor.save(1, hurts="false")
    assert visitor.upload("photo", uploads.sent()).status_code == 404  # not asked
    assert visitor.send().url.endswith("/kvittering/")
    assert not Upload.objects.exists()


def test_a_row_that_is_removed_takes_its_files_along(
    citizen: Citizen, client_as: Callable[[CitizenActor], Client]
) -> None:
    rows = {"linkId": "falls", "type": "group", "text": "Fald", "repeats": True}
    form = factories.questionnaire_source(item=[rows | {"item": [uploads.asks("photo", "Billede")]}])
    visitor = Uploader(
        client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)), task_with(form, citizen)
    )
    visitor.begin()
    visitor.client.post(f"{visitor.root}side/1/", {"add-row": "falls"})
    addresses = re.findall(r'data-address="([^"]+)"', body(visitor.look(1)))
    assert len(addresses) == 2
    assert visitor.upload(addresses[1], uploads.sent()).status_code == 200
    assert Upload.objects.count() == 1
    row = addresses[1].replace("photo#", "falls#")
    visitor.client.post(f"{visitor.root}side/1/", {"remove-row-now": row})
    assert not Upload.objects.exists()


@pytest.mark.parametrize("said", [{}, {"question": "nothing"}, {"question": "note"}, {"question": "photo#x"}])
def test_a_request_that_no_page_makes_is_answered_calmly(said: dict[str, str], visitor: Uploader) -> None:
    answer = visitor.client.post(f"{visitor.root}fil/1/", said | {"a:nothing": uploads.sent()})
    assert answer.status_code in (200, 404)
    assert visitor.client.post(f"{visitor.root}fil/77/", {"question": "photo"}).status_code == 404
    assert not Upload.objects.exists()
