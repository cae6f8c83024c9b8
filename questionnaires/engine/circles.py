"""Which items wait for each other in a circle."""

from collections.abc import Iterable, Iterator, Mapping


def circles(sources: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """The circles of "is decided after": each with its members in the order of `sources`.

    Two circles that share a member are one. Tarjan's algorithm for strongly connected components (1972), without
    recursion; time in proportion to the items and their sources.
    """
    positions = {name: place for place, name in enumerate(sources)}
    index: dict[str, int] = {}
    lowest: dict[str, int] = {}
    waiting: list[str] = []
    on_stack: set[str] = set()
    found: list[tuple[str, ...]] = []

    for root in sources:
        if root in index:
            continue
        way: list[tuple[str, Iterator[str]]] = []
        step: str | None = root
        while step is not None or way:
            if step is not None:
                index[step] = lowest[step] = len(index)
                waiting.append(step)
                on_stack.add(step)
                way.append((step, iter([name for name in sources[step] if name in positions])))
                step = None
            name, ahead = way[-1]
            for source in ahead:
                if source not in index:
                    step = source
                    break
                if source in on_stack:
                    lowest[name] = min(lowest[name], index[source])
            else:
                way.pop()
                if way:
                    above = way[-1][0]
                    lowest[above] = min(lowest[above], lowest[name])
                if lowest[name] == index[name]:
                    members: list[str] = []
                    while not members or members[-1] != name:
                        members.append(waiting.pop())
                        on_stack.discard(members[-1])
                    if len(members) > 1 or name in sources[name]:
                        found.append(tuple(sorted(members, key=positions.__getitem__)))
    return sorted(found, key=lambda members: positions[members[0]])
