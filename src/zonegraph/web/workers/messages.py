"""Frames between processes: a JSON head, bytes, and at most one open file, over a Unix socket."""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any, Final

_PREFIX: Final = struct.Struct(">II")
Head = dict[str, Any]


class PeerGoneError(EOFError):
    """The other process has ended."""


def send(sock: socket.socket, head: Head, payload: bytes = b"", descriptor: int | None = None) -> None:
    """Send one frame; the descriptor stays open here."""
    text = json.dumps(head).encode("utf-8")
    prefix = _PREFIX.pack(len(text), len(payload))
    try:
        if descriptor is None:
            sock.sendall(prefix + text + payload)
        else:
            socket.send_fds(sock, [prefix], [descriptor])
            sock.sendall(text + payload)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise PeerGoneError from error


def receive(sock: socket.socket) -> tuple[Head, bytes, int | None]:
    """Receive one frame; raises `PeerGoneError` at the end."""
    try:
        prefix, descriptors, _, _ = socket.recv_fds(sock, _PREFIX.size, 1)
        if not prefix:
            raise PeerGoneError
        if len(prefix) < _PREFIX.size:
            prefix += _exactly(sock, _PREFIX.size - len(prefix))
        head_size, payload_size = _PREFIX.unpack(prefix)
        data = _exactly(sock, head_size + payload_size)
    except ConnectionResetError as error:
        raise PeerGoneError from error
    descriptor = descriptors[0] if descriptors else None
    if descriptor is not None:
        os.set_inheritable(descriptor, False)
    return json.loads(data[:head_size]), data[head_size:], descriptor


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise PeerGoneError
        data += piece
    return bytes(data)
