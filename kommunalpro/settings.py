"""All settings, read once, from environment variables only.

Each variable is described in `docs/configuration.md`, which a test compares with this file.
Safe by default: outside the embedded mode nothing secret and no address has a default.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured

from kommunalpro.headers import content_security_policy
from kommunalpro.keys import key, keys
from kommunalpro.structured_logs import logging_config
from notifications.quiet_hours import read_quiet_hours

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()

# --- the mode --------------------------------------------------------------------------------

MODE = env("KOMMUNALPRO_MODE", default="server")
if MODE not in {"server", "embedded"}:
    raise ImproperlyConfigured(
        f"KOMMUNALPRO_MODE is “{MODE}”, expected “server” or “embedded”. Leave it out on a server."
    )
EMBEDDED = MODE == "embedded"

REQUIRED = (
    "SECRET_KEY",
    "DATABASE_URL",
    "REDIS_URL",
    "PUBLIC_URL",
    "OIDC_ISSUER",
    "OIDC_CITIZEN_CLIENT_ID",
    "OIDC_CITIZEN_CLIENT_SECRET",
    "OIDC_STAFF_CLIENT_ID",
    "OIDC_STAFF_CLIENT_SECRET",
    "CPR_ENCRYPTION_KEY",
    "CPR_HASH_KEY",
    "FUT_BASE_URL",
    "FUT_TOKEN_URL",
    "FUT_CLIENT_ID",
    "FUT_CLIENT_SECRET",
    "NEMSMS_URL",
)
_missing = [name for name in REQUIRED if not env(name, default="")]
if _missing:
    raise ImproperlyConfigured(
        "Kommunal PRO does not start: these environment variables are missing: "
        + ", ".join(_missing)
        + ". docs/configuration.md says what each is for. To try the system with embedded servers: make run."
    )

# --- Django ----------------------------------------------------------------------------------

SECRET_KEY = env("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
PUBLIC_URL = env("PUBLIC_URL").rstrip("/")
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"
ALLOWED_HOSTS = [_public.hostname or "", *env.list("ALLOWED_HOSTS", default=[])]
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_structlog",
    "rest_framework",
    "drf_spectacular",
    "kommunalpro",
    "municipalities",
    "citizens",
    "questionnaires",
    "followup",
    "plans",
    "outbox",
    "notifications",
    "fut",
    "identity",
    "privacy",
    "staff",
    "kam",
    "operations",
    "api",
]

MIDDLEWARE = [
    # What puts headers on answers stands outside WhiteNoise: an SVG opened by its address is a document, too.
    "django.middleware.security.SecurityMiddleware",
    "kommunalpro.headers.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "kommunalpro.headers.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "identity.middleware.ActorMiddleware",
    "kommunalpro.request_limits.RequestSizeMiddleware",
    "identity.middleware.ScopeMiddleware",
    "identity.assisted_pages.AssistedPagesMiddleware",
    "kommunalpro.middleware.ProblemMiddleware",
]
if EMBEDDED:
    # Before anything asks for the host, and inside what puts headers on its answer.
    MIDDLEWARE.insert(
        MIDDLEWARE.index("whitenoise.middleware.WhiteNoiseMiddleware"),
        "kommunalpro.middleware.LocalhostMiddleware",
    )

ROOT_URLCONF = "kommunalpro.urls"
WSGI_APPLICATION = "kommunalpro.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "kommunalpro.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]

# --- data ------------------------------------------------------------------------------------

DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"].setdefault("OPTIONS", {})
# A pool per process: no connection set-up per request, and a bound on how many PostgreSQL sees.
DATABASES["default"]["OPTIONS"]["pool"] = {
    "min_size": 1,
    "max_size": env.int("DATABASE_POOL_SIZE", default=8),
    "timeout": 10,
    # psycopg goes on for five minutes otherwise, with pauses that double, and nobody is served meanwhile.
    "reconnect_timeout": 10,
}
# PostgreSQL gets a statement and its parameters apart, and keeps the plan of one that comes again: with the walls
# around each table (municipalities.policies), making a plan costs more than running it.
DATABASES["default"]["OPTIONS"]["server_side_binding"] = True
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 5
# A page that is read out of order costs hardly more than the next one: there are no turning disks. With PostgreSQL's 4
# it read and sorted all that waits in a municipality, to show the first 25, rather than walk an index that has them in
# order. What DATABASE_URL says of it comes last, and counts.
_said = DATABASES["default"]["OPTIONS"].get("options", "")
DATABASES["default"]["OPTIONS"]["options"] = f"-c random_page_cost=1.1 {_said}".rstrip()
# What the pool hands out is asked first whether it still lives, one round trip a request: after a restart of PostgreSQL
# nobody meets a connection of before.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL")
# How many proxies of ours a request comes through: how far X-Forwarded-For is to be believed.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1) if HTTPS else 0

# CPR numbers: encrypted with one key, found again by a keyed hash with the other. The former keys are read only,
# until `manage.py rotate_cpr_keys` has moved every number to the current ones.
CPR_ENCRYPTION_KEY = key("CPR_ENCRYPTION_KEY", env("CPR_ENCRYPTION_KEY"))
CPR_FORMER_ENCRYPTION_KEYS = keys(
    "CPR_FORMER_ENCRYPTION_KEYS", env.list("CPR_FORMER_ENCRYPTION_KEYS", default=[])
)
CPR_HASH_KEY = key("CPR_HASH_KEY", env("CPR_HASH_KEY"))
CPR_FORMER_HASH_KEYS = keys("CPR_FORMER_HASH_KEYS", env.list("CPR_FORMER_HASH_KEYS", default=[]))

# How many whole months the access log is kept; the database itself refuses fewer than six.
ACCESS_LOG_MONTHS = env.int("ACCESS_LOG_MONTHS", default=24)

# --- sessions and cookies ----------------------------------------------------------------------

SESSION_ENGINE = "django.contrib.sessions.backends.db"
# `__Host-`: set by this very host over https, and sent to no other; a neighbour's page cannot plant one.
_cookie = "__Host-kommunalpro" if HTTPS else "kommunalpro"
SESSION_COOKIE_NAME = f"{_cookie}_session"
# `identity.sessions` keeps a session alive while its person is active, with one write a minute at most.
SESSION_COOKIE_AGE = 60 * env.int("SESSION_MINUTES", default=30)
SESSION_LONGEST_SECONDS = 3600 * env.int("SESSION_HOURS", default=10)
# An assisted visit is shorter than the employee's own session: the citizen's answers are on the screen.
ASSISTED_VISIT_SECONDS = 60 * env.int("ASSISTED_VISIT_MINUTES", default=60)
ASSISTED_VISIT_IDLE_SECONDS = 60 * env.int("ASSISTED_VISIT_IDLE_MINUTES", default=15)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = f"{_cookie}_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
TEXT_SIZE_COOKIE_NAME = f"{_cookie}_text_size"
LANGUAGE_COOKIE_NAME = f"{_cookie}_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- who logs in: OpenID Connect ----------------------------------------------------------------------

OIDC = {
    "citizen": {
        "issuer": env("OIDC_CITIZEN_ISSUER", default="") or env("OIDC_ISSUER"),
        "client_id": env("OIDC_CITIZEN_CLIENT_ID"),
        "client_secret": env("OIDC_CITIZEN_CLIENT_SECRET"),
    },
    "staff": {
        "issuer": env("OIDC_STAFF_ISSUER", default="") or env("OIDC_ISSUER"),
        "client_id": env("OIDC_STAFF_CLIENT_ID"),
        "client_secret": env("OIDC_STAFF_CLIENT_SECRET"),
    },
}
# Brokers spell the same claim differently: our name on the left, theirs on the right.
OIDC_CLAIMS = {
    "user_type": env("OIDC_CLAIM_USER_TYPE", default="user_type"),
    "cpr": env("OIDC_CLAIM_CPR", default="cpr"),
    "name": env("OIDC_CLAIM_NAME", default="name"),
    "loa": env("OIDC_CLAIM_LOA", default="loa"),
    "cvr": env("OIDC_CLAIM_CVR", default="cvr"),
    "organisation_name": env("OIDC_CLAIM_ORGANISATION_NAME", default="org_name"),
    "privileges": env("OIDC_CLAIM_PRIVILEGES", default="privileges"),
    "contexts": env("OIDC_CLAIM_CONTEXTS", default="contexts"),
    "session_end": env("OIDC_CLAIM_SESSION_END", default="exp"),
}
# And what a claim says: levels of assurance beside the usual spellings, as “medium=substantial,hoej=high”.
OIDC_LOA_SPELLINGS = env.dict("OIDC_LOA_SPELLINGS", default={})
if _unknown := sorted(set(OIDC_LOA_SPELLINGS.values()) - {"low", "substantial", "high"}):
    raise ImproperlyConfigured(
        f"OIDC_LOA_SPELLINGS names the level “{_unknown[0]}”, expected low, substantial or high, "
        "as in medium=substantial,hoej=high."
    )
OIDC_USER_TYPES = {
    "PATIENT": env("OIDC_CITIZEN_USER_TYPE", default="PATIENT").upper(),
    "PRACTITIONER": env("OIDC_STAFF_USER_TYPE", default="PRACTITIONER").upper(),
}
# The system administration's own CVR: its employees work nationally, in no municipality.
NATIONAL_CVR = env("NATIONAL_CVR", default="90000000")

_login_addresses = sorted(
    {
        f"{issuer.scheme}://{issuer.netloc}"
        for issuer in (urlsplit(client["issuer"]) for client in OIDC.values())
    }
)

# --- security headers --------------------------------------------------------------------------

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
# Logging in and out leaves by a redirect from one of our forms, to the login's own address.
CONTENT_SECURITY_POLICY = content_security_policy(form_action=[SELF, *_login_addresses], https=HTTPS)

# --- language, time, formats --------------------------------------------------------------------

LANGUAGE_CODE = "da"
LANGUAGES = [("da", "Dansk"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Copenhagen"
FORMAT_MODULE_PATH = ["kommunalpro.formats"]

# --- static files ---------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STATICFILES_DIRS = [
    folder for folder in (BASE_DIR / "static", BASE_DIR / "build" / "assets") if folder.is_dir()
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "kommunalpro.static_files.HashedStaticFiles"},
}

# --- Celery -----------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
# A web request that cannot reach the queue goes on at once: beat finds what its nudge would have announced.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
    "socket_connect_timeout": 2,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ROUTES = ("outbox.queues.queue_of",)
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    # The nudge on commit is the fast way; this one finds what a lost nudge, a retry or the quiet hours left.
    f"deliver-to-{channel}": {
        "task": "outbox.tasks.deliver_due",
        "args": [channel],
        "schedule": 5.0,
        "options": {"expires": 5},
    }
    for channel in ("fut", "nemsms")
}
# At night, when nobody looks at the lists that it shortens.
CELERY_BEAT_SCHEDULE["end-what-is-over"] = {
    "task": "plans.tasks.end_what_is_over",
    "schedule": crontab(hour="3", minute="10"),
}
# Plans for many citizens that a worker left half-way.
CELERY_BEAT_SCHEDULE["resume-bulk-assignments"] = {
    "task": "plans.tasks.resume_bulk_assignments",
    "schedule": 60.0,
    "options": {"expires": 60},
}
CELERY_BEAT_SCHEDULE["measure-answer-times"] = {
    "task": "questionnaires.tasks.measure_answer_times",
    "schedule": crontab(hour="3", minute="50"),
}
CELERY_BEAT_SCHEDULE["find-words-of-drafts"] = {
    "task": "questionnaires.tasks.find_words_of_drafts",
    "schedule": crontab(hour="3", minute="55"),
}
CELERY_BEAT_SCHEDULE["count-use-of-questionnaires"] = {
    "task": "questionnaires.tasks.count_use",
    "schedule": crontab(hour="4", minute="5"),
}
# Uploads of questionnaires that a worker left lying, and those that nobody came back to.
CELERY_BEAT_SCHEDULE["resume-imports"] = {
    "task": "questionnaires.tasks.resume_imports",
    "schedule": 60.0,
    "options": {"expires": 60},
}
CELERY_BEAT_SCHEDULE["forget-imports"] = {
    "task": "questionnaires.tasks.forget_imports",
    "schedule": crontab(minute="15"),
}
CELERY_BEAT_SCHEDULE["mend-access-log"] = {
    "task": "identity.tasks.mend_access_log",
    "schedule": crontab(hour="3", minute="25"),
}
CELERY_BEAT_SCHEDULE["delete-what-is-over"] = {
    "task": "privacy.tasks.delete_what_is_over",
    "schedule": crontab(hour="3", minute="20"),
}
CELERY_BEAT_SCHEDULE["forget-old-logins"] = {
    "task": "identity.tasks.forget_old_logins",
    "schedule": crontab(hour="3", minute="35"),
}
CELERY_BEAT_SCHEDULE["end-visits-left-open"] = {
    "task": "identity.tasks.end_visits_left_open",
    "schedule": 300.0,
    "options": {"expires": 300},
}
# At 7 on a Danish clock; whom a mail server did not take it for is tried again within the hour.
CELERY_BEAT_SCHEDULE["send-digests"] = {
    "task": "notifications.tasks.send_digests",
    "schedule": crontab(hour="7", minute="*/15", day_of_week="mon-fri"),
}
CELERY_BEAT_SCHEDULE["archive-delivered"] = {
    "task": "outbox.tasks.archive_delivered",
    "schedule": crontab(hour="2", minute="20"),
}
CELERY_BEAT_SCHEDULE["reconcile-with-fut"] = {
    "task": "fut.tasks.reconcile",
    "schedule": crontab(hour="4", minute="10"),
}
# Seconds between two looks for what others did on FUT; 0: nobody looks.
FUT_POLL_SECONDS = env.float("FUT_POLL_SECONDS", default=300)
if FUT_POLL_SECONDS > 0:
    CELERY_BEAT_SCHEDULE["poll-fut"] = {
        "task": "fut.tasks.poll",
        "schedule": FUT_POLL_SECONDS,
        "options": {"expires": FUT_POLL_SECONDS},
    }
CELERY_BEAT_SCHEDULE["clear-sessions"] = {
    "task": "kommunalpro.tasks.clear_sessions",
    "schedule": crontab(hour="3", minute="40"),
}

# --- the platforms around us ----------------------------------------------------------------------------

FUT_BASE_URL = env("FUT_BASE_URL")
FUT_TOKEN_URL = env("FUT_TOKEN_URL")
FUT_CLIENT_ID = env("FUT_CLIENT_ID")
FUT_CLIENT_SECRET = env("FUT_CLIENT_SECRET")
# What a service is called in FUT_BASE_URL → its own address where it does not follow that pattern.
FUT_SERVICE_URLS = {
    "patient": env("FUT_PATIENT_URL", default=""),
    "organization": env("FUT_ORGANIZATION_URL", default=""),
    "careplan": env("FUT_CAREPLAN_URL", default=""),
    "plan": env("FUT_PLAN_URL", default=""),
    "questionnaire": env("FUT_QUESTIONNAIRE_URL", default=""),
    "measurement": env("FUT_MEASUREMENT_URL", default=""),
    "task": env("FUT_TASK_URL", default=""),
}
FUT_TOKEN_GRANT = env("FUT_TOKEN_GRANT", default="client_credentials")
FUT_GRANT_FILE = env("FUT_GRANT_FILE", default="")
match FUT_TOKEN_GRANT:
    case "client_credentials":
        pass
    case "refresh_token" | "token_exchange" if FUT_GRANT_FILE:
        pass
    case "refresh_token" | "token_exchange":
        raise ImproperlyConfigured(
            f"FUT_TOKEN_GRANT is “{FUT_TOKEN_GRANT}”, which needs FUT_GRANT_FILE: the file that holds the grant."
        )
    case other:
        raise ImproperlyConfigured(
            f"FUT_TOKEN_GRANT is “{other}”, expected “client_credentials”, “refresh_token” or “token_exchange”."
        )
FUT_CERTIFICATE = env("FUT_CERTIFICATE", default="")
FUT_KEY = env("FUT_KEY", default="")
FUT_TRUST = env("FUT_TRUST", default="")
FUT_NATIONAL_OWNER = env("FUT_NATIONAL_OWNER", default="")
# Larger files of citizens stay here; FUT is told of them without their content.
FUT_LARGEST_FILE_BYTES = env.int("FUT_LARGEST_FILE_KB", default=2000) * 1024

# NemSMS: the real one through KOMBIT's SF1601, or the simulator at the same kind of address, which asks for no
# certificate.
NEMSMS_GATEWAY = env("NEMSMS_GATEWAY", default="sf1601")
NEMSMS_URL = env("NEMSMS_URL").rstrip("/")
NEMSMS_TOKEN_URL = env("NEMSMS_TOKEN_URL", default="")
NEMSMS_CERTIFICATE = env("NEMSMS_CERTIFICATE", default="")
NEMSMS_KEY = env("NEMSMS_KEY", default="")
NEMSMS_TRUST = env("NEMSMS_TRUST", default="")
NEMSMS_LEGAL_FIELDS = env.bool("NEMSMS_LEGAL_FIELDS", default=True)
match NEMSMS_GATEWAY:
    case "sf1601" if not (NEMSMS_CERTIFICATE and NEMSMS_KEY and NEMSMS_URL.startswith("https://")):
        raise ImproperlyConfigured(
            "NEMSMS_GATEWAY is “sf1601”, which needs NEMSMS_CERTIFICATE and NEMSMS_KEY (PEM files) and an https "
            "address in NEMSMS_URL. For a trial with the simulator set NEMSMS_GATEWAY=simulator."
        )
    case "sf1601":
        NEMSMS_TOKEN_URL = (
            NEMSMS_TOKEN_URL
            or "https://n2adgangsstyring.stoettesystemerne.dk/runtime/api/rest/wstrust/v1/issue"
        )
    case "simulator":
        NEMSMS_TOKEN_URL = NEMSMS_TOKEN_URL or f"{NEMSMS_URL}/runtime/api/rest/wstrust/v1/issue"
    case _:
        raise ImproperlyConfigured(f"NEMSMS_GATEWAY is “{NEMSMS_GATEWAY}”, expected “sf1601” or “simulator”.")
# How the sender of receipts is known; without either their address answers nobody.
NEMSMS_RECEIPT_SECRET = env("NEMSMS_RECEIPT_SECRET", default="")
NEMSMS_RECEIPT_CERTIFICATES = env.list("NEMSMS_RECEIPT_CERTIFICATES", default=[])
# The same for every municipality: nobody's text message is switched on or off locally.
try:
    NEMSMS_QUIET_HOURS = read_quiet_hours(
        env("NEMSMS_QUIET_FROM", default="18:00"), env("NEMSMS_QUIET_UNTIL", default="08:00")
    )
except ValueError as error:
    raise ImproperlyConfigured(f"NEMSMS_QUIET_FROM and NEMSMS_QUIET_UNTIL: {error}.") from error
# Who tells a citizen of a new task, us or the platform (FUT); never both.
TASK_MESSAGES_FROM = env("TASK_MESSAGES_FROM", default="us")
if TASK_MESSAGES_FROM not in {"us", "platform"}:
    raise ImproperlyConfigured(f"TASK_MESSAGES_FROM is “{TASK_MESSAGES_FROM}”, expected “us” or “platform”.")

# How many a second may leave; 0 is without a limit. What the receiver allows is agreed with it.
OUTBOX_PER_SECOND = {
    "fut": env.float("FUT_PER_SECOND", default=0),
    "nemsms": env.float("NEMSMS_PER_SECOND", default=50),
}

# What was delivered so many days ago leaves the workers' tables; its months are kept so long, held people's longer.
OUTBOX_ARCHIVE_AFTER_DAYS = env.int("OUTBOX_ARCHIVE_AFTER_DAYS", default=30)
OUTBOX_ARCHIVE_MONTHS = env.int("OUTBOX_ARCHIVE_MONTHS", default=120)
if OUTBOX_ARCHIVE_AFTER_DAYS < 1:
    raise ImproperlyConfigured(
        f"OUTBOX_ARCHIVE_AFTER_DAYS is {OUTBOX_ARCHIVE_AFTER_DAYS}: what arrived today is still counted by the minute."
    )

# --- e-mail to staff: the day's numbers, nothing of anybody -----------------------------------------------------

EMAIL_HOST = env("EMAIL_HOST", default="")
EMAIL_PORT = env.int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", default="")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", default="kommunalpro@localhost" if EMBEDDED else "")
EMAIL_SECURITY = env("EMAIL_SECURITY", default="starttls")
if EMAIL_SECURITY not in {"starttls", "tls", "none"}:
    raise ImproperlyConfigured(f"EMAIL_SECURITY is “{EMAIL_SECURITY}”, expected “starttls”, “tls” or “none”.")
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
if EMAIL_HOST and not DEFAULT_FROM_EMAIL:
    raise ImproperlyConfigured("EMAIL_HOST needs EMAIL_FROM: the address that the e-mails come from.")
# Without a mail server there are no e-mails, and no page offers them; embedded they stand in the worker's output.
EMAIL_IS_SENT = EMBEDDED or bool(EMAIL_HOST)
EMAIL_BACKEND = (
    f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console' if EMBEDDED else 'dummy'}.EmailBackend"
)

# --- pages --------------------------------------------------------------------------------------------------

# The accessibility statement at was.digst.dk (webtilgængelighedsloven § 4); /was leads there.
WAS_URL = env("WAS_URL", default="https://was.digst.dk/")
SUPPORT_EMAIL = env("SUPPORT_EMAIL", default="")
SUPPORT_PHONE = env("SUPPORT_PHONE", default="")

# Pictures and files that citizens give as answers: the largest in MB, how many a response, and what looks for viruses.
UPLOAD_LARGEST_BYTES = env.int("UPLOAD_LARGEST_MB", default=10) * 1024 * 1024
UPLOAD_MOST_FILES = env.int("UPLOAD_MOST_FILES", default=20)
UPLOAD_SCANNER = env("UPLOAD_SCANNER", default="")
UPLOAD_SCANNER_SECONDS = env.float("UPLOAD_SCANNER_SECONDS", default=10)
if not 1024 * 1024 <= UPLOAD_LARGEST_BYTES <= 50 * 1024 * 1024:
    raise ImproperlyConfigured(
        "UPLOAD_LARGEST_MB is expected from 1 to 50: a file is held in memory while it is read."
    )

# A whole request is bounded by `kommunalpro.request_limits`; this is a form without its files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
# No file of anybody is written to the disk of a web server on its way.
FILE_UPLOAD_MAX_MEMORY_SIZE = max(6 * 1024 * 1024, UPLOAD_LARGEST_BYTES + 1)
# KAM tries a whole questionnaire in one form: 5,000 items at most, some of several fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
# Empty file fields count as well, one for each question of a page that takes files.
DATA_UPLOAD_MAX_NUMBER_FILES = 100

# --- the interface for other programs -------------------------------------------------------------------------

REST_FRAMEWORK = {
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.KeyAuthentication",
        "api.authentication.ActorAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["api.permissions.LoggedIn"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.ByAsker"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "api.answers.WhatThereIs",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.problems.answer_problem",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kommunal PRO",
    "DESCRIPTION": "Who asks, and questionnaires as FHIR R4: read, checked, stored as drafts, reviewed, published.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["api.schema.with_refusals"],
    "OAS_VERSION": "3.1.0",
}

# --- figures for a monitor ----------------------------------------------------------------------------------

# Whoever sends it as a bearer token reads /metrics; without it nobody does.
METRICS_TOKEN = env("METRICS_TOKEN", default="")

# --- logs -----------------------------------------------------------------------------------------------------

LOGGING = logging_config(as_json=env("LOG_FORMAT", default="console" if EMBEDDED else "json") == "json")
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_USER_ID_FIELD = None
