"""Whose answers a device may keep until the server has them (static/js/kept-answers.js)."""

from typing import Any

from django import template
from django.utils.crypto import salted_hmac

register = template.Library()


@register.simple_tag(takes_context=True)
def kept_owner(context: dict[str, Any]) -> str:
    """A name for the citizen that says nothing to anybody else, the same each time; "" for nobody."""
    actor = context.get("actor")
    citizen_id = getattr(actor, "citizen_id", None)
    return salted_hmac("citizens.kept_answers", str(citizen_id)).hexdigest()[:20] if citizen_id else ""
