"""The web server's entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kommunalpro.settings")

application = get_wsgi_application()

# Every view is loaded now, not with the first request: nobody waits for it, and an error in one stops the start.
get_resolver().url_patterns  # noqa: B018 - it loads when it is read
# What is loaded by now lives as long as the process: nobody looks through it for garbage again.
gc.collect()
gc.freeze()
# A page makes some thousands of objects that live until it is sent. By Python's own threshold the young ones are looked
# through with nearly each page, and all of them with every hundredth, for the little that goes in circles.
gc.set_threshold(20_000, 20, 20)
