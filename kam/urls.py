from django.urls import URLPattern

app_name = "kam"

urlpatterns: list[URLPattern] = []
