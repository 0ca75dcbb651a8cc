"""Response, Control, the operative's page and every job."""

from django.http import HttpResponse
from django.urls import path

from accounts.guard import signed_in


@signed_in
def soon(request, **kwargs):  # type: ignore
    return HttpResponse("soon")


urlpatterns = [
    path("", soon, name="home"),
    path("response/", soon, name="response"),
    path("control/", soon, name="control"),
    path("operatives/<uuid:operative_id>/", soon, name="operative"),
    path("work/", soon, name="work"),
    path("work/<uuid:work_id>/", soon, name="job"),
    path("work/<uuid:work_id>/assign/", soon, name="assign"),
    path("work/<uuid:work_id>/dispatch/", soon, name="dispatch"),
    path("work/<uuid:work_id>/arrive/", soon, name="arrive"),
    path("work/<uuid:work_id>/complete/", soon, name="complete"),
    path("work/<uuid:work_id>/abandon/", soon, name="abandon"),
]
