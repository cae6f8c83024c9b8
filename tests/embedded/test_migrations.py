import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_the_migrations_say_what_the_models_say():
    """Else: python -m kommunalpro.embedded manage makemigrations."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)
