"""A small OpenID provider in a thread, which answers as a test wants it to: with any key, claims and fault."""

import base64
import hashlib
import hmac
import json
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from uuid import uuid4

from django.utils import timezone
from joserfc import jwk, jwt


def new_key(name: str = "") -> jwk.RSAKey:
    """A signing key; without a name, one that carries no `kid`."""
    if not name:
        return jwk.RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256"})
    return jwk.RSAKey.generate_key(2048, parameters={"use": "sig", "alg": "RS256", "kid": name})


FIRST_KEY, SECOND_KEY = new_key("first"), new_key("second")


@dataclass
class Issuer:
    """What the provider publishes and signs with; tests change it as they like. `asked` counts by path."""

    url: str
    published: list[dict[str, Any]] = field(default_factory=lambda: [FIRST_KEY.as_dict(private=False)])
    key: jwk.RSAKey = field(default_factory=lambda: FIRST_KEY)
    discovery: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    id_token: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    _granted: dict[str, dict[str, str]] = field(default_factory=dict)

    def rotate(self, key: jwk.RSAKey) -> None:
        """Sign with another key, and publish only that."""
        self.key, self.published = key, [key.as_dict(private=False)]

    def metadata(self) -> dict[str, Any]:
        endpoints = ("authorization", "token", "userinfo", "end_session")
        told = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
            **{f"{name}_endpoint": f"{self.url}/{name}" for name in endpoints},
        }
        return {name: value for name, value in (told | self.discovery).items() if value is not None}

    def grant(self, authorization_request: str) -> dict[str, str]:
        """Somebody logs in: what the browser brings back for the request it came with."""
        asked = dict(parse_qsl(urlsplit(authorization_request).query))
        code = uuid4().hex
        self._granted[code] = asked
        return {"code": code, "state": asked["state"]}

    def signed(
        self, claims: dict[str, Any], *, key: jwk.RSAKey | None = None, typ: str | None = "JWT"
    ) -> str:
        key = key or self.key
        header = {"alg": "RS256", "typ": typ, "kid": key.kid or None, **self.header}
        header = {name: value for name, value in header.items() if value is not None}
        claims = {name: value for name, value in claims.items() if value is not None}
        if header["alg"] == "none":
            parts = [json.dumps(part).encode() for part in (header, claims)]
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."
        if header["alg"] == "HS256":  # with what the issuer publishes as the secret, as attackers do
            parts = [json.dumps(part).encode() for part in (header, claims)]
            signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
            signature = hmac.digest(self.key.as_pem(private=False), signed, "sha256")
            return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"
        return jwt.encode(header, claims, key)

    def answer(self, path: str, form: dict[str, str], headers: Any) -> tuple[int, Any]:
        """(status, JSON) for a request."""
        self.asked[path] += 1
        match path:
            case "/.well-known/openid-configuration":
                return 200, self.metadata()
            case "/jwks":
                return 200, {"keys": self.published}
            case "/token":
                return self._token(form, headers)
            case "/userinfo":
                return 200, {"sub": "mette"} | self.claims
        return 404, {}

    def _token(self, form: dict[str, str], headers: Any) -> tuple[int, Any]:
        asked = self._granted.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(
            hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        ).decode()
        client, _, secret = (
            base64.b64decode(headers.get("Authorization", "").removeprefix("Basic ")).decode().partition(":")
        )
        if (client, secret) != ("kommunalpro", "secret"):
            return 401, {"error": "invalid_client"}
        if asked is None or asked["code_challenge"] != challenge.rstrip("="):
            return 400, {"error": "invalid_grant"}
        now = int(timezone.now().timestamp())
        claims = {
            "iss": self.url,
            "aud": "kommunalpro",
            "sub": "mette",
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 3600,
        } | self.id_token
        token = {"access_token": uuid4().hex, "token_type": "Bearer", "id_token": self.signed(claims)}
        return 200, token


@contextmanager
def running():
    """An issuer under an address of its own; nobody has asked it anything yet."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            path = urlsplit(self.path).path.removeprefix(f"/{name}")
            status, told = issuer.answer(path, form, self.headers)
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    name = uuid4().hex  # so that no address comes again, and with it what was remembered of another issuer
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}/{name}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
