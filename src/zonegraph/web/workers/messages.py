"""Frames between processes: a JSON head, bytes, and at most one open file, over a Unix socket.

Each side waits for the other's frame before it sends the next one, so a read never takes more than one.
"""

from __future__ import annotations

import array
import json
import socket
import struct
from typing import Any, Final

import orjson

_PREFIX: Final = struct.Struct(">II")
_AT_ONCE: Final = 16 * 1024
_ONE_DESCRIPTOR: Final = socket.CMSG_SPACE(4)
Head = dict[str, Any]


class PeerGoneError(EOFError):
    """The other process has ended."""


def send(sock: socket.socket, head: Head, payload: bytes = b"", descriptor: int | None = None) -> None:
    """Send one frame; the descriptor stays open here."""
    text = _dumped(head)
    frame = b"".join((_PREFIX.pack(len(text), len(payload)), text, payload))
    try:
        if descriptor is None:
            sock.sendall(frame)
        else:
            sent = socket.send_fds(sock, [frame], [descriptor])
            sock.sendall(frame[sent:])
    except (BrokenPipeError, ConnectionResetError) as error:
        raise PeerGoneError from error


def receive(sock: socket.socket) -> tuple[Head, bytes, int | None]:
    """Receive one frame; raises `PeerGoneError` at the end."""
    try:
        data, ancillary, _, _ = sock.recvmsg(_AT_ONCE, _ONE_DESCRIPTOR, socket.MSG_CMSG_CLOEXEC)
        descriptor = _descriptor(ancillary) if ancillary else None
        if len(data) < _PREFIX.size:
            data = _filled(sock, data, _PREFIX.size)
        head_size, payload_size = _PREFIX.unpack_from(data)
        end = _PREFIX.size + head_size
        if len(data) < end + payload_size:
            data = _filled(sock, data, end + payload_size)
    except ConnectionResetError as error:
        raise PeerGoneError from error
    return _loaded(data[_PREFIX.size : end]), data[end:], descriptor


def _dumped(head: Head) -> bytes:
    try:
        return orjson.dumps(head)
    except TypeError:
        return json.dumps(head).encode("utf-8")  # lone surrogates


def _loaded(text: bytes) -> Head:
    try:
        found: Head = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = json.loads(text)
    return found


def _descriptor(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    numbers = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
    return numbers[0] if numbers else None


def _filled(sock: socket.socket, start: bytes, size: int) -> bytes:
    data = bytearray(start)
    while len(data) < size:
        piece = sock.recv(size - len(data))
        if not piece:
            raise PeerGoneError
        data += piece
    return bytes(data)
