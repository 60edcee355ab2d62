"""Requests to addresses that somebody else chose: which addresses may be asked.

What an address may be is decided here alone, for sources (include/storage) and webhooks. httpx-secure sees to it that
the address that was checked is the one that is connected to, so that a name that resolves differently the second time
gains nothing.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_network

import httpx
from httpx_secure import httpx_ssrf_protection

IPAddress = IPv4Address | IPv6Address
AddressCheck = Callable[[str, IPAddress, int], bool]

GLOBAL_UNICAST = ip_network("2000::/3")
NAT64 = ip_network("64:ff9b::/96")
THIS_NETWORK = ip_network("0.0.0.0/8")
# where clouds answer with credentials; most are link-local, these are not
METADATA = {"fd00:ec2::254", "fd20:ce::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"}


def is_public(host: str, address: IPAddress, port: int) -> bool:
    """`is_global` alone lets multicast, site-local, IPv4-compatible and 6to4-wrapped addresses pass."""
    bare = _unwrapped(address)
    if bare is None or str(bare) in METADATA:
        return False
    if isinstance(bare, IPv6Address) and bare not in GLOBAL_UNICAST:
        return False
    return bare.is_global and not bare.is_multicast


def is_in_house(host: str, address: IPAddress, port: int) -> bool:
    """For hosts that the deployment lists: private ones too, but never where clouds keep credentials."""
    bare = _unwrapped(address)
    if bare is None or str(bare) in METADATA or bare in THIS_NETWORK:
        return False
    return not (bare.is_link_local or bare.is_multicast or bare.is_unspecified)


def on_list(url: httpx.URL, hosts: Iterable[str]) -> bool:
    """`hosts` may name a port (`host:8443`); a URL that names one isn't covered by the host alone."""
    return authority(url) in {host.lower() for host in hosts}


def authority(url: httpx.URL) -> str:
    return f"{url.host}:{url.port}".lower() if url.port else url.host.lower()


def protected(client: httpx.AsyncClient, check: AddressCheck) -> httpx.AsyncClient:
    """The same client, which connects to no address that `check` refuses. Without proxies: they'd look it up again."""
    return httpx_ssrf_protection(client, check_globally_reachable=check is is_public, custom_validator=check)


def retry_after(response: httpx.Response) -> float | None:
    """In seconds; servers say so in seconds or with a date."""
    value = response.headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    with suppress(ValueError, TypeError):
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    return None


def _unwrapped(address: IPAddress) -> IPAddress | None:
    """The IPv4 address that an IPv6 one stands for; None where a tunnel's end would decide."""
    if isinstance(address, IPv4Address):
        return address
    if address.sixtofour or address.teredo:
        return None
    if address in NAT64:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address
