"""LIX as Björnsson counts it, with Danish words and sentences."""

import pytest

from questionnaires.authoring.checks.readability import BANDS, band_of, count

TABLE = [
    # text, words, long words, sentences
    ("", 0, 0, 0),
    ("Har du smerter?", 3, 1, 1),
    ("Jeg er glad. Du er sur!", 6, 0, 2),
    ("Hvor mange dage, f.eks. i denne uge, har du haft det dårligt?", 12, 1, 1),
    ("Vi ringer kl. 8.30 d. 1. maj.", 7, 0, 1),
    ("Gik du 12.500 skridt?", 4, 0, 1),
    ("Du får mad, hjælp osv. Vi ringer.", 7, 0, 2),
    ("Husk: Tag din medicin", 4, 1, 2),
    ("Svar: ja eller nej", 4, 0, 1),
    ("Overskrift\nEn linje", 3, 1, 2),
    ("Så du tv-avisen i går?", 5, 1, 1),
    ("Vent … og vent igen", 4, 0, 2),
    ("Er du 65?", 3, 0, 1),
    ("- - -", 0, 0, 0),
]


@pytest.mark.parametrize(("text", "words", "long_words", "sentences"), TABLE)
def test_words_and_sentences(text: str, words: int, long_words: int, sentences: int) -> None:
    counted = count(text)
    assert (counted.words, counted.long_words, counted.sentences) == (words, long_words, sentences)


def test_the_formula() -> None:
    """Ten words in two sentences, two of them long: 10/2 + 100 × 2/10."""
    assert (
        count("Jeg spiser morgenmad hver dag. Jeg kan godt lide havregryn.").lix == 10 / 2 + 100 * 2 / 10 + 0
    )
    assert count("").lix is None


def test_a_word_is_long_from_seven_letters_on() -> None:
    assert count("seksbo").long_words == 0
    assert count("syvboga").long_words == 1


@pytest.mark.parametrize(
    ("lix", "band"),
    [
        (0, "let for alle"), (24, "let for alle"), (25, "let for øvede læsere"), (34, "let for øvede læsere"),
        (35, "middel"), (44, "middel"), (45, "svær"), (54, "svær"), (55, "meget svær"), (200, "meget svær"),
    ],
)  # fmt: skip
def test_the_bands(lix: int, band: str) -> None:
    assert band_of(lix).name.da == band


def test_no_index_falls_between_the_bands() -> None:
    assert [band.least for band in BANDS] == sorted((band.least for band in BANDS), reverse=True)
    assert BANDS[-1].least == 0
