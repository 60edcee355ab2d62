"""The right picture at each tick, whatever the container, the codec and the clock, from the start and from the middle.

Every picture carries its number in its pixels; the truth is what decoding every frame, with nothing of ours, says.
"""

import zlib
from fractions import Fraction

import av
import pytest
from media import BFRAMES, bursts, cfr, decoded, number_of, numbered, standing, write

from include.processing import extract as extraction
from include.processing.frames import FramePicker, ticks
from include.processing.pictures import gray, upright
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import Chunk, FrameIndex

SECONDS = 8
CHUNKS = [(0.0, 8.0), (3.37, 6.9), (3.9, 4.7), (6.0, 8.0)]  # whole, middle, just before a keyframe, on one
RATES = [0.2, 1, 5]


class Recorder:
    """In the place of the keeper of frames: notes the number of the picture at each tick."""

    last = None
    tell = staticmethod(number_of)

    def __init__(self, media, chunk, fps, stream, zero, *_, **__):
        goes_on = chunk.end < media.readable_end
        self.picker = FramePicker(stream, zero, ticks(chunk.start, chunk.end, fps), chunk.end if goes_on else None)
        self.chunk, self.found = chunk, []
        Recorder.last = self

    @property
    def errors(self):
        return self.picker.errors

    def feed(self, packet):
        self._see(self.picker.feed(packet))

    def finish(self):
        self._see(self.picker.finish())
        self._note(self.picker.rest())

    def index(self, problems):
        return FrameIndex(self.chunk, 0, 0, ticks=0, end=0.0, frames=(), problems=problems)

    def _see(self, shown):
        for new in shown:
            self._note(self.picker.due(new))

    def _note(self, due):
        self.found += [(at, self.tell(upright(gray(s.frame), int(s.frame.rotation)))) for at, s in due]


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """What extraction sees of a chunk, with its own way of seeking."""
    monkeypatch.setattr(extraction, "FrameKeeper", Recorder)

    def see(path, start, end, per_second=1):
        source = FileSource(path)
        found = probe(source)
        extraction.extract_chunk(
            source, found.media, Chunk("v", 0, start, end), tmp_path, fps=per_second, index=found.index
        )
        return Recorder.last

    return see


def check(seen, path, truth, chunks=CHUNKS):
    """From the start and from the middle, at every rate; ticks end with the picture."""
    for start, end in chunks:
        for per_second in RATES:
            record = seen(path, start, end, per_second)
            wanted = standing(truth, ticks(start, end, per_second))
            assert record.found == wanted[: len(record.found)], (start, end, per_second)
            assert len(record.found) >= sum(tick <= truth[-1][0] for tick, _ in wanted)
            assert record.errors == 0


def pictures(rate, seconds=SECONDS, size=(96, 80)):
    return cfr([numbered(i, size) for i in range(int(rate * seconds))], rate)


def x264(**options):
    return {"options": {"preset": "fast", "g": "50", **options}}


NTSC, FILM, FAST = Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60000, 1001)
VPX = {"deadline": "good", "cpu-used": "5", "g": "60", "auto-alt-ref": "1", "lag-in-frames": "16"}
X265 = "log-level=none:keyint=50:bframes=3"
HEVC = {"codec": "libx265", "options": {"preset": "ultrafast", "x265-params": X265}}
LAYERS = {"codec": "libx265", "options": {"preset": "fast", "x265-params": X265 + ":b-pyramid=1:temporal-layers=3"}}
MPEG2 = {"codec": "mpeg2video", "options": {"bf": "2", "g": "50"}, "base": Fraction(1, 25)}
FIELDS = {"codec": "mpeg2video", "options": {"bf": "2", "g": "50", "flags": "+ildct+ilme"}, "base": Fraction(1, 25)}

CODECS = [
    pytest.param("a.mp4", 25, x264(), id="h264"),
    pytest.param("a.mp4", 25, {"options": BFRAMES}, id="h264-pyramid"),
    pytest.param("a.mp4", 25, x264(**{"x264-params": "open-gop=1"}), id="h264-open-gop"),
    pytest.param("a.ts", 25, x264(**{"x264-params": "open-gop=1"}), id="h264-open-gop-ts"),
    pytest.param("a.mp4", 25, x264(g="250"), id="h264-long-gop"),
    pytest.param("a.mp4", 25, x264(g="1"), id="h264-all-intra"),
    pytest.param("a.mp4", 25, x264(bf="0", **{"x264-params": "intra-refresh=1"}), id="h264-intra-refresh"),
    pytest.param("a.ts", 25, x264(bf="0", **{"x264-params": "intra-refresh=1"}), id="h264-intra-refresh-ts"),
    pytest.param("a.mp4", 25, x264(bf="0"), id="h264-all-are-references"),
    pytest.param("a.mp4", 25, x264(bf="16", refs="16", **{"b-pyramid": "normal"}), id="h264-deep-reordering"),
    pytest.param("a.mp4", 25, x264(**{"x264-params": "tff=1"}), id="h264-interlaced"),
    pytest.param("a.ts", 25, x264(**{"x264-params": "bff=1"}), id="h264-interlaced-bottom-first-ts"),
    pytest.param("a.mp4", 25, {"pix_fmt": "yuv420p10le", **x264()}, id="h264-10-bit"),
    pytest.param("a.mp4", 25, {"pix_fmt": "yuv444p", **x264()}, id="h264-444"),
    pytest.param("a.mp4", 25, HEVC, id="hevc"),
    pytest.param("a.mkv", 25, {"pix_fmt": "yuv420p10le", **HEVC}, id="hevc-10-bit"),
    pytest.param("a.ts", 25, HEVC, id="hevc-ts"),
    pytest.param("a.mp4", 25, LAYERS, id="hevc-temporal-layers"),
    pytest.param("a.webm", 25, {"codec": "libvpx", "options": VPX}, id="vp8-hidden-frames"),
    pytest.param("a.webm", 25, {"codec": "libvpx-vp9", "options": VPX}, id="vp9-hidden-frames"),
    pytest.param("a.mp4", 25, {"codec": "libsvtav1", "options": {"preset": "10", "crf": "8", "g": "50"}}, id="av1"),
    pytest.param("a.mp4", 25, {"codec": "mpeg4", "options": {"bf": "2", "g": "50"}}, id="mpeg-4"),
    pytest.param("a.mpg", 25, {"container": "mpeg", **MPEG2}, id="mpeg-2-ps"),
    pytest.param("a.ts", 25, MPEG2, id="mpeg-2-ts"),
    pytest.param("a.ts", 25, FIELDS, id="mpeg-2-interlaced"),
    pytest.param("a.mpg", 25, {**MPEG2, "codec": "mpeg1video", "container": "mpeg"}, id="mpeg-1"),
    pytest.param("a.mov", 25, {"codec": "prores_ks", "pix_fmt": "yuv422p10le"}, id="prores"),
    pytest.param("a.mov", 25, {"codec": "mjpeg", "pix_fmt": "yuvj420p"}, id="mjpeg"),
    pytest.param("a.avi", 25, {"codec": "mjpeg", "pix_fmt": "yuvj420p", "base": Fraction(1, 25)}, id="mjpeg-avi"),
    pytest.param("a.mkv", 25, {"codec": "ffv1", "pix_fmt": "gray10le"}, id="ffv1-gray-10-bit"),
    pytest.param("a.mov", 25, {"codec": "qtrle", "pix_fmt": "rgb24"}, id="quicktime-animation"),
    pytest.param("a.flv", 25, {"codec": "flv1", "options": {"g": "50"}}, id="flv1"),
    pytest.param("a.asf", 25, {"codec": "wmv2", "options": {"g": "50"}}, id="wmv2"),
]


@pytest.mark.parametrize(("name", "rate", "arguments"), CODECS)
def test_codecs(name, rate, arguments, seen, tmp_path):
    path = write(tmp_path / name, pictures(rate), **arguments)
    truth = decoded(path)
    assert [n for _, n in truth] == list(range(rate * SECONDS))
    if name.endswith("mpg"):  # libavformat takes a program stream's few PTS for those of neighbours
        truth = [(truth[0][0] + i / rate, i) for i in range(len(truth))]
    check(seen, path, truth)


def at_rate(rate):
    return [(float(i / rate), numbered(i)) for i in range(int(rate * SECONDS))]


EVERY = {"mp4": {}, "mkv": {}, "ts": {}, "flv": {}}
VARIABLE = [*(i * 0.031 for i in range(40)), 1.9, 1.95, 2.0, 3.3, *(3.4 + i * 0.11 for i in range(30)), 7.0, 7.9]
MEDIA = bursts([(0, 1)], 9)

CLOCKS = [
    *(pytest.param(f"a.{kind}", at_rate(NTSC), {"base": 1 / NTSC, "rate": NTSC}, id=f"29.97-{kind}") for kind in EVERY),
    pytest.param("a.mp4", at_rate(FILM), {"base": 1 / FILM, "rate": FILM}, id="23.976"),
    pytest.param("a.mp4", at_rate(FAST), {"base": 1 / FAST, "rate": FAST}, id="59.94"),
    *(
        pytest.param(f"a.{kind}", [(at, numbered(i)) for i, at in enumerate(VARIABLE)], {}, id=f"variable-{kind}")
        for kind in EVERY
    ),
    pytest.param("a.ts", pictures(25), {"offset": 38.9}, id="ts-from-38.9-s"),
    pytest.param("a.ts", pictures(25), {"offset": 2**33 / 90000 - 4}, id="ts-whose-clock-wraps"),
    pytest.param("a.mp4", [(at + 1.5, p) for at, p in pictures(25)], {"sound": MEDIA}, id="late-video-mp4"),
    pytest.param("a.mkv", [(at + 1.5, p) for at, p in pictures(25)], {"sound": MEDIA}, id="late-video-mkv"),
    pytest.param("a.ts", [(at + 1.5, p) for at, p in pictures(25)], {"sound": MEDIA}, id="late-video-ts"),
    pytest.param("a.mp4", pictures(25), {"sound": MEDIA, "sound_offset": 1.5}, id="late-sound-mp4"),
    pytest.param("a.mp4", pictures(25), {"offset": -1.3}, id="cut-by-an-edit-list"),
    pytest.param("a.mp4", [(at + 20 * (at > 3), p) for at, p in pictures(25)], {}, id="the-clock-leaps"),
    pytest.param("a.ts", [(at + 20 * (at > 3), p) for at, p in pictures(25)], {}, id="the-clock-leaps-ts"),
]


@pytest.mark.parametrize(("name", "shown", "arguments"), CLOCKS)
def test_clocks(name, shown, arguments, seen, tmp_path):
    path = write(tmp_path / name, shown, **{**x264(), **arguments})
    truth = decoded(path)
    assert len(truth) > 60
    check(seen, path, truth)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotated(turn, seen, tmp_path):
    size = (80, 96) if turn % 180 else (96, 80)
    path = write(tmp_path / "a.mp4", pictures(25, size=size), rotation=turn, **x264())
    check(seen, path, decoded(path))


@pytest.mark.parametrize("size", [(853, 479), (97, 81), (1920, 1088)], ids=str)
def test_odd_sizes(size, seen, tmp_path):
    path = write(tmp_path / "a.mp4", pictures(5, size=size), pix_fmt="yuv444p", **x264())
    check(seen, path, decoded(path))


def test_the_size_changes(seen, tmp_path):
    """Two transport streams joined, as broadcasts do: each chunk's pictures have the size that they had."""
    large = write(
        tmp_path / "b.ts",
        [(at + 4, numbered(100 + i, (192, 160))) for i, (at, _) in enumerate(pictures(25, 4))],
        **x264(),
    )
    path = write(tmp_path / "a.ts", pictures(25, 4), **x264())
    path.write_bytes(path.read_bytes() + large.read_bytes())
    check(seen, path, decoded(path))


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        pytest.param("libx264", BFRAMES, id="h264-pyramid"),
        pytest.param("libx264", {"bf": "3", "b-pyramid": "none", "g": "50"}, id="h264-b-frames"),
        pytest.param("libx264", {"bf": "0", "g": "50"}, id="h264"),
        pytest.param("mpeg4", {"bf": "2", "g": "50"}, id="mpeg-4-b-frames"),
        pytest.param("mpeg4", {"bf": "0", "g": "50"}, id="mpeg-4"),
    ],
)
def test_avi(codec, options, seen, tmp_path):
    """No PTS there, only an order of packets, which is not that of the pictures."""
    path = write(tmp_path / "a.avi", pictures(25), codec=codec, options=options, base=Fraction(1, 25))
    check(seen, path, [(i / 25, i) for i in range(25 * SECONDS)])


VOP = b"\0\0\1\xb6"
NOT_CODED = VOP + b"\x50\x4f"


def packed(plain, path):
    """As DivX wrote AVI: a B-frame in the packet of the frame that it needs, then a packet that shows nothing."""
    with av.open(str(plain)) as source, av.open(str(path), "w") as out:
        video = out.add_stream_from_template(source.streams.video[0])
        packets = [bytes(p) for p in source.demux(video.index) if p.size]
        joined = [(p, packets[i + 1] if _kind(packets[i + 1 : i + 2]) == "B" else b"") for i, p in enumerate(packets)]
        written = [NOT_CODED if _kind([p]) == "B" else p + b for p, b in joined]
        for at, data in enumerate(written):
            packet = av.Packet(data.replace(b"\0\0\1\xb2Lavc", b"\0\0\1\xb2DivX503b1393p\0\0\1\xb2Lavc"))
            packet.pts = packet.dts = at
            packet.time_base, packet.stream, packet.is_keyframe = Fraction(1, 25), video, _kind([data]) == "I"
            out.mux(packet)
    return path


def _kind(packets):
    return "".join("IPBS"[p[p.index(VOP) + 4] >> 6] for p in packets)


def test_packed_b_frames(seen, tmp_path):
    plain = write(
        tmp_path / "plain.avi",
        pictures(25),
        codec="mpeg4",
        options={"bf": "1", "b_strategy": "0", "g": "50"},
        base=Fraction(1, 25),
    )
    path = packed(plain, tmp_path / "a.avi")
    assert path.read_bytes().count(NOT_CODED) > 90
    check(seen, path, [(i / 25, i) for i in range(25 * SECONDS)])


VIDEOS = (".mp4", ".mkv", ".webm", ".avi", ".ts", ".mpg", ".mov", ".flv", ".wmv")
HALF_A_MINUTE = 30.0


def fingerprint(picture):
    return zlib.crc32(picture.tobytes())


@pytest.mark.slow
def test_real_files(media_dir, seen, monkeypatch):
    """Each from the start and from the middle, one picture a second, against a plain decode."""
    monkeypatch.setattr(Recorder, "tell", staticmethod(fingerprint))
    compared = 0
    for path in sorted(p for p in media_dir.rglob("*") if p.suffix in VIDEOS and p.stat().st_size > 100):
        media = probe(FileSource(path)).media
        end = media.readable_end if media.readable_end < 101 else HALF_A_MINUTE
        truth = plainly_decoded(path, end)
        for start in (0.0, round(end * 0.4, 3)):
            record = seen(path, start, end)
            wanted = standing(truth, ticks(start, end, 1))
            assert record.found == wanted[: len(record.found)], (path.name, start)
            assert len(record.found) >= sum(tick <= truth[-1][0] for tick, _ in wanted), (path.name, start)
            compared += len(record.found)
    assert compared > 100


def plainly_decoded(path, end):
    pictures = []
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        start = (container.start_time or 0) / av.time_base
        for frame in container.decode(video):
            at = float(frame.pts * frame.time_base) - start
            if at > end + 1:
                break
            pictures.append((at, fingerprint(upright(gray(frame), int(frame.rotation)))))
    return pictures
