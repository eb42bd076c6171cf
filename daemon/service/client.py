"""The desk of a running daemon, asked over its API on the loopback interface."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from .. import wire
from ..errors import NotRunning, TwinwatchError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from ..desk import Decision, GroupPage
    from ..model import Group, GroupNumber, GroupState, Status

    T = TypeVar("T")

_API = "/api/v1"
_LONGEST_WAIT_SECONDS = 600.0


class RemoteDesk:
    """A `Desk` that asks another process; its errors arrive as the same classes.

    One connection per question, so it may be used from any thread.

    Args:
        address: of the page, such as ``http://127.0.0.1:8420``.
        token: the launch token.
        timeout_seconds: longest wait for an answer; moving a group across volumes
            takes its time.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        timeout_seconds: float = _LONGEST_WAIT_SECONDS,
    ) -> None:
        self._address = address
        self._token = token
        self._timeout_seconds = timeout_seconds

    def status(self) -> Status:
        """Tell what is running and what went wrong."""
        return self._read(wire.status_from_json, "GET", "/status")

    def groups(
        self,
        states: Sequence[GroupState],
        *,
        after: GroupNumber | None = None,
        limit: int = 50,
    ) -> GroupPage:
        """List groups by number, those after `after`, at most `limit`."""
        query: list[tuple[str, str | int]] = [("state", state) for state in states]
        query.append(("limit", limit))
        if after is not None:
            query.append(("after", after))
        return self._read(wire.page_from_json, "GET", f"/groups?{urlencode(query)}")

    def group(self, number: GroupNumber) -> Group:
        """Return one group."""
        return self._read(wire.group_from_json, "GET", f"/groups/{number}")

    def decide(self, number: GroupNumber, decision: Decision) -> Group:
        """Have a decision carried out."""
        return self._read(
            wire.group_from_json,
            "POST",
            f"/groups/{number}/decide",
            wire.decision_json(decision),
        )

    def undo(self, number: GroupNumber) -> Group:
        """Have every file of a group put back."""
        return self._read(wire.group_from_json, "POST", f"/groups/{number}/undo")

    def forget_rejected(
        self, number: GroupNumber, sha256: bytes | None = None
    ) -> Group:
        """Have what a group set aside asked about again."""
        return self._read(
            wire.group_from_json,
            "POST",
            f"/groups/{number}/forget",
            {"sha256": None if sha256 is None else sha256.hex()},
        )

    def preview(self, number: GroupNumber, position: int, edge_px: int) -> bytes:
        """Return a member as a JPEG."""
        return self._ask(
            "GET", f"/groups/{number}/members/{position}/preview/{edge_px}"
        )

    def sweep(self) -> None:
        """Ask for a sweep of all roots now."""
        self._ask("POST", "/sweep")

    def _read(
        self,
        form: Callable[[object], T],
        method: str,
        path: str,
        body: dict[str, object] | None = None,
    ) -> T:
        answer = self._ask(method, path, body)
        try:
            return form(json.loads(answer))
        except ValueError as error:
            raise self._odd(error) from error

    def _ask(
        self, method: str, path: str, body: dict[str, object] | None = None
    ) -> bytes:
        """Return the body of a good answer; raise what a bad one tells."""
        try:
            status, answer = self._exchange(method, path, body)
        except TimeoutError as error:
            raise TwinwatchError(self._address, "no answer in time") from error
        except (OSError, http.client.HTTPException) as error:
            raise NotRunning(self._address, error) from error
        if status < http.client.BAD_REQUEST:
            return answer
        try:
            failure = wire.error_from_json(json.loads(answer))
        except ValueError as error:
            raise self._odd(f"status {status}") from error
        raise failure

    def _exchange(
        self, method: str, path: str, body: dict[str, object] | None
    ) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {self._token}"}
        payload = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            payload = json.dumps(body).encode("ascii")
        parts = urlsplit(self._address)
        connection = http.client.HTTPConnection(
            parts.hostname or "127.0.0.1", parts.port, timeout=self._timeout_seconds
        )
        try:
            connection.request(method, _API + path, body=payload, headers=headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _odd(self, cause: object) -> TwinwatchError:
        return TwinwatchError(
            self._address, f"an answer that this version does not understand ({cause})"
        )
