"""Rows of work, sites and operatives for `bench.search`, made by the database itself."""

from datetime import timedelta
from random import Random
from uuid import UUID

from django.db import connection
from django.db.models import Index
from django.utils import timezone

from bench.history import analyze
from readmodels.models import (
    OperativeRow,
    OperativeText,
    SiteRow,
    SiteText,
    WorkRow,
    WorkSiteRow,
    WorkText,
    WorkWord,
)
from spelling.fold import kept

SITES, OPERATIVES, WAITING, WORDS = 5_000, 60, 566, 3_000
AT_ONCE = 20_000


def fill(jobs: int) -> None:
    """So many jobs, of which the last `WAITING` wait and all others are completed."""
    random = Random(1)
    sites, people = places(random), crew(random)
    indexes = dropped_indexes()
    for first in range(0, jobs, AT_ONCE):
        add(range(first, min(first + AT_ONCE, jobs)), jobs, sites, people, random)
    WorkWord.objects.create(word="rareword", backwards="rareword"[::-1])
    with connection.schema_editor() as editor:
        for index in indexes:
            editor.add_index(WorkText, index)
    analyze()


def places(random: Random) -> list[UUID]:
    """Sites in 50 towns."""
    made = [
        SiteRow(
            site_id=an_id(random),
            address_line_1=f"{number % 200} Street{number}",
            town=f"Town{number % 50}",
            post_code=f"PC{number}",
            telephone_number=f"0115{number:07}",
            acquired_at=timezone.now(),
        )
        for number in range(SITES)
    ]
    SiteRow.objects.bulk_create(made)
    SiteText.objects.bulk_create(
        SiteText(row=each, text=kept(each.address_line_1, each.town, each.post_code, each.telephone_number))
        for each in made
    )
    return [each.pk for each in made]


def crew(random: Random) -> list[UUID]:
    """Operatives by name."""
    made = [
        OperativeRow(
            operative_id=an_id(random), forename="Olive", surname=f"Surname{n}", hired_at=timezone.now()
        )
        for n in range(OPERATIVES)
    ]
    OperativeRow.objects.bulk_create(made)
    OperativeText.objects.bulk_create(OperativeText(row=each, text=kept(str(each))) for each in made)
    return [each.pk for each in made]


def add(numbers: range, jobs: int, sites: list[UUID], people: list[UUID], random: Random) -> None:
    """Jobs of 25 words each; one in ten thousand holds a rare one."""
    began, work, texts, at = timezone.now() - timedelta(minutes=jobs), [], [], []
    for number in numbers:
        raised = began + timedelta(minutes=number)
        waits = number >= jobs - WAITING
        row = WorkRow(
            work_id=an_id(random),
            number=number + 1,
            title="Fault",
            description="",
            stage="raised" if waits else "completed",
            raised_at=raised,
            raised_by="call",
            operative_id=None if waits else random.choice(people),
            completed_at=None if waits else raised,
            waiting_since=raised if waits else None,
        )
        work.append(row)
        text = kept(words(number, random))
        texts.append(WorkText(row=row, text=text, raised_at=raised, number=row.number))
        at.append(WorkSiteRow(work=row, site_id=random.choice(sites), place=0))
    WorkRow.objects.bulk_create(work)
    WorkText.objects.bulk_create(texts)
    WorkSiteRow.objects.bulk_create(at)


def words(number: int, random: Random) -> str:
    """A job's text: common words often, others seldom."""
    found = [f"w{int(random.random() ** 3 * WORDS)}x" for _ in range(22)]
    found += [f"common{random.randrange(4)}" for _ in range(2)]
    found.append("oddword" if number % 2 else "evenword")
    if number % 10_000 == 77:
        found.append("rareword scarceword")
    return " ".join(found)


def dropped_indexes() -> list[Index]:
    """Taken away while rows are added, as a rebuild does."""
    indexes = list(WorkText._meta.indexes)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for index in indexes:
                cursor.execute(f"DROP INDEX IF EXISTS {index.name}")
        return indexes
    return []


def an_id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)
