"""Where the command's server is, and as whom it speaks: what is given, what the environment says, the
one that runs here."""

import json
import os

from include.local.home import HOST, USER, Home, free, home
from include.local.stack import stack_home
from include.processing.errors import PermanentError

URL, TOKEN, LOGIN = "REELSCRIBE_URL", "REELSCRIBE_TOKEN", ("REELSCRIBE_USER", "REELSCRIBE_PASSWORD")


def account(url: str | None) -> dict[str, str]:
    """The arguments of Reelscribe(). Secrets come from the environment: command lines are everybody's to read."""
    address = url or os.environ.get(URL)
    token, (user, password) = os.environ.get(TOKEN, ""), (os.environ.get(name, "") for name in LOGIN)
    if address:
        return {"url": address, "token": token, "user": user, "password": password}
    for there in (home(), stack_home()):
        if found := _local(there):
            return found
    remedy = f"give --url or set {URL} (and {TOKEN}, or {' and '.join(LOGIN)}), or run `make demo`"
    raise PermanentError("SERVER_UNNAMED", "no server is named, and no local one runs", remedy)


def _local(there: Home) -> dict[str, str] | None:
    """None where it does not run, or is somebody else's, whose password is not ours to read."""
    address = there.root / "address"
    try:
        port = int((there.root / "api-port").read_text())
        password = json.loads(there.password_file.read_text())[USER]
        host = address.read_text().strip() if address.exists() else HOST
    except (OSError, ValueError, KeyError):
        return None
    return None if free(port, host) else {"url": f"http://{host}:{port}", "user": USER, "password": password}
