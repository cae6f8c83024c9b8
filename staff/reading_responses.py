"""One answer with all that its page, its paper and its journal text say."""

from dataclasses import dataclass

from django.utils.functional import cached_property

from followup.journal_layouts import journal_parts
from followup.journal_text import journal_text
from municipalities.models import Municipality
from plans import selectors
from questionnaires.answers import AnsweredGroup, answered_items
from questionnaires.definitions import definition_of
from questionnaires.engine import Definition
from questionnaires.models import Response
from questionnaires.significance_words import ColouredAnswer, coloured_answers
from staff.free_text import FreeText, free_texts
from staff.journal import facts_of
from staff.results import Result, results_of


@dataclass
class Read:
    """A response in force, read once: what is asked of it twice is worked out once."""

    response: Response
    municipality: Municipality

    @cached_property
    def definition(self) -> Definition:
        return definition_of(self.response.version)

    @cached_property
    def results(self) -> list[Result]:
        [read] = selectors.with_scores([self.response], self.municipality)
        return results_of(read.scores, self.definition)

    @cached_property
    def groups(self) -> list[AnsweredGroup]:
        return answered_items(self.definition, self.response.document)

    @cached_property
    def coloured(self) -> list[ColouredAnswer]:
        return coloured_answers(self.definition, self.response.document)

    @cached_property
    def free_texts(self) -> list[FreeText]:
        return free_texts(self.definition, self.response.document)

    @property
    def journal_text(self) -> str:
        """The text as the municipality has chosen it."""
        facts = facts_of(
            self.response,
            results=self.results,
            coloured=self.coloured,
            free_texts=self.free_texts,
            groups=self.groups,
        )
        return journal_text(facts, journal_parts(self.municipality))
