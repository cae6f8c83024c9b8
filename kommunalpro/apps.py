from django.apps import AppConfig


class KommunalproConfig(AppConfig):
    name = "kommunalpro"
    verbose_name = "Kommunal PRO"
