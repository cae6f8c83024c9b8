"""Too long: questions, whole forms, and the time it takes."""

from collections.abc import Iterator

from questionnaires.authoring.checks.hints import Hint, Level
from questionnaires.authoring.checks.readability import (
    FEWEST_WORDS,
    FEWEST_WORDS_OF_A_FORM,
    Counted,
    band_of,
    count,
    count_all,
)
from questionnaires.engine import Definition, Item, ItemType
from questionnaires.engine.explaining import name_of
from questionnaires.engine.issues import Both

LONGEST_QUESTION = 40
"""Words, its help not counted."""

MOST_QUESTIONS = 60
MOST_MINUTES = 20
HARD, VERY_HARD = 45, 55


def words_of_form(definition: Definition) -> Counted:
    """All that citizens read, together."""
    return count_all(text for item in _read(definition) for text in _texts(item))


def readability_hints(definition: Definition) -> Iterator[Hint]:
    """Questions, and a form, that are hard to read; what is too short to tell is left in peace."""
    whole = words_of_form(definition)
    if whole.words >= FEWEST_WORDS_OF_A_FORM and (lix := whole.lix or 0) >= HARD:
        band = band_of(lix)
        yield Hint(
            Level.SHOULD,
            "reading.form",
            Both(
                f"Spørgeskemaet er {band.name.da} at læse: lixtallet er {lix}. Skriv kortere sætninger og brug korte, "
                "almindelige ord.",
                f"The questionnaire is {band.name.en} to read: its LIX is {lix}. Write shorter sentences and use "
                "short, common words.",
            ),
        )
    for item in _read(definition):
        counted = count_all((item.text, item.help_text))
        if counted.words < FEWEST_WORDS or (lix := counted.lix or 0) < HARD:
            continue
        band = band_of(lix)
        yield Hint(
            Level.SHOULD if lix >= VERY_HARD else Level.KNOW,
            "reading.question",
            Both(
                f"Teksten er {band.name.da} at læse: lixtallet er {lix}.",
                f"The text is {band.name.en} to read: its LIX is {lix}.",
            ),
            item.link_id,
            name_of(item),
        )


def length_hints(definition: Definition, *, seconds: int | None = None) -> Iterator[Hint]:
    """What is long. `seconds`: how long citizens took to answer, as far as it was measured."""
    for item in _read(definition):
        words = count(item.text).words
        if item.type.is_question and words > LONGEST_QUESTION:
            yield Hint(
                Level.SHOULD,
                "length.question",
                Both(
                    f"Spørgsmålet er på {words} ord. Stil ét spørgsmål ad gangen, på højst {LONGEST_QUESTION} ord, og "
                    "flyt resten til hjælpeteksten.",
                    f"The question has {words} words. Ask one thing at a time, in {LONGEST_QUESTION} words at most, "
                    "and move the rest to the help text.",
                ),
                item.link_id,
                name_of(item),
            )
    questions = sum(item.is_asked for item in definition.walk())
    if questions > MOST_QUESTIONS:
        yield Hint(
            Level.KNOW,
            "length.questions",
            Both(
                f"Der er {questions} spørgsmål. Mange borgere giver op, når der er mere end {MOST_QUESTIONS}.",
                f"There are {questions} questions. Many citizens give up where there are more than {MOST_QUESTIONS}.",
            ),
        )
    minutes = round((seconds or 0) / 60)
    if minutes > MOST_MINUTES:
        yield Hint(
            Level.SHOULD,
            "length.minutes",
            Both(
                f"Borgere har brugt omkring {minutes} minutter på spørgeskemaet. Over {MOST_MINUTES} minutter er for "
                "meget for mange.",
                f"Citizens have taken about {minutes} minutes for the questionnaire. Over {MOST_MINUTES} minutes is "
                "too much for many.",
            ),
        )


def _read(definition: Definition) -> Iterator[Item]:
    """What citizens are shown, without what stands below something hidden."""
    waiting = list(reversed(definition.items))
    while waiting:
        item = waiting.pop()
        if not item.is_concealed:
            yield item
            waiting.extend(reversed(item.items))


def _texts(item: Item) -> Iterator[str]:
    yield item.text
    yield item.help_text
    if item.type is not ItemType.GROUP:
        for option in item.options:
            yield option.label
