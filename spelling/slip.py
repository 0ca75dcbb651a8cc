"""Words that differ by one slip of the hand: one letter wrong, missing or too many, or two exchanged."""


def is_one_slip(typed: str, meant: str) -> bool:
    """Whether a single slip turns one word into the other."""
    if typed == meant or abs(len(typed) - len(meant)) > 1:
        return False
    shorter, longer = sorted((typed, meant), key=len)
    same = next((i for i, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(shorter) < len(longer):
        return shorter[same:] == longer[same + 1 :]
    rest, other = typed[same:], meant[same:]
    return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])


def intact(typed: str) -> tuple[str, str]:
    """A beginning and an ending of the word; a single slip leaves one of them unchanged. An index can find
    the candidates by these."""
    half = len(typed) // 2
    return typed[: half - 1], typed[half + 1 :]
