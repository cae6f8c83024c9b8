"""Settings of the embedded login broker, from environment variables only.

Whoever can reach this broker can be anybody, so it runs in embedded mode and nowhere else.
"""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured

from kommunalpro.headers import content_security_policy

BASE_DIR = Path(__file__).resolve().parent.parent.parent

env = environ.Env()

if env("KOMMUNALPRO_MODE", default="server") != "embedded":
    raise ImproperlyConfigured(
        "The demonstration login lets anybody in as anybody, so it runs only with KOMMUNALPRO_MODE=embedded. "
        "On a server, point OIDC_ISSUER at the real login."
    )

ISSUER = env("OIDC_ISSUER").rstrip("/")
PUBLIC_URL = env("PUBLIC_URL").rstrip("/")
DATA_DIR = Path(env("BROKER_DATA_DIR", default=str(BASE_DIR / ".data" / "broker")))

# The application's two registrations here: (client id, client secret).
CLIENTS = {
    "citizen": (env("OIDC_CITIZEN_CLIENT_ID"), env("OIDC_CITIZEN_CLIENT_SECRET")),
    "staff": (env("OIDC_STAFF_CLIENT_ID"), env("OIDC_STAFF_CLIENT_SECRET")),
}

# A key of its own, so that nothing the broker signs could pass for the application's.
SECRET_KEY = hashlib.sha256(f"login broker:{env('SECRET_KEY')}".encode()).hexdigest()
DEBUG = False
_issuer = urlsplit(ISSUER)
ALLOWED_HOSTS = [_issuer.hostname or "", "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = [f"{_issuer.scheme}://{_issuer.netloc}"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "identity.broker",
    "oidc_provider",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kommunalpro.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kommunalpro.headers.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "identity.broker.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]

# DEFAULT_AUTO_FIELD stays Django's default: django-oidc-provider's own migrations are written for it.
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA_DIR / "broker.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        },
    }
}

# Cookies do not keep ports apart: without names of their own they would overwrite the application's.
SESSION_COOKIE_NAME = "loginbroker_session"
CSRF_COOKIE_NAME = "loginbroker_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _issuer.scheme == "https"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _issuer.scheme == "https" else None
# Choosing a person is a form whose redirects end in the application.
CONTENT_SECURITY_POLICY = content_security_policy(
    form_action=[SELF, "{0.scheme}://{0.netloc}".format(urlsplit(PUBLIC_URL))],
    https=_issuer.scheme == "https",
    scripts=False,
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "da"
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True

# The design system's files as the application fetched them; no collecting for this one page.
STATIC_URL = "/static/"
STATICFILES_DIRS = [folder for folder in [BASE_DIR / "build" / "assets"] if folder.is_dir()]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

SITE_URL = ISSUER
OIDC_LOGIN_URL = LOGIN_URL = "/choose/"
OIDC_IDTOKEN_SUB_GENERATOR = "identity.broker.tokens.subject"
# The application ends its session with the ID token; FUT's staff session is ten hours.
OIDC_IDTOKEN_EXPIRE = 10 * 3600
OIDC_IDTOKEN_PROCESSING_HOOK = "identity.broker.tokens.odd_id_token"
OIDC_EXTRA_SCOPE_CLAIMS = "identity.broker.tokens.DemoClaims"
OIDC_AFTER_USERLOGIN_HOOK = "identity.broker.views.right_kind_of_person"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
