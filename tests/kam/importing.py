"""Through the pages of an import: the file is read, all that can be taken is chosen, and the drafts are there."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from questionnaires import import_batches
from questionnaires.import_models import ImportBatch


def send(client: Client, content: bytes, name: str = "form.json", **more: Any) -> Any:
    """Upload a file; the worker reads what the page left to it."""
    answer = client.post(reverse("kam:import"), {"file": SimpleUploadedFile(name, content)}, **more)
    for batch in ImportBatch.objects.filter(state="reading"):
        import_batches.read_batch(batch.pk)
    return answer


def upload(client: Client, content: bytes, name: str = "form.json", **more: Any) -> Any:
    """Upload a file and choose all of it; the answer to the last form, or the refusal."""
    answer = send(client, content, name)
    if answer.status_code != 302:
        return answer
    page = client.get(answer.headers["Location"]).content.decode()
    files = re.findall(r'name="file"\s+value="(\d+)"', page)
    return client.post(f"{answer.headers['Location']}gem/", {"file": files}, **more)
