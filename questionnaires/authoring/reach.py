"""What rules between answers and scores look for: do they find it where it stands, and is it answered once?

A question that is moved is looked for anew (`kept`), and none that such a rule uses comes to be answered several times.
What an import brought is told by the check.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from . import agreements, scores
from .refusals import CannotDo, Reason
from .score_expressions import is_below_an_answer
from .tree import Json, Path, Source, link_id_of, name_of, node_at, walk


class Why(StrEnum):
    """What is wrong with the question that is looked for."""

    GONE = "gone"
    NOT_FOUND = "not-found"
    SEVERAL_ANSWERS = "several-answers"


@dataclass(frozen=True, slots=True)
class Astray:
    """A rule or a score (`is_score`) of the element `link_id` that misses the question `asked`."""

    link_id: str
    asked: str
    why: Why
    is_score: bool


def astray(source: Json) -> Iterator[Astray]:
    """All of them, in the questionnaire's order. Of a question that a score misses altogether the engine tells."""
    places = {link_id_of(item): (path, item) for path, item in walk(source)}
    for link_id, (_path, item) in places.items():
        for asked, is_near, is_score in _uses(item, link_id):
            if asked not in places:
                if not is_score:
                    yield Astray(link_id, asked, Why.GONE, is_score)
                continue
            path, other = places[asked]
            if is_near and is_below_an_answer(source, path):
                yield Astray(link_id, asked, Why.NOT_FOUND, is_score)
            # Of options every answer counts; of anything else only one does.
            is_counted = is_score and "answerOption" in other
            if (other.get("repeats") is True and not is_counted) or (
                asked != link_id and _is_in_rows(source, path)
            ):
                yield Astray(link_id, asked, Why.SEVERAL_ANSWERS, is_score)


def kept(before: Source, after: Source) -> Source:
    """The document after an act, in which rules and scores find what they name as they did before.

    Raises CannotDo where one of them would find several answers instead of one.
    """
    missed = set(astray(after))
    once = {one for one in missed if one.why is Why.SEVERAL_ANSWERS}
    if once and (come := once - set(astray(before))):
        users = {one.link_id for one in come}
        names = [name_of(item) for _, item in walk(after) if link_id_of(item) in users]
        raise CannotDo(Reason.ONE_ANSWER_NEEDED, names)
    for one in sorted({(one.link_id, one.is_score) for one in missed if one.why is Why.NOT_FOUND}):
        link_id, is_score = one
        after = (scores if is_score else agreements).written_anew(after, link_id)
    return after


def _uses(item: Json, link_id: str) -> Iterator[tuple[str, bool, bool]]:
    """(question, is it looked for outside of answers only, is it for a score) of all that the element names."""
    for other, is_near in agreements.compared_in(item):
        yield other, is_near, False
        yield link_id, False, False
    if scores.is_score(item) and (said := scores.said_by(item)) is not None:
        for asked in said.summed:
            yield asked, asked in said.near, True


def _is_in_rows(source: Json, path: Path) -> bool:
    return any(node_at(source, path[:end]).get("repeats") is True for end in range(1, len(path)))
