"""The broker's addresses: the OpenID provider at the root, and the page where one chooses a person."""

from django.conf import settings
from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView

from identity.broker import views

urlpatterns = [
    path("", RedirectView.as_view(url=f"{settings.PUBLIC_URL}/")),
    path("choose/", views.choose, name="choose"),
    path("compose/", views.compose, name="compose"),
    # Before the provider's own, which it stands in front of.
    path("token", csrf_exempt(views.Token.as_view())),
    path("", include("oidc_provider.urls", namespace="oidc_provider")),
]
