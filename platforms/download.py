"""What hangs on a customer's message, fetched from the platform's own hosts and from nowhere else."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Collection
from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

import requests

from desk.model.errors import Refused, Unreachable
from desk.model.media import EXTENSIONS, LARGEST_IN, Content, kind_of, size
from platforms.rebase import CONNECT_SECONDS, READ_SECONDS

SECONDS = 20.0
"""Real time that one file may take, from the first byte to the last."""
PIECE = 64 * 1024
_NAME = re.compile(r"[^A-Za-z0-9._-]+")


def download(
    address: str,
    hosts: Collection[str],
    *,
    moved_to: str = "",
    timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
    most: int = LARGEST_IN,
    seconds: float = SECONDS,
) -> Content:
    """The file at `address`, without any token. `hosts`: names, or ".fbcdn.net" for all below one. `moved_to`: where a
    stand-in serves them ("http://127.0.0.1:1"), each below a folder with its host's name.

    Raises `Refused` where the address is none of theirs, leads elsewhere or into a private network, or gives what the
    desk does not carry; `Unreachable` where a later try may help.
    """
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host = ""
    if not host or parts.scheme != "https" or port not in (None, 443) or parts.username or not _ours(host, hosts):
        raise Refused("it is not at one of the platform's own addresses", "foreign")
    if moved_to:
        # The one place that the owner configured; it may be on this very machine.
        address = f"{moved_to.rstrip('/')}/{host}{parts.path}{'?' + parts.query if parts.query else ''}"
    elif _inside(host):
        raise Refused("its host's name leads into a private network", "foreign")
    until = time.monotonic() + seconds
    try:
        with requests.Session() as session:
            session.trust_env = not moved_to
            with session.get(address, stream=True, allow_redirects=False, timeout=timeouts) as answer:
                return _read(answer, parts.path, most, until)
    except requests.RequestException as error:
        raise Unreachable(f"the file did not come ({type(error).__name__})") from None


def _ours(host: str, hosts: Collection[str]) -> bool:
    return any(host.endswith(one) if one.startswith(".") else host == one for one in hosts)


def _inside(host: str) -> bool:
    """Whether a name leads to this machine or into a network that is not public. A name that nobody here knows is for
    the connection to fail on, or for the proxy of the environment to know."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except OSError:
        return False
    return any(not _public(str(where[0]).partition("%")[0]) for *_, where in found)


def _public(address: str) -> bool:
    ip = ip_address(address)
    return ((ip.ipv4_mapped if isinstance(ip, IPv6Address) else None) or ip).is_global


def _read(answer: requests.Response, path: str, most: int, until: float) -> Content:
    status = answer.status_code
    if 300 <= status < 400:
        raise Refused("its address leads elsewhere", "foreign")
    if status == 429 or status >= 500:
        raise Unreachable(f"HTTP {status}")
    if status != 200:
        raise Refused(f"it is not there any more (HTTP {status})", "gone")
    said = answer.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise Refused(f"it is larger than {size(most)}", "too_large")
    data = bytearray()
    for piece in answer.iter_content(PIECE):
        data += piece
        if len(data) > most:
            raise Refused(f"it is larger than {size(most)}", "too_large")
        if time.monotonic() > until:
            raise Unreachable("it takes too long")
    kind = kind_of(bytes(data))
    named = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind or named not in (kind, "", "application/octet-stream", "binary/octet-stream"):
        raise Refused("it is no picture, MP4 video or PDF", "kind")
    stem = _NAME.sub("_", path.rpartition("/")[2].rpartition(".")[0])[:60].strip("._") or "file"
    return Content(f"{stem}.{EXTENSIONS[kind]}", kind, bytes(data))
