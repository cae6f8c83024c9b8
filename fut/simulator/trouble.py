"""The faults as they happen: between the web server and the application."""

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.auto import AutoHTTPProtocol

from fut.simulator.counting import Requests
from fut.simulator.faults import Call, Fault, Faults, Kind, When
from fut.simulator.outcomes import Refusal
from fut.simulator.tokens import Issuer
from fut.simulator.web import FhirResponse

HANG_UP = "hang_up"

MALFORMED = b'<html><head><title>Bad gateway</title></head><body>{"resourceType": "Bun'


class HangUpProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's own protocol, which also lets the application close the connection in the middle of things."""

    app: ASGIApp

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope[HANG_UP] = self.transport.abort
            await inner(scope, receive, send)

        self.app = app


class Trouble:
    """The application with the faults that were ordered, and every call counted."""

    def __init__(self, app: ASGIApp, *, faults: Faults, requests: Requests, issuer: Issuer) -> None:
        self._app = app
        self._faults = faults
        self._requests = requests
        self._issuer = issuer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        call = Call(scope["method"], scope["path"])
        striking = self._faults.striking(call)
        for fault in striking:
            if fault.kind is Kind.LATENCY:
                if fault.when is When.AFTER:
                    send = _late(send, fault.seconds)
                else:
                    await asyncio.sleep(fault.seconds)
            elif fault.kind is Kind.EXPIRED:
                self._issuer.expire(_authorization(scope))
        answers = [fault for fault in striking if fault.kind in {Kind.STATUS, Kind.DROP, Kind.MALFORMED}]
        if not answers:
            await self._app(scope, receive, self._counted(call, send))
            return
        fault = answers[0]
        if fault.when is When.AFTER:
            await self._app(scope, receive, self._counted(call, _nowhere))
        self._requests.add_fault(call, fault.kind.value)
        await _strike(fault, scope, receive, send)

    def _counted(self, call: Call, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._requests.add(call, message["status"])
            await send(message)

        return counted


def _late(send: Send, seconds: float) -> Send:
    """An answer that is ready and takes so much longer."""

    async def late(message: Message) -> None:
        if message["type"] == "http.response.start":
            await asyncio.sleep(seconds)
        await send(message)

    return late


async def _nowhere(message: Message) -> None:
    """The answer that nobody gets."""


async def _strike(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    match fault.kind:
        case Kind.STATUS:
            refusal = Refusal(fault.status, [f"Fault {fault.id} was ordered."], issue_type="transient")
            headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
            await FhirResponse(refusal.outcome(), fault.status, headers=headers)(scope, receive, send)
        case Kind.MALFORMED:
            length = str(len(MALFORMED)).encode()
            start = [(b"content-type", b"application/fhir+json"), (b"content-length", length)]
            await send({"type": "http.response.start", "status": 200, "headers": start})
            await send({"type": "http.response.body", "body": MALFORMED})
        case Kind.DROP:
            await _hang_up(scope, receive, send)


async def _hang_up(scope: Scope, receive: Receive, send: Send) -> None:
    """Close without a byte. Under another server than ours: promise an answer and give none."""
    hang_up: Callable[[], None] | None = scope.get(HANG_UP)
    if hang_up is None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"<", "more_body": True})
        return
    hang_up()
    while (await receive())["type"] != "http.disconnect":
        pass


def _authorization(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), "")
