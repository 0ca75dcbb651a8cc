"""Response, Control, the operative's page and every job."""

from django.urls import path

from support.views import control, home, job, operative, response, steps, undo, work

urlpatterns = [
    path("", home.home, name="home"),
    path("response/", response.response, name="response"),
    path("control/", control.control, name="control"),
    path("operatives/<uuid:operative_id>/", operative.operative, name="operative"),
    path("work/", work.work, name="work"),
    path("work/<uuid:work_id>/", job.job, name="job"),
    path("work/<uuid:work_id>/assign/", control.assign, name="assign"),
    path("work/<uuid:work_id>/dispatch/", steps.dispatch, name="dispatch"),
    path("work/<uuid:work_id>/arrive/", steps.arrive, name="arrive"),
    path("work/<uuid:work_id>/complete/", steps.complete, name="complete"),
    path("work/<uuid:work_id>/abandon/", steps.abandon, name="abandon"),
    path("work/<uuid:work_id>/undo/", undo.undo, name="undo"),
    path("work/<uuid:work_id>/undo/still/", undo.still, name="undo-still"),
]
