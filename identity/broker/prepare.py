"""What the broker needs before it serves: tables, a signing key, and the application's two clients."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from oidc_provider.models import Client, Code, ResponseType, RSAKey, Token

from identity.broker import settings


def prepare() -> None:
    """Make or update all of it. Running it again changes nothing that is already right."""
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    with transaction.atomic():
        if not RSAKey.objects.exists():
            RSAKey.objects.create(key=_new_signing_key())
        for audience, (client_id, client_secret) in settings.CLIENTS.items():
            register_client(audience=audience, client_id=client_id, client_secret=client_secret)
        known = [client_id for client_id, _secret in settings.CLIENTS.values()]
        Client.objects.exclude(client_id__in=known).delete()
        for expiring in (Code, Token):
            expiring.objects.filter(expires_at__lt=timezone.now()).delete()
    call_command("clearsessions", verbosity=0)


def register_client(*, audience: str, client_id: str, client_secret: str) -> Client:
    """The application's registration for `audience`: code flow only, and never a question of consent."""
    client, _created = Client.objects.update_or_create(
        client_id=client_id,
        defaults={
            "name": f"Kommunal PRO ({audience})",
            "client_type": "confidential",
            "client_secret": client_secret,
            "jwt_alg": "RS256",
            "require_consent": False,
            "_redirect_uris": f"{settings.PUBLIC_URL}/login/{audience}/callback/",
            "_post_logout_redirect_uris": f"{settings.PUBLIC_URL}/",
        },
    )
    client.response_types.set(ResponseType.objects.filter(value="code"))
    return client


def _new_signing_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
