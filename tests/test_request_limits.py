"""How much one request may bring."""

from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kommunalpro.request_limits import LARGEST_REQUEST
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_request_that_is_too_large_is_refused_before_it_is_read(administrator_client: Client) -> None:
    class Unread(BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("read")

    environ: dict[str, Any] = {"CONTENT_LENGTH": str(LARGEST_REQUEST + 1), "wsgi.input": Unread()}
    answer = administrator_client.generic(
        "POST", "/kam/spoergeskemaer/importer/", b"", "multipart/form-data; boundary=x", **environ
    )
    assert answer.status_code == 413
    assert "MB" in answer.content.decode()


@pytest.mark.parametrize("length", ["-1", "x", "1" * 5000, ""])
def test_a_length_that_is_none_is_no_failure_of_ours(length: str, client: Client) -> None:
    answer = client.generic("POST", "/sprog/setlang/", b"", "text/plain", CONTENT_LENGTH=length)
    assert answer.status_code < 500


def test_a_file_of_the_largest_size_still_gets_its_own_sentence(administrator_client: Client) -> None:
    file = SimpleUploadedFile("form.json", b"[" + b" " * (5 * 1024 * 1024), "application/json")
    answer = administrator_client.post("/kam/spoergeskemaer/importer/", {"file": file})
    assert answer.status_code == 422
    assert "større end 5 MB" in answer.content.decode()


def test_a_long_page_of_questions_fits(administrator_client: Client) -> None:
    """As many items as the engine takes, each with several fields."""
    version = factories.QuestionnaireVersionFactory()
    fields = {f"q-{number}": "x" for number in range(15_000)}
    assert administrator_client.post(f"/kam/spoergeskemaer/{version.pk}/proev/", fields).status_code == 200


def test_more_fields_than_any_page_has_are_refused(administrator_client: Client) -> None:
    fields = {f"q-{number}": "x" for number in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}
    administrator_client.raise_request_exception = False
    assert administrator_client.post("/login/test/", fields).status_code == 400


def test_many_files_are_refused(administrator_client: Client) -> None:
    too_many = range(settings.DATA_UPLOAD_MAX_NUMBER_FILES + 1)
    files = {f"f{number}": SimpleUploadedFile(f"{number}.json", b"{}") for number in too_many}
    administrator_client.raise_request_exception = False
    assert administrator_client.post("/kam/spoergeskemaer/importer/", files).status_code == 400


def test_nothing_that_comes_packed_is_unpacked(administrator_client: Client) -> None:
    """A bomb of a thousandfold is only the bytes that it is: no request is decompressed."""
    import gzip

    bomb = SimpleUploadedFile("form.json", gzip.compress(b" " * 50_000_000), "application/json")
    answer = administrator_client.post(
        "/kam/spoergeskemaer/importer/", {"file": bomb}, headers={"Content-Encoding": "gzip"}
    )
    assert answer.status_code == 422
