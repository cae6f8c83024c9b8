"""What an expression looks at, read off its syntax: items by link id, variables, its own item, or everything.

Most expressions of real forms go to a few items by their link ids:

    %resource.item.where(linkId = 'g').item.where(linkId = 'q').answer.value
    %resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.weight().sum()
    QuestionnaireResponse.descendants().where(linkId = 'q').answer.value

Each such way is replaced by a name (`%#0`) whose value is looked up in an index. That makes the expression fast
whatever the size of the response, and tells which answers it depends on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .definition import Item
from .fhirpath import Tree
from .syntax_shapes import (
    call_of,
    chain_of,
    children_of,
    constant_of,
    function_of,
    invocation_of,
    is_item,
    is_link_id,
    member_of,
    name_term,
    names_in_tree,
    string_of,
    term_of,
    without_brackets,
)

Links = frozenset[str]

_TESTING_EACH = frozenset({"where", "select", "exists", "all", "repeat", "aggregate"})
"""Functions whose arguments start from each thing on their left, not from where the expression starts."""

_STARTING_NOWHERE = frozenset({"iif", "today", "now", "timeOfDay"})
"""Functions that need nothing on their left."""

_NAMING_TYPES = frozenset({"ofType", "is", "as"})
"""Functions whose argument is the name of a type."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Items by link id: in the whole response, or (`is_own`) inside the item that the expression stands on.

    With `links` None it is that item itself. `distinct`: equal items count once (`repeat()`).
    """

    links: tuple[str, ...] | None
    distinct: bool = False
    is_own: bool = False


@dataclass(slots=True)
class Reading:
    """An expression with its ways to items replaced by names, and what it looks at.

    `links`: items whose answers or enablement it sees; `asked`: those of them that it names, while the rest stand below
    those; `sees_own`: its own item; `sees_all`: cannot be
    told, so everything; `names`: variables and whatever else it calls by `%name`; `needs_start`: does anything in it
    still start from its own item or the response without naming it?
    """

    tree: Tree
    lookups: list[Lookup] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    sees_own: bool = False
    sees_all: bool = False
    needs_start: bool = False


class Reader:
    """Reads the expressions of one questionnaire."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        """`items`: all items by link id, in the questionnaire's order."""
        self._items = items
        self._below: dict[str, set[str]] = {link_id: set() for link_id in items}
        self._children: dict[str | None, list[str]] = {}
        self._reached_by_item: set[str] = set()
        for link_id, item in items.items():
            self._children.setdefault(item.parent, []).append(link_id)
            parent = item.parent
            if parent is None or (parent in self._reached_by_item and not items[parent].type.is_question):
                self._reached_by_item.add(link_id)
            while parent is not None and parent in self._below:
                self._below[parent].add(link_id)
                parent = items[parent].parent

    def below(self, link_id: str) -> set[str]:
        """All items below an item."""
        return self._below[link_id]

    def read(self, tree: Tree, own: str | None) -> Reading:
        """Read an expression that stands on the item `own`, or on the questionnaire itself (None)."""
        reading = Reading(tree)
        try:
            reading.tree = _Rewriting(self, reading, own).rewrite(tree, at_start=True)
        except RecursionError:  # thousands of brackets or operators: run it as it is
            return Reading(
                tree, sees_all=True, sees_own=own is not None, names=names_in_tree(tree), needs_start=True
            )
        return reading

    # The way of an expression through the tree of items: the links it can reach next.

    def children(self, links: Links | None, *, of_answers: bool) -> Links:
        """The children of these items: below their answers, or directly; of the response for None."""
        if links is None:
            return frozenset() if of_answers else frozenset(self._children.get(None, ()))
        return frozenset(
            child
            for link_id in links
            if self._items[link_id].type.is_question is of_answers
            for child in self._children.get(link_id, ())
        )

    def repeated(self, links: Links | None) -> Links:
        """What `repeat(item)` reaches: items below items, but not below answers."""
        if links is None:
            return frozenset(self._reached_by_item)
        return frozenset(
            below
            for link_id in links
            for below in self._below[link_id]
            if self._reached_within(below, link_id)
        )

    def _reached_within(self, link_id: str, top: str) -> bool:
        parent = self._items[link_id].parent
        while parent is not None:
            if self._items[parent].type.is_question:
                return False
            if parent == top:
                return True
            parent = self._items[parent].parent
        return False

    def descendants(self, links: Links | None) -> Links:
        """What `descendants()` reaches."""
        if links is None:
            return frozenset(self._items)
        return frozenset(below for link_id in links for below in self._below[link_id])

    def has_children(self, link_id: str) -> bool:
        """Can a response have items inside this one?"""
        return bool(self._children.get(link_id))


@dataclass(slots=True)
class _Rewriting:
    reader: Reader
    reading: Reading
    own: str | None

    def rewrite(self, node: Tree, *, at_start: bool) -> Tree:
        """The node with its ways to items replaced. `at_start`: does a bare name start from the own item?"""
        if node["type"] in ("InvocationExpression", "TermExpression"):
            return self._chain(node, at_start)
        return {
            **node,
            **children_of(
                node, [self.rewrite(child, at_start=at_start) for child in node.get("children", ())]
            ),
        }

    def _chain(self, node: Tree, at_start: bool) -> Tree:
        head, steps = chain_of(node)
        found = self._way(head, steps, at_start)
        if found is not None:
            lookup, steps = found
            self.reading.lookups.append(lookup)
            self.reading.sees_own = self.reading.sees_own or lookup.is_own
            seen = lookup.links
            if seen is None:
                seen = () if self.own is None else (self.own,)
            self.reading.asked.update(seen)
            for link_id in seen:
                self.reading.links |= {link_id, *self.reader.below(link_id)}
            result = name_term(f"#{len(self.reading.lookups) - 1}")
        else:
            result = self._head(head, at_start)
        for step in steps:
            result = {
                "type": "InvocationExpression",
                "terminalNodeText": ["."],
                "text": "",
                "children": [result, self._step(step, at_start)],
            }
        return result

    def _step(self, step: Tree, at_start: bool) -> Tree:
        called = function_of(step)
        if called is None:
            return step
        name, parameters = called
        if name in _NAMING_TYPES:
            return step
        inside = at_start and name not in _TESTING_EACH and name != "iif"
        return call_of(name, [self.rewrite(parameter, at_start=inside) for parameter in parameters])

    def _head(self, head: Tree, at_start: bool) -> Tree:
        name = constant_of(head)
        if name is not None:
            if name in ("resource", "rootResource"):
                self.reading.sees_all = True
            elif name == "context":
                self._see_own()
            else:
                self.reading.names.add(name)
            return head
        start = invocation_of(head)
        if start is None:
            return {
                **head,
                **children_of(head, [self.rewrite(child, at_start=at_start) for child in head["children"]]),
            }
        called = function_of(start)
        if at_start and (called is None or called[0] not in _STARTING_NOWHERE):
            self._see_own()
        if called is None or called[0] in _NAMING_TYPES:
            return head
        inside = at_start and called[0] not in _TESTING_EACH
        return term_of(call_of(called[0], [self.rewrite(each, at_start=inside) for each in called[1]]))

    def _see_own(self) -> None:
        self.reading.needs_start = True
        if self.own is None:
            self.reading.sees_all = True
        else:
            self.reading.sees_own = True
            self.reading.links |= self.reader.below(self.own)
            self.reading.asked |= self.reader.below(self.own)

    def _way(self, head: Tree, steps: list[Tree], at_start: bool) -> tuple[Lookup, list[Tree]] | None:
        """The items that the first steps lead to, and the steps that are left; None if they lead to none."""
        start = self._start(head, steps, at_start)
        if start is None:
            return None
        is_own, steps = start
        links: Links | None = None
        if is_own and self.own is not None:
            links = frozenset({self.own})
        found: tuple[Lookup, list[Tree]] | None = None
        if is_own:
            found = Lookup(None, is_own=True), steps
        distinct = False
        while True:
            move = self._move(links, steps)
            if move is None:
                return found
            links, steps, condition_left, repeats = move
            distinct = distinct or repeats
            found = Lookup(self._in_order(links), distinct, is_own), steps
            if condition_left:
                return found

    def _in_order(self, links: Links) -> tuple[str, ...]:
        return tuple(link_id for link_id in self.reader._items if link_id in links)

    def _start(self, head: Tree, steps: list[Tree], at_start: bool) -> tuple[bool, list[Tree]] | None:
        """Whether the way starts from the own item (else from the response), and its steps; None for neither."""
        name = constant_of(head)
        if name in ("resource", "rootResource"):
            return False, steps
        if name == "context":
            return self.own is not None, steps
        start = invocation_of(head)
        if start is None or not at_start:
            return None
        if start["type"] == "ThisInvocation":
            return self.own is not None, steps
        if member_of(start) == "QuestionnaireResponse":
            return False, steps  # Norway's forms begin so, wherever the expression stands
        called = function_of(start)
        if called is not None and called[0] in _STARTING_NOWHERE:
            return None
        # A bare `item` means the item's own children; where it can have none, only the response's can be meant.
        is_own = self.own is not None and (
            member_of(start) not in ("item", None) or self.reader.has_children(self.own)
        )
        return is_own, [start, *steps]

    def _move(self, links: Links | None, steps: list[Tree]) -> tuple[Links, list[Tree], bool, bool] | None:
        """One move down to items named by link id.

        Gives the links reached, the steps left (with the condition among them if it says more than link ids),
        whether that is so, and whether equal items count once.
        """
        names = [member_of(step) for step in steps[:2]]
        repeats = False
        if names[:1] == ["item"]:
            reached, used = self.reader.children(links, of_answers=False), 1
        elif names == ["answer", "item"]:
            reached, used = self.reader.children(links, of_answers=True), 2
        else:
            called = function_of(steps[0]) if steps else None
            if called is None:
                return None
            if called[0] == "descendants" and not called[1]:
                reached, used = self.reader.descendants(links), 1
            elif called[0] == "repeat" and len(called[1]) == 1 and is_item(called[1][0]):
                reached, used, repeats = self.reader.repeated(links), 1, True
            else:
                return None
        filtered = function_of(steps[used]) if len(steps) > used else None
        if filtered is None or filtered[0] != "where" or len(filtered[1]) != 1:
            return None
        wanted, says_more = _wanted_links(filtered[1][0])
        if wanted is None:
            return None
        return reached & wanted, steps[used + (not says_more) :], says_more, repeats


def _wanted_links(condition: Tree) -> tuple[Links | None, bool]:
    """The link ids that a condition of `where()` allows (None: any), and whether it says anything else."""
    condition = without_brackets(condition)
    kind, children = condition["type"], condition.get("children", ())
    operator = (condition.get("terminalNodeText") or [""])[0]
    if kind == "EqualityExpression" and operator == "=":
        left, right = children
        for one, other in ((left, right), (right, left)):
            text = string_of(other)
            if is_link_id(one) and text is not None:
                return frozenset({text}), False
    if kind == "MembershipExpression" and operator == "in" and is_link_id(children[0]):
        texts = _strings_of(children[1])
        if texts is not None:
            return frozenset(texts), False
    if kind in ("AndExpression", "OrExpression") and operator in ("and", "or"):
        (left, more_left), (right, more_right) = (_wanted_links(child) for child in children)
        if operator == "or":
            if left is None or right is None:
                return None, True
            return left | right, more_left or more_right
        if left is not None and right is not None:
            return left & right, more_left or more_right
        if left is not None or right is not None:
            return left if left is not None else right, True
    return None, True


def _strings_of(node: Tree) -> list[str] | None:
    texts: list[str] = []
    waiting = [without_brackets(node)]
    while waiting:
        each = waiting.pop()
        text = string_of(each)
        if text is not None:
            texts.append(text)
        elif each["type"] == "UnionExpression":
            waiting.extend(without_brackets(child) for child in each["children"])
        else:
            return None
    return texts
