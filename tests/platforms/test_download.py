"""Where files are fetched from: the platform's own hosts, whose names lead outside, or the configured place."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from desk.model.errors import Refused, Unreachable
from platforms.download import download


@pytest.fixture
def knocks() -> Iterator[tuple[int, list[str]]]:
    """Something inside that listens, and who knocked there."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def wait() -> None:
            while True:
                try:
                    visitor, _ = listening.accept()
                except OSError:
                    return
                with visitor:
                    seen.append(visitor.recv(100).decode("latin-1"))

        threading.Thread(target=wait, daemon=True).start()
        yield listening.getsockname()[1], seen
        listening.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.7", "192.168.1.1", "169.254.169.254"])
def test_a_host_whose_name_leads_inside_is_not_asked(host: str) -> None:
    with pytest.raises(Refused, match="private network"):
        download(f"https://{host}/a.jpg", {host}, timeouts=(0.2, 0.2))


def test_only_the_configured_place_may_be_on_this_machine(knocks: tuple[int, list[str]]) -> None:
    port, seen = knocks
    with pytest.raises((Refused, Unreachable)):
        download("https://localhost/a.jpg", {"localhost"}, moved_to=f"http://127.0.0.1:{port}", timeouts=(1.0, 1.0))
    assert seen and seen[0].startswith("GET /localhost/a.jpg ")


def test_a_name_that_nobody_knows_is_a_failed_connection() -> None:
    with pytest.raises(Unreachable):
        download("https://media.invalid/a.jpg", {"media.invalid"}, timeouts=(1.0, 1.0))
