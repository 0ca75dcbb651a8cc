"""A small KurrentDB in memory: the gRPC protocol over a real socket, with faults for tests to set."""

from tests.kurrent.server import Server

__all__ = ["Server"]
