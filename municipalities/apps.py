from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class MunicipalitiesConfig(AppConfig):
    name = "municipalities"
    verbose_name = "Kommuner"

    def ready(self) -> None:
        """Migrations see every row: without a scope a data migration would change nothing, and nobody would know."""
        from municipalities import checks  # noqa: F401 - registers itself

        pre_migrate.connect(_see_everything, sender=self)
        post_migrate.connect(_see_nothing, sender=self)


def _see_everything(**_: object) -> None:
    from municipalities.scope import Scope, stay_within

    stay_within(Scope.system())


def _see_nothing(**_: object) -> None:
    from municipalities.scope import stay_within

    stay_within(None)
