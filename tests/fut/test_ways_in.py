"""How a worker is let in: by which grant, to which addresses, with which certificate."""

import json
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fut.client import FutClient, FutConfig
from fut.errors import FutAuthenticationFailed, FutUnavailable
from fut.gateway import HttpFutGateway
from fut.grants import REFRESH_TOKEN, TOKEN_EXCHANGE, StoredGrant
from fut.service_bases import ServiceBases

from .conftest import Simulator


def a_grant(simulator: Simulator, file: Path) -> Path:
    """What a login of somebody who may look up organisations leaves."""
    login = {"user_type": "PRACTITIONER", "user_id": "Practitioner/1", "roles": ["Organization.search"]}
    answer = httpx.post(f"{simulator.origin}/control/grants", json=login).raise_for_status()
    file.write_text(answer.json()["refresh_token"] + "\n")
    return file


@pytest.mark.parametrize("kind", [REFRESH_TOKEN, TOKEN_EXCHANGE], ids=["refresh", "exchange"])
def test_a_stored_grant_lets_in_and_is_followed_by_the_next(
    simulator: Simulator, tmp_path: Path, kind: str
) -> None:
    file = a_grant(simulator, tmp_path / "grant")
    first = file.read_text()

    for _ in range(2):  # the second client has nothing but what the first one left
        with FutClient(simulator.config(grant=StoredGrant(file, kind))) as client:
            assert HttpFutGateway(client).find_organization("0330").resource_type == "Organization"

    assert file.read_text() not in {first, ""}
    assert file.stat().st_mode & 0o077 == 0


def test_workers_that_start_together_share_the_grant(simulator: Simulator, tmp_path: Path) -> None:
    file = a_grant(simulator, tmp_path / "grant")

    def look_up(_: int) -> str:
        with FutClient(simulator.config(grant=StoredGrant(file))) as client:
            return HttpFutGateway(client).find_organization("0330").url

    with ThreadPoolExecutor(4) as workers:
        assert len(set(workers.map(look_up, range(8)))) == 1


@pytest.mark.parametrize("content", [None, "spent long ago"], ids=["no file", "spent"])
def test_without_a_grant_nobody_is_let_in_and_the_file_is_named(
    simulator: Simulator, tmp_path: Path, content: str | None
) -> None:
    file = tmp_path / "grant"
    if content is not None:
        file.write_text(content)
    with (
        FutClient(simulator.config(grant=StoredGrant(file))) as client,
        pytest.raises(FutAuthenticationFailed, match=r"FUT_GRANT_FILE|invalid_grant"),
    ):
        HttpFutGateway(client).find_organization("0330")


def test_a_service_may_have_an_address_of_its_own() -> None:
    bases = ServiceBases("https://{service}.fut.dk/fhir", {"plan": "https://kam.dk/fhir/", "task": ""})

    assert bases.of_type("PlanDefinition") == "https://kam.dk/fhir"
    assert bases.of_type("Task") == "https://task.fut.dk/fhir"
    assert bases.own("https://kam.dk/fhir/PlanDefinition/1")
    assert not bases.own("https://plan.fut.dk/fhir/PlanDefinition/1")


def test_a_service_elsewhere_gets_its_calls(simulator: Simulator) -> None:
    """Organisations through the address of all services, the rest under their own."""
    elsewhere = {"organization": f"{simulator.origin}/fhir"}
    with FutClient(simulator.config(service_urls=elsewhere)) as client:
        assert HttpFutGateway(client).find_organization("0330").url.startswith(f"{simulator.origin}/fhir/")


# Client certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for 127.0.0.1 that is its own authority, and its key: PEM files."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), "kommunalpro-test", datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return str(folder / "cert.pem"), str(folder / "key.pem")


class Answers(BaseHTTPRequestHandler):
    """A token, and whatever else is asked for as a Patient."""

    def answer(self) -> None:
        body = json.dumps({"access_token": "t", "expires_in": 60, "resourceType": "Patient", "id": "1"})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    do_GET = do_POST = answer  # noqa: N815 - the names of http.server

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def strict(certificate: tuple[str, str]) -> Iterator[str]:
    """A server that takes nobody without a certificate; its address."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=certificate[0])
    context.load_cert_chain(*certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def towards(origin: str, **more: str) -> FutConfig:
    return FutConfig(
        base_url=f"{origin}/fhir",
        token_url=f"{origin}/token",
        client_id="c",
        client_secret="s",
        timeout=5,
        **more,  # type: ignore[arg-type]
    )


def test_with_our_certificate_we_are_let_in(strict: str, certificate: tuple[str, str]) -> None:
    cert, key = certificate
    with FutClient(towards(strict, certificate=cert, key=key, trust=cert)) as client:
        assert client.read(f"{strict}/fhir/Patient/1")["id"] == "1"


@pytest.mark.parametrize("trusts", [True, False], ids=["without certificate", "without trust"])
def test_without_it_nothing_is_sent(strict: str, certificate: tuple[str, str], trusts: bool) -> None:
    more = {"trust": certificate[0]} if trusts else {"certificate": certificate[0], "key": certificate[1]}
    with FutClient(towards(strict, **more)) as client, pytest.raises(FutUnavailable):
        client.read(f"{strict}/fhir/Patient/1")
