"""A receiver that is away, asks to wait, or takes so many a second: the rules (pure)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbox.admission import Admission, Facts, admit
from outbox.breaker import (
    FAILURES_THAT_OPEN,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Breaker,
    after_arrival,
    after_failure,
    probing,
)
from outbox.token_bucket import Bucket, filled, next_one, whole, without

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
jitters = st.floats(0, 1, exclude_max=True)


def failed(breaker: Breaker, times: int = 1, *, is_probe: bool = False, now: datetime = NOW) -> Breaker:
    for _ in range(times):
        breaker = after_failure(breaker, is_probe=is_probe, now=now, jitter=0.0)
    return breaker


OPEN = failed(Breaker(), FAILURES_THAT_OPEN)


def test_some_failures_in_a_row_open_it_and_one_fewer_does_not() -> None:
    assert failed(Breaker(), FAILURES_THAT_OPEN - 1).is_closed
    assert OPEN.is_open(NOW)
    assert not OPEN.is_open(NOW + FIRST_PAUSE)


def test_an_arrival_in_between_begins_the_count_anew() -> None:
    nearly = failed(Breaker(), FAILURES_THAT_OPEN - 1)
    assert failed(after_arrival(nearly, is_probe=False)).is_closed


def test_a_probe_that_arrives_closes_it_and_one_that_fails_doubles_the_pause() -> None:
    later = NOW + FIRST_PAUSE
    on_its_way = probing(OPEN, until=later + timedelta(minutes=2))
    assert on_its_way.is_open(later)  # nobody else tries meanwhile
    assert after_arrival(on_its_way, is_probe=True) == Breaker()
    again = failed(on_its_way, is_probe=True, now=later)
    assert again.open_until == later + FIRST_PAUSE  # half of the doubled time, with no jitter
    assert again.openings == 2


def test_what_was_sent_before_it_opened_changes_nothing() -> None:
    assert failed(OPEN, 20, now=NOW + SECOND) == OPEN
    assert after_arrival(OPEN, is_probe=False) == OPEN


@given(openings=st.integers(1, 10_000), jitter=jitters)
def test_pauses_grow_to_ten_minutes_and_never_past(openings: int, jitter: float) -> None:
    before = Breaker(failures=FAILURES_THAT_OPEN, openings=openings, open_until=NOW)
    after = after_failure(before, is_probe=True, now=NOW, jitter=jitter)
    assert after.open_until is not None
    assert FIRST_PAUSE / 2 <= after.open_until - NOW <= LONGEST_PAUSE


def facts(
    *,
    is_paused: bool = False,
    held_until: datetime | None = None,
    breaker: Breaker | None = None,
    bucket: Bucket | None = None,
) -> Facts:
    return Facts(is_paused, held_until, breaker or Breaker(), bucket or Bucket())


@pytest.mark.parametrize(
    ("of_channel", "per_second", "expected"),
    [
        pytest.param(facts(), 0, Admission(50), id="nothing in the way"),
        pytest.param(facts(is_paused=True), 0, Admission(0), id="a person paused it"),
        pytest.param(
            facts(held_until=NOW + SECOND), 0, Admission(0, again_at=NOW + SECOND), id="told to wait"
        ),
        pytest.param(facts(held_until=NOW), 0, Admission(50), id="has waited"),
        pytest.param(
            facts(breaker=OPEN), 0, Admission(0, again_at=OPEN.open_until), id="the breaker is open"
        ),
        pytest.param(
            facts(breaker=Breaker(5, 1, NOW)),
            0,
            Admission(1, is_probe=True),
            id="one probe, the pause is over",
        ),
        pytest.param(facts(), 20, Admission(20), id="a second's messages at first"),
        pytest.param(facts(bucket=Bucket(2.5, NOW)), 20, Admission(2), id="as many as there are tokens"),
        pytest.param(
            facts(bucket=Bucket(0.5, NOW)),
            2,
            Admission(0, again_at=NOW + SECOND / 4),
            id="no whole token yet",
        ),
        pytest.param(
            facts(is_paused=True, held_until=NOW + SECOND, breaker=OPEN),
            2,
            Admission(0),
            id="a person's word first",
        ),
    ],
)
def test_how_many_may_leave(of_channel: Facts, per_second: float, expected: Admission) -> None:
    assert admit(of_channel, wanted=50, per_second=per_second, now=NOW) == expected


@given(
    per_second=st.floats(0.1, 500),
    steps=st.lists(st.tuples(st.integers(0, 3_000), st.integers(1, 100)), max_size=60),
)
def test_never_more_leave_than_the_rate_and_one_bucketful(
    per_second: float, steps: list[tuple[int, int]]
) -> None:
    """Whoever asks, however often: in any time no more than rate x time, and a second's worth that had gathered."""
    bucket, now, left = Bucket(), NOW, 0
    for milliseconds, wanted in steps:
        now += timedelta(milliseconds=milliseconds)
        bucket = filled(bucket, per_second=per_second, now=now)
        taken = min(wanted, whole(bucket))
        bucket, left = without(bucket, taken), left + taken
    assert left <= per_second * (now - NOW).total_seconds() + max(1.0, per_second) + 1e-3


@given(per_second=st.floats(0.1, 500), tokens=st.floats(0, 0.999))
def test_at_the_time_named_there_is_a_token(per_second: float, tokens: float) -> None:
    bucket = Bucket(tokens, NOW)
    then = next_one(bucket, per_second=per_second, now=NOW) + timedelta(milliseconds=1)
    assert whole(filled(bucket, per_second=per_second, now=then)) >= 1


def test_a_clock_that_goes_backwards_fills_nothing() -> None:
    assert filled(Bucket(0.5, NOW), per_second=10, now=NOW - SECOND).tokens == 0.5
