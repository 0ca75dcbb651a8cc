"""Signing in and out, the first page of Administration, and permissions."""

from django.urls import include, path

from accounts.views import people, permissions, roles, tokens
from accounts.views.sign_in import sign_in, sign_out
from accounts.views.theme import theme

of_role = [
    path("new/", roles.new_role, name="new-role"),
    path("<int:role_id>/", roles.role, name="role"),
    path("<int:role_id>/delete/", roles.delete_role, name="delete-role"),
]
of_person = [
    path("new/", people.new_person, name="new-person"),
    path("<int:user_id>/", people.person, name="person"),
    path("<int:user_id>/roles/", people.roles, name="person-roles"),
    path("<int:user_id>/operative/", people.operative, name="person-operative"),
    path("<int:user_id>/password/", people.password, name="person-password"),
    path("<int:user_id>/active/", people.active, name="person-active"),
]
of_token = [
    path("new/", tokens.new_token, name="new-token"),
    path("<int:token_id>/", tokens.token, name="token"),
    path("<int:token_id>/revoke/", tokens.revoke_token, name="revoke-token"),
]
urlpatterns = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-out/", sign_out, name="sign-out"),
    path("theme/", theme, name="theme"),
    path("administration/", permissions.front_door, name="administration"),
    path("administration/permissions/", permissions.permissions, name="administration-permissions"),
    path("administration/permissions/roles/", include(of_role)),
    path("administration/permissions/people/", include(of_person)),
    path("administration/tokens/", tokens.tokens, name="tokens"),
    path("administration/tokens/", include(of_token)),
]
