"""How long a course is kept, by the calendar: pure dates in Denmark, no database (docs/adr/0011).

A course is kept for a number of years after its last contact: the day of the latest thing written in it. The last
day it is kept has the same day and month; a 29 February that is missing becomes the 28th.
"""

from calendar import isleap
from datetime import date, timedelta

# Journals of doctors, midwives, clinical dietitians and some others are kept for ten years at least, those of nurses,
# physiotherapists, occupational therapists and the other authorised groups for five (journalføringsbekendtgørelsen).
DEFAULT_YEARS = 10
SHORTEST_YEARS = 5
# Beyond this nobody can say why answers about an everyday of that time are still needed (GDPR article 5, 1, e).
LONGEST_YEARS = 30

# How long a shorter time waits before anything is deleted by it, so that a mistake can be seen and taken back.
SECOND_THOUGHTS = timedelta(days=14)

# What a citizen began and never sent is nobody's journal. It waits as long as the task can be answered, and then a
# while, for the case that somebody asks for it.
DRAFT_LIFE = timedelta(days=30)


def takes_effect_on(decided_on: date, *, is_shorter: bool) -> date:
    """The first day a decision holds: after SECOND_THOUGHTS, in whole days, where it shortens."""
    return decided_on + SECOND_THOUGHTS + timedelta(days=1) if is_shorter else decided_on


def kept_until(last_contact: date, years: int) -> date:
    """The last day on which a course with this last contact is kept."""
    year = last_contact.year + years
    day = 28 if (last_contact.month, last_contact.day) == (2, 29) and not isleap(year) else last_contact.day
    return last_contact.replace(year=year, day=day)


def first_day_kept(today: date, years: int) -> date:
    """Courses with a last contact before this day are past their retention on `today`."""
    year = today.year - years
    if (today.month, today.day) == (2, 29) and not isleap(year):
        return date(year, 3, 1)
    return today.replace(year=year)
