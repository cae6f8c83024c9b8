"""Questionnaires, as FHIR R4 says them: what is published, and the caller's own drafts."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from api.answers import Bundle, FhirRenderer
from api.authentication import worker_who_asks
from api.permissions import WhoMay
from identity.roles import Permission
from questionnaires.models import PublicationStatus, QuestionnaireVersion

# So FHIR marks a resource of which not everything is shown (FHIR R4, 3.1.0.1.5).
SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}


class Asked(serializers.Serializer[Any]):
    """What a list can be narrowed by."""

    url = serializers.CharField(required=False, max_length=500, help_text="The canonical address, whole.")
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    status = serializers.ChoiceField(
        choices=["active", "retired", "draft"],
        required=False,
        help_text="Without it: what is published. Drafts are the caller's own only.",
    )


class AskedForOne(serializers.Serializer[Any]):
    """Which one: without `version` it is the one in use."""

    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    url = serializers.CharField(max_length=500, help_text="The canonical address, whole.")


class Summary(serializers.Serializer[Any]):
    """The head of a Questionnaire; its questions are at its own address."""

    resourceType = serializers.ChoiceField(choices=["Questionnaire"])  # noqa: N815 - FHIR's names
    id = serializers.UUIDField()
    meta = serializers.JSONField()
    url = serializers.CharField()
    version = serializers.CharField()
    status = serializers.ChoiceField(choices=["active", "retired", "draft"])
    title = serializers.CharField()
    language = serializers.CharField(required=False)
    date = serializers.DateTimeField(required=False)


class QuestionnaireView(GenericAPIView[QuestionnaireVersion]):
    """What all three have in common: which questionnaires somebody sees."""

    permission_classes = (WhoMay,)
    needs = Permission.SEE_KAM
    renderer_classes = (FhirRenderer,)
    pagination_class = Bundle

    def get_queryset(self) -> QuerySet[QuestionnaireVersion]:
        """Published ones: national, and the municipality's own; also those that a newer version has retired."""
        published = QuestionnaireVersion.objects.published()
        mine = worker_who_asks(self.request).municipality_id
        return published.of_owner_or_national(mine).select_related("questionnaire")

    def visible(self) -> QuerySet[QuestionnaireVersion]:
        """The same, and the drafts of the caller's own."""
        own = Q(questionnaire__owner_id=worker_who_asks(self.request).municipality_id)
        published = Q(questionnaire__owner=None) & Q(status__in=PublicationStatus.PUBLISHED)
        return QuestionnaireVersion.objects.filter(own | published).select_related("questionnaire")


class Questionnaires(QuestionnaireView):
    """A list of the published questionnaires."""

    @extend_schema(
        operation_id="questionnaires_list",
        parameters=[Asked],
        responses={(200, FhirRenderer.media_type): Summary(many=True)},
    )
    def get(self, request: Request) -> Response:
        """National ones and those of the caller's municipality, the newest first; their heads only."""
        asked = Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = _narrowed(self.get_queryset(), asked.validated_data)
        if (status := asked.validated_data.get("status")) is not None:
            found = _narrowed(self.visible(), asked.validated_data).filter(status=status)
        found = found.defer("source").order_by(F("published_at").desc(nulls_first=True), "pk")
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response([_head(version) for version in page])


class Questionnaire(QuestionnaireView):
    """One of them by its id."""

    @extend_schema(
        operation_id="questionnaires_read",
        responses={(200, FhirRenderer.media_type): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request, id: Any) -> Response:  # noqa: A002 - FHIR's name
        """The whole resource, with the address, version and status that it has here; also of one's own draft.

        Its ETag says what publishing it wants to know.
        """
        version = get_object_or_404(self.visible(), pk=id)
        return Response(whole(version), headers={"ETag": f'"{version.fingerprint}"'})


class QuestionnaireByCanonical(QuestionnaireView):
    """One of them by its canonical address."""

    @extend_schema(
        operation_id="questionnaires_by_canonical",
        parameters=[
            AskedForOne,
            OpenApiParameter("version", int, description="Without it: the version in use."),
        ],
        responses={(200, FhirRenderer.media_type): OpenApiTypes.OBJECT},
    )
    def get(self, request: Request) -> Response:
        """The whole resource that `url` and `version` name."""
        asked = AskedForOne(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = _narrowed(self.get_queryset(), asked.validated_data)
        if "version" not in asked.validated_data:
            found = found.active()
        return Response(whole(get_object_or_404(found)))


def _narrowed(found: Any, asked: dict[str, Any]) -> Any:
    if "url" in asked:
        found = found.filter(questionnaire__url=asked["url"])
    if "version" in asked:
        found = found.filter(number=asked["version"])
    return found


def _names(version: QuestionnaireVersion) -> dict[str, Any]:
    return {
        "id": str(version.pk),
        "url": version.questionnaire.url,
        "version": str(version.number),
        "status": version.fhir_status,
    }


def _head(version: QuestionnaireVersion) -> dict[str, Any]:
    head = {
        "resourceType": "Questionnaire",
        **_names(version),
        "meta": {"tag": [SUBSETTED]},
        "title": version.title,
    }
    if version.published_at is not None:
        head["date"] = version.published_at
    return head | ({"language": version.language} if version.language else {})


def whole(version: QuestionnaireVersion) -> dict[str, Any]:
    """As it was imported or built, under the names that answers call it by."""
    return {**version.source, **_names(version)}
