"""Callout's settings: this one file, driven by the environment (docs/settings.md lists the variables)."""

from datetime import timedelta
from pathlib import Path

from config import environment as env

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY", fallback="not-a-secret: for development only" if DEBUG else None)
# Under which what a command said is noted with its events; changed, it is another key (docs/settings.md).
COMMAND_DIGEST_KEY = env.secret("COMMAND_DIGEST_KEY", fallback=SECRET_KEY)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", default="")

# Whether people wait for this process: if so, it does not wait for a server as long as a command does.
SERVES_PEOPLE = env.flag("SERVES_PEOPLE", default=False)

# Whether a connection pooler is between us and PostgreSQL, and keeps sessions (docs/adr/0031).
DATABASE_POOLER = env.choice("DATABASE_POOLER", "none", "session")

# Where events are kept, and when read models advance (docs/adr/).
DATABASES = {
    "default": env.database(
        "DATABASE_URL",
        default=f"sqlite:///{BASE_DIR / 'callout.sqlite3'}",
        pool=env.whole_number("DATABASE_POOL", default=0),
        serves_people=SERVES_PEOPLE,
        is_pooled=DATABASE_POOLER == "session",
    )
}
EVENT_STORE_URL = env.event_store("EVENT_STORE_URL")
# In the names of a channel and a schema of PostgreSQL, and in the header of archives.
EVENT_STORE_NAME = env.text("EVENT_STORE_NAME", default="callout")
EVENT_STORE_PREFIX = env.word("EVENT_STORE_PREFIX", default="callout")
# A store elsewhere cannot share a transaction with the read models.
PROJECTION = env.choice("PROJECTION", *(["worker"] if EVENT_STORE_URL else ["inline", "worker"]))

# What every event ever stored holds and means, beside the page for people (manage.py write_contract).
EVENT_CONTRACT = BASE_DIR / "docs" / "events.json"

# Short-lived counts: failed sign-ins, and requests to the API (docs/adr/0017-tokens-and-limits.md).
CACHES = {"default": env.cache("CACHE_URL")}
# How often one program, person or address may call the API: so many times in so many seconds.
API_RATE = env.rate("API_RATE", default="600/m")
# How many streams one program or person may have open in a process (docs/adr/0018-live-feed.md).
STREAMS_AT_ONCE = env.whole_number("STREAMS_AT_ONCE", default=20)

# Amounts are stored without a currency: changing it changes the sign beside them, not what they are worth.
CURRENCY = env.currency("CURRENCY", default="GBP")
# The catalogue marks a product that has so many left, or fewer.
LOW_STOCK = env.whole_number("LOW_STOCK", default=5)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "csp",
    "axes",
    "eventstore",
    "readmodels",
    "accounts",
    "support",
    "operatives",
    "sites",
    "products",
    "orders",
    "integration",
    "eventlog",
    "pages",
    "intake",
]

MIDDLEWARE = [
    # First of all: machines that check our health use no host name, and plain HTTP. Outside of everything
    # that changes an answer or may answer a program with a page: a compressed answer cannot be changed.
    "config.door.DoorMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # Before everything that asks who the user is: anybody may have a stylesheet.
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    # Django's own check; a form that came too late may still be shown again after it.
    "accounts.late_form.CsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "pages.unavailable.AwayMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.guard.GuardMiddleware",
    # After the guard: nobody waits for a page that they may not see.
    "pages.own_change.OwnChangeMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "pages.context.chrome",
            ],
            # Every form says whom its page was made for, in its {% csrf_token %}.
            "builtins": ["pages.templatetags.forms"],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
# First of all: may this password be tried at all?
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "accounts.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
# After too many failed sign-ins by a username from an address, they have to wait; success clears the
# count.
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# Trying while one waits does not prolong the wait: somebody at the same address could keep others out for
# ever.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "accounts.client_address.client_address"
# Counted in the cache only: the tables of django-axes would hold names and addresses, so they are not
# made.
AXES_HANDLER = "axes.handlers.cache.AxesCacheHandler"
AXES_ENABLE_ADMIN = False
MIGRATION_MODULES = {"axes": None}
# No browsers in the log; django-axes itself masks names and addresses.
AXES_VERBOSE = False
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

# A card's number stays out of error reports.
DEFAULT_EXCEPTION_REPORTER_FILTER = "orders.views.secret.WithoutCard"

# How much time an order has to be thought over before anything is done about it.
ORDER_GRACE_SECONDS = env.whole_number("ORDER_GRACE_SECONDS", default=60)
PAYMENT_SIMULATION = env.choice("PAYMENT_SIMULATION", "succeed", "fail", "random")
globals().update(env.email("EMAIL_URL", default="console:"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", default="callout@localhost")

# What other systems are told (docs/integration-events.md): through a broker, if one is named, and by
# webhooks, which reach into our own network only if that is allowed.
EVENT_BUS_URL = env.event_bus("EVENT_BUS_URL")
WEBHOOKS_TO_PRIVATE_ADDRESSES = env.flag("WEBHOOKS_TO_PRIVATE_ADDRESSES", default=False)

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env.time_zone("TIME_ZONE", default="Europe/London")
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
# In production a file's name holds a hash of its content, so that browsers keep it for ever; collectstatic
# writes the names and the compressed copies. Development and tests serve static/ as it is.
_STATIC_STORAGE = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if DEBUG
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_STORAGE},
}
# Set explicitly, because whitenoise would ask settings.DEBUG, which the test runner turns off.
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Pages load nothing from elsewhere, and run no inline scripts.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# Counted from the last press of the person who signed in (accounts/session_life.py).
SESSION_COOKIE_AGE = timedelta(days=14) // timedelta(seconds=1)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_HSTS_SECONDS = 0 if DEBUG else 31_536_000
# Whether other hosts of the domain use only HTTPS is not ours to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# The docs say at CACHE_URL that processes may count by themselves. The view that signs people in also
# answers those who have to wait, so there is no middleware that would replace another view's answer.
SILENCED_SYSTEM_CHECKS += ["axes.W001", "axes.W002"]
# Django's own middleware checks for forgery, in a subclass (accounts/late_form.py).
SILENCED_SYSTEM_CHECKS += ["security.W003"]
# A proxy in front is believed about the client: X-Forwarded-Proto, and the last entry of X-Forwarded-For.
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"failures": {"()": "config.logs.TraceFailuresAlone"}},
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["failures"]}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": []},  # its own handlers would write every line once more
        # Log failures, not who signs in and out.
        "axes": {"level": "WARNING"},
    },
}
