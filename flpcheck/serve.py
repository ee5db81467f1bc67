"""The live explorer: the same page on the loopback interface, with configurations computed on demand.

The server has two answers, the page and a configuration by its number.  It opens no file that a request names and
runs nothing that a request holds: numbers are all it reads.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flpcheck.errors import BadRequest, FlpcheckError
from flpcheck.examine import Examination
from flpcheck.report.explorer import Explorer
from flpcheck.report.explorer.chunked_graph import Known
from flpcheck.report.explorer.page import page, policy

LOOPBACK = "127.0.0.1"
LONGEST = 2048
"""Maximum length of an address, in characters; the page has no longer ones."""
TABLES = tuple(field.name for field in dataclasses.fields(Known))


class Live:
    """An examination as the server presents it.

    Parameters
    ----------
    examination
        What was examined and found; where a bound has cut the search, configurations beyond it are made on demand.
    others
        Other instances of the spec, of which the page holds what their tours need.
    """

    def __init__(self, examination: Examination, others: Sequence[Examination] = ()) -> None:
        self.explorer = Explorer(examination, others=others)
        self._lock = Lock()

    @cached_property
    def data(self) -> dict[str, Any]:
        """The data with which the page starts."""
        return self.explorer.data(live=True)

    def page(self) -> str:
        """Return the page."""
        with self._lock:
            return page(self.data, live=True)

    def configuration(self, number: int, known: Known) -> dict[str, Any]:
        """Return a configuration with its next steps, and their successors.

        Raises
        ------
        BadRequest
            If no page has been sent such a number.
        """
        with self._lock:
            chunked = self.explorer.chunked
            if not 0 <= number < len(chunked):
                raise BadRequest(f"no configuration {number}", why=f"choose 0 to {len(chunked) - 1}")
            return chunked.chunk([number], known, further=True)


class Server(ThreadingHTTPServer):
    """A server on the loopback interface, for one page.

    Parameters
    ----------
    live
        What it tells.
    port
        Where; 0 for any free port.
    """

    daemon_threads = True

    def __init__(self, live: Live, port: int = 0) -> None:
        self.live = live
        super().__init__((LOOPBACK, port), Handler)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://{LOOPBACK}:{self.port}/"

    @property
    def hosts(self) -> frozenset[str]:
        """The names by which a browser may call it: any other has been bent to this machine (DNS rebinding)."""
        return frozenset(f"{name}:{self.port}" for name in (LOOPBACK, "localhost"))


class Handler(BaseHTTPRequestHandler):
    """Answers one request: GET of the page, or of a configuration."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "flpcheck"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 60

    def do_GET(self) -> None:
        """Answer, or say why not."""
        if not self._is_our_page_asking():
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", "this server answers only its own page\n")
            return
        try:
            self._routed()
        except FlpcheckError as error:
            self._answer(HTTPStatus.BAD_REQUEST, "text/plain", f"{error}\n")

    def _is_our_page_asking(self) -> bool:
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        from_elsewhere = self.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}
        ours = origin is None or origin.removeprefix("http://") in self.server.hosts
        return host in self.server.hosts and ours and not from_elsewhere

    def _routed(self) -> None:
        asked = urlsplit(self.path) if len(self.path) <= LONGEST else urlsplit("/too-long")
        if asked.path == "/":
            self._answer(HTTPStatus.OK, "text/html", self.server.live.page())
        elif asked.path == "/configuration":
            numbers = _numbers(asked.query)
            known = Known(**{name: numbers[name] for name in TABLES if name in numbers})
            chunk = self.server.live.configuration(numbers.get("id", -1), known)
            self._answer(HTTPStatus.OK, "application/json", json.dumps(chunk, separators=(",", ":")))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", "this server serves only the page\n")

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        headers = {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Content-Security-Policy": f"{policy(live=True)}; frame-ancestors 'none'",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is for the person."""


def _numbers(query: str) -> dict[str, int]:
    """Return the numbers in a query; everything else is refused."""
    pairs = parse_qsl(query)
    for name, text in pairs:
        if name not in {"id", *TABLES} or not (text.isascii() and text.isdigit() and len(text) <= 15):
            raise BadRequest("the query of a configuration consists of its number and the sizes of tables")
    if len(pairs) > len(TABLES) + 1:
        raise BadRequest("the query of a configuration names each number once")
    return {name: int(text) for name, text in pairs}
