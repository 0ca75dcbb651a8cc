"""Writes the demo: the organisation, its past month and its present, noted in a diary."""

from datetime import timedelta
from random import Random
from uuid import UUID

from intake.demo.calls import make_calls
from intake.demo.cast import Actors, Operative, Site, make_operatives, make_sites
from intake.demo.diary import Diary
from intake.demo.job import Job
from intake.demo.material import FAULTS, PEOPLE, Case, Fault
from intake.demo.month import Month
from intake.demo.plan import Plan
from intake.demo.present import QUIET, STORIES, busy_until, tell
from intake.demo.shop import Shop
from operatives.commands import HireOperative, ReleaseOperative, RenameOperative
from operatives.operative import OPERATIVE
from sites.commands import AcquireSite, CorrectSite, RelinquishSite
from sites.site import SITE

TYPICAL_JOB = 90  # minutes, including the journey
WORKING_DAY = 8 * 60


def write_diary(plan: Plan, actors: Actors) -> tuple[Diary, Operative]:
    """The whole diary, and the operative of the demo account."""
    rng = Random(plan.seed)  # noqa: S311  nothing here is a secret
    diary = Diary()
    sites = make_sites(plan, rng)
    operatives = make_operatives(plan, actors, rng, busy_until(plan))
    note_sites(diary, plan, sites, actors)
    note_operatives(diary, plan, operatives, actors)
    note_month(diary, plan, sites, operatives, actors, rng)
    note_present(diary, plan, sites, operatives, actors, rng)
    Shop(diary, plan, sites, actors).note()
    return diary, operatives[0]


def note_sites(diary: Diary, plan: Plan, sites: list[Site], actors: Actors) -> None:
    """Acquire every site; the number of the second was noted wrongly, and the first is given up in the
    end."""
    for number, site in enumerate(sites):
        acquire = AcquireSite(
            site_id=site.site_id,
            address_line_1=site.address_line_1,
            town=site.town,
            post_code=site.post_code,
            telephone_number=sites[2].telephone_number if number == 1 else site.telephone_number,
        )
        diary.note(site.since, acquire, SITE, actors.administration)
    wrong = sites[1]
    correct = CorrectSite(
        site_id=wrong.site_id,
        address_line_1=wrong.address_line_1,
        town=wrong.town,
        post_code=wrong.post_code,
        telephone_number=wrong.telephone_number,
    )
    diary.note(plan.part(0.2), correct, SITE, actors.administration)
    relinquish = RelinquishSite(site_id=sites[0].site_id, open_jobs=0)
    diary.note(plan.ago(3 * QUIET), relinquish, SITE, actors.administration)


def note_operatives(diary: Diary, plan: Plan, operatives: list[Operative], actors: Actors) -> None:
    """Hire everybody; the second was misspelt, the last leaves."""
    for number, each in enumerate(operatives):
        surname = each.surname[:-1] if number == 1 else each.surname
        hire = HireOperative(operative_id=each.operative_id, forename=each.forename, surname=surname)
        diary.note(each.since, hire, OPERATIVE, actors.administration)
    second, last = operatives[1], operatives[-1]
    rename = RenameOperative(
        operative_id=second.operative_id, forename=second.forename, surname=second.surname
    )
    diary.note(plan.start + timedelta(hours=3), rename, OPERATIVE, actors.administration)
    release = ReleaseOperative(operative_id=last.operative_id, open_jobs=0)
    diary.note(last.until + timedelta(hours=1), release, OPERATIVE, actors.administration)


def note_month(
    diary: Diary, plan: Plan, sites: list[Site], operatives: list[Operative], actors: Actors, rng: Random
) -> None:
    """Everything that was raised and dealt with before today's stories begin."""
    count = plan.jobs - len(STORIES)
    per_day = count / max(1, plan.days * 5 / 7) / (len(operatives) - 1)
    month = Month(rng, operatives, pace=min(1.0, 0.6 * WORKING_DAY / (TYPICAL_JOB * max(per_day, 0.1))))
    for number, call in enumerate(make_calls(rng, sites, plan.start, plan.ago(2.5 * QUIET), count)):
        job = new_job(plan.id("work", number), call.fault, call.fault.case(rng), diary, actors, rng)
        job.raise_work(call.at, call.sites)
        month.wait(job, call.at)
    month.play(plan.ago(2 * QUIET))


def note_present(
    diary: Diary, plan: Plan, sites: list[Site], operatives: list[Operative], actors: Actors, rng: Random
) -> None:
    """The work of today, at sites that are still ours; one call in eight is for two sites of a town."""
    ours = sites[1:]
    for number, story in enumerate(STORIES):
        site = rng.choice(ours)
        beside = [each for each in ours if each.town == site.town and each is not site]
        there = [site, rng.choice(beside)] if beside and number % 8 == 3 else [site]
        fault = FAULTS.named(story.fault)
        case = fault.case(rng, by_telephone=story.by_telephone)
        job = new_job(plan.id("story", number), fault, case, diary, actors, rng)
        tell(story, job, there, operatives, plan, rng)


def new_job(work_id: UUID, fault: Fault, case: Case, diary: Diary, actors: Actors, rng: Random) -> Job:
    """A job that somebody is about to call about."""
    caller, spot = rng.choice(PEOPLE.callers), rng.choice(FAULTS.spots)
    return Job(work_id=work_id, fault=fault, case=case, caller=caller, spot=spot, diary=diary, actors=actors)
