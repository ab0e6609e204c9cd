"""Datasets of a few pixels with hashes of their own, and a local server that can misbehave: for the tests of fetching."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np

Answer = Callable[[BaseHTTPRequestHandler], None]


def idx_bytes(array: np.ndarray) -> bytes:
    """IDX file of unsigned bytes."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def idx_dataset() -> tuple[dict[str, Any], dict[str, bytes], dict[str, np.ndarray]]:
    """Registry entry, packed files and decoded arrays of 6 + 4 grey images of 2 × 3 pixels in two classes."""
    pixels = np.random.default_rng(1).integers(0, 256, (10, 1, 2, 3), dtype=np.uint8)
    classes = np.arange(10) % 2
    arrays = {"train_images": pixels[:6], "train_labels": classes[:6], "test_images": pixels[6:], "test_labels": classes[6:]}
    contents = {
        "train-images-idx3-ubyte": idx_bytes(pixels[:6, 0]),
        "train-labels-idx1-ubyte": idx_bytes(classes[:6]),
        "t10k-images-idx3-ubyte": idx_bytes(pixels[6:, 0]),
        "t10k-labels-idx1-ubyte": idx_bytes(classes[6:]),
    }
    entry = {
        "format": "idx",
        "classes": 2,
        "shapes": {"train": [6, 1, 2, 3], "test": [4, 1, 2, 3]},
        "folder": "tiny",
        "canonical": [],
        "files": {f"{name}.gz": {name: sha256(content)} for name, content in contents.items()},
    }
    return entry, {f"{name}.gz": gzip.compress(content) for name, content in contents.items()}, arrays


def cifar_dataset(**replaced: bytes) -> tuple[dict[str, Any], dict[str, bytes], dict[str, np.ndarray]]:
    """As `idx_dataset`, 10 + 2 colour images of 2 × 2 pixels as five batches and a test batch; `replaced` members have their own hashes."""
    pixels = np.random.default_rng(2).integers(0, 256, (12, 3, 2, 2), dtype=np.uint8)
    classes = np.arange(12) % 3
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    contents = {}
    for i, name in enumerate(names):
        rows = slice(2 * i, 2 * i + 2)
        batch = {b"data": pixels[rows].reshape(2, 12), b"labels": classes[rows].tolist()}
        contents[f"batches/{name}"] = replaced.get(name, pickle.dumps(batch, protocol=3))
    entry = {
        "format": "cifar",
        "classes": 3,
        "shapes": {"train": [10, 3, 2, 2], "test": [2, 3, 2, 2]},
        "folder": "tiny",
        "canonical": [],
        "files": {"tiny.tar.gz": {name: sha256(content) for name, content in contents.items()}},
    }
    arrays = {"train_images": pixels[:10], "train_labels": classes[:10], "test_images": pixels[10:], "test_labels": classes[10:]}
    return entry, {"tiny.tar.gz": tar_bytes(contents)}, arrays


def tar_bytes(contents: Mapping[str, bytes]) -> bytes:
    """A .tar.gz of the given members."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


def sha256(content: bytes) -> str:
    """Hexadecimal SHA-256."""
    return hashlib.sha256(content).hexdigest()


def reply(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Send a whole answer; a header's underscores become hyphens."""
    handler.send_response(status)
    for name, value in ({"Content_Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole_files(files: Mapping[str, bytes]) -> Answer:
    """Answer each path that ends in a file's name with the file, without knowing of ranges; others with 404."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        name = handler.path.rsplit("/", 1)[-1]
        reply(handler, files.get(name, b"nothing here"), 200 if name in files else 404)

    return answer


@contextmanager
def serve(answer: Answer) -> Iterator[tuple[str, list[BaseHTTPRequestHandler]]]:
    """Local server: its address, and the requests so far."""
    requests: list[BaseHTTPRequestHandler] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self)
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
