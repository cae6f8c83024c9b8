"""Dates and times mean the same day in every language of the screen."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.conf import settings
from django.utils.formats import date_format, get_format, time_format
from django.utils.translation import override

LANGUAGES = [code for code, _name in settings.LANGUAGES]
MARCH_FIFTH = datetime(2026, 3, 5, 14, 7, tzinfo=UTC)


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_dates_are_day_month_year_and_the_clock_goes_to_24(language: str) -> None:
    with override(language):
        assert date_format(MARCH_FIFTH, "SHORT_DATE_FORMAT") == "05-03-2026"
        assert date_format(MARCH_FIFTH, "DATE_FORMAT").startswith("5")
        assert time_format(MARCH_FIFTH, "TIME_FORMAT") in {"14.07", "14:07"}
        assert "14" in date_format(MARCH_FIFTH, "DATETIME_FORMAT")
        assert get_format("FIRST_DAY_OF_WEEK") == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("typed", ["05-03-2026", "05.03.2026", "05/03/2026", "2026-03-05"])
def test_a_typed_date_is_read_with_the_day_first(language: str, typed: str) -> None:
    with override(language):
        assert forms.DateField().clean(typed) == date(2026, 3, 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_date_reads_back_as_it_was_written(language: str) -> None:
    with override(language):
        written = date_format(MARCH_FIFTH, "SHORT_DATE_FORMAT")
        assert forms.DateField().clean(written) == MARCH_FIFTH.date()
