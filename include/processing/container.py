"""Opening foreign containers, hardened, and telling in one line why one can't be opened.

Over a file object the demuxer whitelist is what keeps playlists (HLS, DASH, ffconcat) from naming other files
and addresses; `protocol_whitelist` alone does not.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import av
from av.codec import Codec
from av.codec.hwaccel import HWAccel, HWDeviceType, hwdevices_available
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition

from include.processing.errors import PermanentError, ProcessingError
from include.processing.ports import ByteSource
from include.processing.reading import SourceFile

DEMUXERS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,wav,mp3,flac,aac"
OPTIONS = {"format_whitelist": DEMUXERS, "protocol_whitelist": "", "enable_drefs": "0"}
HEAD = 64 * 1024

log = logging.getLogger(__name__)

_PLAYLISTS = (b"#EXTM3U", b"ffconcat", b"<MPD", b"CompositionPlaylist", b"v=0\r\no=", b"v=0\no=")
_PICTURES = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"BM", b"RIFF????WEBP")


@contextmanager
def open_container(
    source: ByteSource, index: bytes = b"", *, record: bool = False, hwaccel: str | None = None
) -> Iterator[tuple[InputContainer, SourceFile]]:
    """The container and the file object under it, which remembers what it reads if asked to `record`.

    `hwaccel` is the kind of device that decodes pictures, as FFmpeg calls it, with its name where there are several
    (cuda, cuda:1, vaapi:/dev/dri/renderD129). What it can't decode is decoded in software, and so is everything
    where it is missing, with a warning in the log. Raises PermanentError with the code for what the bytes are.
    """
    device = hardware(hwaccel) if hwaccel else None
    file = SourceFile(source, index)
    if record:
        file.record()
    try:
        container = _opened(file, device)
    except (FFmpegError, ValueError, OverflowError, MemoryError) as exc:
        raise cause(file) or refusal(source, exc) from exc
    try:
        yield container, file
    except FFmpegError as exc:
        raise cause(file) or PermanentError(
            "CORRUPT", f"{source.name}: {exc.strerror or type(exc).__name__}", "repair the file (ffmpeg -i … -c copy …)"
        ) from exc
    finally:
        container.close()


def _opened(file: SourceFile, device: HWAccel | None) -> InputContainer:
    if device is not None:
        try:
            return av.open(file, mode="r", options=OPTIONS, metadata_errors="replace", hwaccel=device)
        except (FFmpegError, NotImplementedError) as exc:  # it may be the file; if it is the device, others use it up
            log.warning("%s does not open with hardware decoding, trying in software: %s", file.source.name, exc)
            file.seek(0)
    return av.open(file, mode="r", options=OPTIONS, metadata_errors="replace")


@cache
def hardware(name: str) -> HWAccel | None:
    """None where this machine or this FFmpeg hasn't got it: said once for each process."""
    kind, _, which = name.partition(":")
    known = sorted(k for k in HWDeviceType.__members__ if k != "none")
    if kind not in known:
        built_in = ", ".join(hwdevices_available())
        raise PermanentError(
            "HWACCEL",
            f"no kind of device is called {kind}",
            f"take one of {', '.join(known)} (here: {built_in}) or none",
        )
    if kind not in hwdevices_available():
        log.warning("no hardware decoding with %s, decoding in software: this FFmpeg is built without it", name)
        return None
    try:
        device = HWAccel(kind, which or None, allow_software_fallback=True)
        device.create(Codec("h264", "r"))
    except (FFmpegError, NotImplementedError, ValueError) as exc:
        log.warning("no hardware decoding with %s, decoding in software: %s", name, exc)
        return None
    return device


def cause(file: SourceFile) -> ProcessingError | None:
    """What the source said, where the demuxer only saw an I/O error."""
    return file.error if isinstance(file.error, ProcessingError) else None


def refusal(source: ByteSource, exc: Exception) -> PermanentError:
    """Why these bytes are not a video that we open, by what they begin with."""
    head = source.read_at(0, HEAD)
    name = source.name

    def no(code: str, why: str, remedy: str) -> PermanentError:
        return PermanentError(code, f"{name}: {why}", remedy)

    if not head:
        return no("EMPTY", "the file has no bytes", "upload it again")
    if any(mark in head[:1024] for mark in _PLAYLISTS):
        return no("FORBIDDEN_FORMAT", "a playlist that points to other files", "give the video file itself")
    if head.startswith(_PICTURES[:-1]) or head[:4] + head[8:12] == b"RIFFWEBP":
        return no("NOT_A_VIDEO", "a picture", "give a video file")
    if head[4:8] == b"ftyp":
        return _broken_mp4(source)
    if isinstance(exc, av.error.InvalidDataError | ValueError | av.error.EOFError):
        return no("UNRECOGNISED", "not a video format that we know", "give MP4, MOV, MKV, WebM, AVI, TS, MPEG or FLV")
    return no("CORRUPT", str(getattr(exc, "strerror", None) or type(exc).__name__), "repair or re-encode the file")


def _broken_mp4(source: ByteSource) -> PermanentError:
    boxes = set(_top_boxes(source))
    if "moov" in boxes:
        return PermanentError("CORRUPT", f"{source.name}: its index can't be read", "repair or re-encode the file")
    if "mdat" in boxes:
        return PermanentError(
            "MOOV_MISSING",
            f"{source.name}: the index (moov) at the file's end is missing",
            "upload the whole file again",
        )
    return PermanentError("NO_STREAMS", f"{source.name}: it holds no streams", "give a file with picture or sound")


def _top_boxes(source: ByteSource, most: int = 64) -> Iterator[str]:
    """The kinds of the first top-level boxes of an MP4."""
    at = 0
    for _ in range(most):
        header = source.read_at(at, 16)
        if len(header) < 8:
            return
        size = int.from_bytes(header[:4], "big")
        yield header[4:8].decode("latin-1")
        if size == 1 and len(header) == 16:
            size = int.from_bytes(header[8:16], "big")
        if size < 8:
            return
        at += size


def picture_stream(container: InputContainer) -> "av.VideoStream | None":
    """The first video stream that is not a cover picture and for which there is a decoder."""
    streams = (s for s in container.streams.video if not s.disposition & Disposition.attached_pic)
    return next((s for s in streams if s.codec_context is not None), None)


def sound_stream(container: InputContainer, track: int | None = None) -> "av.AudioStream | None":
    """The audio stream `track` (from 0), or the default one, else the first; only if there is a decoder for it."""
    if track is not None:
        return next((s for s in container.streams.audio[track : track + 1] if s.codec_context is not None), None)
    streams = [s for s in container.streams.audio if s.codec_context is not None]
    return next((s for s in streams if s.disposition & Disposition.default), streams[0] if streams else None)


def sought(container: InputContainer, start: float) -> bool:
    """To at most `start` (seconds from zero) if the index is right. False where the demuxer refuses, as it does for
    negative times: then only a container opened anew reads from the beginning."""
    try:
        container.seek(int((start + zero(container)) * av.time_base), backward=True)
    except (FFmpegError, PermissionError):
        return False
    return True


def zero(container: InputContainer) -> float:
    """The container's start_time in seconds: where every time of ours counts from."""
    return (container.start_time or 0) / av.time_base
