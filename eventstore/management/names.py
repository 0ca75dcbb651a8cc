"""Read models and reactions as a command line names them."""

from django.core.management.base import CommandError

from eventstore.reactions import Reaction
from eventstore.reactions import registry as reactions
from eventstore.read_models import ReadModel, registry


def named(names: list[str]) -> list[ReadModel]:
    """The read models of these names; a CommandError that lists them all when one is unknown."""
    unknown = [name for name in names if name not in registry]
    if unknown:
        known = ", ".join(sorted(registry))
        raise CommandError(
            f"Name a read model (or --all): {known}."
            if unknown == [""]
            else f"There is no read model {unknown[0]}; there are {known}."
        )
    return [registry[name] for name in names]


def named_reactions(names: list[str]) -> list[Reaction]:
    """The reactions of these names; a CommandError that lists them all when one is unknown."""
    unknown = [name for name in names if name not in reactions]
    if unknown:
        known = ", ".join(sorted(reactions))
        raise CommandError(f"There is no reaction {unknown[0]}; there are {known}.")
    return [reactions[name] for name in names]
