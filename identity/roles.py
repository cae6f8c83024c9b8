"""FUT's roles and what each of them may do here.

The codes and Danish titles are those of FUT's code system `oio-bpp-roles`. A municipality's login
system writes a role as one of two addresses, both of which `Role.from_uri` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Role(StrEnum):
    """The roles of FUT that give access to something here."""

    CITIZEN_ENROLLER = "citizen_enroller"
    CLINICAL_VIEWER = "clinical_viewer"
    MONITORING_ASSISTOR = "monitoring_assistor"
    MONITORING_ADJUSTER = "monitoring_adjuster"
    QUESTIONNAIRE_EDITOR = "questionnaire_editor"
    CLINICAL_ADMINISTRATOR = "clinical_administrator"
    REPORT_USER = "report_user"
    CARETEAM_ADMINISTRATOR = "careteam_administrator"
    LOGIN_ASSISTOR = "login_assistor"
    CLINICAL_SUPPORTER = "clinical_supporter"
    INCIDENT_MANAGER = "incident_manager"

    @property
    def label(self) -> StrOrPromise:
        """The role's name as municipalities know it."""
        return _TITLES[self]

    @property
    def uri(self) -> str:
        """The role as FUT writes it in its own tokens."""
        return f"urn:dk:sundhed:ehealth:role:{self.value}"

    @classmethod
    def from_uri(cls, uri: str) -> Role:
        """The role that a token's address names. Raises UnknownRole, which keeps the address."""
        try:
            return cls(role_code(uri) or "")
        except ValueError:
            raise UnknownRole(uri) from None


class UnknownRole(ValueError):
    """An address that names no role we know; `uri` is what the token said."""

    def __init__(self, uri: str) -> None:
        super().__init__(f"Unknown role: {uri}")
        self.uri = uri


class Permission(StrEnum):
    """What somebody may do; views ask for these, never for roles."""

    SEE_CITIZENS = "see_citizens"
    ENROL_CITIZEN = "enrol_citizen"
    SEE_ANSWERS = "see_answers"
    ASSIGN_PLAN = "assign_plan"
    ADJUST_PLAN = "adjust_plan"
    SEND_REMINDER = "send_reminder"
    ENTER_ANSWERS = "enter_answers"
    HANDLE_ANSWERS = "handle_answers"
    SEE_KAM = "see_kam"
    EDIT_QUESTIONNAIRE = "edit_questionnaire"
    PUBLISH_QUESTIONNAIRE = "publish_questionnaire"
    EDIT_PLAN = "edit_plan"
    PUBLISH_PLAN = "publish_plan"
    MANAGE_PROGRAMS = "manage_programs"
    SEE_REPORTS = "see_reports"
    EXPORT_DATA = "export_data"
    MANAGE_CARE_TEAMS = "manage_care_teams"
    ASSIST_LOGIN = "assist_login"
    DIAGNOSE_LOGIN = "diagnose_login"
    CONTROL_ACCESS = "control_access"
    OPERATE = "operate"
    HOLD_DATA = "hold_data"
    SET_RETENTION = "set_retention"

    @property
    def label(self) -> StrOrPromise:
        """What it lets you do, to go after "du må …" or "adgang til at …"."""
        return _PERMISSION_TITLES[self]

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that give it: what to ask one's administrator for."""
        return frozenset(role for role, permissions in PERMISSIONS.items() if self in permissions)


# The one table. Each line follows the role's definition in FUT's code system.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CITIZEN_ENROLLER: frozenset(
        {
            Permission.SEE_CITIZENS,
            Permission.ENROL_CITIZEN,
            Permission.ASSIGN_PLAN,
            # Who puts citizens in also sees to it that they stay, or go.
            Permission.HOLD_DATA,
        }
    ),
    Role.CLINICAL_VIEWER: frozenset({Permission.SEE_CITIZENS, Permission.SEE_ANSWERS}),
    # FUT: “may handle measurements and communication to and from the citizen”. Answers given on paper or by telephone
    # are both.
    Role.MONITORING_ASSISTOR: frozenset(
        {
            Permission.SEE_CITIZENS,
            Permission.SEE_ANSWERS,
            Permission.SEND_REMINDER,
            Permission.ENTER_ANSWERS,
            Permission.HANDLE_ANSWERS,
        }
    ),
    Role.MONITORING_ADJUSTER: frozenset(
        {
            Permission.SEE_CITIZENS,
            Permission.SEE_ANSWERS,
            Permission.SEND_REMINDER,
            Permission.ENTER_ANSWERS,
            Permission.HANDLE_ANSWERS,
            Permission.ASSIGN_PLAN,
            Permission.ADJUST_PLAN,
        }
    ),
    Role.QUESTIONNAIRE_EDITOR: frozenset({Permission.SEE_KAM, Permission.EDIT_QUESTIONNAIRE}),
    Role.CLINICAL_ADMINISTRATOR: frozenset(
        {
            Permission.SEE_KAM,
            Permission.PUBLISH_QUESTIONNAIRE,
            Permission.EDIT_PLAN,
            Permission.PUBLISH_PLAN,
            # Who answers for what is published also answers for the programs that bring it.
            Permission.MANAGE_PROGRAMS,
            Permission.DIAGNOSE_LOGIN,
        }
    ),
    Role.REPORT_USER: frozenset({Permission.SEE_REPORTS, Permission.EXPORT_DATA}),
    Role.CARETEAM_ADMINISTRATOR: frozenset(
        {Permission.MANAGE_CARE_TEAMS, Permission.DIAGNOSE_LOGIN, Permission.SET_RETENTION}
    ),
    Role.LOGIN_ASSISTOR: frozenset({Permission.ASSIST_LOGIN}),
    # FUT: “may look into events by citizen, user, date, event”. Who has only this sees no citizen's answers, so that
    # reading and checking the reading can be two people's work.
    Role.CLINICAL_SUPPORTER: frozenset({Permission.CONTROL_ACCESS}),
    # FUT: “may handle fault reports by local agreement”. It operates the system, for all municipalities: whose role it
    # is in a municipality has nothing to do here.
    Role.INCIDENT_MANAGER: frozenset({Permission.OPERATE}),
}

# Roles that FUT hands out for its other systems. They give nothing here and are no fault.
ROLES_OF_OTHER_SYSTEMS: frozenset[str] = frozenset(
    {
        "order_placer",
        "service_and_logistics",
        "incident_reporter",
        "terminology_administrator",
        "ssl_catalogue_responsible",
        "ssl_catalogue_annotator",
        "ssl_contract_responsible",
        "data_scientist",
    }
)

_TITLES: dict[Role, StrOrPromise] = {
    Role.CITIZEN_ENROLLER: _("Borgeropretter"),
    Role.CLINICAL_VIEWER: _("Klinisk se adgang"),
    Role.MONITORING_ASSISTOR: _("Monitoreringsmedhjælper"),
    Role.MONITORING_ADJUSTER: _("Monitoreringstilretter"),
    Role.QUESTIONNAIRE_EDITOR: _("Sundhedsfaglig spørgeskemaeditor"),
    Role.CLINICAL_ADMINISTRATOR: _("Pakke- og forløbsbygger"),
    Role.REPORT_USER: _("Nøgletalsmedarbejder"),
    Role.CARETEAM_ADMINISTRATOR: _("Care Team administrator"),
    Role.LOGIN_ASSISTOR: _("Loginmedhjælper"),
    Role.CLINICAL_SUPPORTER: _("Klinisk supporter"),
    Role.INCIDENT_MANAGER: _("Support samarbejdspartner"),
}

_PERMISSION_TITLES: dict[Permission, StrOrPromise] = {
    Permission.SEE_CITIZENS: _("finde og se borgere"),
    Permission.ENROL_CITIZEN: _("oprette borgere i et forløb"),
    Permission.SEE_ANSWERS: _("se borgeres svar"),
    Permission.ASSIGN_PLAN: _("tildele planer"),
    Permission.ADJUST_PLAN: _("tilrette en borgers plan"),
    Permission.SEND_REMINDER: _("sende påmindelser"),
    Permission.ENTER_ANSWERS: _("skrive svar ind, som borgere har givet på papir eller i telefonen"),
    Permission.HANDLE_ANSWERS: _("notere, at borgeres svar er håndteret"),
    Permission.SEE_KAM: _("se spørgeskemaer og planer i KAM"),
    Permission.EDIT_QUESTIONNAIRE: _("udarbejde spørgeskemaer"),
    Permission.PUBLISH_QUESTIONNAIRE: _("udgive spørgeskemaer"),
    Permission.EDIT_PLAN: _("sammensætte planer"),
    Permission.PUBLISH_PLAN: _("udgive planer"),
    Permission.MANAGE_PROGRAMS: _("give programmer adgang til spørgeskemaer i KAM"),
    Permission.SEE_REPORTS: _("se nøgletal"),
    Permission.EXPORT_DATA: _("hente uddata"),
    Permission.MANAGE_CARE_TEAMS: _("administrere teams"),
    Permission.ASSIST_LOGIN: _("hjælpe borgere med at logge ind"),
    Permission.DIAGNOSE_LOGIN: _("undersøge, hvorfor et login fejler"),
    Permission.CONTROL_ACCESS: _("kontrollere, hvem der har set borgeres oplysninger"),
    Permission.OPERATE: _("følge og styre det, der er på vej ud af huset, for alle kommuner"),
    Permission.HOLD_DATA: _("bevare borgeres oplysninger i en sag og notere, at nogen vil slettes"),
    Permission.SET_RETENTION: _("bestemme, hvor længe oplysninger gemmes"),
}

# The two spellings in use; the trailing number is the version of the role at KOMBIT.
_ROLE_URI = re.compile(
    r"urn:dk:sundhed:ehealth:role:(?P<urn>[a-z_]+)"
    r"|http://ehealth\.seb\.dk/roles/usersystemrole/(?P<seb>[a-z_]+)/1"
)


def role_code(uri: str) -> str | None:
    """The role's bare code ("clinical_viewer"), or None for an address of neither known form."""
    match = _ROLE_URI.fullmatch(uri.strip())
    return (match["urn"] or match["seb"]) if match else None


def permissions_of(roles: Iterable[Role]) -> frozenset[Permission]:
    """Everything that these roles together allow."""
    return frozenset[Permission]().union(*(PERMISSIONS[role] for role in roles))
