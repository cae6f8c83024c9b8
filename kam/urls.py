"""Addresses of the Klinisk Administrativt Modul."""

from django.urls import path
from django.views.generic import RedirectView

from kam import plan_views, questionnaire_views

app_name = "kam"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="kam:questionnaires"), name="front"),
    path("spoergeskemaer/", questionnaire_views.questionnaires, name="questionnaires"),
    path("spoergeskemaer/importer/", questionnaire_views.import_file, name="import"),
    path("spoergeskemaer/<uuid:version_id>/", questionnaire_views.questionnaire, name="questionnaire"),
    path("spoergeskemaer/<uuid:version_id>/proev/", questionnaire_views.try_it, name="try"),
    path("spoergeskemaer/<uuid:version_id>/udgiv/", questionnaire_views.publish, name="publish"),
    path("spoergeskemaer/<uuid:version_id>/sider/", questionnaire_views.choose_paging, name="paging"),
    path("spoergeskemaer/<uuid:version_id>/fil/", questionnaire_views.export_file, name="export"),
    path("planer/", plan_views.plans, name="plans"),
    path("planer/ny/", plan_views.new_plan, name="new_plan"),
    path("planer/<uuid:plan_id>/", plan_views.plan, name="plan"),
    path("planer/<uuid:plan_id>/udgiv/", plan_views.publish, name="publish_plan"),
]
