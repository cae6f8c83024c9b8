"""Addresses of logging in and out."""

from django.urls import path, register_converter

from identity import administration, views
from identity.audience import Audience


class AudienceConverter:
    """`citizen` or `staff` in an address, as an Audience."""

    regex = "|".join(Audience)

    def to_python(self, value: str) -> Audience:
        return Audience(value)

    def to_url(self, value: str) -> str:
        return Audience(value).value


register_converter(AudienceConverter, "audience")

app_name = "identity"
urlpatterns = [
    path("login/<audience:audience>/", views.login, name="login"),
    path("login/<audience:audience>/callback/", views.callback, name="callback"),
    path("login/<audience:audience>/refused/", views.refused, name="refused"),
    path("login/context/", views.context, name="context"),
    path("login/test/", administration.test_login, name="test_login"),
    path("logout/", views.logout, name="logout"),
]
