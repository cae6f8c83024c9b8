"""What KAM's library costs with 5,000 questionnaires, held against 50: seconds of processor time a page, and queries.

    python -m benchmarks.library          # a part of make bench: some minutes
    python -m benchmarks.library --many 1000

A system of its own is started and thrown away, as for `benchmarks.pages`. The questionnaires are a municipality's own,
half of them drafts; who looks is of it, behind all walls. The few are asked before the many are there, so that nothing
of the many is looked through. Nothing here is a test.
"""

import argparse
import os
from statistics import median
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from benchmarks.pages import Page, _logged_in, _set_up, processor_seconds, servers

if TYPE_CHECKING:
    from municipalities.models import Municipality

FEW, MANY = 50, 5000
ROUNDS = 9
PAGES = 5
GOAL = 5.0
"""A page of 5,000 costs at most so many times one of 50, where a hundred times as many rows stand behind it."""

SEARCHES = {
    "the first page": "",
    "the last page": "?page=100000",
    "words": "?words=smerter+knæ",
    "drafts": "?status=draft",
}


def fill(owner: "Municipality", count: int) -> None:
    """So many questionnaires of the owner's, with a title and texts of their own."""
    from django.utils import timezone

    from questionnaires.models import PublicationStatus, Questionnaire, QuestionnaireVersion

    now = timezone.now()
    made = [Questionnaire(url=f"urn:uuid:{uuid4()}", owner=owner, area="pain") for _ in range(count)]
    Questionnaire.objects.bulk_create(made, batch_size=1000)
    versions = []
    for number, questionnaire in enumerate(made):
        is_draft = number % 2 == 1
        title = f"Spørgeskema {number:05}" + (" om smerter i knæet" if number % 50 == 0 else "")
        versions.append(
            QuestionnaireVersion(
                questionnaire=questionnaire,
                number=1,
                title=title,
                language="da",
                source=_source(questionnaire.url, title),
                status=PublicationStatus.DRAFT if is_draft else PublicationStatus.ACTIVE,
                published_at=None if is_draft else now,
            )
        )
    QuestionnaireVersion.objects.bulk_create(versions, batch_size=500)


def _source(url: str, title: str) -> dict[str, Any]:
    items = [
        {
            "linkId": f"q{number}",
            "type": "string",
            "text": f"Hvordan gik det med opgave {number} i denne uge?",
        }
        for number in range(20)
    ]
    return {"resourceType": "Questionnaire", "url": url, "status": "draft", "title": title, "item": items}


def cost(page: Page) -> float:
    """Seconds of processor time a page, here and in PostgreSQL."""
    began = processor_seconds()
    for _ in range(PAGES):
        if page.client.get(page.address).status_code != 200:
            raise RuntimeError(f"{page.address} does not answer 200: the figures would say nothing.")
    return (processor_seconds() - began) / PAGES


def queries(page: Page) -> int:
    """How many a page takes."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        page.client.get(page.address)
    return len(captured)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--many", type=int, default=MANY, help="How many questionnaires the larger library has."
    )
    many = parser.parse_args().many
    with servers() as started:
        os.environ.update(started.variables)
        _set_up()
        page = _library(FEW)
        asked = {name: Page(name, page.client, page.address + search) for name, search in SEARCHES.items()}
        few = {name: _measured(one) for name, one in asked.items()}
        _library(many - FEW)
        print(f"Median of {ROUNDS} rounds; milliseconds of processor time a page.\n")
        print(f"{'library':<16} {FEW:>8} {many:>8} {'ratio':>7} {'queries':>9}  goal")
        for name, one in asked.items():
            (less, queries_before), (more, queries_now) = few[name], _measured(one)
            verdict = "met" if more / less <= GOAL and queries_before == queries_now else "NOT MET"
            print(
                f"{name:<16} {less * 1e3:>8.1f} {more * 1e3:>8.1f} {more / less:>7.2f} "
                f"{f'{queries_before}/{queries_now}':>9}  at most {GOAL:.0f} {verdict}",
                flush=True,
            )


def _measured(page: Page) -> tuple[float, int]:
    """The median cost, and the number of queries."""
    cost(page)
    return median(cost(page) for _ in range(ROUNDS)), queries(page)


def _library(more: int) -> Page:
    """The list as an editor of a municipality sees it, with so many questionnaires more than before."""
    from django.urls import reverse

    from identity.actors import StaffActor
    from identity.models import StaffMember
    from identity.roles import Role
    from municipalities.models import Municipality
    from municipalities.scope import Scope, within

    with within(Scope.system()):
        nurse = StaffMember.objects.filter(municipality__isnull=False).order_by("pk")[0]
        owner = Municipality.objects.get(staff_members=nurse)
        fill(owner, more)
    actor = StaffActor(
        staff_id=nurse.pk,
        name=nurse.name,
        municipality_id=owner.pk,
        municipality_name=str(owner),
        roles=frozenset(Role),
    )
    return Page("", _logged_in(actor), reverse("kam:questionnaires"))


if __name__ == "__main__":
    main()
