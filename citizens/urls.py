"""Addresses of the Borgermodul."""

from django.urls import path

from citizens import (
    access_views,
    correction_views,
    privacy_views,
    response_views,
    task_views,
    upload_views,
    views,
)

app_name = "citizens"

urlpatterns = [
    path("", task_views.tasks, name="tasks"),
    path("opgave/<uuid:task_id>/", views.task, name="task"),
    path("opgave/<uuid:task_id>/side/<int:number>/", views.page, name="page"),
    path("opgave/<uuid:task_id>/svar/<int:number>/", views.save, name="save"),
    path("opgave/<uuid:task_id>/valg/<int:number>/", views.options, name="options"),
    path("opgave/<uuid:task_id>/fil/<int:number>/", upload_views.upload, name="upload"),
    path("filer/<uuid:upload_id>/", upload_views.file, name="file"),
    path("opgave/<uuid:task_id>/opsummering/", views.summary, name="summary"),
    path("opgave/<uuid:task_id>/kvittering/", response_views.receipt, name="receipt"),
    path("opgave/<uuid:task_id>/ret/", correction_views.correct, name="correct"),
    path("opgave/<uuid:task_id>/fortryd-rettelse/", correction_views.undo, name="undo_correction"),
    path("sprog/", views.language, name="language"),
    path("mine-data/", privacy_views.my_data, name="my_data"),
    path("mine-data/hent/", privacy_views.download, name="download"),
    path("mine-data/slet/", privacy_views.erase, name="erase"),
    path("mine-data/slettet/", privacy_views.erased, name="erased"),
    path("svar/", response_views.responses, name="responses"),
    path("svar/<uuid:response_id>/", response_views.response, name="response"),
    path("svar/<uuid:response_id>/pdf/", response_views.pdf, name="response_pdf"),
    path("adgang/", access_views.access, name="access"),
]
