"""The live page: on the loopback interface alone, for its own page alone, numbers alone."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from explorer.browser import Tab, launched

from flpcheck.examine import Examination, examine
from flpcheck.serve import Live, Server
from flpcheck.settle import Overrides, settle
from flpcheck.spec import load


def examined(name: str, instance: str | None = None, **bounds: int) -> Examination:
    return examine(settle(load(name), Overrides(instance=instance, bounds=bounds)))


@contextmanager
def serving(examination: Examination) -> Iterator[Server]:
    with Server(Live(examination)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(examined("guess_on_timeout", "guess, one crash")) as found:
        yield found


def ask(server: Server, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=named)
    answer = connection.getresponse()
    found = (answer.status, dict(answer.getheaders()), answer.read().decode())
    connection.close()
    return found


def test_it_listens_on_the_loopback_interface_only(server: Server) -> None:
    assert server.server_address[0] == "127.0.0.1"


def test_the_page_holds_the_beginning_and_asks_for_the_rest(server: Server) -> None:
    status, headers, text = ask(server, "/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "connect-src 'self'" in headers["Content-Security-Policy"]
    assert '"live":true' in text


def test_a_configuration_comes_with_its_next_steps(server: Server) -> None:
    status, headers, text = ask(server, "/configuration?id=0")
    chunk = json.loads(text)
    graph = server.live.explorer.chunked.graph
    assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert chunk["out"] == [chunk["out"][0]]
    assert chunk["out"][0][::2] == graph.targets[graph.out(0)].tolist()
    assert chunk["ids"][0] == 0
    assert len(chunk["values"]) == len(server.live.explorer.chunked.values.table)
    again = json.loads(ask(server, f"/configuration?id=0&values={len(chunk['values'])}")[2])
    assert again["values"] == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_others_are_refused(server: Server, headers: dict[str, str]) -> None:
    for path in ("/", "/configuration?id=0"):
        status, _, text = ask(server, path, **headers)
        assert (status, text) == (403, "this server answers only its own page\n")


def test_its_own_page_is_answered_by_either_name(server: Server) -> None:
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{server.port}"
        assert ask(server, "/", Host=host, Origin=f"http://{host}", Sec_Fetch_Site="same-origin")[0] == 200


@pytest.mark.parametrize(
    "path",
    ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/explorer.html", "/configuration/../..",
     "/x" + "y" * 5000, "/configuration/", "/reports"],
)  # fmt: skip
def test_there_is_nothing_but_the_page(server: Server, path: str) -> None:
    assert ask(server, path)[0] == 404


@pytest.mark.parametrize(
    "query",
    ["", "id=", "id=-1", "id=188", "id=1e3", "id=%D9%A1", "id=0&code=1", "id=0&values=__import__('os')",
     "id=9999999999999999", "id=0&id=0&id=0&id=0&id=0&id=0&id=0&id=0&id=0&id=0"],
)  # fmt: skip
def test_a_query_holds_numbers_or_is_refused(server: Server, query: str) -> None:
    status, _, text = ask(server, f"/configuration?{query}")
    assert status == 400
    assert "Traceback" not in text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_only_get_is_understood(server: Server, method: str) -> None:
    assert ask(server, "/", method)[0] == 501


def test_beyond_a_bound_configurations_are_made_on_demand() -> None:
    cut = examined("guess_on_timeout", "guess, one crash", configurations=20)
    assert not cut.graph.complete
    whole = examined("guess_on_timeout", "guess, one crash")
    with serving(cut) as server:
        waiting, seen = list(range(len(cut.graph))), set[int]()
        while waiting:
            number = waiting.pop()
            if number not in seen:
                seen.add(number)
                status, _, text = ask(server, f"/configuration?id={number}")
                assert status == 200
                waiting += json.loads(text)["out"][0][::2]
        chunked = server.live.explorer.chunked
        assert len(chunked) == len(seen) == len(whole.graph)
        found = {str(chunked.graph.system.describe(chunked.configuration(number))) for number in seen}
    assert found == {str(whole.graph.describe(number)) for number in range(len(whole.graph))}


def test_the_live_page_walks_as_the_file_does(server: Server) -> None:
    with launched() as browser:
        tab = Tab(browser, offline=False)
        page: Any = tab.open(server.address + "#1:0")
        for key in "112":
            page.keyboard.press(key)
            page.wait_for_timeout(150)
        page.wait_for_function("location.hash === '#1:0.0.0.1'")
        assert tab.here in server.live.explorer.chunked.analysis.disagreeing
        page.select_option("#tours", "0")
        page.wait_for_selector("#tour h2")
        assert {
            address for address in tab.requests if not address.startswith(("data:", "about:", server.address))
        } == set()
        tab.close()
