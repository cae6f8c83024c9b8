"""The addresses of Kommunal PRO and two more: the barest views that read a session and give a page.

One writes a row, as what a citizen does; one reads one, as the least that a page of staff's could do.
"""

from django.db import connection
from django.http import HttpResponse
from django.urls import path

from identity.access import CitizenRequest, StaffRequest, citizen_required, staff_required
from kommunalpro import urls
from kommunalpro.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@citizen_required
def floor(request: CitizenRequest, size: int) -> HttpResponse:
    """One INSERT in the request's transaction, and so many bytes."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO benchmark_floor (citizen_id) VALUES (%s)", [request.actor.citizen_id])
    return HttpResponse(b"x" * size)


@staff_required
def staff_floor(request: StaffRequest, size: int) -> HttpResponse:
    """One query in the request's transaction, and so many bytes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM municipalities_municipality WHERE id = %s", [request.actor.municipality_id]
        )
        cursor.fetchone()
    return HttpResponse(b"x" * size)


urlpatterns = [
    path("floor/<int:size>/", floor),
    path("staff-floor/<int:size>/", staff_floor),
    *urls.urlpatterns,
]
