"""What a view shows, so that one's own change can be waited for (pages/own_change.py)."""

from collections.abc import Callable
from typing import Any, TypeVar

from eventstore.projections.read_model import ReadModel, registry

View = TypeVar("View", bound=Callable[..., Any])


def shows(*names: str) -> Callable[[View], View]:
    """The view shows these read models, or decides by them what to answer. A name that no read model has
    is a ValueError."""
    unknown = [name for name in names if name not in registry]
    if unknown or not names:
        raise ValueError(f"There is no read model called {', '.join(unknown) or 'nothing'}")
    return _stating(tuple(registry[name] for name in names))


def shows_none(why: str) -> Callable[[View], View]:  # noqa: ARG001  said for whoever reads the view
    """The view stands beside some that show read models, but shows none itself, because ..."""
    return _stating(())


def shown_by(view: Any) -> tuple[ReadModel, ...] | None:
    """What a view says that it shows; None when it says nothing."""
    shown: tuple[ReadModel, ...] | None = getattr(view, "shows", None)
    return shown


def _stating(shown: tuple[ReadModel, ...]) -> Callable[[View], View]:
    def state(view: View) -> View:
        view.shows = shown  # type: ignore[attr-defined]
        return view

    return state
