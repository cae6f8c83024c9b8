"""The log's months: none is missing when it is needed, none goes before its time, and no entry is ever lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from identity import access_months
from identity.access_log import Use, What, record
from identity.models import AccessEntry
from identity.tasks import mend_access_log
from tests.conftest import copenhagen, staff_actor
from tests.factories import StaffMemberFactory

pytestmark = pytest.mark.django_db

At = Callable[[str], AbstractContextManager[datetime]]


def months_after(months: int) -> str:
    """The name of the month that is so many after this one, by the database's clock."""
    now = datetime.now(UTC)
    number = now.year * 12 + now.month - 1 + months
    return f"{number // 12:04}_{number % 12 + 1:02}"


def months_there(table: str = "identity_accessentry") -> set[str]:
    """The months that have a partition."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
            "WHERE inhparent = %s::regclass",
            [table],
        )
        names = {name for (name,) in cursor.fetchall()}
    return {name.removeprefix(f"{table}_") for name in names} - {"default"}


def partition_of(entry: AccessEntry) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text FROM identity_accessentry WHERE id = %s", [entry.pk])
        [(name,)] = cursor.fetchall()
    return str(name).removeprefix("identity_accessentry_")


def enter(at: datetime) -> AccessEntry:
    record(use=Use(What.CITIZEN), of=[uuid4()], by=staff_actor(StaffMemberFactory()), at=at)
    return AccessEntry.objects.latest("pk")


def test_there_are_months_ahead_from_the_first_day() -> None:
    expected = {months_after(ahead) for ahead in range(-1, 4)}
    assert months_there() == months_there("identity_accessreview") == expected


def test_mending_twice_does_nothing_the_second_time() -> None:
    access_months.mend()
    assert access_months.mend() == access_months.Mended(made=(), dropped=())


@pytest.mark.parametrize(
    "at",
    ["2031-01-31 23:59", "2031-02-01 00:00", "2024-02-29 12:00", "2026-10-25 02:30"],
    ids=["before a border", "on a border", "long ago", "the hour that comes twice"],
)
def test_an_entry_without_a_month_is_kept_and_gets_one(at: str) -> None:
    entry = enter(copenhagen(at))
    was = partition_of(entry)
    made = access_months.mend(keep_months=1200).made
    month = f"{copenhagen(at).astimezone(UTC):%Y_%m}"

    assert was in {"default", month}
    assert partition_of(entry) == month
    assert month in months_there()
    assert (was == "default") == (f"identity_accessentry_{month}" in made)
    assert AccessEntry.objects.get(pk=entry.pk).at == copenhagen(at).astimezone(UTC)


def test_months_are_cut_in_utc_whatever_the_session_says() -> None:
    """An hour into February in Denmark is January in UTC, and stays there in summer and winter time."""
    entry = enter(copenhagen("2031-02-01 00:30"))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Pacific/Auckland'")
        access_months.mend()

    assert partition_of(entry) == "2031_01"
    assert [each.pk for each in AccessEntry.objects.filter(at__gte=copenhagen("2031-02-01 00:00"))] == [
        entry.pk
    ]


def test_writing_goes_on_over_the_end_of_all_months(at: At) -> None:
    for moment in ("2033-12-31 23:59", "2034-01-01 00:01", "2034-01-01 01:01"):
        with at(moment):
            enter(timezone.now())

    assert AccessEntry.objects.count() == 3


def test_whole_months_past_retention_are_dropped_and_no_others() -> None:
    old, edge = datetime.now(UTC).replace(day=1, hour=12), datetime.now(UTC).replace(day=1, hour=0, minute=0)
    dropped_month, kept_month = months_after(-13), months_after(-12)
    gone = enter(old.replace(year=int(dropped_month[:4]), month=int(dropped_month[5:])))
    stays = enter(edge.replace(year=int(kept_month[:4]), month=int(kept_month[5:]), second=0, microsecond=0))
    newest = enter(timezone.now())

    mended = access_months.mend(keep_months=12)

    assert f"identity_accessentry_{dropped_month}" in mended.dropped
    assert set(AccessEntry.objects.values_list("pk", flat=True)) == {stays.pk, newest.pk}
    assert gone.pk not in {stays.pk, newest.pk}
    assert dropped_month not in months_there()


@pytest.mark.parametrize("months", [5, 0, -1])
def test_six_months_are_kept_whatever_is_asked(months: int) -> None:
    with pytest.raises(IntegrityError, match="six months at least"):
        access_months.mend(keep_months=months)


def test_every_night_does_it_by_the_setting(settings) -> None:
    settings.ACCESS_LOG_MONTHS = 6
    enter(datetime(2020, 1, 1, tzinfo=UTC))

    mend_access_log()

    assert not AccessEntry.objects.exists()
