"""How long a course is kept, by the calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.retention import LONGEST_YEARS, SHORTEST_YEARS, first_day_kept, kept_until

days = st.dates(date(2000, 1, 1), date(2060, 12, 31))
years = st.integers(SHORTEST_YEARS, LONGEST_YEARS)


@pytest.mark.parametrize(
    ("last_contact", "kept_for", "until"),
    [
        (date(2016, 11, 23), 10, date(2026, 11, 23)),
        (date(2016, 2, 29), 10, date(2026, 2, 28)),
        (date(2016, 2, 29), 8, date(2024, 2, 29)),
        (date(2016, 12, 31), 5, date(2021, 12, 31)),
    ],
)
def test_the_last_day_a_course_is_kept(last_contact: date, kept_for: int, until: date) -> None:
    assert kept_until(last_contact, kept_for) == until


@given(days, years, days)
def test_a_course_goes_on_the_day_after_and_never_before(
    last_contact: date, kept_for: int, today: date
) -> None:
    """The query's rule and the page's are the same one, on every day of the calendar."""
    assert (last_contact < first_day_kept(today, kept_for)) == (kept_until(last_contact, kept_for) < today)


@given(days, years)
def test_nothing_is_kept_shorter_for_being_written_later(last_contact: date, kept_for: int) -> None:
    assert kept_until(last_contact, kept_for) <= kept_until(last_contact + timedelta(days=1), kept_for)
