"""What botocore raises, as our errors."""

import contextlib
from collections.abc import Iterator

from botocore import exceptions

from include.processing.errors import PermanentError, ProcessingError, TransientError

MISSING = {"NoSuchKey", "404"}
TAKEN = {"PreconditionFailed", "412"}
# another writer was busy with the same key, or our own first request arrived and only its answer got lost
CONFLICT = {"ConditionalRequestConflict", "OperationAborted", "NoSuchUpload", "409"}
RETRYABLE = {
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TooManyRequests",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "ExpiredToken",
    "BadDigest",
    "IncompleteBody",
}
NOT_IMPLEMENTED = 501
LOST = (
    exceptions.ConnectionError,
    exceptions.HTTPClientError,  # reading, time-outs
    exceptions.IncompleteReadError,
    exceptions.FlexibleChecksumError,
    exceptions.CredentialRetrievalError,
    exceptions.MetadataRetrievalError,
)


def code(error: exceptions.ClientError) -> str:
    """S3's word for the error; a HEAD has no body, and so only the HTTP status."""
    return str(error.response.get("Error", {}).get("Code", ""))


@contextlib.contextmanager
def translated(address: str) -> Iterator[None]:
    try:
        yield
    except exceptions.ClientError as exc:
        raise _answered(exc, address) from exc
    except LOST as exc:
        raise _unreachable(address, str(exc)) from exc
    except exceptions.BotoCoreError as exc:
        raise _denied(address, str(exc)) from exc


def _answered(error: exceptions.ClientError, address: str) -> ProcessingError:
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if (status >= 500 and status != NOT_IMPLEMENTED) or status == 429 or code(error) in RETRYABLE | CONFLICT:
        return _unreachable(address, str(error))
    return _denied(address, str(error))


def _unreachable(address: str, cause: str) -> TransientError:
    return TransientError("STORE_UNREACHABLE", f"{address}: {cause}", "check the endpoint; trying again may help")


def _denied(address: str, cause: str) -> PermanentError:
    remedy = "check the bucket, the endpoint and the rights (GetObject, PutObject, DeleteObject, ListBucket)"
    return PermanentError("STORE_DENIED", f"{address}: {cause}", remedy)
