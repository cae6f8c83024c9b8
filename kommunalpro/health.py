"""What a monitor asks: whether the web server works, and whether anybody delivers what is due."""

from datetime import timedelta
from http import HTTPStatus

import structlog
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from municipalities.checks import why_walls_do_not_hold
from municipalities.scope import Scope, within
from outbox import channels
from outbox.selectors import left_waiting_since

log = structlog.get_logger(__name__)

# Beat asks every five seconds; whatever stands this long has nobody who takes it.
LONGEST_WAIT = timedelta(minutes=5)


@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """200 once the database answers; an unreachable database is a 500 like any other fault.

    503 where the database would keep us from nothing: a role that owns the tables must serve nobody.
    Says nothing of worker, beat and queue: a web server that works is not to be restarted for their sake.
    """
    if why := why_walls_do_not_hold():
        log.error("health.walls_do_not_hold", reason=why)
        return JsonResponse({"status": "not safe"}, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return JsonResponse({"status": "ok"})


@require_safe
def deliveries(_request: HttpRequest) -> JsonResponse:
    """503 while a delivery that could have left more than LONGEST_WAIT ago still stands: worker or beat has stopped.

    `oldest_seconds` says for each channel how long its oldest one has stood, 0 where nothing does.
    """
    now = timezone.now()
    with within(Scope.system()):
        oldest = {
            channel.name.value: now - (left_waiting_since(channel, now) or now)
            for channel in channels.registered()
        }
    stands_still = any(age > LONGEST_WAIT for age in oldest.values())
    return JsonResponse(
        {
            "status": "standing still" if stands_still else "ok",
            "oldest_seconds": {name: round(age.total_seconds()) for name, age in oldest.items()},
        },
        status=HTTPStatus.SERVICE_UNAVAILABLE if stands_still else HTTPStatus.OK,
    )
