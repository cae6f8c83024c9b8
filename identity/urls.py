"""Addresses of logging in and out."""

from django.urls import path, register_converter

from identity import administration, assisted_pages, session_views, views
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
    path("login/ended/", session_views.ended, name="ended"),
    path("login/sessions/", session_views.own_sessions, name="sessions"),
    path("login/session/", session_views.session, name="session"),
    path(
        "login/<audience:audience>/back-channel-logout/",
        session_views.back_channel_logout,
        name="back_channel_logout",
    ),
    path(
        "login/<audience:audience>/front-channel-logout/",
        session_views.front_channel_logout,
        name="front_channel_logout",
    ),
    path("login/test/", administration.test_login, name="test_login"),
    path("login/readiness/", administration.readiness, name="readiness"),
    path("login/readiness/<str:code>/", administration.readiness_of, name="readiness_of"),
    path("assisteret/afslut/", assisted_pages.end_visit, name="end_visit"),
    path("logout/", views.logout, name="logout"),
]
