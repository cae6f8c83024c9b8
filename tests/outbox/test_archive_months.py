"""Who may do what with the archive, and how long its months are kept: never dropped under somebody who is held."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from citizens.models import Citizen
from identity.models import StaffMember
from municipalities.scope import Scope, within
from outbox.models import ArchivedDelivery, Delivery
from privacy import services as privacy
from privacy.models import LegalHold
from tests.identity.test_access_months import months_after, months_there
from tests.outbox.test_archive import LONG_AGO, ended, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "way",
    [
        "UPDATE outbox_archiveddelivery SET request_id = ''",
        "SELECT * FROM outbox_archiveddelivery FOR UPDATE",
        "ALTER TABLE outbox_archiveddelivery NO FORCE ROW LEVEL SECURITY",
        "DROP TABLE outbox_archiveddelivery",
        "SELECT * FROM {month}",
        "INSERT INTO {month} SELECT * FROM outbox_archiveddelivery",
        "DELETE FROM {month}",
        "DROP TABLE {month}",
        "SELECT * FROM outbox_archiveddelivery_default",
        "SELECT make_months('outbox_archiveddelivery', 'ended_at')",
    ],
)
def test_nobody_changes_what_was_archived_or_passes_the_wall(way: str) -> None:
    ended()
    run()
    month = f"outbox_archiveddelivery_{(timezone.now() - LONG_AGO).astimezone(UTC):%Y_%m}"
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(way.format(month=month))


def may_delete(scope: Scope | None) -> bool:
    with within(scope), transaction.atomic():
        deleted, _ = ArchivedDelivery.objects.all().delete()
        transaction.set_rollback(True)
    return deleted > 0


def test_only_the_system_deletes() -> None:
    [delivery] = ended()
    run()
    assert may_delete(Scope.system())
    for scope in (
        Scope.municipality(delivery.municipality_id),
        Scope.citizen(delivery.key),
        Scope.national(),
        None,
    ):
        assert not may_delete(scope)


@pytest.mark.parametrize(
    ("column", "value", "constraint"),
    [
        ("state", "'dead'", "archived_delivery_was_delivered"),
        ("ended_at", "'infinity'", "archived_delivery_time_is_finite"),
    ],
)
def test_the_archive_takes_nothing_else(column: str, value: str, constraint: str) -> None:
    ended()
    run()
    names = [str(field.column) for field in ArchivedDelivery._meta.concrete_fields]
    chosen = ", ".join(value if name == column else "id + 1" if name == "id" else name for name in names)
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO outbox_archiveddelivery ({', '.join(names)}) SELECT {chosen} FROM outbox_archiveddelivery"
        )


def months_ago(months: int) -> timedelta:
    """Back to the middle of the month that was so many before this one, by the database's clock."""
    name = months_after(-months)
    return datetime.now(UTC) - datetime(int(name[:4]), int(name[5:]), 15, tzinfo=UTC)


@pytest.fixture
def old_and_kept(settings: LazySettings) -> tuple[Delivery, Delivery]:
    """One in the last month to be dropped, one in the first to be kept."""
    settings.OUTBOX_ARCHIVE_MONTHS = 24
    [old], [kept] = ended(ago=months_ago(25)), ended(ago=months_ago(24))
    return old, kept


def archived() -> set[int]:
    return set(ArchivedDelivery.objects.values_list("pk", flat=True))


def test_whole_months_past_their_time_are_dropped_and_no_others(
    old_and_kept: tuple[Delivery, Delivery],
) -> None:
    _, kept = old_and_kept
    assert run().dropped == (f"outbox_archiveddelivery_{months_after(-25)}",)
    assert archived() == {kept.pk}
    assert months_after(-25) not in months_there("outbox_archiveddelivery")


def hold_on(key: UUID, by: StaffMember) -> LegalHold:
    citizen = Citizen.objects.get(pk=key)
    return privacy.hold(
        citizen=citizen, municipality=citizen.municipality, reason="Klage 17", by=by, at=timezone.now()
    )


def test_a_month_keeps_the_rows_of_who_is_held_and_loses_the_others(
    old_and_kept: tuple[Delivery, Delivery], nurse: StaffMember
) -> None:
    held, kept = old_and_kept
    ended(ago=months_ago(25))
    hold = hold_on(held.key, nurse)

    assert run().dropped == ()
    assert archived() == {held.pk, kept.pk}

    privacy.lift(hold=hold, by=nurse, at=timezone.now())
    assert run().dropped == (f"outbox_archiveddelivery_{months_after(-25)}",)
    assert archived() == {kept.pk}


@pytest.mark.parametrize("scope", [Scope.national(), None], ids=["national", "nobody"])
def test_nothing_is_dropped_where_holds_are_not_seen(scope: Scope | None) -> None:
    with (
        within(scope),
        pytest.raises(DatabaseError, match="scope system alone"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT outbox_archive_drop_months(12)")


@pytest.mark.parametrize("months", [11, 0, -1])
def test_twelve_months_are_kept_whatever_is_asked(months: int, settings: LazySettings) -> None:
    settings.OUTBOX_ARCHIVE_MONTHS = months
    with pytest.raises(IntegrityError, match="twelve months at least"):
        run()
