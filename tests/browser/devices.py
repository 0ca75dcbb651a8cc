"""The devices that people use."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, ViewportSize

WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=390, height=844)

DESK: dict[str, Any] = {"viewport": WIDE}
TELEPHONE: dict[str, Any] = {"viewport": NARROW, "has_touch": True, "is_mobile": True}

Visit = Callable[..., Page]
"""Opens a page on a device."""
