"""Which database the tests use, and the people they are about.

`DATABASE_URL` chooses the database, as it does for the application; every process of a run makes one of
its own and drops it at the end. The people are fixtures: `response`, `control`, `operative`, ... and their
browsers `response_client`, `control_client`, ... What they do is in `tests/factories.py`.
"""

import os
from collections.abc import Iterator, Sequence
from inspect import signature
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from django.conf import LazySettings, settings
from django.contrib.contenttypes.management import create_contenttypes
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models.signals import post_migrate
from django.test import Client

from accounts.features import READY_MADE
from accounts.models import Role, User
from eventstore.current import current_store
from eventstore.projections import inline
from eventstore.store import EventStore
from tests import factories, sampling
from tests.kurrent.server import Server

ON_POSTGRESQL = "DATABASE_URL=postgres://postgres@127.0.0.1:5432/postgres python -m pytest"


def pytest_configure() -> None:
    """Give up what tests do not need, for speed: slow password hashes, and data that survives a power cut."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    options = settings.DATABASES["default"].setdefault("OPTIONS", {})
    if connection.vendor == "postgresql":
        options["options"] = f"{options.get('options', '')} -c synchronous_commit=off".strip()
        type(connection.ops).sql_flush = by_deleting  # type: ignore[method-assign, assignment]
    else:
        options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=OFF")
    hypothesis.settings.register_profile(
        "callout",
        deadline=None,  # a busy machine is not a fault
        suppress_health_check=[hypothesis.HealthCheck.too_slow],
        derandomize="CI" in os.environ,  # whether a change is good must not depend on luck
        print_blob=True,
    )
    hypothesis.settings.load_profile("callout")
    sampling.choose_seed()


def pytest_report_header() -> str:
    """Which places the crash tests visit."""
    return sampling.described()


def by_deleting(ops: BaseDatabaseOperations, style: object, tables: Sequence[str], **_: object) -> list[str]:
    """Empties PostgreSQL's tables after a test that commits. Django's way, TRUNCATE, makes the files of
    all tables and indexes anew and waits for the disk, half a second and more. The lock is the same as
    TRUNCATE's: it waits for statements that a killed process has left running in the server."""
    names = [ops.quote_name(each) for each in tables]
    lock = f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE"
    return [lock, *(f"DELETE FROM {name}" for name in names)] if names else []


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what `make test` need not run a second time, on PostgreSQL: what asks for no database, from which
    pytest-django keeps it; and most tests of pages and the API, which leave SQL to what has tests of its own,
    and of events in KurrentDB. A test that asks for fixtures by `request` may ask for one."""
    if not isinstance(item, pytest.Function):
        return
    asked = {*item.fixturenames, *(each.name for each in item.iter_markers())}
    if asked.isdisjoint(["db", "django_db", "live_server", "postgresql", "transactional_db"]):
        if "request" not in signature(item.function).parameters:
            item.add_marker(pytest.mark.anywhere)
    elif (
        "postgresql" not in asked
        and (item.path.parent.name in {"api", "pages"} or "KurrentDB" in item.name)
        and sampling.is_for_another_time(item.nodeid)
    ):
        item.add_marker(pytest.mark.another_time)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what this run's database cannot do, and say how to run it."""
    if connection.vendor == "postgresql":
        unreachable = why_unreachable()
        if unreachable:
            for item in items:
                item.add_marker(pytest.mark.skip(reason=unreachable))
        return
    for item in items:
        if item.get_closest_marker("postgresql"):
            item.add_marker(pytest.mark.skip(reason=f"Needs PostgreSQL. Run: {ON_POSTGRESQL}"))


def why_unreachable() -> str:
    """The reason why the PostgreSQL server does not answer; empty when it does."""
    configured = settings.DATABASES["default"]
    address = {"host": configured["HOST"], "port": configured["PORT"], "user": configured["USER"]}
    try:
        psycopg.connect(
            **{key: value for key, value in address.items() if value},
            password=configured["PASSWORD"] or None,
            dbname="postgres",  # as Django does, which makes the test database from there
            connect_timeout=3,
        ).close()
    except psycopg.OperationalError as error:
        where = f"{address['host'] or 'the local socket'}:{address['port'] or 5432}"
        return (
            f"No PostgreSQL at {where} ({str(error).splitlines()[0]}). Start it (service postgresql start) "
            "or name another: TEST_POSTGRES_URL=postgres://user:password@host:port/postgres make test"
        )
    return ""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give each process a database of its own, so that workers and whole runs do not meet.

    On SQLite it is a file: one in memory could not be shared with threads and child processes.
    """
    test = settings.DATABASES["default"].setdefault("TEST", {})
    if connection.vendor == "sqlite":
        test["NAME"] = str(tmp_path_factory.mktemp("database") / "callout.sqlite3")
    else:
        test["NAME"] = f"test_callout_{os.getpid()}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Once the database is made, Django need not make every model's permissions, which no test uses, each
    time it has emptied the tables; but it must not believe that they still exist."""
    assert post_migrate.disconnect(create_contenttypes)
    assert post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    post_migrate.connect(lambda **_: ContentType.objects.clear_cache(), weak=False)


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """No test has to wait because of another test's attempts."""
    cache.clear()


@pytest.fixture
def worker(settings: LazySettings) -> Iterator[None]:
    """PROJECTION=worker: an append projects nothing. Wants a database that commits (transaction=True)."""
    settings.PROJECTION = "worker"
    inline.disconnect()
    yield
    inline.connect()


@pytest.fixture(scope="session")
def kurrent_url() -> Iterator[str]:
    """A KurrentDB server: our own over its protocol, or the real one that KURRENTDB_URL names."""
    if url := os.environ.get("KURRENTDB_URL"):
        yield url
        return
    with Server() as server:
        yield server.url


@pytest.fixture
def kurrent(kurrent_url: str, worker: None, settings: LazySettings) -> Iterator[EventStore]:
    """KurrentDB as the store, under a prefix that was never used before."""
    settings.EVENT_STORE_URL = kurrent_url
    settings.EVENT_STORE_PREFIX = f"test{uuid4().hex}"
    current_store.cache_clear()
    yield current_store()
    current_store.cache_clear()


def person(username: str, *roles: str, **fields: object) -> User:
    """A person who signs in as `username` with password "demo", and has ready-made roles."""
    user = User.objects.create_user(username, password="demo", first_name=username.replace("_", " ").title())
    for name in roles:
        features = [feature.value for feature in READY_MADE[name]]
        user.roles.add(Role.objects.get_or_create(name=name, defaults={"features": features})[0])
    for field, value in fields.items():
        setattr(user, field, value)
    user.save()
    return user


def browser_of(user: User) -> Client:
    """A test client in which this person has signed in."""
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def response(db: None) -> User:
    """Takes calls and raises work."""
    return person("response", "Response")


@pytest.fixture
def control(db: None) -> User:
    """Assigns work."""
    return person("control", "Control")


@pytest.fixture
def operative(db: None) -> User:
    """Deals with work; is the operative Olive Marsh."""
    return person("operative", "Operative", operative_id=factories.hire("Olive", "Marsh"))


@pytest.fixture
def other_operative(db: None) -> User:
    """A colleague of `operative`; is the operative Peter Quill."""
    return person("other_operative", "Operative", operative_id=factories.hire("Peter", "Quill"))


@pytest.fixture
def administration(db: None) -> User:
    """Keeps operatives, sites and permissions, and sees events."""
    return person("administration", "Administration")


@pytest.fixture
def stranger(db: None) -> User:
    """Can sign in, but has no role."""
    return person("stranger")


@pytest.fixture
def root(db: None) -> User:
    """The superuser."""
    return person("root", is_superuser=True, is_staff=True)


@pytest.fixture
def response_client(response: User) -> Client:
    return browser_of(response)


@pytest.fixture
def control_client(control: User) -> Client:
    return browser_of(control)


@pytest.fixture
def operative_client(operative: User) -> Client:
    return browser_of(operative)


@pytest.fixture
def other_operative_client(other_operative: User) -> Client:
    return browser_of(other_operative)


@pytest.fixture
def administration_client(administration: User) -> Client:
    return browser_of(administration)


@pytest.fixture
def stranger_client(stranger: User) -> Client:
    return browser_of(stranger)


@pytest.fixture
def root_client(root: User) -> Client:
    return browser_of(root)
