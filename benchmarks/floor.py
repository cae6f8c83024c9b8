"""The addresses of Kommunal PRO and one more: the barest view that reads a session, writes a row and gives a page."""

from django.db import connection
from django.http import HttpResponse
from django.urls import path

from identity.access import CitizenRequest, citizen_required
from kommunalpro import urls
from kommunalpro.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@citizen_required
def floor(request: CitizenRequest, size: int) -> HttpResponse:
    """One INSERT in the request's transaction, and so many bytes."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO benchmark_floor (citizen_id) VALUES (%s)", [request.actor.citizen_id])
    return HttpResponse(b"x" * size)


urlpatterns = [path("floor/<int:size>/", floor), *urls.urlpatterns]
