"""Where a citizen is in a questionnaire: which pages there are for their answers, what is missing, what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils import timezone

from questionnaires import engine
from questionnaires.definitions import definition_of
from questionnaires.engine import Definition, Evaluation, Issue, Occurrence, Occurrences, Page
from questionnaires.models import QuestionnaireVersion
from questionnaires.places import address_of
from questionnaires.rendering import pages_to_show


@dataclass(frozen=True)
class Answering:
    """A draft as it stands. Values only: it changes nothing, and decides what it is asked for."""

    definition: Definition
    document: Mapping[str, Any]

    @classmethod
    def of(cls, version: QuestionnaireVersion, document: Mapping[str, Any]) -> "Answering":
        """The answers of `document` laid over the version."""
        return cls(definition=definition_of(version), document=document)

    @cached_property
    def evaluation(self) -> Evaluation:
        """What the answers mean."""
        return engine.evaluate(self.definition, self.document, now=timezone.now())

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """The pages with something to answer or to read."""
        return pages_to_show(self.definition, self.evaluation, self.document)

    def page(self, number: int) -> Page | None:
        """The page of this number, shown now or not; None for a number the questionnaire does not have."""
        return next((page for page in self.definition.pages if page.number == number), None)

    def is_shown(self, page: Page) -> bool:
        """Is there anything on it to answer or read?"""
        return page in self.pages

    def after(self, page: Page) -> Page | None:
        """The next page that is shown; None after the last."""
        return next((other for other in self.pages if other.number > page.number), None)

    def before(self, page: Page) -> Page | None:
        """The page before that is shown; None before the first."""
        return next((other for other in reversed(self.pages) if other.number < page.number), None)

    @cached_property
    def problems(self) -> tuple[Issue, ...]:
        """Everything that stops the submission."""
        issues = engine.validate_to_send(
            self.definition, self.document, now=timezone.now(), evaluation=self.evaluation
        )
        return tuple(issue for issue in issues if issue.is_error)

    def problems_on(self, page: Page) -> tuple[Issue, ...]:
        """What is missing or wrong on the page."""
        here = {item.link_id for item in page.walk()}
        return tuple(issue for issue in self.problems if issue.link_id in here)

    def mistakes_on(self, page: Page) -> tuple[Issue, ...]:
        """What is wrong with the answers given on the page so far; what is missing is nobody's mistake yet."""
        return engine.validate(
            self.definition,
            self.document,
            draft=True,
            page=page,
            now=timezone.now(),
            evaluation=self.evaluation,
        )

    def asked_on(self, page: Page) -> frozenset[str]:
        """The addresses of the questions on the page that are asked now."""
        return frozenset(self._asked(page))

    def asks_on(self, page: Page) -> bool:
        """Is there anything on the page to answer now?"""
        return any(item.link_id in self._asked_now for item in page.walk())

    def answered_on(self, page: Page) -> frozenset[str]:
        """Those of them that have an answer."""
        return frozenset(address for address, one in self._asked(page).items() if one.effective)

    def _asked(self, page: Page) -> dict[str, Occurrence]:
        link_ids = {item.link_id for item in page.walk() if item.is_asked}
        return {
            address_of(one.layout.link_id, engine.rows_of(one)): one
            for one in self.occurrences.walk()
            if one.enabled and one.layout.link_id in link_ids
        }

    @cached_property
    def _asked_now(self) -> frozenset[str]:
        walked = self.occurrences.walk()
        return frozenset(one.layout.link_id for one in walked if one.enabled and one.layout.is_asked)

    @cached_property
    def occurrences(self) -> Occurrences:
        """The answers laid over the questionnaire."""
        return engine.occurrences_of(self.definition, self.document, self.evaluation, now=timezone.now())

    def occurrences_in(self, worded: Definition) -> Occurrences:
        """The same in another language of the questionnaire."""
        if worded is self.definition:
            return self.occurrences
        return engine.occurrences_of(worded, self.document, self.evaluation, now=timezone.now())

    def position(self) -> Page | None:
        """The first page with something to do; None where only the summary is left.

        That is the first page on the way here on which something required is missing; else the page that the
        answers have come to while it has open questions and asks for none of them; else the page after it.
        """
        reached = max((i for i, page in enumerate(self.pages) if self.answered_on(page)), default=-1)
        for page in self.pages[: reached + 1]:
            if self.problems_on(page):
                return page
        if reached >= 0 and self._is_half_way(self.pages[reached]):
            return self.pages[reached]
        return self.pages[reached + 1] if reached + 1 < len(self.pages) else None

    def _is_half_way(self, page: Page) -> bool:
        """Open questions, and no required one that could tell whether the citizen is through."""
        asked = self.asked_on(page)
        requires = any(one.item.required for one in self._asked(page).values())
        return not requires and self.answered_on(page) != asked
