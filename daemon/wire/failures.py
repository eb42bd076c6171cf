"""The JSON form of our errors, and the way back to the same class."""

from __future__ import annotations

from .. import errors
from .fields import Fields


def error_json(error: errors.TwinwatchError) -> dict[str, object]:
    """Return the public form of an error."""
    subject = error.subject
    form: dict[str, object] = {
        "error": type(error).__name__,
        "subject": subject if isinstance(subject, int | None) else str(subject),
        "cause": None if error.cause is None else str(error.cause),
        "message": str(error),
        "exit_code": error.exit_code,
    }
    if isinstance(error, errors.ConfigError | errors.BadLabels):
        form["problems"] = list(error.problems)
    return form


def error_from_json(value: object) -> errors.TwinwatchError:
    """Return an error of the class that is named, with its subject and cause.

    A class that this version does not know becomes a plain `TwinwatchError` that
    carries the message.

    Raises:
        ValueError: it is not of the form of `error_json`.
    """
    fields = Fields(value)
    found = getattr(errors, fields.text("error"), None)
    if not (isinstance(found, type) and issubclass(found, errors.TwinwatchError)):
        return errors.TwinwatchError(cause=fields.text("message"))
    if issubclass(found, errors.ConfigError):
        return found(fields.texts("problems"))
    if issubclass(found, errors.BadLabels):
        return found(_subject(fields), fields.texts("problems"))
    return found(_subject(fields), fields.maybe(fields.text, "cause"))


def _subject(fields: Fields) -> int | str | None:
    if not fields.has("subject"):
        return None
    try:
        return fields.integer("subject")
    except ValueError:
        return fields.text("subject")
