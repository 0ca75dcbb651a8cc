"""How far readers of the store have come, in lines."""

from eventstore.worker.health import NOT_KNOWN, Condition, Lag, ReactionCondition


def line_of(condition: Condition) -> str:
    """One line for a read model."""
    line = standing(condition.name, condition.position, condition.lag)
    return f"{line}; {why_stopped(condition)}" if condition.stopped else line


def why_stopped(condition: Condition) -> str:
    """What stops a read model from taking in more."""
    return "wants a rebuild" if condition.outdated else f"stopped: {condition.error}"


def reaction_line_of(condition: ReactionCondition) -> str:
    """One line for a reaction."""
    parked = f"; {condition.retrying} to be tried again, {condition.parked} parked"
    line = standing(f"reaction {condition.name}", condition.position, condition.lag)
    away = f"; waits: {condition.away}" if condition.away else ""
    return f"{line}{away}{parked if condition.retrying or condition.parked else ''}"


def standing(name: str, position: int, lag: Lag) -> str:
    """Where a reader is, and how far behind."""
    if lag == NOT_KNOWN:
        return f"{name}: position {position}, how far behind is not known"
    if not lag.events:
        return f"{name}: position {position}, up to date"
    count = f"{lag.events:,}" if lag.is_exact else f"at least {lag.events:,}"
    events = "event" if lag.events == 1 else "events"
    return f"{name}: position {position}, {count} {events} and {lag.seconds:,.0f} s behind"
