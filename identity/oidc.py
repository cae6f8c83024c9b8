"""OpenID Connect from a browser's point of view: to the issuer, back with a login, and out again.

Code flow with PKCE (S256), state and nonce. What goes wrong on the way comes out as LoginRefused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from citizens.cpr_pattern import without_cpr
from identity.audience import Audience
from identity.issuers import IssuerClient, WrongIssuer, client_of, explained
from identity.refusals import LoginRefused, RefusalCode

# Citizens share computers at libraries and at home: a new login never rides on an earlier one's session
# at the issuer. Staff keep their workplace's single sign-on.
PROMPTS = {Audience.CITIZEN: "login"}


@dataclass(frozen=True, slots=True)
class Login:
    """A login that the issuer has vouched for.

    `claims` are those of the ID token and of userinfo together; `id_token` is for logging out at the issuer, and
    "" where it tells who the citizen is.
    """

    claims: Mapping[str, Any] = field(repr=False)
    id_token: str = field(repr=False)


def to_issuer(request: HttpRequest, audience: Audience, *, fresh: bool = False) -> HttpResponseRedirect:
    """Send the browser to the issuer. `fresh` asks it to forget who was there: another person's turn."""
    parameters = {}
    if prompt := ("login" if fresh else PROMPTS.get(audience)):
        parameters["prompt"] = prompt
    with explained():
        response: HttpResponseRedirect = client_of(audience).authorize_redirect(
            request, _public(reverse("identity:callback", args=[audience])), **parameters
        )
    return response


def from_issuer(request: HttpRequest, audience: Audience) -> Login:
    """The login that the issuer has just sent the browser back with, verified.

    Raises LoginRefused when it cannot be trusted, was cancelled, or was never started here.
    """
    client = client_of(audience)
    with explained():
        _is_answer_to_us(request, client)
        if error := request.GET.get("error"):
            client.framework.clear_state_data(request.session, request.GET["state"])
            raise denied(error)
        token = client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "values": client.names},
                "aud": {"essential": True, "values": [client.client_id]},
            },
        )
        verified = token.get("userinfo")
        if not verified:
            raise LoginRefused(RefusalCode.TOKEN_INVALID)
        told = client.userinfo(token=token) if "userinfo_endpoint" in client.server_metadata else verified
    # OpenID Connect Core 5.3.2: userinfo about somebody else must not be used.
    if told.get("sub") != verified["sub"]:
        raise LoginRefused(RefusalCode.TOKEN_INVALID)
    may_be_kept = settings.OIDC_CLAIMS["cpr"] not in verified and not _tells_a_cpr(verified)
    return Login(claims={**told, **verified}, id_token=token["id_token"] if may_be_kept else "")


# Seconds since 1970 have as many digits as a CPR number.
_TIMES = {"exp", "iat", "nbf", "auth_time"}


def _tells_a_cpr(told: object) -> bool:
    """Whether something in these claims looks like a CPR number, under whatever name and however deep."""
    match told:
        case Mapping():
            times = _TIMES | {settings.OIDC_CLAIMS["session_end"]}
            return any(
                _tells_a_cpr(name) or _tells_a_cpr(value)
                for name, value in told.items()
                if name not in times or not isinstance(value, int | float)
            )
        case list() | tuple():
            return any(_tells_a_cpr(each) for each in told)
    return without_cpr(str(told)) != str(told)


def _is_answer_to_us(request: HttpRequest, client: IssuerClient) -> None:
    """Whether this is the answer to a login that this browser began, from whom it was sent to (RFC 9207).

    Before anything else of the address is believed: anybody can write it.
    """
    if not client.framework.get_state_data(request.session, request.GET.get("state")):
        raise LoginRefused(RefusalCode.LOGIN_LOST)
    says_who = client.load_server_metadata().get("authorization_response_iss_parameter_supported") is True
    who = request.GET.get("iss")
    if who not in client.names and (who is not None or says_who):
        raise WrongIssuer(who)


# OAuth 2.0 (4.1.2.1) and OpenID Connect Core (3.1.2.6). Other errors are no names that we show.
_DENIALS = {
    "access_denied": RefusalCode.ISSUER_DENIED,
    "server_error": RefusalCode.ISSUER_UNREACHABLE,
    "temporarily_unavailable": RefusalCode.ISSUER_UNREACHABLE,
    "invalid_request": RefusalCode.WRONG_RECEIVER,
    "invalid_client": RefusalCode.WRONG_RECEIVER,
    "unauthorized_client": RefusalCode.WRONG_RECEIVER,
    "invalid_scope": RefusalCode.WRONG_RECEIVER,
    "unsupported_response_type": RefusalCode.WRONG_RECEIVER,
    "request_not_supported": RefusalCode.WRONG_RECEIVER,
    "request_uri_not_supported": RefusalCode.WRONG_RECEIVER,
    "registration_not_supported": RefusalCode.WRONG_RECEIVER,
    # What the issuer says when the login behind it gave it nobody.
    "login_required": RefusalCode.NO_ASSERTION,
    "interaction_required": RefusalCode.NO_ASSERTION,
    "account_selection_required": RefusalCode.NO_ASSERTION,
    "consent_required": RefusalCode.NO_ASSERTION,
}


def denied(error: str) -> LoginRefused:
    """The refusal for the issuer's `error`. It came in an address, so nothing but a name we know is shown."""
    return LoginRefused(
        _DENIALS.get(error, RefusalCode.NO_ASSERTION), shown=error if error in _DENIALS else ""
    )


def end_session(audience: Audience, *, id_token: str) -> HttpResponseRedirect:
    """Log out at the issuer too, and come back to the front page.

    Raises LoginRefused if the issuer cannot be reached. The address carries the ID token as the standard asks
    (OpenID Connect RP-Initiated Logout 1.0). Where there is none, our client id alone says who asks, and the issuer
    may ask the person whether they meant it.
    """
    with explained():
        client = client_of(audience)
        if "end_session_endpoint" not in client.load_server_metadata():
            return HttpResponseRedirect(_public("/"))
        # No state: nothing here waits for the answer, and it would stay in the front page's address.
        address = client.create_logout_url(
            post_logout_redirect_uri=_public("/"),
            id_token_hint=id_token,
            client_id=client.client_id,
            state="",
        )["url"]
    return HttpResponseRedirect(address)


def _public(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"
