from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = "Beskeder"

    def ready(self) -> None:
        from notifications.channel import NemSmsChannel
        from outbox import channels

        channels.register(NemSmsChannel())
