"""What the server says of itself when it is asked what it can do: its version."""

from typing import Any

import grpc  # type: ignore[import-untyped]

NAME = "event_store.client.server_features.ServerFeatures"
VERSION = b"26.1.0"


def handlers() -> Any:
    """For gRPC. The client has no messages for it; the answer is one text, in field 2."""
    read = grpc.unary_unary_rpc_method_handler(lambda *_: b"\x12" + bytes([len(VERSION)]) + VERSION)
    return grpc.method_handlers_generic_handler(NAME, {"GetSupportedMethods": read})
