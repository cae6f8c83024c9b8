"""Citizens as the lists of the Medarbejdermodul name them."""

from django import template

from staff.rows import citizen_link

register = template.Library()

register.filter("citizen_link", citizen_link)
