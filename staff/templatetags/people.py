"""Citizens as the lists of the Medarbejdermodul name them."""

from django import template
from django.utils import timezone

from citizens.models import Citizen
from staff.rows import CitizenLink, RowWriter

register = template.Library()


@register.filter
def citizen_link(citizen: Citizen) -> CitizenLink:
    """The way to a citizen, for `staff/_citizen_link.html`."""
    return RowWriter(timezone.now()).citizen_link(citizen)
