"""
What passes between parent and child: JSON and Arrow record batches, each behind its length.

Nothing is unpickled, and a length is judged before a byte of it is taken into memory.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    import pyarrow as pa

# pyarrow starts threads, and a process with threads can enter no namespace: it is imported where it is needed.
_HEAD: Final = struct.Struct("<cQ")
JSON: Final = b"J"
BATCH: Final = b"B"


def send_json(pipe: BinaryIO, message: dict[str, Any]) -> None:
    """Send a message of plain values."""
    body = json.dumps(message, ensure_ascii=True, allow_nan=False).encode()
    pipe.write(_HEAD.pack(JSON, len(body)) + body)
    pipe.flush()


def send_batch(pipe: BinaryIO, batch: pa.RecordBatch) -> None:
    """Send rows, with their schema."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    body = sink.getvalue()
    pipe.write(_HEAD.pack(BATCH, body.size))
    pipe.write(body)
    pipe.flush()


def receive(read: Callable[[int], bytes]) -> dict[str, Any] | pa.RecordBatch | None:
    """
    Take the next message.

    Parameters
    ----------
    read
        Gives exactly that many bytes, or fewer at the end; it refuses what is too much.

    Returns
    -------
    message
        Plain values, rows whose buffers have been checked, or None at the end.

    Raises
    ------
    ValueError
        If the bytes are no message.
    """
    head = read(_HEAD.size)
    if not head:
        return None
    if len(head) < _HEAD.size:
        raise ValueError("a message was cut off")
    kind, length = _HEAD.unpack(head)
    body = read(length)
    if len(body) < length or kind not in (JSON, BATCH):
        raise ValueError("a message was cut off, or is none")
    if kind == JSON:
        message = json.loads(body)
        if not isinstance(message, dict):
            raise ValueError("a message is not an object")
        return message
    import pyarrow as pa

    with pa.ipc.open_stream(body) as reader:
        batch = reader.read_next_batch()
    batch.validate(full=True)
    return batch
