"""Which of the messages that wait for one citizen leaves: a table, and laws."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.becoming_one import Waiting, decide
from notifications.states import Status

NINE = datetime(2026, 11, 24, 9, tzinfo=UTC)


def waiting(number: int, tasks: str = "open", *, minute: int | None = None, **facts: bool) -> Waiting:
    """Message `number`, asked for so many minutes past nine; `tasks` with spaces between them."""
    asked_for = NINE + timedelta(minutes=number if minute is None else minute)
    return Waiting(id=UUID(int=number), requested_at=asked_for, tasks=frozenset(tasks.split()), **facts)


@pytest.mark.parametrize(
    ("group", "leaves", "ended", "parts"),
    [
        pytest.param([waiting(1)], 1, {}, {}, id="one leaves"),
        pytest.param([waiting(2), waiting(1)], 1, {}, {2: 1}, id="the one asked for first leaves"),
        pytest.param(
            [waiting(1, minute=5), waiting(2, minute=5)], 1, {}, {2: 1}, id="asked for at once: one of them"
        ),
        pytest.param(
            [waiting(1), waiting(2, may_have_left=True)], 2, {}, {1: 2}, id="what may have left leaves again"
        ),
        pytest.param(
            [waiting(1, "completed"), waiting(2)], 2, {1: Status.ANSWERED}, {}, id="answered: the next one"
        ),
        pytest.param([waiting(1, "cancelled")], None, {1: Status.CALLED_OFF}, {}, id="called off"),
        pytest.param([waiting(1, "")], None, {1: Status.CALLED_OFF}, {}, id="about nothing any more"),
        pytest.param(
            [waiting(1, "cancelled completed")],
            None,
            {1: Status.ANSWERED},
            {},
            id="a plan that was answered in part",
        ),
        pytest.param([waiting(1, "completed open")], 1, {}, {}, id="a plan with something left to answer"),
        pytest.param(
            [waiting(1, "completed", stands_for_open=True)], 1, {}, {}, id="it leaves for those it stands for"
        ),
    ],
)
def test_of_one_citizens_messages(
    group: list[Waiting], leaves: int | None, ended: dict[int, Status], parts: dict[int, int]
) -> None:
    decided = decide([group])
    assert {one.int for one in decided.carriers} == ({leaves} if leaves else set())
    assert {one.int: status for one, status in decided.ended.items()} == ended
    assert {part.int: whole.int for part, whole in decided.collapsed.items()} == parts


some = st.builds(
    Waiting,
    id=st.uuids(),
    requested_at=st.datetimes(timezones=st.just(UTC)),
    tasks=st.frozensets(st.sampled_from(["open", "completed", "cancelled"])),
    may_have_left=st.booleans(),
    stands_for_open=st.booleans(),
)


@given(groups=st.lists(st.lists(some, max_size=5, unique_by=lambda one: one.id), max_size=4))
def test_each_message_has_one_fate_and_at_most_one_of_a_group_leaves(groups: list[list[Waiting]]) -> None:
    decided = decide(groups)
    for group in groups:
        ids = {one.id for one in group}
        leaving = ids & decided.carriers
        wanted = {one.id for one in group if one.is_wanted}
        assert len(leaving) == bool(wanted)
        assert ids - wanted == ids & set(decided.ended)
        assert wanted - leaving == ids & set(decided.collapsed)
        assert all({decided.collapsed[part]} == leaving for part in wanted - leaving)
