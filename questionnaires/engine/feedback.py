"""What the form tells the citizen about a number, by the interval it lies in (FUT's extension feedback).

An answer chosen among options counts with its score.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .definition import Feedback
from .occurrences import Occurrence, Occurrences
from .plan import Plan
from .ranges import in_own_unit
from .scoring import number_of


@dataclass(frozen=True, slots=True)
class GivenFeedback:
    """A feedback that applies: to which question, and the feedback itself (`text`, `text_in(language)`)."""

    link_id: str
    feedback: Feedback

    @property
    def text(self) -> str:
        """What to tell, in the form's own language."""
        return self.feedback.text


def feedback_on(plan: Plan, occurrences: Occurrences) -> tuple[GivenFeedback, ...]:
    """All feedback that applies to the answers that count, each once, in the questionnaire's order."""
    once = {(given.link_id, id(given.feedback)): given for given in _all(plan, occurrences)}
    return tuple(once.values())


def feedback_for(occurrence: Occurrence) -> tuple[Feedback, ...]:
    """The feedback that applies to the answers in one place."""
    given: list[Feedback] = []
    for answer in occurrence.effective if occurrence.enabled else ():
        number = number_of(in_own_unit(occurrence.item, answer))
        if number is None:
            number = occurrence.layout.weigh(answer)
        if number is not None:
            given += [one for one in occurrence.item.feedback if one.minimum <= number <= one.maximum]
    return tuple(given)


def _all(plan: Plan, occurrences: Occurrences) -> Iterator[GivenFeedback]:
    for link_id in plan.with_feedback:
        for occurrence in occurrences.by_link_id.get(link_id, ()):
            for feedback in feedback_for(occurrence):
                yield GivenFeedback(link_id, feedback)
