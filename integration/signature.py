"""How a receiver knows that a delivery is ours, and that nobody who listened has sent it again."""

import hashlib
import hmac
import secrets

SIGNATURE, TIMESTAMP = "Callout-Signature", "Callout-Timestamp"
EVENT_ID, EVENT_TYPE = "Callout-Event-Id", "Callout-Event-Type"


def new_secret() -> str:
    """A secret of 256 random bits."""
    return f"whsec_{secrets.token_urlsafe(32)}"


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body; prefixed with the name of the method."""
    signed = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return f"sha256={signed.hexdigest()}"
