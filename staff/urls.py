"""Addresses of the Medarbejdermodul. None holds anything but opaque ids."""

from django.urls import path

from staff.views import (
    access_control,
    assignment,
    assisting,
    citizens,
    editions,
    files,
    findings,
    overview,
    privacy,
    registering,
    responses,
    unanswered,
)

app_name = "staff"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("borgere/", citizens.citizens, name="citizens"),
    path("borgere/<uuid:citizen_id>/", citizens.citizen, name="citizen"),
    path("borgere/<uuid:citizen_id>/tildel/", assignment.assign, name="assign"),
    path("borgere/<uuid:citizen_id>/assisteret/", assisting.start, name="assist"),
    path("assisteret/", assisting.find, name="assist_find"),
    path("borgere/<uuid:citizen_id>/data/", privacy.data, name="citizen_data"),
    path("borgere/<uuid:citizen_id>/data/bevar/", privacy.hold, name="hold"),
    path("borgere/<uuid:citizen_id>/data/slet/", privacy.erase, name="erase"),
    path("borgere/<uuid:citizen_id>/data/hent/", privacy.export, name="export"),
    path("fut/", findings.findings, name="findings"),
    path("fut/<uuid:finding_id>/afklar/", findings.settle, name="settle_finding"),
    path("bevaring/<uuid:hold_id>/ophaev/", privacy.lift, name="lift"),
    path("opbevaring/", privacy.retention, name="retention"),
    path("besvarelser/<uuid:response_id>/", responses.response, name="response"),
    path("filer/<uuid:upload_id>/", files.file, name="file"),
    path("tidligere-besvarelser/<uuid:response_id>/", editions.edition, name="edition"),
    path("opgaver/<uuid:task_id>/indtast/", registering.start, name="enter"),
    path("opgaver/<uuid:task_id>/indtast/side/<int:number>/", registering.page, name="enter_page"),
    path("opgaver/<uuid:task_id>/indtast/svar/<int:number>/", registering.save, name="enter_save"),
    path("opgaver/<uuid:task_id>/indtast/valg/<int:number>/", registering.options, name="enter_options"),
    path("opgaver/<uuid:task_id>/indtast/fil/<int:number>/", files.upload, name="enter_upload"),
    path("opgaver/<uuid:task_id>/indtast/opsummering/", registering.summary, name="enter_summary"),
    path("opgaver/<uuid:task_id>/indtast/kasser/", registering.discard, name="enter_discard"),
    path("ubesvarede/", unanswered.unanswered, name="unanswered"),
    path("ubesvarede/<uuid:task_id>/paamind/", unanswered.remind, name="remind"),
    path("adgang/", access_control.sample, name="access_sample"),
    path("adgang/opslag/", access_control.entries, name="access_entries"),
    path("adgang/find/", access_control.find, name="access_find"),
    path("adgang/opslag/<int:entry_id>/", access_control.entry, name="access_entry"),
]
