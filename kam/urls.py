"""Addresses of the Klinisk Administrativt Modul."""

from django.urls import path
from django.views.generic import RedirectView

from kam import (
    answer_list_views,
    builder_views,
    decision_support_views,
    differences_views,
    facts_views,
    library_views,
    life_cycle_views,
    plan_activity_views,
    plan_life_views,
    plan_views,
    questionnaire_views,
    test_case_views,
    transfer_views,
    translation_views,
    trying_views,
)

app_name = "kam"

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="kam:questionnaires"), name="front"),
    path("spoergeskemaer/", library_views.questionnaires, name="questionnaires"),
    path("spoergeskemaer/importer/", transfer_views.import_file, name="import"),
    path("spoergeskemaer/nyt/", builder_views.new_questionnaire, name="new_questionnaire"),
    path("spoergeskemaer/importer/skabelon/", transfer_views.sheet_template, name="sheet_template"),
    path("spoergeskemaer/importer/<uuid:batch_id>/", transfer_views.import_batch, name="import_batch"),
    path("spoergeskemaer/importer/<uuid:batch_id>/gem/", transfer_views.store_import, name="store_import"),
    path("spoergeskemaer/importer/<uuid:batch_id>/kasser/", transfer_views.drop_import, name="drop_import"),
    path("spoergeskemaer/<uuid:version_id>/", questionnaire_views.questionnaire, name="questionnaire"),
    path("spoergeskemaer/<uuid:version_id>/proev/", trying_views.try_it, name="try"),
    path("spoergeskemaer/<uuid:version_id>/proever/", test_case_views.tests, name="tests"),
    path("spoergeskemaer/<uuid:version_id>/proever/stand/", test_case_views.test_state, name="test_state"),
    path("spoergeskemaer/<uuid:version_id>/proever/ny/", trying_views.save_test, name="save_test"),
    path("spoergeskemaer/<uuid:version_id>/proever/<uuid:test_id>/", test_case_views.test, name="test"),
    path(
        "spoergeskemaer/<uuid:version_id>/proever/<uuid:test_id>/som-nu/",
        test_case_views.expect_what_follows_now,
        name="accept_test",
    ),
    path(
        "spoergeskemaer/<uuid:version_id>/proever/<uuid:test_id>/slet/",
        test_case_views.delete,
        name="delete_test",
    ),
    path(
        "spoergeskemaer/<uuid:version_id>/oversaettelser/",
        translation_views.translations,
        name="translations",
    ),
    path("spoergeskemaer/<uuid:version_id>/udgiv/", life_cycle_views.publish, name="publish"),
    path("spoergeskemaer/<uuid:version_id>/send/", life_cycle_views.send_to_review, name="send_to_review"),
    path("spoergeskemaer/<uuid:version_id>/tag-tilbage/", life_cycle_views.take_back, name="take_back"),
    path("spoergeskemaer/<uuid:version_id>/send-tilbage/", life_cycle_views.send_back, name="send_back"),
    path("spoergeskemaer/<uuid:version_id>/godkend/", life_cycle_views.approve, name="approve"),
    path("spoergeskemaer/<uuid:version_id>/ud-af-brug/", life_cycle_views.withdraw, name="withdraw"),
    path("spoergeskemaer/<uuid:version_id>/kopier/", life_cycle_views.copy, name="copy"),
    path(
        "spoergeskemaer/<uuid:version_id>/opdater/",
        life_cycle_views.bring_up_to_date,
        name="bring_up_to_date",
    ),
    path("spoergeskemaer/<uuid:version_id>/del/", life_cycle_views.share, name="share"),
    path("spoergeskemaer/<uuid:version_id>/oplysninger/", facts_views.facts, name="facts"),
    path("spoergeskemaer/<uuid:version_id>/forskelle/", differences_views.page, name="differences"),
    path(
        "spoergeskemaer/<uuid:version_id>/beslutningsstoette/",
        decision_support_views.support,
        name="decision_support",
    ),
    path("spoergeskemaer/<uuid:version_id>/sider/", questionnaire_views.choose_paging, name="paging"),
    path("spoergeskemaer/<uuid:version_id>/fil/", transfer_views.export_file, name="export"),
    path("spoergeskemaer/<uuid:version_id>/ny-version/", builder_views.new_version, name="new_version"),
    path("spoergeskemaer/<uuid:version_id>/byg/", builder_views.builder, name="builder"),
    path("spoergeskemaer/<uuid:version_id>/byg/goer/", builder_views.act, name="builder_act"),
    path(
        "spoergeskemaer/<uuid:version_id>/byg/indstil/", builder_views.set_settings, name="builder_settings"
    ),
    path("spoergeskemaer/<uuid:version_id>/byg/svar/", builder_views.set_answers, name="builder_answers"),
    path("spoergeskemaer/<uuid:version_id>/byg/historik/", builder_views.history, name="builder_history"),
    path("spoergeskemaer/<uuid:version_id>/byg/slip/", builder_views.leave, name="builder_leave"),
    path(
        "spoergeskemaer/<uuid:version_id>/byg/<path:link_id>/panel/<slug:name>/",
        builder_views.set_panel,
        name="builder_panel",
    ),
    path("svarlister/", answer_list_views.answer_lists, name="answer_lists"),
    path("svarlister/ny/", answer_list_views.new_answer_list, name="new_answer_list"),
    path("svarlister/<uuid:list_id>/", answer_list_views.answer_list, name="answer_list"),
    path("svarlister/<uuid:list_id>/slet/", answer_list_views.delete_answer_list, name="delete_answer_list"),
    path("spoergeskemaer/<uuid:version_id>/fil/excel/", transfer_views.export_sheet, name="export_sheet"),
    path("spoergeskemaer/<uuid:version_id>/fil/qfdd/", transfer_views.export_qfdd, name="export_qfdd"),
    path("spoergeskemaer/<uuid:version_id>/papir/", transfer_views.paper, name="paper"),
    path("planer/", plan_views.plans, name="plans"),
    path("planer/ny/", plan_views.new_plan, name="new_plan"),
    path("planer/<uuid:plan_id>/", plan_views.plan, name="plan"),
    path("planer/<uuid:plan_id>/tekster/", plan_views.texts, name="plan_texts"),
    path("planer/<uuid:plan_id>/aktiviteter/ny/", plan_activity_views.new_activity, name="new_activity"),
    path(
        "planer/<uuid:plan_id>/aktiviteter/<uuid:activity_id>/", plan_activity_views.activity, name="activity"
    ),
    path(
        "planer/<uuid:plan_id>/aktiviteter/<uuid:activity_id>/flyt/",
        plan_activity_views.move,
        name="move_activity",
    ),
    path(
        "planer/<uuid:plan_id>/aktiviteter/<uuid:activity_id>/fjern/",
        plan_activity_views.remove,
        name="remove_activity",
    ),
    path("planer/<uuid:plan_id>/gennemsyn/", plan_life_views.send_to_review, name="send_plan_to_review"),
    path("planer/<uuid:plan_id>/tilbage/", plan_life_views.send_back, name="send_plan_back"),
    path("planer/<uuid:plan_id>/udgiv/", plan_life_views.publish, name="publish_plan"),
    path("planer/<uuid:plan_id>/udgaa/", plan_life_views.retire, name="retire_plan"),
    path("planer/<uuid:plan_id>/ny-version/", plan_life_views.new_version, name="new_plan_version"),
    path("planer/<uuid:plan_id>/kopier/", plan_life_views.copy, name="copy_plan"),
]
