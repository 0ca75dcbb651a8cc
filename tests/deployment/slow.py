"""Callout behind a gate that holds a request until the test lets it go, so that one is in flight."""

import asyncio
import os
from pathlib import Path
from typing import Any

from config.asgi import application as callout

GATE = Path(os.environ["GATE"])
ARRIVED, OPEN = GATE / "arrived", GATE / "open"


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Callout's answer, once the gate is open."""
    if scope["type"] == "http":
        ARRIVED.touch()
        while not OPEN.exists():
            await asyncio.sleep(0.01)
    await callout(scope, receive, send)
