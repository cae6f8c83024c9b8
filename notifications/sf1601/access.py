"""Our way onto Serviceplatformen: an OCES3 certificate, for which we get a SAML token, for which an access token.

Each authority has a service agreement of its own, so each CVR number gets its own tokens, for each of the two
services. All calls are made with the certificate (mutual TLS); the access token is of use to its holder only
(`Holder-of-key`).

Verified in public clients: the requests, the two answers' fields, and that `UseKey` must be the certificate on one
line. Not to be tried without a certificate and an agreement, and so only tried here against the simulator: the
exchange itself, and the format of `Lifetime` (where it cannot be read, the SAML token is simply not kept).
"""

import base64
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from outbox.channels import ReceiverAway, RetryLater, retry_by_status

SEND = "http://entityid.kombit.dk/service/kombipostafsend/1"
LOOK_UP = "http://entityid.kombit.dk/service/postforespoerg/1"

TRUST = "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
SAML_2 = "http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV2.0"

RENEW_BEFORE = 300.0
"""Seconds before its end at which a token is replaced, at most half of its life."""

CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sf1601Config:
    """Where Serviceplatformen is and what we show it.

    `url` is the beginning of its services' addresses, such as https://exttest.serviceplatformen.dk;
    `token_url` the municipalities' Security Token Service. `certificate` and `key` are PEM files (the simulator asks
    for none); `trust` is a PEM file of further authorities whose server certificates are believed.
    `timeout` in seconds for one answer.
    """

    url: str
    token_url: str
    certificate: Path | None = None
    key: Path | None = None
    trust: Path | None = None
    legal_fields: bool = True
    timeout: float = 10.0


def connection(config: Sf1601Config) -> httpx.Client:
    """A connection pool that shows our certificate. Raises OSError or ssl.SSLError where a file is not usable."""
    context = ssl.create_default_context()
    if config.trust:
        context.load_verify_locations(config.trust)
    if config.certificate:
        context.load_cert_chain(config.certificate, config.key)
    timeout = httpx.Timeout(config.timeout, connect=min(CONNECT_SECONDS, config.timeout))
    return httpx.Client(verify=context, timeout=timeout)


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew_at: float


class Access:
    """Gives access tokens that are still good; one thread fetches while the others wait for it."""

    def __init__(self, http: httpx.Client, config: Sf1601Config) -> None:
        self._http = http
        self._config = config
        self._lock = threading.Lock()
        self._saml: dict[tuple[str, str], _Token] = {}
        self._access: dict[tuple[str, str], _Token] = {}
        self._use_key = _on_one_line(config.certificate) if config.certificate else ""

    def authorization(self, *, cvr: str, service: str) -> str:
        """The header's value for calls to `service` (SEND, LOOK_UP) on behalf of `cvr`. Raises RetryLater."""
        with self._lock:
            known = self._access.get((cvr, service))
            if known is None or time.monotonic() >= known.renew_at:
                known = self._access[cvr, service] = self._access_token(cvr, service)
            return known.value

    def forget(self, *, cvr: str, service: str) -> None:
        """The service would not take it: begin with a new SAML token next time."""
        with self._lock:
            self._access.pop((cvr, service), None)
            self._saml.pop((cvr, service), None)

    def _access_token(self, cvr: str, service: str) -> _Token:
        saml = self._saml.get((cvr, service))
        if saml is None or time.monotonic() >= saml.renew_at:
            saml = self._saml[cvr, service] = self._saml_token(cvr, service)
        asked_at = time.monotonic()
        answer = self._ask(
            "adgangstoken",
            f"{self._config.url}/service/AccessTokenService_1/token",
            data={"saml-token": saml.value},
        )
        try:
            value = f"{answer.get('token_type', 'Holder-of-key')} {answer['access_token']}"
            life = float(answer["expires_in"])
        except (KeyError, TypeError, ValueError) as error:
            raise _unreadable("adgangstoken") from error
        return _Token(value, asked_at + _use(life))

    def _saml_token(self, cvr: str, service: str) -> _Token:
        request = {
            "TokenType": SAML_2,
            "RequestType": f"{TRUST}/Issue",
            "KeyType": f"{TRUST}/PublicKey",
            "AnvenderKontekst": {"Cvr": cvr},
            "UseKey": self._use_key,
            "AppliesTo": {"EndpointReference": {"Address": service}},
            "OnBehalfOf": None,
        }
        asked_at = time.monotonic()
        answer = self._ask("SAML-token", self._config.token_url, json=request)
        try:
            value = str(answer["RequestedSecurityToken"]["Assertion"])
        except (KeyError, TypeError) as error:
            raise _unreadable("SAML-token") from error
        return _Token(value, asked_at + _use(_seconds_left(str(answer.get("Lifetime", "")))))

    def _ask(self, what: str, url: str, **request: Any) -> Mapping[str, Any]:
        """The JSON object that was answered. Whatever goes wrong is ours or theirs, and no message's fault."""
        try:
            answer = self._http.post(url, **request)
        except httpx.TransportError as error:
            raise ReceiverAway(f"NemSMS: intet {what}: ingen forbindelse ({type(error).__name__})") from error
        if answer.is_error:
            # A refusal here is an agreement or a certificate that is missing; the body says which.
            words = f"NemSMS: intet {what}: svarede {answer.status_code}: {answer.text[:300]}"
            raise retry_by_status(answer.status_code, words)
        try:
            body = answer.json()
        except ValueError as error:
            raise _unreadable(what) from error
        if not isinstance(body, dict):
            raise _unreadable(what)
        return body


def _unreadable(what: str) -> RetryLater:
    return RetryLater(f"NemSMS: intet {what}: svaret kunne ikke læses")


def _use(life: float) -> float:
    """For how many of a token's seconds we use it."""
    return max(0.0, life - min(RENEW_BEFORE, life / 2))


def _seconds_left(lifetime: str) -> float:
    """Until the end that the token service names, as "11/23/2026 18:20:00" in UTC; 0 where it says something else."""
    try:
        end = datetime.strptime(lifetime, "%m/%d/%Y %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return 0.0
    return (end - datetime.now(UTC)).total_seconds()


def _on_one_line(certificate: Path) -> str:
    """The first certificate of a PEM file, as Base64 on one line. Raises OSError or ValueError."""
    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    return base64.b64encode(found.public_bytes(Encoding.DER)).decode()
