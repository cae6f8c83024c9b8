"""What an entry of the access log says to the citizen it is about: what was done and why, in plain words.

No employee is named: a citizen has a right to know when and what for, and who it was stays with the municipality,
which answers if asked (Datatilsynet on insight in logs, 2024).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from identity.models import AccessEntry

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Action = AccessEntry.Action
What = AccessEntry.What
Purpose = AccessEntry.Purpose

# Whole sentences about what happened. What has none here gets the sentence of its action below.
_DONE: dict[tuple[str, str], StrOrPromise] = {
    (What.OVERVIEW, Action.LIST): _("Så dig på overblikket over nye svar og frister"),
    (What.CITIZENS, Action.LIST): _("Så dig på listen over borgere i et forløb"),
    (What.CITIZENS, Action.SEARCH): _("Fandt dig ved en søgning"),
    (What.CITIZEN, Action.READ): _("Åbnede siden om dig med planer, opgaver og resultater"),
    (What.CITIZEN, Action.PRINT): _("Udskrev, hvordan dine tal udvikler sig"),
    (What.CITIZEN, Action.EXPORT): _("Gemte et billede af, hvordan dine tal udvikler sig"),
    (What.CITIZEN, Action.CHANGE): _("Tog stilling til det, andre systemer har ændret om dig"),
    (What.RESPONSE, Action.READ): _("Læste svar, du har sendt"),
    (What.RESPONSE, Action.PRINT): _("Udskrev svar, du har sendt"),
    (What.RESPONSE, Action.EXPORT): _("Tog en kopi af svar, du har sendt, til journalen eller som fil"),
    (What.RESPONSE, Action.CHANGE): _("Noterede, om der er fulgt op på dine svar"),
    (What.UNANSWERED, Action.LIST): _("Så dig på listen over ubesvarede spørgeskemaer"),
    (What.UNANSWERED, Action.PRINT): _("Udskrev en liste over borgere, der skal ringes til"),
    (What.ASSIGNMENT, Action.READ): _("Gjorde klar til at give dig en plan"),
    (What.ASSIGNMENT, Action.LIST): _("Så, om du kan få eller har fået en plan, som mange får"),
    (What.ASSIGNMENT, Action.CHANGE): _("Gav dig en plan"),
    (What.CARE_PLAN, Action.READ): _("Så på en plan, du har, for at ændre den"),
    (What.CARE_PLAN, Action.CHANGE): _("Ændrede en plan, du har"),
    (What.COURSE, Action.READ): _("Så på dit forløb og dit samtykke"),
    (What.COURSE, Action.SEARCH): _("Undersøgte, om du findes i systemet"),
    (What.COURSE, Action.CHANGE): _("Oprettede eller ændrede dit forløb"),
    (What.REMINDER, Action.READ): _("Så, om du kan få en påmindelse"),
    (What.REMINDER, Action.LIST): _("Så, om du kan få eller har fået en påmindelse"),
    (What.REMINDER, Action.CHANGE): _("Sendte dig en påmindelse"),
    (What.ASSISTED, Action.READ): _("Hjalp dig ved skærmen og så dine spørgeskemaer sammen med dig"),
    (What.ASSISTED, Action.CHANGE): _("Hjalp dig ved skærmen med at svare"),
    (What.ENTERING, Action.READ): _("Så på svar, som kommunen skriver ind for dig"),
    (What.ENTERING, Action.CHANGE): _("Skrev svar ind for dig"),
    (What.ENTERING, Action.DELETE): _("Kasserede svar, som kommunen var ved at skrive ind for dig"),
    (What.ACCESS_LOG, Action.READ): _("Så, hvem der har set dine oplysninger"),
    (What.ACCESS_LOG, Action.LIST): _("Så, hvem der har set dine oplysninger"),
    (What.ACCESS_LOG, Action.SEARCH): _("Søgte efter, hvem der har set dine oplysninger"),
    (What.DATA, Action.READ): _("Så, hvor længe dine oplysninger gemmes"),
    (What.DATA, Action.LIST): _("Så dig på listen over oplysninger, der bevares i en sag"),
    (What.DATA, Action.CHANGE): _("Ændrede, om dine oplysninger skal bevares i en sag"),
    (What.DATA, Action.DELETE): _("Noterede, at du vil slettes, og slettede det, der kan slettes"),
    (What.DATA, Action.EXPORT): _("Hentede en fil med alt, kommunen gemmer om dig"),
    (What.NOTE, Action.CHANGE): _("Skrev en note om opfølgningen på dit forløb"),
    (What.ERRAND, Action.READ): _("Gjorde klar til at bede en kollega om noget i dit forløb"),
    (What.ERRAND, Action.LIST): _("Så dig på listen over opgaver, kolleger har bedt hinanden om"),
    (What.ERRAND, Action.CHANGE): _("Bad en kollega om noget i dit forløb, eller noterede, om det er gjort"),
    (What.FOLLOWING, Action.CHANGE): _("Satte dig på sin egen liste over borgere, eller tog dig af den"),
    (What.HISTORY, Action.READ): _("Så dine forløb på en tidslinje, og hvad kommunen har gjort i dem"),
    (What.BELL, Action.LIST): _("Så dig på listen over nye svar, der kan kræve opmærksomhed"),
    (What.ANSWERS, Action.EXPORT): _("Trak dine svar ud sammen med andres"),
}
_DONE_BY_ACTION: dict[str, StrOrPromise] = {
    Action.READ: _("Læste oplysninger om dig"),
    Action.LIST: _("Så dig på en liste"),
    Action.SEARCH: _("Fandt dig ved en søgning"),
    Action.CHANGE: _("Ændrede oplysninger om dig"),
    Action.PRINT: _("Udskrev oplysninger om dig"),
    Action.EXPORT: _("Trak oplysninger om dig ud"),
    Action.DELETE: _("Slettede oplysninger om dig"),
}
_WHY: dict[str, StrOrPromise] = {
    Purpose.FOLLOW_UP: _("For at følge op på dit forløb"),
    Purpose.ADMINISTRATION: _("For at holde styr på dit forløb"),
    Purpose.CONTROL: _("For at kontrollere, at ingen ser mere, end de må"),
    Purpose.STATISTICS: _("Til statistik og planlægning"),
    Purpose.BREAK_THE_GLASS: _("Af en særlig grund, som medarbejderen skrev ned"),
}


def done(what: str, action: str) -> StrOrPromise:
    """What was done, to the citizen: “Læste svar, du har sendt”."""
    return _DONE.get((what, action)) or _DONE_BY_ACTION[action]


def why(purpose: str) -> StrOrPromise:
    """What for, to the citizen: “For at følge op på dit forløb”."""
    return _WHY[purpose]
