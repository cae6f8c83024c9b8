"""What a task or an answered questionnaire is called, in the language that the citizen reads it in."""

from django import template

from citizens.languages import Title, title_of
from plans.models import Task
from questionnaires.models import QuestionnaireVersion

register = template.Library()


@register.simple_tag(takes_context=True)
def task_title(context: template.Context, task: Task) -> Title:
    """`{% task_title task as title %}`: the plan's own words for it, else the questionnaire's title."""
    activity = task.activity
    if activity.title:
        return Title(activity.title, activity.title_language)
    return title_of(context["request"], activity.version)


@register.simple_tag(takes_context=True)
def questionnaire_title(context: template.Context, version: QuestionnaireVersion) -> Title:
    """`{% questionnaire_title version as title %}`: its title."""
    return title_of(context["request"], version)
