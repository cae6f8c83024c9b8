"""A stand-in for Serviceplatformen's NemSMS: SF1601's addresses and shapes, for senders without a certificate.

    POST …/runtime/api/rest/wstrust/v1/issue        a SAML token for an authority and a service
    POST …/service/AccessTokenService_1/token       an access token for it
    GET  …/service/PostForespoerg_1/nemsms          is this citizen enrolled
    POST …/service/KombiPostAfsend_1/memos          send; the receipts come later (receipts.py)

The control (`…/control`, for this machine only) says who is enrolled, whose telephone fails, holds receipts back, and
orders faults for the calls to come.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from fut.simulator.guard import from_here
from fut.simulator.memo import read_nemsms
from fut.simulator.outcomes import Refusal
from fut.simulator.receipts import Receipts
from fut.simulator.store import Store
from fut.simulator.telephones import Conflict, Telephones

Json = dict[str, Any]

SEND = "http://entityid.kombit.dk/service/kombipostafsend/1"
LOOK_UP = "http://entityid.kombit.dk/service/postforespoerg/1"
LIFE = 3600
SCHEME = "Holder-of-key"


class NemSms:
    """The services and their control, on one store. Tokens are signed, not stored: a restart ends them all."""

    def __init__(self, store: Store, receipts: Receipts) -> None:
        self.telephones = Telephones(store)
        self.receipts = receipts
        self._key = secrets.token_bytes(32)
        self._faults: list[Json] = []

    def routes(self) -> list[Route]:
        return [
            Route("/nemsms/runtime/api/rest/wstrust/v1/issue", self.saml_token, methods=["POST"]),
            Route("/nemsms/service/AccessTokenService_1/token", self.access_token, methods=["POST"]),
            Route("/nemsms/service/PostForespoerg_1/nemsms", self.look_up, methods=["GET"]),
            Route("/nemsms/service/KombiPostAfsend_1/memos", self.send, methods=["POST"]),
            Route("/nemsms/messages", self.messages, methods=["GET"]),
            Route("/nemsms/control", from_here(self.control), methods=["GET", "POST"]),
        ]

    async def saml_token(self, request: Request) -> Response:
        asked = await _json(request)
        cvr = str(_at(asked, "AnvenderKontekst", "Cvr"))
        service = str(_at(asked, "AppliesTo", "EndpointReference", "Address"))
        if not (len(cvr) == 8 and cvr.isdecimal()) or service not in {SEND, LOOK_UP}:
            raise Refusal(400, ["No service agreement of this authority for this service."])
        end = time.time() + LIFE
        return JSONResponse(
            {
                "RequestedSecurityToken": {"Assertion": self._signed("saml", cvr, service, end)},
                "Lifetime": datetime.fromtimestamp(end, UTC).strftime("%m/%d/%Y %H:%M:%S"),
            }
        )

    async def access_token(self, request: Request) -> Response:
        if fault := self._fault("token"):
            return fault
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        cvr, service = self._opened("saml", form.get("saml-token", ""))
        token = self._signed("access", cvr, service, time.time() + LIFE)
        return JSONResponse({"access_token": token, "token_type": SCHEME, "expires_in": LIFE})

    async def look_up(self, request: Request) -> Response:
        self._authority(request, LOOK_UP)
        if fault := self._fault("look-up"):
            return fault
        cpr = request.query_params.get("cprNumber", "")
        return JSONResponse({"result": self.telephones.is_enrolled(cpr)})

    async def send(self, request: Request) -> Response:
        cvr = self._authority(request, SEND)
        if fault := self._fault("send"):
            return fault
        message = read_nemsms(await request.body())
        if message.cvr != cvr:
            raise Refusal(403, ["The sender is another authority than the token's."], issue_type="forbidden")
        try:
            new = self.telephones.receive(
                message_id=message.message_id, cpr=message.cpr, text=message.text, sender=message.sender
            )
        except Conflict as error:
            raise Refusal(409, [str(error)], issue_type="conflict") from error
        if new:
            self.receipts.write(message.message_id, goes_well=self.telephones.takes_messages(message.cpr))
        return self._fault("sent") or Response("<kombi_response/>", media_type="application/xml")

    async def messages(self, request: Request) -> Response:
        return JSONResponse({"messages": self.telephones.messages()})

    async def control(self, request: Request) -> Response:
        """GET: receipts and faults to come. POST any of `citizens`, `faults`, `tokens`, `receipts` (see the tests)."""
        if request.method == "GET":
            return JSONResponse({"receipts": self.receipts.all(), "faults": self._faults})
        wanted = await _json(request)
        for citizen in wanted.get("citizens", ()):
            self.telephones.enrol(
                citizen["cpr"], enrolled=citizen.get("enrolled", True), fails=citizen.get("fails", False)
            )
        if "faults" in wanted:
            self._faults = list(wanted["faults"])
        if wanted.get("tokens") == "expire":
            self._key = secrets.token_bytes(32)
        match wanted.get("receipts"):
            case "hold":
                self.receipts.held = True
            case "release":
                self.receipts.release()
            case "again":
                self.receipts.release(again=True)
            case "backwards":
                self.receipts.release(backwards=True)
        return Response(status_code=204)

    def forget(self) -> None:
        self.telephones.forget()
        self.receipts.forget()
        self._faults = []

    def _authority(self, request: Request, service: str) -> str:
        """The CVR number of the caller's token for this service; 401 without one."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != SCHEME or not request.headers.get("X-TransaktionsId"):
            raise Refusal(401, [f"Expected a {SCHEME} token and X-TransaktionsId."], issue_type="login")
        cvr, given_for = self._opened("access", token)
        if given_for != service:
            raise Refusal(401, ["The token is for another service."], issue_type="login")
        return cvr

    def _fault(self, on: str) -> Response | None:
        """The next fault that was ordered for this call: `{"on": "send", "status": 503, "retryAfter": 7}`,

        or `{"on": "sent", "hangUp": true}`, which comes after the message was taken.
        """
        ordered = next((fault for fault in self._faults if fault["on"] == on), None)
        if ordered is None:
            return None
        self._faults.remove(ordered)
        if ordered.get("hangUp"):
            return HangUp()
        after = {"Retry-After": str(ordered["retryAfter"])} if "retryAfter" in ordered else {}
        return Response(str(ordered.get("body", "ordered fault")), ordered["status"], headers=after)

    def _signed(self, kind: str, cvr: str, service: str, end: float) -> str:
        body = base64.urlsafe_b64encode(json.dumps([kind, cvr, service, end]).encode())
        return f"{body.decode()}.{self._signature(body)}"

    def _opened(self, kind: str, token: str) -> tuple[str, str]:
        body, _, signature = token.partition(".")
        if not hmac.compare_digest(self._signature(body.encode()), signature):
            raise Refusal(401, ["The token is not one of ours."], issue_type="login")
        try:
            of_kind, cvr, service, end = json.loads(base64.urlsafe_b64decode(body))
        except (ValueError, binascii.Error) as error:
            raise Refusal(401, ["The token is not one of ours."], issue_type="login") from error
        if of_kind != kind or end < time.time():
            raise Refusal(401, ["The token has expired."], issue_type="login")
        return cvr, service

    def _signature(self, body: bytes) -> str:
        return hmac.new(self._key, body, hashlib.sha256).hexdigest()


class HangUp(Response):
    """Promises an answer and closes the connection without it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<", "more_body": True})


async def _json(request: Request) -> Json:
    try:
        body = json.loads(await request.body())
    except ValueError as error:
        raise Refusal(400, ["The body is not JSON."], issue_type="structure") from error
    if not isinstance(body, dict):
        raise Refusal(400, ["The body is no JSON object."], issue_type="structure")
    return body


def _at(body: Any, *names: str) -> Any:
    for name in names:
        body = body.get(name, {}) if isinstance(body, dict) else {}
    return body or ""
