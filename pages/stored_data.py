"""An event's data as it is stored, for people to read."""

import json

from eventstore.codec import json_of


def indented(data: str) -> str:
    """JSON, indented for reading; the text as it is stored if it is not JSON that can be read."""
    found = json_of(data)
    return data if found is data else json.dumps(found, indent=2, ensure_ascii=False)
