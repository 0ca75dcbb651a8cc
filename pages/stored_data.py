"""An event's data as it is stored, for people to read."""

import json


def indented(data: str) -> str:
    """JSON for reading; as it is stored when it is none."""
    try:
        return json.dumps(json.loads(data), indent=2, ensure_ascii=False)
    except ValueError:
        return data
