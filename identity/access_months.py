"""The access log's months: made ahead, and dropped when their time is over.

The application may do neither itself. Both are functions of the tables' owner (migration `access_log`), which decide
by the database's clock, know no other table, and keep six months whatever they are asked.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import connection

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Mended:
    """The partitions that were made and dropped, by name."""

    made: tuple[str, ...]
    dropped: tuple[str, ...]


def mend(*, keep_months: int | None = None) -> Mended:
    """Make the months to come, then drop those past retention (settings.ACCESS_LOG_MONTHS).

    Whole months of UTC: an entry is kept for `keep_months` at least, and a month longer at most.
    Raises django.db.IntegrityError for fewer than six months.
    """
    keep = settings.ACCESS_LOG_MONTHS if keep_months is None else keep_months
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_log_make_months()")
        made = tuple(name for (name,) in cursor.fetchall())
        cursor.execute("SELECT access_log_drop_months(%s)", [keep])
        dropped = tuple(name for (name,) in cursor.fetchall())
    if made or dropped:
        log.info("access_log.months", made=made, dropped=dropped, keep_months=keep)
    return Mended(made=made, dropped=dropped)
