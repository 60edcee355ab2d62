"""`weed server -s3 …` with moto's S3 behind it: same options, same port, same accounts, same /healthz.

moto takes any caller's word; here the signature of each request is checked against the accounts of -s3.config, so that
wrong credentials fail as they would at SeaweedFS. Objects are in memory: they end with the container.
"""

import hmac
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

PORT = 8333
DENIED = b"<Error><Code>SignatureDoesNotMatch</Code><Message>no such account</Message></Error>"
Environ = dict[str, Any]
Answer = Iterable[bytes]


def options(arguments: list[str]) -> dict[str, str]:
    return dict(argument.lstrip("-").partition("=")[::2] for argument in arguments if argument.startswith("-"))


def accounts(config: Path) -> dict[str, str]:
    """Access keys and their secrets."""
    identities = json.loads(config.read_text())["identities"]
    pairs = [pair for identity in identities for pair in identity["credentials"]]
    return {pair["accessKey"]: pair["secretKey"] for pair in pairs}


def signed(environ: Environ, known: dict[str, str]) -> bool:
    """Whether the request carries the signature that the account's secret makes."""
    kind, _, rest = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if kind != "AWS4-HMAC-SHA256":
        return False
    said = dict(part.strip().split("=", 1) for part in rest.split(","))
    access, _, region, *_ = said["Credential"].split("/")
    if access not in known:
        return False
    names = said["SignedHeaders"].split(";")
    variables = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in names}
    bare = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
    headers = {name: environ[bare.get(name, variables[name])] for name in names}
    request = AWSRequest(environ["REQUEST_METHOD"], f"http://{environ['HTTP_HOST']}{environ['RAW_URI']}", headers)
    request.context["timestamp"] = environ["HTTP_X_AMZ_DATE"]
    auth = S3SigV4Auth(Credentials(access, known[access]), "s3", region)
    expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return hmac.compare_digest(expected, said["Signature"])


def guarded(moto: Callable[..., Answer], known: dict[str, str]) -> Callable[..., Answer]:
    def answer(environ: Environ, start: Callable[..., Any]) -> Answer:
        if environ["PATH_INFO"] == "/healthz":
            start("200 OK", [])
            return [b""]
        if not signed(environ, known):
            start("403 Forbidden", [("Content-Type", "application/xml")])
            return [DENIED]
        return moto(environ, start)

    return answer


if __name__ == "__main__":
    told = options(sys.argv[2:])
    if sys.argv[1] != "server" or "s3" not in told:
        sys.exit("this stands for `weed server -s3`")
    application = DomainDispatcherApplication(create_backend_app)
    run_simple(
        told.get("ip.bind", "0.0.0.0"),
        int(told.get("s3.port", PORT)),
        guarded(application, accounts(Path(told["s3.config"]))),
        threaded=True,
    )
