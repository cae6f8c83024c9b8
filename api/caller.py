"""The caller, and whether the system is well."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from redis import Redis
from redis.exceptions import RedisError
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from api.authentication import actor_who_asks
from api.permissions import Known
from identity import sessions
from identity.actors import Actor, CitizenActor, ProgramActor, StaffActor
from municipalities.models import Municipality

log = structlog.get_logger(__name__)


class Named(serializers.Serializer[Any]):
    """A code of FUT's or ours, and its words."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name


class MunicipalityNamed(serializers.Serializer[Any]):
    """A municipality by its numbers and name."""

    code = serializers.CharField(help_text="The municipality code, four digits.")
    cvr = serializers.CharField()
    name = serializers.CharField()


class SessionLeft(serializers.Serializer[Any]):
    """How long the login lasts; a program's, as long as its key."""

    seconds_left = serializers.IntegerField(min_value=0)
    can_be_extended = serializers.BooleanField()


class Caller(serializers.Serializer[Any]):
    """Who is logged in and what they may do."""

    kind = serializers.ChoiceField(choices=["citizen", "staff", "program"])
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    roles = Named(many=True)
    permissions = Named(many=True)
    municipality = MunicipalityNamed(
        allow_null=True,
        help_text="An employee's or a program's; null for citizens and the system administration.",
    )
    session = SessionLeft()


class Me(APIView):
    """The caller."""

    permission_classes = (Known,)

    @extend_schema(operation_id="me", responses=Caller)
    def get(self, request: Request) -> Response:
        """Who is logged in, with which roles and rights, for which municipality, and for how long."""
        actor, now = actor_who_asks(request), timezone.now()
        roles, permissions, municipality = frozenset[Any](), frozenset[Any](), None
        if isinstance(actor, StaffActor):
            roles = actor.roles
        if not isinstance(actor, CitizenActor):
            permissions = actor.permissions
            if actor.municipality_id is not None:
                municipality = Municipality.objects.get(pk=actor.municipality_id)
        facts = {
            "kind": actor.kind,
            "id": actor.id,
            "name": actor.name,
            "roles": [{"code": role.value, "label": role.label} for role in sorted(roles)],
            "permissions": [{"code": each.value, "label": each.label} for each in sorted(permissions)],
            "municipality": municipality,
            "session": _time_left(request, actor, now),
        }
        return Response(Caller(facts).data)


def _time_left(request: Request, actor: Actor, now: datetime) -> dict[str, Any]:
    if isinstance(actor, ProgramActor):
        return {"seconds_left": max(0, int((actor.ends_at - now).total_seconds())), "can_be_extended": False}
    left = sessions.time_left(request._request.session, now)
    return {"seconds_left": left.seconds, "can_be_extended": left.can_be_extended}


class State(serializers.Serializer[Any]):
    """Whether it works."""

    status = serializers.ChoiceField(choices=["ok"])


class Readiness(serializers.Serializer[Any]):
    """Whether each part that is needed answers."""

    status = serializers.ChoiceField(choices=["ok", "unavailable"])
    database = serializers.ChoiceField(choices=["ok", "unavailable"])
    queue = serializers.ChoiceField(
        choices=["ok", "unavailable"], help_text="Without it, news wait; pages and answers go on."
    )


class Health(APIView):
    """Whether this web server runs."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(operation_id="health", auth=[], responses=State)
    def get(self, request: Request) -> Response:
        """200 as long as the process answers at all."""
        return Response({"status": "ok"})


class Ready(APIView):
    """Whether this web server can do its work."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(operation_id="readiness", auth=[], responses={200: Readiness, 503: Readiness})
    def get(self, request: Request) -> Response:
        """503 where the database does not answer. Says nothing about people or addresses."""
        database, queue = _database_answers(), _queue_answers()
        facts = {
            "status": _word(database),
            "database": _word(database),
            "queue": _word(queue),
        }
        return Response(facts, status=200 if database else 503)


def _word(answers: bool) -> str:
    return "ok" if answers else "unavailable"


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.warning("api.database_does_not_answer", exc_info=True)
        return False
    return True


def _queue_answers() -> bool:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=0.5) as redis:
            redis.ping()
    except RedisError:
        log.warning("api.queue_does_not_answer", exc_info=True)
        return False
    return True
