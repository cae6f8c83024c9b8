"""Whose answers a device may keep until the server has them (static/js/kept-answers.js)."""

from typing import Any

from django import template
from django.utils.crypto import salted_hmac
from django.utils.html import format_html

from identity.unsent import MARK, mark_of

register = template.Library()


@register.simple_tag(takes_context=True)
def kept_owner(context: dict[str, Any]) -> str:
    """A name for the citizen that says nothing to anybody else, the same each time; "" for nobody."""
    actor = context.get("actor")
    citizen_id = getattr(actor, "citizen_id", None)
    return salted_hmac("citizens.kept_answers", str(citizen_id)).hexdigest()[:20] if citizen_id else ""


@register.simple_tag(takes_context=True)
def form_mark(context: dict[str, Any]) -> str:
    """The hidden field that says whose form it is, should it be sent after the session has run out."""
    return format_html('<input type="hidden" name="{}" value="{}">', MARK, mark_of(context.get("actor")))
