"""What may not be published, by whatever way it is tried."""

from collections.abc import Sequence
from http import HTTPStatus

from django.utils.translation import gettext as _

from kommunalpro.problems import Problem
from questionnaires import engine
from questionnaires.engine import Issue
from questionnaires.harmful import why_not_safe
from questionnaires.models import QuestionnaireVersion
from questionnaires.storable import why_not_storable


class NotPublishable(Problem):
    """The engine finds an error in it; `issues` say which, each at its element."""

    code = "not_publishable"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, sentence: str, issues: Sequence[Issue] = ()) -> None:
        super().__init__(sentence)
        self.issues = tuple(issues)


def require_publishable(version: QuestionnaireVersion) -> None:
    """Raises NotPublishable where what stands in `version` could not be asked safely."""
    if (sentence := why_not_storable(version.source)) is not None:
        raise NotPublishable(sentence)
    compilation = engine.compile_questionnaire(version.source)
    if compilation.definition is None or not compilation.is_usable:
        raise NotPublishable(
            _("Kontrollen har fundet fejl i spørgeskemaet. Ret dem, før det kan udgives."), compilation.issues
        )
    if (sentence := why_not_safe(compilation.definition, compilation.issues)) is not None:
        raise NotPublishable(sentence, compilation.issues)
