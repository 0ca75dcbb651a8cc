"""Webhooks, a part of Administration."""

from django.urls import include, path

from integration.views import configuration, log

of_webhook = [
    path("new/", configuration.new_webhook, name="new-webhook"),
    path("<int:webhook_id>/", log.webhook, name="webhook"),
    path("<int:webhook_id>/edit/", configuration.edit_webhook, name="edit-webhook"),
    path("<int:webhook_id>/secret/", configuration.replace_secret, name="new-webhook-secret"),
    path("<int:webhook_id>/enabled/", configuration.switch, name="switch-webhook"),
    path("<int:webhook_id>/delete/", configuration.delete_webhook, name="delete-webhook"),
    path("<int:webhook_id>/deliveries/<int:delivery_id>/", log.redeliver, name="redeliver"),
]
urlpatterns = [
    path("administration/webhooks/", log.webhooks, name="webhooks"),
    path("administration/webhooks/", include(of_webhook)),
]
