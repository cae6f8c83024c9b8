"""An activity's rhythm as a sentence."""

from django import template

from plans.describing import describe, describe_activity
from plans.models import Activity

register = template.Library()


@register.filter
def rhythm(activity: Activity) -> str:
    """When it is asked, in a few words: for lists, where the answer it follows is not read."""
    return describe(activity.rhythm)


@register.filter
def whole_rhythm(activity: Activity) -> str:
    """When it is asked, with the answer that it follows and what happens on holidays."""
    return describe_activity(activity)
