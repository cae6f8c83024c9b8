"""Speaking FHIR with the platform: one method an interaction, every failure one of four errors.

Reads are tried again here; commands never, because the outbox does that, after a look (`find_by_identifier`).
"""

import re
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any, Self
from uuid import UUID, uuid4

import httpx
import stamina
import structlog

from fut import terminology as t
from fut.errors import FutAuthenticationFailed, FutChangedMeanwhile, FutRefused, FutUnavailable
from fut.grants import ClientCredentials, Grant
from fut.service_bases import ServiceBases
from fut.tokens import NOBODY, Context, TokenSource

Json = dict[str, Any]

log = structlog.get_logger(__name__)

FHIR_JSON = "application/fhir+json"
CONNECT_SECONDS = 5.0
READ_ATTEMPTS = 3
_ENDS_BY: ContextVar[float | None] = ContextVar("ends_by", default=None)
_ISSUE_CODE = re.compile(r"\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)+\b")


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """No request is begun in here that might go on after so many seconds: then `FutUnavailable`, nothing was sent."""
    kept = _ENDS_BY.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ENDS_BY.reset(kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class FutConfig:
    """Where the platform is and who we are there; `timeout` in seconds for one answer.

    `service_urls`: services with an address of their own. `certificate` and `key` (PEM files) where the platform
    wants to see a client certificate; `trust`: a PEM file of further authorities.
    """

    base_url: str
    token_url: str
    client_id: str
    client_secret: str = field(repr=False)
    timeout: float = 60.0
    service_urls: Mapping[str, str] = field(default_factory=dict)
    grant: Grant = field(default_factory=ClientCredentials)
    certificate: str = ""
    key: str = ""
    trust: str = ""

    def tls(self) -> ssl.SSLContext:
        """Raises OSError or ssl.SSLError where a file is not usable."""
        context = ssl.create_default_context()
        if self.trust:
            context.load_verify_locations(self.trust)
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key or None)
        return context


class FutClient:
    """A connection pool with our token. Safe between threads; make one a process, after it has forked."""

    def __init__(self, config: FutConfig, *, transport: httpx.BaseTransport | None = None) -> None:
        self.bases = ServiceBases(config.base_url, config.service_urls)
        self._timeout = config.timeout
        self._http = httpx.Client(
            timeout=httpx.Timeout(config.timeout, connect=CONNECT_SECONDS),
            transport=transport,
            verify=config.tls(),
        )
        self._tokens = TokenSource(
            self._http,
            token_url=config.token_url,
            client_id=config.client_id,
            client_secret=config.client_secret,
            grant=config.grant,
        )
        self._context = NOBODY

    def within(self, context: Context) -> Self:
        """The same client with tokens narrowed to this context: what concerns a citizen is refused without."""
        narrowed = copy(self)
        narrowed._context = context
        return narrowed

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # Reads: safe to repeat, repeated here.

    def read(self, url: str) -> Json:
        """The resource at an absolute address; `FutRefused` with status 404 when there is none."""
        return self._repeating("GET", url)

    def search(self, resource_type: str, **criteria: str) -> list[Json]:
        """The first page of matches. Criteria go into the address, so never a CPR number here."""
        url = f"{self.bases.of_type(resource_type)}/{resource_type}"
        bundle = self._repeating("GET", url, params=criteria)
        return [
            entry["resource"]
            for entry in bundle.get("entry", ())
            if entry.get("resource", {}).get("resourceType") == resource_type
        ]

    def search_all(self, resource_type: str, *, also: str = "", **criteria: str) -> list[Json]:
        """The matches of all pages, for what is few: cursors end after some minutes (contract §8).

        `also`: a type that comes along by an `_include`.
        """
        url: str | None = f"{self.bases.of_type(resource_type)}/{resource_type}"
        bundle = self._repeating("GET", str(url), params=criteria)
        matches = []
        while True:
            matches += [
                entry["resource"]
                for entry in bundle.get("entry", ())
                if entry.get("resource", {}).get("resourceType") in {resource_type, also}
            ]
            url = next((one["url"] for one in bundle.get("link", ()) if one.get("relation") == "next"), None)
            if url is None:
                return matches
            bundle = self._repeating("GET", url)

    def find_by_identifier(self, resource_type: str, our_id: UUID, **dimensions: str) -> Json | None:
        """The probe: the resource that carries our id, or None. `dimensions`: patient, episodeOfCare …

        The platform demands every dimension of the token in a search (contract §3).
        """
        found = self.search(resource_type, identifier=f"{t.RFC_3986}|urn:uuid:{our_id}", **dimensions)
        if len(found) > 1:
            log.warning("fut_duplicate", resource_type=resource_type, our_id=str(our_id), count=len(found))
        return found[0] if found else None

    # Commands: sent once.

    def create(self, resource: Json, *, if_none: UUID | None = None) -> Json:
        """`if_none`: give the one that carries this id of ours where there is one (`If-None-Exist`)."""
        resource_type = resource["resourceType"]
        condition = {"If-None-Exist": f"identifier={t.RFC_3986}|urn:uuid:{if_none}"} if if_none else None
        url = f"{self.bases.of_type(resource_type)}/{resource_type}"
        return self._send("POST", url, json=resource, headers=condition)

    def update(self, url: str, resource: Json, *, if_match: str | None = None) -> Json:
        """The next version of the resource at an absolute address; `if_match`: only after that version."""
        return self._send("PUT", url, json=resource, headers=_only_after(if_match))

    def operate(self, service: str, operation: str, parameters: Json) -> Json:
        """Call an operation: `operate("measurement", "$submit-measurement", …)`, `("patient", "Patient/$…", …)`."""
        return self._send("POST", f"{self.bases.of(service)}/{operation}", json=parameters)

    def transact(self, service: str, bundle: Json) -> Json:
        """All entries or none."""
        return self._send("POST", self.bases.of(service), json=bundle)

    def patch(self, url: str, changes: Sequence[Json], *, if_match: str | None = None) -> Json:
        """JSON Patch (RFC 6902) on the resource at an absolute address; `if_match` as in `update`."""
        content_type = "application/json-patch+json"
        return self._send(
            "PATCH", url, json=changes, content_type=content_type, headers=_only_after(if_match)
        )

    # How it travels.

    def _repeating(self, method: str, url: str, **request: Any) -> Json:
        for attempt in stamina.retry_context(
            on=_worth_repeating, attempts=READ_ATTEMPTS, wait_initial=0.2, wait_jitter=0.4
        ):
            with attempt:
                return self._send(method, url, **request)
        raise AssertionError("unreachable")  # pragma: no cover

    def _send(
        self,
        method: str,
        url: str,
        *,
        content_type: str = FHIR_JSON,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> Json:
        what = _what(method, url)
        if not self.bases.own(url):
            raise FutRefused(what=what, status=0, words="adressen hører ikke til FUT; intet blev sendt")
        headers = {
            **(headers or {}),
            "Accept": FHIR_JSON,
            "Content-Type": f"{content_type}; charset=UTF-8",
            "Prefer": "return=representation",
            "X-Request-ID": str(structlog.contextvars.get_contextvars().get("request_id") or uuid4()),
        }
        token = self._tokens.token(self._context)
        receiver = self.bases.receiver_at(url)
        answer = self._exchange(method, url, what, {**headers, "Authorization": f"Bearer {token}"}, request)
        if answer.status_code == 401:
            # Expired earlier than promised, or revoked: nothing was done, so a second try makes nothing twice.
            self._tokens.forget(token, self._context)
            headers["Authorization"] = f"Bearer {self._tokens.token(self._context)}"
            answer = self._exchange(method, url, what, headers, request)
        return _read_answer(answer, what=what, safe=method == "GET", receiver=receiver)

    def _exchange(
        self, method: str, url: str, what: str, headers: Mapping[str, str], request: Mapping[str, Any]
    ) -> httpx.Response:
        started = time.monotonic()
        if (ends_by := _ENDS_BY.get()) is not None and started + self._timeout > ends_by:
            raise FutUnavailable(what=what, reason="der er ikke tid til mere denne gang", unclear=False)
        try:
            answer = self._http.request(method, _parsed(url), headers=headers, **request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise FutUnavailable(
                what=what, reason="ingen forbindelse", unclear=False, receiver=self.bases.receiver_at(url)
            ) from error
        except httpx.TransportError as error:
            reason = "intet svar i tide" if isinstance(error, httpx.TimeoutException) else "forbindelsen røg"
            raise FutUnavailable(
                what=what, reason=reason, unclear=method != "GET", receiver=self.bases.receiver_at(url)
            ) from error
        log.info(
            "fut_request",
            what=what,
            status=answer.status_code,
            milliseconds=round((time.monotonic() - started) * 1000),
            fut_request_id=headers["X-Request-ID"],
        )
        return answer


def _only_after(version: str | None) -> dict[str, str] | None:
    """`If-Match`: the platform answers 412 where somebody else has changed the resource meanwhile."""
    return {"If-Match": f'W/"{version}"'} if version else None


def _worth_repeating(error: Exception) -> bool | float:
    """Stamina waits the seconds it gets; a platform that asks for long ones is left to the outbox."""
    if not isinstance(error, FutUnavailable) or (error.retry_after or 0) > 5:
        return False
    return error.retry_after or True


def _read_answer(answer: httpx.Response, *, what: str, safe: bool, receiver: str) -> Json:
    """The JSON body of a success, else the error that says what to do about it."""
    status = answer.status_code
    if status == 401:
        raise FutAuthenticationFailed("FUT afviste et nyt token")
    if status == 412:
        raise FutChangedMeanwhile(what=what)
    if status == 429 or status >= 500:
        raise FutUnavailable(
            what=what,
            reason=f"svarede {status}",
            unclear=status != 429 and not safe,
            retry_after=retry_after(answer.headers.get("Retry-After")),
            is_busy=status == 429,
            receiver=receiver,
        )
    try:
        body = answer.json() if answer.content else {}
    except ValueError as error:
        if status >= 400:
            raise FutRefused(what=what, status=status, words="uden forklaring") from error
        raise FutUnavailable(
            what=what, reason="svaret kunne ikke læses", unclear=not safe, receiver=receiver
        ) from error
    if status >= 400:
        words = list(_words(body))
        codes = dict.fromkeys(code for word in words for code in _ISSUE_CODE.findall(word))
        raise FutRefused(
            what=what, status=status, words="; ".join(words) or "uden forklaring", issue_codes=tuple(codes)
        )
    if not isinstance(body, dict):
        raise FutUnavailable(
            what=what, reason="svaret var ikke en ressource", unclear=not safe, receiver=receiver
        )
    return body


def _words(outcome: Any) -> Iterator[str]:
    """What an OperationOutcome says; where the platform puts its codes is not known, so each place is read."""
    for issue in outcome.get("issue", ()) if isinstance(outcome, dict) else ():
        details = issue.get("details", {})
        said = [coding.get("code") for coding in details.get("coding", ())]
        said += [details.get("text"), issue.get("diagnostics")]
        yield ": ".join(dict.fromkeys(word for word in said if word))


def retry_after(header: str | None) -> float | None:
    """Seconds to wait by a `Retry-After` header (RFC 9110 §10.2.3: seconds or a date); None without a usable one."""
    if header is None:
        return None
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None


def _what(method: str, url: str) -> str:
    """The request in a few words for people and logs: its address without host and without criteria."""
    return f"{method} {_parsed(url).path}"


# What is asked for most has one address for everybody.
_parsed = lru_cache(maxsize=200)(httpx.URL)
