"""Which video a source is, before anybody has fetched it."""

from dataclasses import dataclass

from include.api.services import Services
from include.storage import ObjectStore, keys, open_store
from include.storage.https_source import allowed
from include.storage.staging import Policy, filename_of, found, without_secrets


@dataclass(frozen=True, slots=True)
class Place:
    """`video_id` is what stands for it where the video is on the web: only its answer tells which that is."""

    video_id: str
    filename: str
    source: str
    size: int | None


def place_of(services: Services, source: str) -> Place:
    """Raises PermanentError SOURCE_NOT_ALLOWED, SOURCE_UNREADABLE, SOURCE_TOO_LARGE or EMPTY. Nothing is fetched."""
    policy = Policy.of(services.settings)
    if on_the_web(source):
        path = allowed(source, policy).path
        return Place(keys.video_id("", source, ""), filename_of(path), without_secrets(source), None)
    with found(source, services.store, policy, lambda bucket: bucket_of(services, bucket)) as there:
        return Place(there.video_id, there.filename, there.source, there.size)


def on_the_web(source: str) -> bool:
    return source[:6].lower() == "https:"


def bucket_of(services: Services, bucket: str) -> ObjectStore:
    return open_store(f"s3://{bucket}", services.s3_client)
