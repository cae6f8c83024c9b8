"""What a citizen's newest answer says against the one before, in sentences to the citizen themself: pure.

No colours, no bands, no advice: what was written, what is otherwise than last time, and the largest differences first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from questionnaires import engine
from questionnaires.answers import answered_items
from questionnaires.engine import Definition, Item
from questionnaires.engine.options import option_for
from questionnaires.engine.values import decimal_of, value_of

MOST_TO_TALK_ABOUT = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """A question answered otherwise than last time. `size` is the difference as a share of the question's scale."""

    question: str
    now: str
    before: str
    size: Decimal | None
    language: str = ""

    @property
    def sentence(self) -> str:
        """“Smerter: 7 nu, 4 sidst”, with whatever was not answered said so."""
        facts = {"question": self.question, "now": self.now, "before": self.before}
        if not self.before:
            return _("%(question)s: %(now)s nu, ikke besvaret sidst") % facts
        if not self.now:
            return _("%(question)s: ikke besvaret nu, %(before)s sidst") % facts
        return _("%(question)s: %(now)s nu, %(before)s sidst") % facts


def differences(
    newest: tuple[Definition, Mapping[str, Any]], former: tuple[Definition, Mapping[str, Any]]
) -> list[Difference]:
    """What the citizen answered otherwise than last time, in the questionnaire's order; own words are left out.

    Both are finished responses (form, document) to one questionnaire, in whatever versions; only questions that both
    versions have count, and of them those asked at least once.
    """
    form, document = newest
    older_form, older = former
    now, before = _answers(form, document), _answers(older_form, older)
    given, given_before = engine.every_answer(document), engine.every_answer(older)
    found = []
    for link_id in [*now, *(one for one in before if one not in now)]:
        item, old_item = form.by_link_id.get(link_id), older_form.by_link_id.get(link_id)
        if item is None or old_item is None or item.type.is_text:
            continue
        question, _answers_then, language = now.get(link_id) or before[link_id]
        answers = now[link_id][1] if link_id in now else ""
        answers_before = before[link_id][1] if link_id in before else ""
        if answers == answers_before:
            continue
        size = _size(item, given.get(link_id, ()), given_before.get(link_id, ()))
        found.append(Difference(question, answers, answers_before, size, language))
    return found


def to_talk_about(found: Sequence[Difference]) -> list[Difference]:
    """The largest differences first, measured by each question's own scale; those without a measure after them."""
    return sorted(found, key=lambda one: (one.size is None, -(one.size or 0)))[:MOST_TO_TALK_ABOUT]


def _answers(form: Definition, document: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    """Question, answers and their language by link id; the first of several rows, as the sizes are."""
    found: dict[str, tuple[str, str, str]] = {}
    for group in answered_items(form, document, with_calculated=False):
        for item in group.items:
            found.setdefault(
                item.link_id,
                (item.question.rstrip(":. "), ", ".join(item.answers), item.answer_language),
            )
    return found


def _size(
    item: Item, now: Sequence[engine.AnswerValue], before: Sequence[engine.AnswerValue]
) -> Decimal | None:
    """How much the answer moved, as a share of its scale (0–1); None where it is no single figure on a known scale."""
    if len(now) != 1 or len(before) != 1:
        return None
    figures = [_figure(item, one) for one in (now[0], before[0])]
    weights = [option.weight for option in item.options if option.weight is not None]
    low = item.min_value if isinstance(item.min_value, Decimal) else min(weights, default=None)
    high = item.max_value if isinstance(item.max_value, Decimal) else max(weights, default=None)
    if figures[0] is None or figures[1] is None or low is None or high is None or high <= low:
        return None
    return abs(figures[0] - figures[1]) / (high - low)


def _figure(item: Item, answer: engine.AnswerValue) -> Decimal | None:
    option = option_for(item.options, answer)
    if option is not None:
        return option.weight
    found = value_of(answer)
    return decimal_of(found[1]) if found is not None else None
