"""Claims of made-up people, to vary."""

import base64
from datetime import datetime
from uuid import UUID

from django.test import Client
from django.utils import timezone

from identity import sessions
from identity.actors import CitizenActor, Person
from identity.checks import judge_citizen, judge_staff
from identity.claims import ClaimNames, Workplace
from identity.middleware import SESSION_ACTOR

SUBSTANTIAL = "https://data.gov.dk/concept/core/nsis/loa/Substantial"
VIEWER = "http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/1"
ADJUSTER = "urn:dk:sundhed:ehealth:role:monitoring_adjuster"
CVR, OTHER_CVR = "91000001", "91000002"
UNIT, OTHER_UNIT = "48df8b3d-53f7-4b6c-9a0b-5a5f6d7d5a11", "6b1f0c1e-1111-4b6c-9a0b-5a5f6d7d5a22"
TEAM, OTHER_TEAM = "95c7aef7-53f7-4b6c-9a0b-5a5f6d7d5a33", "a1c7aef7-53f7-4b6c-9a0b-5a5f6d7d5a44"
WORKPLACES = {CVR: Workplace(municipality_id=1, name="Testby Kommune")}
KAREN = CitizenActor(citizen_id=UUID(int=1), name="Karen Testesen")
KARENS_CPR = "6101500001"


def in_base64(xml: str) -> str:
    return base64.b64encode(xml.encode()).decode()


def group(
    *roles: str,
    cvr: str = CVR,
    unit: str | None = UNIT,
    sor: str | None = None,
    team: str | None = None,
) -> str:
    constraints = {
        "urn:dk:kombit:orgUnit": unit,
        "urn:dk:gov:saml:sorIdentifier": sor,
        "urn:dk:sundhed:ehealth:careteam": team,
    }
    children = [
        f'<Constraint Name="{name}">{value}</Constraint>' for name, value in constraints.items() if value
    ]
    children += [f"<Privilege>{role}</Privilege>" for role in roles]
    scope = f"urn:dk:gov:saml:cvrNumberIdentifier:{cvr}"
    return f'<PrivilegeGroup Scope="{scope}">{"".join(children)}</PrivilegeGroup>'


def privilege_list(*groups: str) -> str:
    return in_base64(
        '<bpp:PrivilegeList xmlns:bpp="http://digst.dk/oiosaml/basic_privilege_profile">'
        f"{''.join(groups)}</bpp:PrivilegeList>"
    )


CITIZEN = {"user_type": "PATIENT", "cpr": KARENS_CPR, "name": "Karen Testesen", "loa": SUBSTANTIAL}
STAFF = {
    "iss": "https://login.example.org",
    "sub": "mette",
    "user_type": "PRACTITIONER",
    "name": "Mette Testesen",
    "loa": SUBSTANTIAL,
    "cvr": CVR,
    "org_name": "Testby Kommune",
    "privileges": privilege_list(group(VIEWER, ADJUSTER)),
}


def staff_login(change=None, *, names=None, has_been_here=None):
    """The judgement of Mette's claims, with some of them changed; None takes a claim away."""
    claims = {key: value for key, value in (STAFF | (change or {})).items() if value is not None}
    return judge_staff(claims, names or ClaimNames(), workplaces=WORKPLACES, has_been_here=has_been_here)


def citizen_login(change=None, *, names=None, find_citizen=None):
    """The judgement of Karen's claims, with some of them changed."""
    claims = {key: value for key, value in (CITIZEN | (change or {})).items() if value is not None}
    find = find_citizen or {KARENS_CPR: KAREN}.get
    return judge_citizen(claims, names or ClaimNames(), find_citizen=find)


ISSUER = "https://login.example.org"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


def logged_in(
    actor: Person,
    *,
    now: datetime | None = None,
    issuer: str = ISSUER,
    sub: str = "mette",
    sid: str = "",
    token_end: object = None,
    user_agent: str = CHROME,
) -> Client:
    """A browser whose login has just been accepted."""
    client = Client()
    session = client.session
    sessions.begin(
        session,
        kind=actor.kind,
        actor_id=actor.id,
        claims={"iss": issuer, "sub": sub, "sid": sid},
        token_end=token_end,
        user_agent=user_agent,
        now=now or timezone.now(),
    )
    session[SESSION_ACTOR] = actor.to_session()
    session.save()
    client.cookies["kommunalpro_session"] = str(session.session_key)
    return client


def is_in(client: Client) -> bool:
    """Whether the employee in this browser is still logged in."""
    return client.get("/medarbejder/").status_code == 200
