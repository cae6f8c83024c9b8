"""The builder's panels: each a piece of an element's settings with a form of its own.

A panel is a module here: a form over pure functions of `questionnaires.authoring`, and a template of the same name in
`templates/kam/panels/`. `PANELS` are those that are always there; what is decision support is offered only where it is
switched on for the questionnaire (`panels_for`).
"""

from django.utils.translation import gettext_lazy as _

from kam.panels import agreements, answer_lists, conditions, pictures, scores, significance, texts
from kam.panels.base import Json, Panel, PanelForm
from questionnaires.decision_support import active_support
from questionnaires.models import QuestionnaireVersion

__all__ = ["ALL_PANELS", "PANELS", "Panel", "PanelForm", "offered_panels", "panels_for"]

ALL_PANELS: tuple[Panel, ...] = (
    Panel("conditions", _("Hvornår vises det?"), conditions.ConditionsForm, conditions.is_for),
    Panel("agreements", _("Regler mellem svar"), agreements.AgreementsForm, agreements.is_for),
    Panel("scores", _("Score"), scores.ScoresForm, scores.is_for),
    Panel(
        "significance",
        _("Rød, gul og grøn"),
        significance.SignificanceForm,
        significance.is_for,
        is_decision_support=True,
    ),
    Panel("answer-lists", _("Svarlister"), answer_lists.AnswerListsForm, answer_lists.is_for),
    Panel("texts", _("Fed, kursiv, lister og links"), texts.TextsForm, texts.is_for),
    Panel("pictures", _("Billeder"), pictures.PicturesForm, pictures.is_for),
)

PANELS: tuple[Panel, ...] = tuple(panel for panel in ALL_PANELS if not panel.is_decision_support)


def panels_for(item: Json, *, decision_support: bool = False) -> tuple[Panel, ...]:
    """The panels of an element; `decision_support`: is it switched on for the questionnaire?"""
    offered = ALL_PANELS if decision_support else PANELS
    return tuple(panel for panel in offered if panel.is_for(item))


def offered_panels(version: QuestionnaireVersion, item: Json | None) -> tuple[Panel, ...]:
    """The panels of an element of a draft, as its questionnaire stands; none where nothing is selected."""
    if item is None:
        return ()
    return panels_for(item, decision_support=active_support(version.questionnaire_id) is not None)
