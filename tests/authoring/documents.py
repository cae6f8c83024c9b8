"""Any JSON documents, and pairs of them that share parts."""

from typing import Any

from hypothesis import strategies as st

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.sampled_from([1.0, 0.5, -0.0, 1e30, 1e-9])
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4)
)
NAMES = st.sampled_from(["a", "b", "item", "text", "0", "æ", 'q"', "a,b", "{}", ""])


def values() -> st.SearchStrategy[Any]:
    """JSON as PostgreSQL can keep it."""
    return st.recursive(
        LEAVES,
        lambda below: st.lists(below, max_size=4) | st.dictionaries(NAMES, below, max_size=3),
        max_leaves=15,
    )


def documents() -> st.SearchStrategy[dict[str, Any]]:
    """A document that has elements and other parts, some of them alike in any two."""
    one = st.fixed_dictionaries(
        {"linkId": st.sampled_from("xyz")}, optional={"item": values(), "text": LEAVES}
    )
    return st.fixed_dictionaries(
        {},
        optional={
            "item": st.lists(one | values(), max_size=5),
            "title": LEAVES,
            "a": values(),
            "0": values(),
        },
    )
