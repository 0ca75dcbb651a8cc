"""What a view shows, so that its page can wait for the person's own change (pages/own_change.py)."""

from collections.abc import Callable
from typing import Any, TypeVar

from eventstore.projections.read_model import ReadModel, registry

View = TypeVar("View", bound=Callable[..., Any])


def shows(*names: str) -> Callable[[View], View]:
    """States that the view shows these read models, or uses them to decide what to answer. Raises
    ValueError for a name that no read model has."""
    unknown = [name for name in names if name not in registry]
    if unknown or not names:
        raise ValueError(f"There is no read model called {', '.join(unknown) or 'nothing'}")
    return _stating(tuple(registry[name] for name in names))


def shows_none(why: str) -> Callable[[View], View]:  # noqa: ARG001  for the reader of the view
    """States that the view shows no read model, although others beside it do, because of `why`."""
    return _stating(())


def shown_by(view: Any) -> tuple[ReadModel, ...] | None:
    """The read models that a view says it shows; None when it says nothing."""
    shown: tuple[ReadModel, ...] | None = getattr(view, "shows", None)
    return shown


def _stating(shown: tuple[ReadModel, ...]) -> Callable[[View], View]:
    def state(view: View) -> View:
        view.shows = shown  # type: ignore[attr-defined]
        return view

    return state
