"""Every component on one page, with made-up data; shown in the embedded mode only, at /design/."""

from datetime import date

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

FREQUENCY = [
    ("5", _("Hele tiden")),
    ("4", _("Det meste af tiden")),
    ("3", _("Lidt over halvdelen af tiden")),
    ("2", _("Lidt under halvdelen af tiden")),
    ("1", _("Lidt af tiden")),
    ("0", _("På intet tidspunkt")),
]

HELP = [
    ("family", _("Familie eller venner")),
    ("home_care", _("Hjemmeplejen"), _("Også sygeplejersken")),
    ("none", _("Ingen")),
]


class SampleForm(forms.Form):
    """One field of each kind that `{% field %}` draws."""

    name = forms.CharField(label=_("Navn på planen"), help_text=_("Borgeren ser navnet."), max_length=100)
    starts_on = forms.DateField(
        label=_("Begynder"), widget=forms.DateInput(attrs={"type": "date"}), initial=date(2026, 11, 23)
    )
    interval = forms.ChoiceField(
        label=_("Hvor tit"), choices=[("once", _("En gang")), ("weekly", _("Hver uge"))]
    )
    note = forms.CharField(label=_("Bemærkning"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    definition = forms.FileField(label=_("Spørgeskema (FHIR R4, JSON)"), required=False)
    remind = forms.BooleanField(label=_("Send en påmindelse efter en uge"), required=False)


def design_gallery(request: HttpRequest) -> HttpResponse:
    """Show all components; 404 outside the embedded mode."""
    if not settings.EMBEDDED:
        raise Http404
    form = SampleForm(
        data={"interval": "weekly", "starts_on": "2026-11-23"} if "errors" in request.GET else None
    )
    context = {
        "form": form,
        "frequency": FREQUENCY,
        "help_options": HELP,
        "statuses": [
            ("done", _("Besvaret")),
            ("todo", _("Klar til at svare")),
            ("waiting", _("Sendes kl. 8")),
            ("sent", _("Sendt")),
            ("draft", _("Kladde")),
            ("late", _("Ikke besvaret")),
            ("failed", _("Kunne ikke sendes")),
            ("neutral", _("Udgået")),
        ],
        "steps": [
            {"text": _("Om dig"), "state": "done", "href": "#main"},
            {"text": _("Din hverdag"), "state": "current", "href": "#main", "information": _("4 spørgsmål")},
            {"text": _("Smerter"), "state": "todo"},
            {"text": _("Se dine svar, og send"), "state": "todo"},
        ],
        "facts": [
            (_("Spørgeskema"), _("Trivsel")),
            (_("Besvaret"), _("23. november 2026 kl. 10.42")),
            (_("Resultat"), _("64 af 100")),
        ],
        "trail": [(_("Planer"), "#main"), (_("Hjerterehabilitering"), "#main")],
        "rows": [
            (_("Anna Eksempel"), _("Trivsel"), _("16. november 2026"), "red", 28),
            (_("Bo Eksempel"), _("Smerter og funktion"), _("18. november 2026"), "yellow", 52),
            (_("Carla Eksempel"), _("Trivsel"), _("20. november 2026"), "green", 80),
        ],
        "errors": [("errors-name", _("Skriv et navn på planen")), ("errors-well", _("Vælg et svar"))],
        "page": Paginator(range(137), 10).page(5),
    }
    return render(request, "components/gallery.html", context)
