"""The broker for a WSGI server: `gunicorn identity.broker.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

# Set, not defaulted: the environment is the application's, and names its settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "identity.broker.settings"

application = get_wsgi_application()
