"""What the server tells of itself: a cluster of one node, its leader."""

import time
from typing import Any
from uuid import uuid4

import grpc  # type: ignore[import-untyped]
from esdbclient.protos.Grpc import gossip_pb2, shared_pb2

NAME = "event_store.client.gossip.Gossip"


class Gossip:
    """Answers the Gossip service."""

    def __init__(self, host: str, port: int) -> None:
        self._member = gossip_pb2.MemberInfo(
            instance_id=shared_pb2.UUID(string=str(uuid4())),
            state=gossip_pb2.MemberInfo.Leader,
            is_alive=True,
            http_end_point=gossip_pb2.EndPoint(address=host, port=port),
        )

    def handlers(self) -> Any:
        """For gRPC."""
        read = grpc.unary_unary_rpc_method_handler(
            self.read, shared_pb2.Empty.FromString, gossip_pb2.ClusterInfo.SerializeToString
        )
        return grpc.method_handlers_generic_handler(NAME, {"Read": read})

    def read(self, _: shared_pb2.Empty, __: Any) -> gossip_pb2.ClusterInfo:
        """The one member."""
        self._member.time_stamp = time.time_ns() // 100
        return gossip_pb2.ClusterInfo(members=[self._member])
