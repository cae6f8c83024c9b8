"""How long citizens take to answer a version: measured at night, for “Det tager cirka 6 minutter”.

Only one figure a version is kept, and only where it stands for many: it says nothing about anybody.
"""

from datetime import datetime, timedelta

from django.db import connection

from municipalities.scope import Scope, within
from questionnaires.models import AnswerTime

MEASURED_OVER = timedelta(days=365)
"""Answers from before then are left out: citizens and telephones change."""

PAUSED_AFTER = timedelta(hours=2)
"""Who took longer has been away from it in between: that is no measure of the questions."""

FEWEST_CITIZENS = 20
"""With fewer the figure could be somebody's own."""

# The median, which one who fell asleep over it does not move; of citizens' own answers, not of what staff enter, nor of
# corrections, which begin with all answers there.
_MEASURE = """
INSERT INTO questionnaires_answertime (version_id, seconds, measured_at)
SELECT version_id,
       round(extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY completed_at - started_at))),
       %(at)s
FROM questionnaires_response
WHERE status = 'completed' AND mode = 'own' AND replaces_id IS NULL
      AND completed_at > %(since)s AND completed_at <= %(at)s
      AND completed_at - started_at BETWEEN interval '1 second' AND make_interval(secs => %(longest)s)
GROUP BY version_id
HAVING count(DISTINCT citizen_id) >= %(fewest)s
ON CONFLICT (version_id) DO UPDATE SET seconds = excluded.seconds, measured_at = excluded.measured_at
"""


def measure(*, at: datetime) -> int:
    """Measure all versions anew; how many have a figure. One whose answers have become few loses its figure."""
    with within(Scope.system()):
        with connection.cursor() as cursor:
            cursor.execute(
                _MEASURE,
                {
                    "at": at,
                    "since": at - MEASURED_OVER,
                    "longest": PAUSED_AFTER.total_seconds(),
                    "fewest": FEWEST_CITIZENS,
                },
            )
            measured: int = cursor.rowcount
        AnswerTime.objects.exclude(measured_at=at).delete()
    return measured
