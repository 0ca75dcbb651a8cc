"""How the tests ask the API."""

import json
from typing import Any

from django.test import Client


def send(browser: Client, path: str, body: Any = None, **headers: str) -> Any:
    """POST a body as JSON, or none; `Idempotency_Key="..."` names a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
    if body is None:
        content = {"data": b"", "content_type": "application/json"}
    return browser.post(f"/api{path}", headers=named, **content)


def ask(browser: Client, path: str, **headers: str) -> Any:
    """GET."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return browser.get(path if path.startswith("/api") else f"/api{path}", headers=named)


def problem_of(answer: Any, status: int) -> Any:
    """The problem in the answer, which must have this status."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    found = json.loads(answer.content)
    assert found["status"] == status
    return found


def faults_of(answer: Any) -> dict[str, str]:
    """The faults by field, of an answer with status 400."""
    return {each["field"]: each["message"] for each in problem_of(answer, 400)["errors"]}
