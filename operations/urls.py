"""Addresses of the system administration's operations page."""

from django.urls import path

from operations import views

app_name = "operations"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("fut-aendringer/", views.findings, name="findings"),
    path("<str:channel>/", views.channel, name="channel"),
    path("<str:channel>/pause/", views.pause, name="pause"),
    path("<str:channel>/fortsaet/", views.resume, name="resume"),
    path("<str:channel>/send-igen/", views.send_again, name="send_again"),
]
