"""Where Fælleskommunal Beskedfordeler (SF1461) delivers receipts. A machine's address: it shows nothing to anybody."""

from hashlib import sha256
from hmac import compare_digest

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseNotFound
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.receipts import take
from notifications.sf1601.receipts import LARGEST, ReceiptUnreadable, read_receipt

log = structlog.get_logger(__name__)

TAKEN, NOT_READ = 20, 41
"""Status codes of Beskedfordeler's StandardRetur, as KOMBIT's own sample of a receiver uses them."""

CERTIFICATE_HEADER = "X-Client-Certificate-SHA256"


@csrf_exempt
@require_POST
def take_receipt(request: HttpRequest) -> HttpResponse:
    """Take one receipt. The answer is Beskedfordeler's `ModtagBeskedOutput`, also where the receipt is unreadable.

    404 while no way to know the sender is configured, 403 for anybody else.
    """
    if not (settings.NEMSMS_RECEIPT_SECRET or settings.NEMSMS_RECEIPT_CERTIFICATES):
        return HttpResponseNotFound()
    if not _is_from_the_distributor(request):
        log.warning("nemsms.receipt_from_a_stranger")
        return HttpResponseForbidden()
    try:
        receipt = read_receipt(_body(request))
    except ReceiptUnreadable as problem:
        # Asking for it again would not make it readable, so it is answered, and a person finds it here.
        log.error("nemsms.receipt_unreadable", reason=str(problem))
        return _answer(NOT_READ, "Beskeden kunne ikke laeses")
    take(receipt, at=timezone.now())
    return _answer(TAKEN, "OK")


def _is_from_the_distributor(request: HttpRequest) -> bool:
    """Whether all that is configured fits: the secret as a bearer token, the certificate that the proxy has verified.

    The proxy must set the header itself, or remove it from what comes in (docs/operations.md).
    """
    if settings.NEMSMS_RECEIPT_SECRET and not _same(
        request.headers.get("Authorization", ""), f"Bearer {settings.NEMSMS_RECEIPT_SECRET}"
    ):
        return False
    if not settings.NEMSMS_RECEIPT_CERTIFICATES:
        return True
    shown = _fingerprint(request.headers.get(CERTIFICATE_HEADER, ""))
    return any(_same(shown, _fingerprint(known)) for known in settings.NEMSMS_RECEIPT_CERTIFICATES)


def _same(given: str, known: str) -> bool:
    """Compared in the same time whatever they have in common."""
    return compare_digest(sha256(given.encode()).digest(), sha256(known.encode()).digest())


def _fingerprint(text: str) -> str:
    return text.replace(":", "").strip().lower()


def _body(request: HttpRequest) -> bytes:
    try:
        if int(request.headers.get("Content-Length") or 0) > LARGEST:
            raise ReceiptUnreadable(f"the message has more than {LARGEST} bytes")
        return request.body
    except (RequestDataTooBig, ValueError) as error:
        raise ReceiptUnreadable("the message's length is not acceptable") from error


def _answer(code: int, words: str) -> HttpResponse:
    """`words` are ours and hold nothing of what came in."""
    return HttpResponse(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ns2:ModtagBeskedOutput xmlns="urn:oio:sagdok:3.0.0" xmlns:ns2="urn:oio:sts:1.0.0"><StandardRetur>'
        f"<StatusKode>{code}</StatusKode><FejlbeskedTekst>{words}</FejlbeskedTekst>"
        "</StandardRetur></ns2:ModtagBeskedOutput>",
        content_type="application/xml; charset=utf-8",
    )
