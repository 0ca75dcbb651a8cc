"""What the address of Control's board says: for the lanes under `q`, `state`, `sort`, `lanes`, `held` and
`after`, for the tray under names of its own. What cannot be understood is left out, so that every address
shows a board."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from readmodels.queries.board import LANES, BoardWanted
from readmodels.queries.crew import Wanted
from readmodels.queries.tray import AGES, ORDERS, STAGES, TrayWanted
from support.forms.raise_work import uuids

OF_LANES = ("q", "state", "sort", "lanes", "after", "held")
OF_TRAY = ("tray_q", "tray_stage", "tray_town", "tray_age", "tray_by", "tray_sort", "tray_after", "tray_new")
KEPT = (*OF_LANES, *OF_TRAY)
"""The parameters that say what is shown, and stay after an assignment."""
NEW = 50
"""The most jobs that can be announced as new at once."""
HELD = 24
"""The most operatives that keep their place: those who were given work last."""


def board_wanted(asked: Mapping[str, str]) -> BoardWanted:
    """What to show."""
    lanes = asked.get("lanes", "")
    return BoardWanted(
        tray=tray_wanted(asked),
        crew=Wanted.of(asked),
        choice=next(iter(uuids([asked.get("work", "")])), None),
        lanes=lanes if lanes in LANES else "",
        after=asked.get("after", ""),
    )


def tray_wanted(asked: Mapping[str, str]) -> TrayWanted:
    """What to show of the tray."""

    def text(name: str) -> str:
        return asked.get(name, "").replace("\0", "").strip()[:100]

    def one_of(name: str, known: Mapping[str, str]) -> str:
        return asked.get(name, "") if asked.get(name, "") in known else ""

    numbers = asked.get("tray_new", "").split(".")[:NEW]
    return TrayWanted(
        text=text("tray_q"),
        stage=one_of("tray_stage", STAGES),
        town=text("tray_town"),
        age=one_of("tray_age", AGES),
        abandoned_by=next(iter(uuids([asked.get("tray_by", "")])), None),
        order=one_of("tray_sort", ORDERS),
        after=asked.get("tray_after", ""),
        new=frozenset(
            int(each) for each in numbers if each.isascii() and each.isdecimal() and len(each) < 10
        ),
    )


def kept(asked: QueryDict, names: tuple[str, ...] = KEPT) -> dict[str, str]:
    """The values of these parameters in the address."""
    return {name: str(asked[name]) for name in names if asked.get(name)}


def board_address(asked: QueryDict, **more: str) -> str:
    """The address of the board that shows the same as before, with these changes."""
    query = urlencode({**kept(asked), **more})
    return f"{reverse('control')}?{query}" if query else reverse("control")


def holding(asked: QueryDict, operative_id: str) -> str:
    """The operatives who keep their place, with this one added."""
    before = [each for each in asked.get("held", "").split(".") if each and each != operative_id]
    return ".".join([*before, operative_id][-HELD:])
