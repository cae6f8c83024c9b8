"""Why a login was refused: what happened, the likely cause, and who can mend it.

One table, because the words are the feature: municipalities lost most of their time on logins that
failed without saying why. No sentence here holds anything about the person who tried.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Mender(StrEnum):
    """Who can put it right."""

    YOURSELF = "yourself"
    MUNICIPALITY = "municipality"
    MUNICIPALITY_IDP = "municipality_idp"
    FUT = "fut"
    US = "us"

    @property
    def label(self) -> StrOrPromise:
        """Who that is, as the page says it."""
        return _MENDERS[self]


_MENDERS: dict[Mender, StrOrPromise] = {
    Mender.YOURSELF: _("Du kan selv"),
    Mender.MUNICIPALITY: _("Din kommune"),
    Mender.MUNICIPALITY_IDP: _("Kommunens brugeradministration (den, der giver roller i kommunens login)"),
    Mender.FUT: _("FUT-infrastrukturen, som leverer login"),
    Mender.US: _("Systemadministrationen for Kommunal PRO"),
}


class RefusalCode(StrEnum):
    """Stable names for logs, support and tests."""

    LOA_MISSING = "loa_missing"
    LOA_UNKNOWN = "loa_unknown"
    LOA_TOO_LOW = "loa_too_low"
    WRONG_USER_TYPE = "wrong_user_type"
    CPR_MISSING = "cpr_missing"
    CPR_UNREADABLE = "cpr_unreadable"
    CITIZEN_UNKNOWN = "citizen_unknown"
    CVR_MISSING = "cvr_missing"
    FOREIGN_CVR = "foreign_cvr"
    MUNICIPALITY_UNKNOWN = "municipality_unknown"
    PRIVILEGES_MISSING = "privileges_missing"
    PRIVILEGES_UNREADABLE = "privileges_unreadable"
    ROLE_UNKNOWN = "role_unknown"
    NO_ROLE_HERE = "no_role_here"
    ISSUER_UNREACHABLE = "issuer_unreachable"
    ISSUER_DENIED = "issuer_denied"
    LOGIN_LOST = "login_lost"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - a name of an error, not a secret


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the page says: what happened, the likely cause with what to do, and who can do it."""

    happened: StrOrPromise
    cause: StrOrPromise
    mender: Mender


EXPLANATIONS: dict[RefusalCode, Explanation] = {
    RefusalCode.LOA_MISSING: Explanation(
        _("Dit login fortæller ikke, hvor sikkert det er."),
        _(
            "Vi kræver sikringsniveauet Betydelig (NSIS). Ofte er kommunens login ikke anmeldt til "
            "Digitaliseringsstyrelsen, eller niveauet er ikke registreret hos KOMBIT endnu."
        ),
        Mender.MUNICIPALITY_IDP,
    ),
    RefusalCode.LOA_UNKNOWN: Explanation(
        _("Dit login har et sikringsniveau, som vi ikke kender."),
        _("Vi kender Lav, Betydelig og Høj (NSIS). Kommunens login sender en anden skrivemåde."),
        Mender.MUNICIPALITY_IDP,
    ),
    RefusalCode.LOA_TOO_LOW: Explanation(
        _("Dit login er ikke sikkert nok til helbredsoplysninger."),
        _(
            "Vi kræver sikringsniveauet Betydelig (NSIS). Log ind med MitID-app eller kodeviser, eller med "
            "to-faktor-login på din arbejdsplads."
        ),
        Mender.YOURSELF,
    ),
    RefusalCode.WRONG_USER_TYPE: Explanation(
        _("Du er logget ind på en anden måde, end denne side kræver."),
        _(
            "Borgere logger ind med MitID, medarbejdere gennem deres kommune. Du er formentlig gået ind "
            "ad den forkerte dør."
        ),
        Mender.YOURSELF,
    ),
    RefusalCode.CPR_MISSING: Explanation(
        _("Dit login fortæller ikke, hvem du er."),
        _("CPR-nummeret manglede i svaret fra login. Det skal udleveres til Kommunal PRO."),
        Mender.FUT,
    ),
    RefusalCode.CPR_UNREADABLE: Explanation(
        _("Vi kan ikke læse svaret fra dit login."),
        _("CPR-nummeret i svaret fra login har ikke den form, et CPR-nummer skal have."),
        Mender.FUT,
    ),
    RefusalCode.CITIZEN_UNKNOWN: Explanation(
        _("Du er logget ind, men du er ikke oprettet i Kommunal PRO."),
        _(
            "Det er din kommune, der opretter dig, når du er med i et forløb med spørgeskemaer. Har du fået "
            "besked om et spørgeskema, så ring til dem, du har forløbet hos."
        ),
        Mender.MUNICIPALITY,
    ),
    RefusalCode.CVR_MISSING: Explanation(
        _("Dit login fortæller ikke, hvilken kommune du arbejder i."),
        _("CVR-nummeret manglede i svaret fra login, eller det har ikke otte cifre."),
        Mender.MUNICIPALITY_IDP,
    ),
    RefusalCode.FOREIGN_CVR: Explanation(
        _("Dine roller gælder en anden myndighed end den, du er logget ind fra."),
        _("Rollerne i dit login er givet for et andet CVR-nummer end din arbejdsplads'."),
        Mender.MUNICIPALITY_IDP,
    ),
    RefusalCode.MUNICIPALITY_UNKNOWN: Explanation(
        _("Din arbejdsplads er ikke tilsluttet Kommunal PRO."),
        _("Vi kender ikke det CVR-nummer, som dit login kommer fra. Måske er kommunen ikke startet endnu."),
        Mender.US,
    ),
    RefusalCode.PRIVILEGES_MISSING: Explanation(
        _("Du er logget ind, men du har ingen rolle i Kommunal PRO."),
        _(
            "Jobfunktionsrollen er ikke oprettet, er ikke knyttet til Kommunal PRO's roller hos KOMBIT, "
            "eller er ikke givet til dig."
        ),
        Mender.MUNICIPALITY_IDP,
    ),
    RefusalCode.PRIVILEGES_UNREADABLE: Explanation(
        _("Vi kan ikke læse dine roller."),
        _("Listen af rettigheder i svaret fra login følger ikke OIO Basic Privilege Profile."),
        Mender.FUT,
    ),
    RefusalCode.ROLE_UNKNOWN: Explanation(
        _("Du har en rolle, som vi ikke kender."),
        _(
            "Rollens adresse er stavet anderledes end FUT's, eller den har et andet versionsnummer til "
            "sidst. Adressen står herunder, som vi fik den."
        ),
        Mender.MUNICIPALITY_IDP,
    ),
    RefusalCode.NO_ROLE_HERE: Explanation(
        _("Du er logget ind, men dine roller giver ikke adgang til Kommunal PRO."),
        _("De roller, du har fået, hører til andre systemer på den telemedicinske infrastruktur."),
        Mender.MUNICIPALITY_IDP,
    ),
    RefusalCode.ISSUER_UNREACHABLE: Explanation(
        _("Vi kan ikke få fat i login lige nu."),
        _("Det er som regel kortvarigt. Vent et par minutter, og prøv igen."),
        Mender.FUT,
    ),
    RefusalCode.ISSUER_DENIED: Explanation(
        _("Login blev afbrudt."),
        _("Enten annullerede du selv, eller også afviste login at lukke dig ind. Du kan prøve igen."),
        Mender.YOURSELF,
    ),
    RefusalCode.LOGIN_LOST: Explanation(
        _("Vi kunne ikke finde det login, du var i gang med."),
        _(
            "Det sker, når der går for lang tid, når man bruger tilbageknappen, eller når browseren ikke "
            "gemmer cookies. Begynd forfra fra forsiden."
        ),
        Mender.YOURSELF,
    ),
    RefusalCode.TOKEN_INVALID: Explanation(
        _("Vi kan ikke stole på svaret fra login."),
        _(
            "Underskriften, udstederen eller tidspunktet i svaret passer ikke. Det kan være et udløbet "
            "certifikat eller et ur, der går forkert."
        ),
        Mender.FUT,
    ),
}


# Ordinary numbers and replacement numbers with letters.
_LIKE_A_CPR_NUMBER = re.compile(r"(?<!\d)\d{6}[-\s]?(?:\d{4}|\d[A-Za-z]{2}\d)(?!\d)")
MAX_SHOWN = 300


class LoginRefused(Exception):
    """A login that ends here.

    `shown` is the raw value at fault, where seeing it helps. It goes to a page and to the log, so
    whatever in it looks like a CPR number is masked: issuers put the strangest things into claims.
    """

    def __init__(self, code: RefusalCode, *, shown: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.shown = _LIKE_A_CPR_NUMBER.sub("••••••-••••", shown)[:MAX_SHOWN]

    @property
    def explanation(self) -> Explanation:
        """The words for the page."""
        return EXPLANATIONS[self.code]
