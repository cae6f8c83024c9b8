"""The broker's addresses: the OpenID provider at the root, and the page where one chooses a person."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView

from identity.broker import views

urlpatterns = [
    path("", RedirectView.as_view(url=f"{settings.PUBLIC_URL}/")),
    path("choose/", views.choose, name="choose"),
    path("", include("oidc_provider.urls", namespace="oidc_provider")),
]
