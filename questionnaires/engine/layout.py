"""One item as responses are laid over it: what `Item` says, ready to use for each response."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .definition import VALUE_NAMES, AnswerValue, Item
from .options import option_for, weight_of

Weigh = Callable[[AnswerValue], Decimal | None]


@dataclass(slots=True, eq=False)
class Layout:
    """One item as responses are laid over it: what `Item` says, ready to use."""

    item: Item
    link_id: str
    is_question: bool
    is_calculated: bool
    splits: bool
    value_name: str
    is_asked: bool
    weigh: Weigh
    children: tuple["Layout", ...] = ()


def layouts_of(
    items: Mapping[str, Item], top: Sequence[Item]
) -> tuple[tuple[Layout, ...], dict[str, Layout]]:
    """The layouts of the items to ask or show: those at the top, and all by link id in the questionnaire's order.

    `items` are all items by link id, parents before their children.
    """
    by_link_id: dict[str, Layout] = {}
    return _layouts(top, _hidden(items), by_link_id), by_link_id


def _hidden(items: Mapping[str, Item]) -> set[str]:
    """Items that are hidden or stand under hidden ones. Parents come before their children in `items`."""
    hidden: set[str] = set()
    for link_id, item in items.items():
        if item.is_concealed or item.parent in hidden:
            hidden.add(link_id)
    return hidden


def _layouts(items: Sequence[Item], hidden: set[str], known: dict[str, Layout]) -> tuple[Layout, ...]:
    layouts = []
    for item in items:
        layout = Layout(
            item=item,
            link_id=item.link_id,
            is_question=item.type.is_question,
            is_calculated=item.calculated is not None,
            splits=item.repeats and not item.type.is_question,
            value_name=VALUE_NAMES.get(item.type, ""),
            is_asked=item.is_asked and item.link_id not in hidden,
            weigh=_weigher(item),
        )
        known[item.link_id] = layout
        layout.children = _layouts(item.items, hidden, known)  # as deep as the bounds allow
        layouts.append(layout)
    return tuple(layouts)


def _weigher(item: Item) -> Weigh:
    """The score of an answer: its option's, else the one written on the answer itself."""
    if not any(option.weight is not None for option in item.options):
        return _own_weight
    weights: dict[tuple[object, object], Decimal | None] = {}
    for option in item.options:
        coding = option.value.get("valueCoding")
        if not isinstance(coding, Mapping) or not coding.get("code"):
            return lambda answer: _option_weight(item, answer)
        weights.setdefault((coding.get("system") or None, coding["code"]), option.weight)

    def weigh(answer: AnswerValue) -> Decimal | None:
        coding = answer.get("valueCoding")
        if not isinstance(coding, Mapping):
            return None
        try:
            weight = weights.get((coding.get("system") or None, coding.get("code")))
        except TypeError:  # a code that is a list
            return None
        return weight if weight is not None else _own_weight(answer)

    return weigh


def _option_weight(item: Item, answer: AnswerValue) -> Decimal | None:
    option = option_for(item.options, answer)
    return option.weight if option is not None and option.weight is not None else _own_weight(answer)


def _own_weight(answer: AnswerValue) -> Decimal | None:
    coding = answer.get("valueCoding")
    return None if coding is None else weight_of(coding)
