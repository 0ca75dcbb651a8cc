"""What a server says about its cluster: its members, and which of them is the leader."""

import time
from typing import Any
from uuid import uuid4

import grpc  # type: ignore[import-untyped]
from esdbclient.protos.Grpc import gossip_pb2, shared_pb2

from tests.kurrent.faults import Faults
from tests.kurrent.log import Log

NAME = "event_store.client.gossip.Gossip"
HOST = "127.0.0.1"


class Cluster:
    """Servers that share a log, by their ports. A server by itself is a cluster of one."""

    def __init__(self) -> None:
        self.log = Log()
        self.leader = 0
        self._ports: list[int] = []

    def join(self, port: int) -> None:
        """Be a member; the first leads."""
        self.leader = self.leader or port
        if port not in self._ports:
            self._ports.append(port)

    def leader_but(self, port: int) -> tuple[str, int] | None:
        """Where the leader is, unless it is this one."""
        return None if self.leader == port else (HOST, self.leader)

    def members(self) -> list[gossip_pb2.MemberInfo]:
        """All members, in the form in which they are sent."""
        state = gossip_pb2.MemberInfo
        return [
            gossip_pb2.MemberInfo(
                instance_id=shared_pb2.UUID(string=str(uuid4())),
                state=state.Leader if port == self.leader else state.Follower,
                is_alive=True,
                http_end_point=gossip_pb2.EndPoint(address=HOST, port=port),
                time_stamp=time.time_ns() // 100,
            )
            for port in self._ports
        ]


class Gossip:
    """Answers the Gossip service, unless it hangs."""

    def __init__(self, cluster: Cluster, faults: Faults) -> None:
        self._cluster = cluster
        self._faults = faults

    def handlers(self) -> Any:
        """For gRPC."""
        read = grpc.unary_unary_rpc_method_handler(
            self.read, shared_pb2.Empty.FromString, gossip_pb2.ClusterInfo.SerializeToString
        )
        return grpc.method_handlers_generic_handler(NAME, {"Read": read})

    def read(self, _: shared_pb2.Empty, context: Any) -> gossip_pb2.ClusterInfo:
        """The members."""
        while self._faults.held(written=False) and context.is_active() and not self._faults.stopping:
            time.sleep(0.02)
        return gossip_pb2.ClusterInfo(members=self._cluster.members())
