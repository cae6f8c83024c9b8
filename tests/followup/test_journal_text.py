"""The journal's text: which lines there are, in which order, and whose choice it is."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from followup.journal_layouts import NothingToWrite, choose_journal_parts, journal_parts
from followup.journal_models import USUAL_PARTS, JournalLayout, JournalPart
from followup.journal_text import JournalFacts, JournalScore, journal_text
from tests.factories import MunicipalityFactory, StaffMemberFactory

Part = JournalPart
FACTS = JournalFacts(
    when="24. november 2026 kl. 9.15",
    questionnaire="Smerter i hverdagen",
    scores=[
        JournalScore(name="Smerter", value="21", unit="point", band="Svær", change="6 højere end sidst"),
        JournalScore(name="Søvn", value="3"),
    ],
    coloured=[("Rød", "Hvor ondt har du haft?", "8")],
    own_words=[("Hvad betyder mest?", "At gå en tur.\n\n  Helst hver dag. ")],
    answers=[("Hvor ondt har du haft?", ["8"]), ("Hvad hjælper?", ["Hvile", "Varme"]), ("Søvn", [])],
)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([Part.DATE], "Besvaret 24. november 2026 kl. 9.15"),
        (
            [Part.QUESTIONNAIRE, Part.DATE],
            "Spørgeskema: Smerter i hverdagen\nBesvaret 24. november 2026 kl. 9.15",
        ),
        (
            [Part.SCORES, Part.DATE],
            "Resultat:\n- Smerter: 21 point (Svær), 6 højere end sidst\n- Søvn: 3\n\n"
            "Besvaret 24. november 2026 kl. 9.15",
        ),
        ([Part.COLOURED], "Det peger svarene på:\n- Rød: Hvor ondt har du haft? 8"),
        (
            [Part.FREE_TEXT],
            "Med borgerens egne ord:\n- Hvad betyder mest? »At gå en tur. / Helst hver dag.«",
        ),
        (
            [Part.ANSWERS],
            "Alle svar:\n- Hvor ondt har du haft? 8\n- Hvad hjælper? Hvile, Varme\n- Søvn: Ikke besvaret",
        ),
        ([], ""),
    ],
    ids=["date", "two lines", "block then line", "coloured", "own words", "answers", "nothing"],
)
def test_the_parts_stand_as_they_were_chosen(parts: list[JournalPart], text: str) -> None:
    assert journal_text(FACTS, parts) == text


def test_what_is_empty_is_left_out_with_its_heading() -> None:
    bare = JournalFacts(when="i dag", questionnaire="Søvn", given="Skrevet ind af kommunen")

    assert journal_text(bare, list(Part)) == "Besvaret i dag. Skrevet ind af kommunen\nSpørgeskema: Søvn"


@pytest.mark.django_db
def test_a_municipality_that_has_chosen_nothing_gets_the_usual_parts() -> None:
    mine, other = MunicipalityFactory.create_batch(2)
    by = StaffMemberFactory(municipality=mine)
    choose_journal_parts(municipality=mine, parts=[Part.FREE_TEXT, Part.DATE], by=by, at=timezone.now())
    choose_journal_parts(municipality=mine, parts=[Part.DATE, Part.SCORES], by=by, at=timezone.now())

    assert journal_parts(mine) == (Part.DATE, Part.SCORES)
    assert journal_parts(other) == USUAL_PARTS


@pytest.mark.django_db
@pytest.mark.parametrize("parts", [[], [Part.DATE, Part.DATE]], ids=["none", "twice"])
def test_no_text_of_nothing_and_no_part_twice(parts: list[JournalPart]) -> None:
    mine = MunicipalityFactory()

    with pytest.raises(NothingToWrite):
        choose_journal_parts(
            municipality=mine, parts=parts, by=StaffMemberFactory(municipality=mine), at=timezone.now()
        )
    assert journal_parts(mine) == USUAL_PARTS


@pytest.mark.django_db
@pytest.mark.parametrize("parts", [[], ["cpr"]], ids=["none", "unknown"])
def test_the_database_keeps_no_other_parts(parts: list[str]) -> None:
    mine = MunicipalityFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        JournalLayout.objects.create(
            municipality=mine,
            parts=parts,
            chosen_at=timezone.now(),
            chosen_by=StaffMemberFactory(municipality=mine),
        )
