"""Questionnaires from a repository of files: checked, stored as drafts, published; the pages' own use cases.

what does the engine say of it?    POST …/questionnaires/validate
make or replace the draft          POST …/questionnaires                 201, or 200 where it is here already
have people look through it        POST …/questionnaires/{id}/review     with the ETag it was stored under
publish what was stored            POST …/questionnaires/{id}/publish    with the same
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import IO, Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import get_language
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.answers import FHIR_JSON
from api.authentication import worker_who_asks
from api.questionnaires import Questionnaires, QuestionnaireView, whole
from identity.models import StaffMember
from identity.roles import Permission
from municipalities.models import Municipality
from questionnaires import engine
from questionnaires.fingerprints import fingerprint
from questionnaires.importing import QuestionnaireRefused, judge, newest_version, read, store_draft
from questionnaires.models import PublicationEvent, QuestionnaireVersion
from questionnaires.publishing import publish_questionnaire
from questionnaires.reviewing import send_to_review

LARGEST = 5 * 1024 * 1024


class RawFhir(BaseParser):
    """The bytes as they came: the engine's reader is stricter than JSON's."""

    media_type = FHIR_JSON

    def parse(  # type: ignore[override]  # its stubs know forms only
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> bytes:
        """At most one byte more than is taken, which says that there are more."""
        return stream.read(LARGEST + 1)


class RawJson(RawFhir):
    """The same for those who call it plain JSON."""

    media_type = "application/json"


class ChangingView(QuestionnaireView):
    """Who works on questionnaires, for whom, and how they are sent."""

    needs = Permission.EDIT_QUESTIONNAIRE
    parser_classes: Sequence[type[BaseParser]] = (RawFhir, RawJson)

    def owner(self) -> Municipality | None:
        """The caller's municipality; None for the system administration, whose questionnaires are national."""
        municipality_id = worker_who_asks(self.request).municipality_id
        return Municipality.objects.get(pk=municipality_id) if municipality_id is not None else None

    def staff_member(self) -> StaffMember:
        """The row in whose name the caller writes: a person's, or a program's."""
        return StaffMember.objects.get(pk=worker_who_asks(self.request).staff_id)

    def own_version(self, id: Any) -> QuestionnaireVersion:  # noqa: A002 - FHIR's name
        """A version of the caller's own; 404 for anybody else's."""
        mine = worker_who_asks(self.request).municipality_id
        own = QuestionnaireVersion.objects.filter(questionnaire__owner_id=mine)
        return get_object_or_404(own.select_related("questionnaire"), pk=id)


BODY = dict.fromkeys((FHIR_JSON, "application/json"), OpenApiTypes.OBJECT)


def _body(request: Request) -> bytes:
    """What was sent; a request without a body has been read by no parser."""
    data: Any = request.data
    return data if isinstance(data, bytes) else b""


class QuestionnairesAndDrafts(ChangingView, Questionnaires):
    """The list, and drafts from files."""

    @property
    def needs(self) -> Permission:  # type: ignore[override]
        """Who may look may not always add."""
        return Permission.EDIT_QUESTIONNAIRE if self.request.method == "POST" else Permission.SEE_KAM

    @extend_schema(
        operation_id="questionnaires_create",
        request=BODY,
        responses={
            (200, FHIR_JSON): OpenApiResponse(OpenApiTypes.OBJECT, "The newest version is this already."),
            (201, FHIR_JSON): OpenApiResponse(OpenApiTypes.OBJECT, "The draft."),
        },
        parameters=[
            OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 201]),
            OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[200, 201]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Store a FHIR R4 Questionnaire as a draft: of a new questionnaire, or the next version of a known `url`.

        A draft that is there already is replaced. What is the newest version already is left as it is (200), so
        that a script may send all its files each time.
        """
        judged = judge(read(_body(request)))
        owner = self.owner()
        newest = newest_version(judged.definition.url, owner=owner)
        if newest is not None and newest.fingerprint == fingerprint(judged.resource):
            return _answer(request, newest, status=200)
        return _answer(request, store_draft(judged, owner=owner, by=self.staff_member()), status=201)


class QuestionnaireValidation(ChangingView):
    """What the engine says of a file."""

    @extend_schema(
        operation_id="questionnaires_validate",
        request=BODY,
        responses={(200, FHIR_JSON): OpenApiTypes.OBJECT},
    )
    def post(self, request: Request) -> Response:
        """An OperationOutcome with everything found; nothing is stored. An issue of severity error: not usable."""
        language = get_language() or "da"
        try:
            issues = judge(read(_body(request))).issues
        except QuestionnaireRefused as refusal:
            outcome = engine.operation_outcome(refusal.issues, language)
            if not engine.has_errors(refusal.issues):
                told = {"severity": "error", "code": "invalid", "details": {"text": refusal.sentence}}
                outcome["issue"] = [told, *(outcome["issue"] if refusal.issues else ())]
            return Response(outcome)
        return Response(engine.operation_outcome(issues, language))


class Seen(serializers.Serializer[Any]):
    """What was looked at before it is published."""

    etag = serializers.CharField(
        max_length=100,
        help_text="The ETag under which the draft was stored or read: what is published is that.",
    )


def _seen(request: Request, serializer: type[Seen] = Seen) -> dict[str, Any]:
    """What the caller has looked at, the ETag without its quotes."""
    try:
        asked = serializer(data=json.loads(_body(request)))
    except ValueError:
        raise ParseError from None
    asked.is_valid(raise_exception=True)
    return {**asked.validated_data, "etag": asked.validated_data["etag"].strip().strip('"')}


class SentToReview(Seen):
    """The same, and what is said to those who will look through it."""

    comment = serializers.CharField(
        required=False, allow_blank=True, max_length=PublicationEvent.LONGEST_COMMENT, default=""
    )


class QuestionnaireReview(ChangingView):
    """A draft is looked at by people before it is published."""

    parser_classes = (RawJson,)

    @extend_schema(
        operation_id="questionnaires_send_to_review",
        request=SentToReview,
        responses={(200, FHIR_JSON): OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, id: Any) -> Response:  # noqa: A002 - FHIR's name
        """Send the draft to review. Nobody changes it until somebody takes it back, in KAM, or it is published."""
        version = self.own_version(id)
        seen = _seen(request, SentToReview)
        version = send_to_review(
            version=version,
            fingerprint=seen["etag"],
            by=self.staff_member(),
            at=timezone.now(),
            comment=seen["comment"].strip(),
        )
        return _answer(request, version, status=200)


class QuestionnairePublication(ChangingView):
    """A draft becomes the version in use."""

    needs = Permission.PUBLISH_QUESTIONNAIRE
    parser_classes = (RawJson,)

    @extend_schema(
        operation_id="questionnaires_publish",
        request=Seen,
        responses={(200, FHIR_JSON): OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, id: Any) -> Response:  # noqa: A002 - FHIR's name
        """Publish the draft; by the rules that hold on the pages. The version in use until now is retired."""
        version = publish_questionnaire(
            version=self.own_version(id),
            fingerprint=_seen(request)["etag"],
            by=self.staff_member(),
            at=timezone.now(),
        )
        return _answer(request, version, status=200)


def _answer(request: Request, version: QuestionnaireVersion, *, status: int) -> Response:
    address = reverse("api:questionnaire", args=[version.pk], request=request)
    return Response(
        whole(version), status=status, headers={"ETag": f'"{version.fingerprint}"', "Location": address}
    )
