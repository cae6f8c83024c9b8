"""An answer as text for the journal (EOJ): plain lines, in the parts and the order that a municipality chose. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from followup.journal_models import JournalPart


@dataclass(frozen=True, slots=True)
class JournalScore:
    """A score in words: figures as they are read (“6,5”), “” where there is none. `change`: “2 højere end sidst”."""

    name: str
    value: str
    unit: str = ""
    band: str = ""
    change: str = ""

    @property
    def line(self) -> str:
        """“Smerter: 7 point (svær), 2 højere end sidst”."""
        text = " ".join(filter(None, [f"{self.name}: {self.value}", self.unit]))
        if self.band:
            text += f" ({self.band})"
        return f"{text}, {self.change}" if self.change else text


@dataclass(frozen=True, slots=True)
class JournalFacts:
    """What a response says, in words. `given` is how the answers came, where not from the citizen at a screen.

    `coloured` are (colour, question, answer), `own_words` (question, text), `answers` (question, answers).
    """

    when: str
    questionnaire: str
    given: str = ""
    scores: Sequence[JournalScore] = ()
    coloured: Sequence[tuple[str, str, str]] = ()
    own_words: Sequence[tuple[str, str]] = ()
    answers: Sequence[tuple[str, Sequence[str]]] = field(default=())


def journal_text(facts: JournalFacts, parts: Sequence[JournalPart]) -> str:
    """The parts in their order, a blank line between those that are more than a line; what is empty is left out.

    No name and no CPR number: the text is put into the journal of whom it is about.
    """
    text = ""
    was_block = False
    for part in parts:
        lines = list(_lines(facts, part))
        if not lines:
            continue
        is_block = part not in {JournalPart.DATE, JournalPart.QUESTIONNAIRE}
        if text:
            text += "\n\n" if is_block or was_block else "\n"
        text += "\n".join(lines)
        was_block = is_block
    return text


def _lines(facts: JournalFacts, part: JournalPart) -> Iterator[str]:
    match part:
        case JournalPart.DATE:
            said = _("Besvaret %(when)s") % {"when": facts.when}
            yield f"{said}. {facts.given}" if facts.given else said
        case JournalPart.QUESTIONNAIRE:
            yield _("Spørgeskema: %(title)s") % {"title": facts.questionnaire}
        case JournalPart.SCORES:
            yield from _headed(_("Resultat:"), [score.line for score in facts.scores])
        case JournalPart.COLOURED:
            yield from _headed(
                _("Det peger svarene på:"),
                [f"{colour}: {_asked(question)} {answer}" for colour, question, answer in facts.coloured],
            )
        case JournalPart.FREE_TEXT:
            yield from _headed(
                _("Med borgerens egne ord:"),
                [f"{_asked(question)} »{_one_line(text)}«" for question, text in facts.own_words],
            )
        case JournalPart.ANSWERS:
            yield from _headed(
                _("Alle svar:"),
                [
                    f"{_asked(question)} {', '.join(map(_one_line, answers)) or _('Ikke besvaret')}"
                    for question, answers in facts.answers
                ],
            )


def _headed(heading: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield heading
        yield from (f"- {line}" for line in lines)


def _asked(question: str) -> str:
    """The question before its answer: with a colon, unless it ends in a mark of its own."""
    return question if question.endswith(("?", ":", ".", "!")) else f"{question}:"


def _one_line(text: str) -> str:
    """Line breaks of a citizen's text as “ / ”: a journal's field may break lines where it likes."""
    return " / ".join(line.strip() for line in text.splitlines() if line.strip())
