from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"

    def ready(self) -> None:
        """Tell the schema how one logs in."""
        from api import schema  # noqa: F401 - importing it registers it
