"""The check of a version: the engine's issues and our own hints as one list, the worst first."""

from dataclasses import dataclass

from babel import Locale, UnknownLocaleError

from questionnaires import engine
from questionnaires.authoring.checks import Hint, Level, hints_of, of_engine
from questionnaires.authoring.checks.lengths import words_of_form
from questionnaires.authoring.checks.readability import FEWEST_WORDS_OF_A_FORM
from questionnaires.engine.issues import Both
from questionnaires.models import AnswerTime, QuestionnaireVersion

_ORDER = list(Level)


@dataclass(frozen=True, slots=True)
class Check:
    """What was found. `lix` is None where there is too little text to tell; `seconds`, where nothing was measured."""

    hints: tuple[Hint, ...]
    lix: int | None
    seconds: int | None

    @property
    def must(self) -> int:
        """How many findings stop the publication."""
        return sum(hint.level is Level.MUST for hint in self.hints)


def check(version: QuestionnaireVersion) -> Check:
    """Everything there is to say about a version; one query."""
    compilation = engine.compile_questionnaire(version.source)
    hints = [of_engine(issue) for issue in compilation.issues]
    seconds = _measured(version)
    lix = None
    if (definition := compilation.definition) is not None:
        hints += hints_of(definition, version.source, name_of_language=_name_of_language, seconds=seconds)
        counted = words_of_form(definition)
        lix = counted.lix if counted.words >= FEWEST_WORDS_OF_A_FORM else None
    positions = {link_id: place for place, link_id in enumerate(definition.by_link_id)} if definition else {}
    hints.sort(key=lambda hint: (_ORDER.index(hint.level), positions.get(hint.link_id or "", -1)))
    return Check(hints=tuple(hints), lix=lix, seconds=seconds)


def _measured(version: QuestionnaireVersion) -> int | None:
    """How long citizens took to answer the newest version that was measured; a draft has not been answered."""
    times = AnswerTime.objects.filter(
        version__questionnaire_id=version.questionnaire_id, version__number__lte=version.number
    )
    return times.order_by("-version__number").values_list("seconds", flat=True).first()


def _name_of_language(code: str) -> Both:
    try:
        locale = Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return Both(code, code)
    return Both(locale.get_display_name("da") or code, locale.get_display_name("en") or code)
