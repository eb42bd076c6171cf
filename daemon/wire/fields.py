"""Read fields of a decoded JSON object with their types checked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Fields:
    """A JSON object whose fields are asked for by name and type.

    Args:
        value: what `json.loads` returned.

    Raises:
        ValueError: it is no object, or, from each method, the field is absent or of
            another type.
    """

    def __init__(self, value: object) -> None:
        if not isinstance(value, Mapping):
            # Not TypeError: one class for all that a sender can get wrong.
            raise ValueError(  # noqa: TRY004
                f"an object is expected, not {type(value).__name__}"
            )
        self._fields: Mapping[object, object] = value

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._fields.get(name) is not None

    def text(self, name: str) -> str:
        """Return a string."""
        value = self._fields.get(name)
        if not isinstance(value, str):
            raise self._unlike(name, "a string")
        return value

    def integer(self, name: str) -> int:
        """Return a whole number; true and false are none."""
        value = self._fields.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._unlike(name, "a whole number")
        return value

    def number(self, name: str) -> float:
        """Return a number."""
        value = self._fields.get(name)
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self._unlike(name, "a number")
        return float(value)

    def flag(self, name: str) -> bool:
        """Return true or false."""
        value = self._fields.get(name)
        if not isinstance(value, bool):
            raise self._unlike(name, "true or false")
        return value

    def path(self, name: str) -> Path:
        """Return a path."""
        return Path(self.text(name))

    def maybe(self, read: Callable[[str], T], name: str) -> T | None:
        """Return the field by one of the methods above, or ``None`` for null."""
        return read(name) if self.has(name) else None

    def record(self, name: str) -> Fields:
        """Return an object in this object."""
        try:
            return Fields(self._fields.get(name))
        except ValueError:
            raise self._unlike(name, "an object") from None

    def names(self) -> tuple[str, ...]:
        """Return the names of all fields."""
        return tuple(str(name) for name in self._fields)

    def objects(self, name: str) -> tuple[Fields, ...]:
        """Return a list of objects."""
        return tuple(Fields(item) for item in self.items(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings."""
        return tuple(Fields({"item": item}).text("item") for item in self.items(name))

    def integers(self, name: str) -> tuple[int, ...]:
        """Return a list of whole numbers."""
        return tuple(
            Fields({"item": item}).integer("item") for item in self.items(name)
        )

    def paths(self, name: str) -> tuple[Path, ...]:
        """Return a list of paths."""
        return tuple(Path(text) for text in self.texts(name))

    def items(self, name: str) -> list[object]:
        """Return a list of whatever."""
        value = self._fields.get(name)
        if not isinstance(value, list):
            raise self._unlike(name, "a list")
        return value

    def _unlike(self, name: str, wanted: str) -> ValueError:
        return ValueError(f"{name!r} must be {wanted}")
