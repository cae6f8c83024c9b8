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

from citizens.cpr_pattern import without_cpr
from identity.audience import Audience

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Mender(StrEnum):
    """Who can put it right."""

    YOURSELF = "yourself"
    MUNICIPALITY = "municipality"
    MUNICIPALITY_IDP = "municipality_idp"
    KOMBIT = "kombit"
    FUT = "fut"
    US = "us"

    @property
    def label(self) -> StrOrPromise:
        """Who that is, as the page says it."""
        return _MENDERS[self]


_MENDERS: dict[Mender, StrOrPromise] = {
    Mender.YOURSELF: _("Du selv"),
    Mender.MUNICIPALITY: _("Din kommune"),
    Mender.MUNICIPALITY_IDP: _("Kommunens brugeradministration (dem, der giver medarbejdere roller)"),
    Mender.KOMBIT: _("KOMBIT (helpdesk@serviceplatformen.dk)"),
    Mender.FUT: _("FUT-infrastrukturen, som driver login-tjenesten"),
    Mender.US: _("Systemadministrationen for Kommunal PRO"),
}


class RefusalCode(StrEnum):
    """Stable names for logs, support and tests."""

    NO_ASSERTION = "no_assertion"
    ISSUER_UNREACHABLE = "issuer_unreachable"
    ISSUER_DENIED = "issuer_denied"
    LOGIN_LOST = "login_lost"
    SIGNATURE_INVALID = "signature_invalid"
    METADATA_STALE = "metadata_stale"
    CLOCK_SKEW = "clock_skew"
    WRONG_RECEIVER = "wrong_receiver"
    TOKEN_INVALID = "token_invalid"  # noqa: S105 - a name of an error, not a secret
    WRONG_USER_TYPE = "wrong_user_type"
    LOA_MISSING = "loa_missing"
    LOA_UNKNOWN = "loa_unknown"
    LOA_TOO_LOW = "loa_too_low"
    CPR_MISSING = "cpr_missing"
    CPR_UNREADABLE = "cpr_unreadable"
    CITIZEN_UNKNOWN = "citizen_unknown"
    CVR_MISSING = "cvr_missing"
    MUNICIPALITY_UNKNOWN = "municipality_unknown"
    PRIVILEGES_MISSING = "privileges_missing"
    PRIVILEGES_UNREADABLE = "privileges_unreadable"
    PRIVILEGES_TWICE_ENCODED = "privileges_twice_encoded"
    FOREIGN_CVR = "foreign_cvr"
    UNIT_TWOFOLD = "unit_twofold"
    UNIT_MISSING = "unit_missing"
    ROLE_UNKNOWN = "role_unknown"
    NO_ROLE_HERE = "no_role_here"
    UNIT_UNKNOWN = "unit_unknown"


class Note(StrEnum):
    """What is worth knowing about a login that is good all the same."""

    OTHER_AUTHORITIES = "other_authorities"
    GROUPS_PASSED_OVER = "groups_passed_over"
    ROLES_PASSED_OVER = "roles_passed_over"
    UNITS_NOT_TOLD = "units_not_told"
    UNITS_IN_DOUBT = "units_in_doubt"
    SEVERAL_GROUPS = "several_groups"
    COLLEAGUE_UNSEEN = "colleague_unseen"
    SIGNATURE_NOT_TRIED = "signature_not_tried"
    CERTIFICATE_EXPIRES = "certificate_expires"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the page says: what happened, the likely cause with what to do, and who can do it."""

    happened: StrOrPromise
    cause: StrOrPromise
    menders: tuple[Mender, ...]


_IDP, _KOMBIT, _FUT, _US = (Mender.MUNICIPALITY_IDP,), (Mender.KOMBIT,), (Mender.FUT,), (Mender.US,)
_YOURSELF = (Mender.YOURSELF,)

EXPLANATIONS: dict[RefusalCode, Explanation] = {
    RefusalCode.NO_ASSERTION: Explanation(
        _("Kommunens login sendte ikke noget svar om, hvem du er."),
        _(
            "Kommunens login (IdP) stoler formentlig ikke på KOMBITs Context Handler 2, eller der mangler en "
            "føderationsaftale for Kommunal PRO."
        ),
        (Mender.MUNICIPALITY_IDP, Mender.KOMBIT),
    ),
    RefusalCode.ISSUER_UNREACHABLE: Explanation(
        _("Vi kan ikke få forbindelse til login-tjenesten lige nu."),
        _("Det er som regel kortvarigt. Vent et par minutter, og prøv igen."),
        _FUT,
    ),
    RefusalCode.ISSUER_DENIED: Explanation(
        _("Du kom ikke igennem login-tjenesten."),
        _("Enten annullerede du selv, eller også lukkede login-tjenesten dig ikke ind. Du kan prøve igen."),
        _YOURSELF,
    ),
    RefusalCode.LOGIN_LOST: Explanation(
        _("Vi kunne ikke finde det login, du var i gang med."),
        _(
            "Det sker, når der går for lang tid, når man bruger tilbageknappen, eller når browseren ikke "
            "gemmer cookies. Begynd forfra fra forsiden."
        ),
        _YOURSELF,
    ),
    RefusalCode.SIGNATURE_INVALID: Explanation(
        _("Underskriften på svaret fra login-tjenesten passer ikke."),
        _(
            "Svaret er underskrevet med et andet certifikat end det aftalte. Et OCES3-certifikat gælder i tre "
            "år, skal være et produktionscertifikat også i test, og hver forbindelse skal have sit eget."
        ),
        (Mender.FUT, Mender.KOMBIT),
    ),
    RefusalCode.METADATA_STALE: Explanation(
        _("Svaret fra login-tjenesten er underskrevet med en nøgle, vi ikke kender."),
        _(
            "Vi har hentet de gældende nøgler igen, og den er ikke iblandt dem. Metadata er formentlig "
            "forældede efter et skift af certifikat."
        ),
        (Mender.FUT, Mender.KOMBIT),
    ),
    RefusalCode.CLOCK_SKEW: Explanation(
        _("Tidspunktet i svaret fra login-tjenesten passer ikke."),
        _(
            "Svaret er udløbet eller gælder først senere. Et ur går formentlig forkert hos den, der har lavet "
            "det, eller der gik for lang tid undervejs."
        ),
        (Mender.FUT, Mender.MUNICIPALITY_IDP),
    ),
    RefusalCode.WRONG_RECEIVER: Explanation(
        _("Svaret er til et andet system end Kommunal PRO, eller det kommer fra et andet sted end aftalt."),
        _(
            "Modtageren eller udstederen i svaret er en anden end aftalt: entityID, klient-id eller "
            "returadresse (ACS) er sat forkert op i forbindelsen."
        ),
        (Mender.FUT, Mender.US),
    ),
    RefusalCode.TOKEN_INVALID: Explanation(
        _("Vi kan ikke stole på svaret fra login-tjenesten."),
        _("Svaret har ikke den form, vi har aftalt, eller vores adgang til at hente det blev afvist."),
        (Mender.FUT, Mender.US),
    ),
    RefusalCode.WRONG_USER_TYPE: Explanation(
        _("Du er logget ind på en anden måde, end denne side kræver."),
        _(
            "Borgere logger ind med MitID, medarbejdere gennem deres kommune. Gå til forsiden, og "
            "vælg den anden måde."
        ),
        _YOURSELF,
    ),
    RefusalCode.LOA_MISSING: Explanation(
        _("Dit login fortæller ikke, hvor sikkert det er."),
        _(
            "Vi kræver sikringsniveauet Betydelig (NSIS). Kommunen skal anmelde sit login til "
            "Digitaliseringsstyrelsen, bruge to faktorer og bede KOMBIT registrere niveauet."
        ),
        (Mender.MUNICIPALITY_IDP, Mender.KOMBIT),
    ),
    RefusalCode.LOA_UNKNOWN: Explanation(
        _("Dit login har et sikringsniveau, som vi ikke kender."),
        _(
            "Niveauet skal være skrevet Low, Substantial eller High (NSIS: Lav, Betydelig eller Høj). "
            "Her er det skrevet anderledes."
        ),
        _IDP,
    ),
    RefusalCode.LOA_TOO_LOW: Explanation(
        _("Dit login er ikke sikkert nok til helbredsoplysninger."),
        _(
            "Vi kræver sikringsniveauet Betydelig (NSIS). Log ind med to faktorer. Gør du allerede det, er "
            "kommunens login anmeldt eller registreret hos KOMBIT med et lavere niveau."
        ),
        (Mender.MUNICIPALITY_IDP, Mender.KOMBIT),
    ),
    RefusalCode.CPR_MISSING: Explanation(
        _("Dit login fortæller ikke, hvem du er."),
        _("CPR-nummeret manglede i svaret fra login-tjenesten, som skal sende det til Kommunal PRO."),
        _FUT,
    ),
    RefusalCode.CPR_UNREADABLE: Explanation(
        _("Vi kan ikke læse svaret fra dit login."),
        _("CPR-nummeret i svaret fra login-tjenesten har ikke den form, et CPR-nummer skal have."),
        _FUT,
    ),
    RefusalCode.CITIZEN_UNKNOWN: Explanation(
        _("Du er logget ind, men du er ikke oprettet i Kommunal PRO."),
        _(
            "Det er din kommune, der opretter dig, når du er med i et forløb med spørgeskemaer. Har du fået "
            "besked om et spørgeskema, så ring til dem, du har forløbet hos."
        ),
        (Mender.MUNICIPALITY,),
    ),
    RefusalCode.CVR_MISSING: Explanation(
        _("Dit login fortæller ikke, hvilken kommune du arbejder i."),
        _("CVR-nummeret manglede i svaret fra login-tjenesten, eller det har ikke otte cifre."),
        _IDP,
    ),
    RefusalCode.MUNICIPALITY_UNKNOWN: Explanation(
        _("Din arbejdsplads er ikke tilsluttet Kommunal PRO."),
        _("Vi kender ikke det CVR-nummer, som dit login kommer fra. Måske er kommunen ikke startet endnu."),
        _US,
    ),
    RefusalCode.PRIVILEGES_MISSING: Explanation(
        _("Du er logget ind, men du har ingen rolle i Kommunal PRO."),
        _(
            "Jobfunktionsrollen er ikke oprettet, er ikke knyttet til Kommunal PRO's brugersystemrolle hos "
            "KOMBIT, eller er ikke givet til dig."
        ),
        _IDP,
    ),
    RefusalCode.PRIVILEGES_UNREADABLE: Explanation(
        _("Vi kan ikke læse dine roller."),
        _("Listen over rettigheder i svaret fra login-tjenesten følger ikke OIO Basic Privilege Profile."),
        _FUT,
    ),
    RefusalCode.PRIVILEGES_TWICE_ENCODED: Explanation(
        _("Vi kan ikke læse dine roller, fordi de er pakket ind to gange."),
        _("Listen over rettigheder er undervejs lagt i base64 en gang for meget og ikke pakket ud igen."),
        _FUT,
    ),
    RefusalCode.FOREIGN_CVR: Explanation(
        _("Dine roller gælder en anden myndighed end den, du er logget ind fra."),
        _("Rollerne i dit login er givet for et andet CVR-nummer end det, din arbejdsplads har."),
        _IDP,
    ),
    RefusalCode.UNIT_TWOFOLD: Explanation(
        _("Dine roller er afgrænset til to slags enheder på én gang."),
        _(
            "Dataafgrænsningen har både en SOR-enhed og en organisationsenhed (orgUnit). Der skal være netop "
            "én af dem."
        ),
        _IDP,
    ),
    RefusalCode.UNIT_MISSING: Explanation(
        _("Dine roller er ikke afgrænset til nogen enhed."),
        _(
            "Dataafgrænsningen har hverken en SOR-enhed eller en organisationsenhed (orgUnit). Der skal være "
            "netop én af dem."
        ),
        _IDP,
    ),
    RefusalCode.ROLE_UNKNOWN: Explanation(
        _("Du har en rolle, som vi ikke kender."),
        _(
            "Rollens adresse er stavet anderledes end FUT's, eller den har et andet versionsnummer til "
            "sidst (/2 i stedet for /1). Adressen står her på siden, som vi fik den."
        ),
        (Mender.MUNICIPALITY_IDP, Mender.KOMBIT),
    ),
    RefusalCode.NO_ROLE_HERE: Explanation(
        _("Du er logget ind, men dine roller giver ikke adgang til Kommunal PRO."),
        _("De roller, du har fået, hører til andre systemer på den telemedicinske infrastruktur."),
        _IDP,
    ),
    RefusalCode.UNIT_UNKNOWN: Explanation(
        _("FUT kender ikke den enhed eller det team, dine roller gælder for."),
        _(
            "FUT henter organisationer hver nat: SOR kl. 22 og FK-Organisation kl. 0. Er enheden ny, så prøv i "
            "morgen. Et team skal være oprettet i FUT, før det kan bruges i en rolle."
        ),
        (Mender.FUT, Mender.MUNICIPALITY_IDP),
    ),
}

# Where a citizen needs other words than an employee.
_FOR_CITIZENS: dict[RefusalCode, Explanation] = {
    RefusalCode.NO_ASSERTION: Explanation(
        _("MitID sendte ikke noget svar om, hvem du er."),
        _("Noget gik i stå undervejs. Prøv igen om et par minutter."),
        _FUT,
    ),
    RefusalCode.LOA_MISSING: Explanation(
        _("Dit login fortæller ikke, hvor sikkert det er."),
        _("Vi kræver sikringsniveauet Betydelig (NSIS), og niveauet manglede i svaret fra MitID."),
        _FUT,
    ),
    RefusalCode.LOA_UNKNOWN: Explanation(
        _("Dit login har et sikringsniveau, som vi ikke kender."),
        _(
            "Niveauet skal være skrevet Low, Substantial eller High (NSIS: Lav, Betydelig eller Høj). "
            "Her er det skrevet anderledes."
        ),
        _FUT,
    ),
    RefusalCode.LOA_TOO_LOW: Explanation(
        _("Dit login er ikke sikkert nok til helbredsoplysninger."),
        _("Log ind med MitID-appen eller en kodeviser. En adgangskode alene er ikke nok."),
        _YOURSELF,
    ),
}

NOTES: dict[Note, Explanation] = {
    Note.OTHER_AUTHORITIES: Explanation(
        _("Nogle af rollerne gælder andre myndigheder."),
        _("De tæller ikke med i dette login. Kun roller for arbejdspladsens eget CVR-nummer gør."),
        _IDP,
    ),
    Note.GROUPS_PASSED_OVER: Explanation(
        _("Nogle af rollerne er afgrænset forkert."),
        _("De tæller ikke med. Hver gruppe skal have enten en SOR-enhed eller en organisationsenhed."),
        _IDP,
    ),
    Note.ROLES_PASSED_OVER: Explanation(
        _("Nogle af rollerne kender vi ikke."),
        _("De giver ingen adgang her. Adresserne står, som vi fik dem, med den rolle, der ligner mest."),
        (Mender.MUNICIPALITY_IDP, Mender.KOMBIT),
    ),
    Note.UNITS_NOT_TOLD: Explanation(
        _("Svaret siger ikke, om FUT kender enheden og teamet."),
        _("Det er ikke en fejl. Enheden og teamet bruges, som de er givet."),
        _FUT,
    ),
    Note.UNITS_IN_DOUBT: Explanation(
        _("FUT melder, at noget af det, rollerne gælder for, ikke findes."),
        _("Er enheden eller teamet nyt, så prøv i morgen: FUT henter organisationer om natten."),
        (Mender.FUT, Mender.MUNICIPALITY_IDP),
    ),
    Note.SEVERAL_GROUPS: Explanation(
        _("Rollerne er givet for flere enheder eller teams."),
        _("FUT vælger ikke for medarbejderen, så man vælger selv lige efter login og kan skifte senere."),
        _YOURSELF,
    ),
    Note.COLLEAGUE_UNSEEN: Explanation(
        _("Personen har ikke logget ind før."),
        _(
            "FUT opretter først en medarbejder ved det første login. Indtil da kan kolleger ikke finde "
            "personen, for eksempel når de sætter et team."
        ),
        _YOURSELF,
    ),
    Note.SIGNATURE_NOT_TRIED: Explanation(
        _("Underskriften er ikke prøvet."),
        _("Det indsatte læses kun her på siden. Underskriften kan kun prøves i et rigtigt login."),
        _US,
    ),
    Note.CERTIFICATE_EXPIRES: Explanation(
        _("Certifikatet udløber snart."),
        _("Bestil et nyt OCES3-produktionscertifikat, og aftal skiftet med KOMBIT, før det udløber."),
        (Mender.MUNICIPALITY_IDP, Mender.KOMBIT),
    ),
}


def explanation_of(code: RefusalCode | Note, audience: Audience) -> Explanation:
    """The words for `code`, to a citizen or to an employee."""
    if isinstance(code, Note):
        return NOTES[code]
    if audience is Audience.CITIZEN and code in _FOR_CITIZENS:
        return _FOR_CITIZENS[code]
    return EXPLANATIONS[code]


_LIKE_A_TOKEN = re.compile(r"eyJ[\w-]+(?:\.[\w-]*)*")
MAX_SHOWN = 300


def masked(text: str) -> str:
    """`text` without what looks like a CPR number or a token, and no longer than a page can bear.

    Issuers put the strangest things into claims.
    """
    return _LIKE_A_TOKEN.sub("[…]", without_cpr(text))[:MAX_SHOWN]


class LoginRefused(Exception):
    """A login that ends here.

    `shown` is the raw value at fault, where seeing it helps. It goes to a page and to the log, so it is masked.
    """

    def __init__(self, code: RefusalCode, *, shown: str = "") -> None:
        super().__init__(code.value)
        self.code = code
        self.shown = masked(shown)
