"""Why something cannot be done to a questionnaire. The words for it are the screen's (`questionnaires.building`)."""

from collections.abc import Sequence
from enum import StrEnum


class Reason(StrEnum):
    """What stands in the way."""

    GONE = "gone"
    IN_USE = "in-use"
    IN_USE_BY_FORM = "in-use-by-form"
    OPTION_IN_USE = "option-in-use"
    INSIDE_ITS_CONDITION = "inside-its-condition"
    ONE_ANSWER_NEEDED = "one-answer-needed"
    NO_PLACE = "no-place"
    TOO_DEEP = "too-deep"
    TOO_MANY = "too-many"
    CANNOT_HOLD = "cannot-hold"
    NOT_FOR_THIS = "not-for-this"
    DOES_NOT_FIT = "does-not-fit"


class CannotDo(ValueError):
    """The document stays as it was. `names` are the texts of the elements that stand in the way."""

    def __init__(self, reason: Reason, names: Sequence[str] = ()) -> None:
        super().__init__(f"{reason.value}: {', '.join(names)}" if names else reason.value)
        self.reason = reason
        self.names = tuple(names)
