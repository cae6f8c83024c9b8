from django.apps import AppConfig


class FutConfig(AppConfig):
    name = "fut"
    verbose_name = "FUT"

    def ready(self) -> None:
        from fut.channel import FutChannel
        from outbox import channels

        channels.register(FutChannel())
