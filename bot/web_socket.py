"""What speaks with a page of the web chat: uvicorn's protocol, which leaves a handshake it cannot read unanswered."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

REFUSAL = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class WebSocket(WebSocketsSansIOProtocol):
    """Answers that with 400 and hangs up: kept, it would keep the server from ending its other connections."""

    def data_received(self, data: bytes) -> None:
        """Read on."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not (self.close_sent or self.transport.is_closing()):
            self.close_sent = True
            self.transport.write(REFUSAL)
            self.transport.close()
