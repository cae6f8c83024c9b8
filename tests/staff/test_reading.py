"""One answer: its bands, on paper, as a file, as journal text; several beside each other; with the citizen."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from citizens.models import Citizen
from followup.journal_layouts import journal_parts
from followup.journal_models import USUAL_PARTS, JournalPart
from identity.access_log import Action, What
from identity.models import AccessEntry
from identity.roles import Role
from plans.models import Task
from questionnaires.models import Response
from tests.banded_form import answered_weekly, banded_version
from tests.factories import PlanFactory, QuestionnaireVersionFactory, assign
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def weeks(citizen: Citizen) -> list[Task]:
    return answered_weekly(citizen, 2, 8, 5)


def newest(citizen: Citizen) -> Response:
    return Response.objects.filter(citizen=citizen).latest("completed_at")


def text_of(client: Client, page: str, *ids: object, **query: str | list[str]) -> str:
    answer = client.get(reverse(f"staff:{page}", args=ids), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_score_has_the_word_of_its_band_beside_it(
    nurse_client: Client, citizen: Citizen, weeks: list[Task]
) -> None:
    page = text_of(nurse_client, "response", newest(citizen).pk)

    assert re.search(r"<b>15</b>\s*<span class=\"band\"[^>]*>\(Middel\)", page)
    assert page.index("at gå en tur.") < page.index("Smerteindeks")


def test_the_paper_and_the_file_hold_words_bands_and_answers(
    nurse_client: Client, citizen: Citizen, weeks: list[Task]
) -> None:
    response = newest(citizen)
    paper = text_of(nurse_client, "response_paper", response.pk)
    file = nurse_client.get(reverse("staff:response_pdf", args=[response.pk]))

    written = " ".join(page.extract_text() for page in PdfReader(BytesIO(file.content)).pages)
    for text in (paper, re.sub(r"\s+", " ", written)):
        assert text.index("Uge 3: at gå en tur.") < text.index("Smerteindeks") < text.index("Din søvn")
        assert "Middel" in text
        assert citizen.cpr not in text
    assert "9 lavere end sidst" in re.sub(r"\s+", " ", written)
    assert file["Content-Type"] == "application/pdf"


def test_the_journals_text_is_what_the_municipality_chose(
    client_with: Callable[..., Client], nurse_client: Client, citizen: Citizen, weeks: list[Task]
) -> None:
    administrator = client_with(Role.CARETEAM_ADMINISTRATOR)
    places = dict.fromkeys([part.value for part in JournalPart], "0") | {"scores": "1", "date": "2"}
    saved = administrator.post(reverse("staff:journal_layout"), places)
    assert saved.status_code == 302

    page = text_of(nurse_client, "response", newest(citizen).pk)

    [text] = re.findall(r'<textarea class="form-input journal-text"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert text.startswith("Resultat:\n- Smerteindeks: 15 (Middel), 9 lavere end sidst\n\nBesvaret ")
    assert "at gå en tur" not in text
    assert journal_parts(citizen.municipality) == (JournalPart.SCORES, JournalPart.DATE)


def test_showing_a_choice_does_not_save_it(client_with: Callable[..., Client], citizen: Citizen) -> None:
    administrator = client_with(Role.CARETEAM_ADMINISTRATOR)
    places = dict.fromkeys([part.value for part in JournalPart], "0") | {"answers": "1"}
    address = reverse("staff:journal_layout")

    shown = administrator.post(address, {**places, "show": "1"}).content.decode()
    live = administrator.post(address, places, headers={"HX-Request": "true"}).content.decode()

    for text in (shown, live):
        assert "Hvad hjælper? Hvile, Varme" in text
        assert "At kunne gå ned til søen." not in text
    assert "<html" not in live
    assert journal_parts(citizen.municipality) == USUAL_PARTS


def test_nothing_chosen_is_refused_with_a_sentence(
    client_with: Callable[..., Client], citizen: Citizen
) -> None:
    administrator = client_with(Role.CARETEAM_ADMINISTRATOR)
    places = dict.fromkeys([part.value for part in JournalPart], "0")

    refused = administrator.post(reverse("staff:journal_layout"), places)

    assert refused.status_code == 422
    assert "Vælg mindst én del" in refused.content.decode()
    assert journal_parts(citizen.municipality) == USUAL_PARTS


def test_who_administers_no_teams_does_not_choose(viewer_client: Client, citizen: Citizen) -> None:
    places = dict.fromkeys([part.value for part in JournalPart], "0") | {"date": "1"}

    assert viewer_client.post(reverse("staff:journal_layout"), places).status_code == 403
    assert journal_parts(citizen.municipality) == USUAL_PARTS


def test_a_copied_text_stands_in_the_log_with_or_without_script(
    nurse_client: Client, citizen: Citizen, weeks: list[Task]
) -> None:
    response = newest(citizen)
    address = reverse("staff:journal_copied", args=[response.pk])

    assert nurse_client.post(address, headers={"HX-Request": "true"}).status_code == 204
    by_hand = nurse_client.post(address).content.decode()

    assert "Smerteindeks: 15 (Middel)" in by_hand
    entries = AccessEntry.objects.filter(what=What.RESPONSE, action=Action.EXPORT, subject_id=response.pk)
    assert entries.count() == 2


def test_answers_beside_each_other_go_over_versions(nurse_client: Client, citizen: Citizen) -> None:
    old = banded_version(with_support=False, pain="Hvor ondt har du?")
    answered_weekly(citizen, 2, version=old)
    old.status = "retired"
    old.save()
    new = banded_version(with_support=False, questionnaire=old.questionnaire, number=2)
    answered_weekly(citizen, 8, version=new)

    page = text_of(nurse_client, "over_time", newest(citizen).pk)

    assert page.count('class="cell-mark"') == 2  # pain and sleep; the words are the same
    assert re.search(r"Spurgt sådan: <q[^>]*>Hvor ondt har du\?</q>", page)


def test_only_what_changed_and_only_the_chosen(
    nurse_client: Client, citizen: Citizen, weeks: list[Task]
) -> None:
    ids = [str(task.response_id) for task in weeks]

    chosen: dict[str, str | list[str]] = {"svar": [ids[0], ids[2]], "kun-aendret": "1"}
    page = text_of(nurse_client, "over_time", ids[2], **chosen)

    assert len(re.findall(r"<th scope=\"col\">\d", page)) == 2 * 2  # scores, and the one part
    assert "Din vægt" not in page
    assert "Dine smerter" in page


def test_another_citizens_answer_is_not_put_beside(
    nurse_client: Client, citizen: Citizen, weeks: list[Task]
) -> None:
    somebody = assign(plan=PlanFactory(weekly__version=QuestionnaireVersionFactory())).tasks.get()
    others = answer(somebody, at=somebody.opens_at, note="Fremmede ord")

    page = text_of(nurse_client, "over_time", newest(citizen).pk, svar=str(others.pk))

    assert "Fremmede ord" not in page
    assert "Dine smerter" in page


def test_together_with_the_citizen_it_says_du_and_nothing_for_staff_alone(
    nurse_client: Client, citizen: Citizen, weeks: list[Task]
) -> None:
    page = text_of(nurse_client, "conversation", citizen.pk)

    assert page.index("Uge 3: at gå en tur.") < page.index("Dine smerter: 5 nu, 8 sidst")
    assert "Din søvn: 5 nu, 2 sidst" in page
    assert page.index("Det kan vi tale om") < page.index("Hvad er der sket med »Dine smerter«")
    for hidden in (citizen.cpr, citizen.masked_cpr[:6], "Middel", "Svær", "CPR", "Ubesvarede"):
        assert hidden not in page


def test_together_with_somebody_who_answered_once_or_never(nurse_client: Client, citizen: Citizen) -> None:
    assert "Der er ingen svar endnu" in text_of(nurse_client, "conversation", citizen.pk)

    answered_weekly(citizen, 4)

    assert "Det er første gang" in text_of(nurse_client, "conversation", citizen.pk)
