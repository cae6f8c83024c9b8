"""The broker's own pages and files."""

from django.apps import AppConfig


class BrokerConfig(AppConfig):
    name = "identity.broker"
    label = "broker"
