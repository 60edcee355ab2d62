"""Where webhooks may go: to public addresses by https, and where the deployment says so to hosts in the house.

Looked at when an endpoint is made and again at each request: a name may lead somewhere else by then.
"""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

from include.outbound import AddressCheck, is_in_house, is_public, on_list
from include.processing.errors import PermanentError
from include.storage.staging import without_secrets

SETTING = "REELSCRIBE_WEBHOOK_HOSTS"
LONGEST_URL = 1000
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """`check` says which addresses its host may have."""

    url: httpx.URL
    host: str
    port: int
    check: AddressCheck


def target(url: str, hosts: Sequence[str]) -> Target:
    """What the URL itself shows; `hosts` are those in the house. Raises PermanentError WEBHOOK_URL_REFUSED."""
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        raise refused(url, "it is not a URL") from None
    if parsed.scheme not in PORTS or not parsed.host or not 0 < (parsed.port or 1) < 2**16:
        raise refused(url, "it is not https://host/path")
    if len(str(parsed)) > LONGEST_URL:
        raise refused(url, f"it is longer than {LONGEST_URL} characters")
    if parsed.userinfo:
        raise refused(url, "a name or password in it would be kept in logs")
    listed = on_list(parsed, hosts)
    if parsed.scheme != "https" and not listed:
        raise refused(url, "only hosts in the house are told without encryption")
    host = parsed.raw_host.decode()  # in ASCII, whatever script it was written in
    return Target(parsed, host, parsed.port or PORTS[parsed.scheme], is_in_house if listed else is_public)


def resolve(there: Target) -> list[str]:
    """Every address of its host, in the system's order. Raises PermanentError WEBHOOK_URL_REFUSED where one of them may
    not be asked, OSError where the host has none."""
    try:
        found = socket.getaddrinfo(there.host, there.port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise refused(str(there.url), "its host is no name") from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not there.check(there.host, ip_address(address), there.port):
            raise refused(str(there.url), f"{there.host} leads to an address that is not public")
    return addresses


def check(url: str, hosts: Sequence[str]) -> Target:
    """Both at once, for an endpoint that is to be made."""
    there = target(url, hosts)
    try:
        resolve(there)
    except OSError:
        raise refused(url, f"there is no host {there.host}") from None
    return there


def refused(url: str, why: str) -> PermanentError:
    """Names the host alone: the path of many a webhook is its password."""
    scheme, separator, rest = without_secrets(url).partition("://")
    shown = f"{scheme}://{rest.partition('/')[0]}" if separator else "the address"
    remedy = f"give https:// and a public host, or list a host of your own in {SETTING}"
    return PermanentError("WEBHOOK_URL_REFUSED", f"{shown}: {why}", remedy)
