"""Addresses of the interface for other programs."""

from django.urls import path
from drf_spectacular.views import SpectacularJSONAPIView

from api.caller import Health, Me, Ready
from api.questionnaire_changes import (
    QuestionnairePublication,
    QuestionnaireReview,
    QuestionnairesAndDrafts,
    QuestionnaireValidation,
)
from api.questionnaires import Questionnaire, QuestionnaireByCanonical

app_name = "api"

urlpatterns = [
    path("me", Me.as_view(), name="me"),
    path("questionnaires", QuestionnairesAndDrafts.as_view(), name="questionnaires"),
    path("questionnaires/validate", QuestionnaireValidation.as_view(), name="questionnaire_validation"),
    path("questionnaires/canonical", QuestionnaireByCanonical.as_view(), name="questionnaire_by_canonical"),
    path("questionnaires/<uuid:id>", Questionnaire.as_view(), name="questionnaire"),
    path("questionnaires/<uuid:id>/review", QuestionnaireReview.as_view(), name="questionnaire_review"),
    path(
        "questionnaires/<uuid:id>/publish",
        QuestionnairePublication.as_view(),
        name="questionnaire_publication",
    ),
    path("health", Health.as_view(), name="health"),
    path("readiness", Ready.as_view(), name="readiness"),
    path("schema", SpectacularJSONAPIView.as_view(permission_classes=()), name="schema"),
]
