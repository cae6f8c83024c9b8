"""All addresses of the site."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView, TemplateView

from kommunalpro import text_size
from kommunalpro.health import deliveries, healthz
from operations.metrics import metrics
from questionnaires.picture_views import picture

urlpatterns: list[URLPattern | URLResolver] = [
    path("", TemplateView.as_view(template_name="home.html"), name="home"),
    path("borger/", include("citizens.urls")),
    path("medarbejder/", include("staff.urls")),
    path("kam/", include("kam.urls")),
    path("drift/", include("operations.urls")),
    path("api/v1/", include("api.urls")),
    path("nemsms/", include("notifications.urls")),
    path("", include("identity.urls")),
    path("billeder/<uuid:version_id>/<slug:digest>/", picture, name="picture"),
    path("tekst/", text_size.choose, name="text_size"),
    path("sprog/", include("django.conf.urls.i18n")),
    # The short address that webtilgængelighedsloven asks for.
    path("was", RedirectView.as_view(url=settings.WAS_URL), name="was"),
    path("metrics", metrics, name="metrics"),
    path("healthz", healthz, name="healthz"),
    path("healthz/deliveries", deliveries, name="healthz_deliveries"),
]

if settings.EMBEDDED:
    from kommunalpro.gallery import design_gallery

    urlpatterns.append(path("design/", design_gallery, name="design_gallery"))

handler400 = "kommunalpro.errors.bad_request"
handler403 = "kommunalpro.errors.permission_denied"
handler404 = "kommunalpro.errors.not_found"
handler500 = "kommunalpro.errors.server_error"
