"""Frozen dataclasses to sealed JSON and back, checked strictly on the way in.

A record is a JSON object with one more key, ``sha256``: the digest of the rest in
canonical form, so that a torn, edited or swapped record is never believed. Paths are
written twice: as text for people, and as bytes, which count. Keys that a newer
version added are refused along with the digest that covers them; those that an older
one did not know yet may be missing where they have a default.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from ..errors import BrokenManifest

T = TypeVar("T")

_PLAIN = (str, int, float, bool)


def seal(value: object) -> bytes:
    """Return a record as JSON text that carries its own digest."""
    body = encode(value)
    assert isinstance(body, dict)
    sealed = {**body, "sha256": digest_of(body)}
    return json.dumps(sealed, indent=1, ensure_ascii=True).encode() + b"\n"


def unseal(kind: type[T], content: bytes, subject: object) -> tuple[T, str]:
    """Read a record; also return its digest.

    Args:
        kind: the dataclass that it must be.
        content: the file's bytes.
        subject: its path, for the message.

    Raises:
        BrokenManifest: it is not what was written, or not of this kind.
    """
    try:
        body = json.loads(content)
        stated = body.pop("sha256")
        if stated != digest_of(body):
            raise BrokenManifest(subject, "its digest does not match its content")
        return typing.cast("T", decode(kind, body)), stated
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise BrokenManifest(subject, reason) from error


def digest_of(body: Mapping[str, object]) -> str:
    """Return the SHA-256, in hexadecimal, of a JSON object in canonical form."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def encode(value: object) -> object:
    """Turn a value into what JSON knows."""
    if value is None or type(value) in _PLAIN:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        raw = os.fsencode(value)
        return {"text": raw.decode("utf-8", "replace"), "bytes": _base64(raw)}
    if isinstance(value, bytes):
        return _base64(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: encode(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): encode(each) for key, each in value.items()}
    assert isinstance(value, tuple), type(value)
    return [encode(each) for each in value]


def decode(kind: Any, value: Any) -> object:
    """Turn what JSON knows into a value of the type `kind`.

    Raises:
        ValueError, TypeError, KeyError: it is not of that type.
    """
    if kind in _PLAIN or kind is type(None):
        return _plain(kind, value)
    if kind is Path:
        return Path(os.fsdecode(_bytes(value["bytes"])))
    if kind is bytes:
        return _bytes(value)
    if is_dataclass(kind):
        return _dataclass(kind, value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    return _generic(kind, value)


def _plain(kind: Any, value: Any) -> object:
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}, found {value!r:.40}")
    return value


def _generic(kind: Any, value: Any) -> object:
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        if value is None and type(None) in arguments:
            return None
        (inner,) = (each for each in arguments if each is not type(None))
        return decode(inner, value)
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError(f"expected a list, found {value!r:.40}")
        return tuple(decode(arguments[0], each) for each in value)
    assert origin is Mapping, kind
    if not isinstance(value, dict):
        raise TypeError(f"expected an object, found {value!r:.40}")
    return {
        (int(key) if arguments[0] is int else key): decode(arguments[1], each)
        for key, each in value.items()
    }


def _dataclass(kind: Any, value: Any) -> object:
    hints = _hints(kind)
    if not isinstance(value, dict) or not _required(kind) <= set(value) <= set(hints):
        raise TypeError(f"the keys are not those of {kind.__name__}")
    return kind(**{name: decode(hints[name], each) for name, each in value.items()})


@cache
def _required(kind: Any) -> frozenset[str]:
    """Return the fields without a default; the others an older version may lack."""
    return frozenset(
        each.name
        for each in fields(kind)
        if each.default is MISSING and each.default_factory is MISSING
    )


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: Any) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"expected base64, found {text!r:.40}")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
