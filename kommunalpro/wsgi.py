"""The web server's entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kommunalpro.settings")

application = get_wsgi_application()

# What is loaded by now lives as long as the process: nobody looks through it for garbage again.
gc.collect()
gc.freeze()
