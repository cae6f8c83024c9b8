from django.urls import path

from notifications import views

app_name = "notifications"

urlpatterns = [path("kvitteringer", views.take_receipt, name="receipts")]
