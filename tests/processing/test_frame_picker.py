"""Which picture stands at each tick: every picture carries its number in its pixels."""

from fractions import Fraction

import av
import numpy as np
import pytest
from media import BFRAMES, bursts, cfr, decoded, number_of, numbered, standing, write

from include.processing.container import open_container, picture_stream, zero
from include.processing.frames import FramePicker, ticks
from include.processing.pictures import gray, thumbnail, upright
from include.processing.sources import FileSource

VARIABLE = [0.0, 0.04, 0.08, 0.5, 0.52, 1.0, 2.7, 2.75, 2.8, 4.001, 4.4, 4.999, 5.0, 5.3, 7.9, 8.0]
WEBM = {"deadline": "realtime", "cpu-used": "8"}


@pytest.mark.parametrize(
    ("start", "end", "per_second", "expected"),
    [
        pytest.param(0.0, 3.0, 1, [0.0, 1.0, 2.0], id="the-end-is-open"),
        pytest.param(0.0, 3.001, 1, [0.0, 1.0, 2.0, 3.0], id="just-behind"),
        pytest.param(0.0, 0.04, 1, [0.0], id="one-picture"),
        pytest.param(0.0, 0.0, 1, [0.0], id="nothing"),
        pytest.param(599.37, 602.5, 1, [599.37, 600.0, 601.0, 602.0], id="the-grid-is-the-videos"),
        pytest.param(600.0, 602.0, 1, [600.0, 601.0], id="starts-on-the-grid"),
        pytest.param(0.0, 1.0, 5, [0.0, 0.2, 0.4, 0.6, 0.8], id="five"),
        pytest.param(0.0, 11.0, 0.2, [0.0, 5.0, 10.0], id="one-in-five-seconds"),
        pytest.param(7.1, 16.0, 0.2, [7.1, 10.0, 15.0], id="one-in-five-from-the-middle"),
        pytest.param(0.3, 0.9, 1, [0.3], id="between-two"),
    ],
)
def test_ticks(start, end, per_second, expected):
    assert ticks(start, end, per_second) == expected


def picked(path, per_second, end, tamper=lambda count, packet: None):
    """[(tick, number of the picture)] and the picker."""
    with open_container(FileSource(path)) as (container, _):
        stream = picture_stream(container)
        picker = FramePicker(stream, zero(container), ticks(0.0, end, per_second), None)
        found = []

        def number(frame):
            return number_of(upright(gray(frame), int(frame.rotation)))

        for count, packet in enumerate(container.demux(stream)):
            if packet.dts is None and packet.pts is None:
                continue
            tamper(count, packet)
            for frame in picker.feed(packet):
                found += [(tick, number(shown.frame)) for tick, shown in picker.due(frame)]
        for frame in picker.finish():
            found += [(tick, number(shown.frame)) for tick, shown in picker.due(frame)]
        found += [(tick, number(shown.frame)) for tick, shown in picker.rest()]
    return found, picker


CFR = cfr(
    [numbered(i) for i in range(100)], 12.5
)  # 8 s; every tick of a second meets two pictures' border now and then
VFR = [(at, numbered(i)) for i, at in enumerate(VARIABLE)]
HEVC = {
    "codec": "libx265",
    "pix_fmt": "yuv420p10le",
    "options": {"preset": "ultrafast", "x265-params": "log-level=none:bframes=3"},
}

TEMPORAL = {"preset": "fast", "x265-params": "log-level=none:bframes=3:b-pyramid=1:temporal-layers=3"}
AV1 = {"codec": "libsvtav1", "options": {"preset": "10", "crf": "8"}}

CLIPS = [
    pytest.param("a.mp4", CFR, {}, id="cfr"),
    pytest.param("a.mp4", CFR, {"options": BFRAMES}, id="b-frames"),
    pytest.param("a.mkv", CFR, {"options": BFRAMES}, id="b-frames-mkv"),
    pytest.param("a.ts", CFR, {"options": BFRAMES, "offset": 77.0}, id="b-frames-ts"),
    pytest.param("a.flv", CFR, {"options": BFRAMES}, id="b-frames-flv"),
    pytest.param("a.mkv", VFR, {"options": BFRAMES}, id="vfr-b-frames"),
    pytest.param("a.mp4", VFR, {}, id="vfr"),
    pytest.param("a.webm", CFR, {"codec": "libvpx-vp9", "options": WEBM}, id="vp9"),
    pytest.param("a.webm", VFR, {"codec": "libvpx", "options": WEBM}, id="vp8-vfr"),
    pytest.param("a.mp4", CFR, HEVC, id="hevc-10-bit"),
    pytest.param("a.mp4", CFR, {**AV1, "rate": 13}, id="av1"),
    pytest.param(
        "a.mpg",
        cfr([numbered(i) for i in range(200)], 25),
        {"codec": "mpeg2video", "options": {"bf": "2"}, "base": Fraction(1, 25), "container": "mpeg"},
        id="mpeg-2",
    ),
]


@pytest.mark.parametrize(("name", "pictures", "arguments"), CLIPS)
@pytest.mark.parametrize("per_second", [0.2, 1, 5])
def test_the_picture_at_each_tick(name, pictures, arguments, per_second, tmp_path):
    path = write(tmp_path / name, pictures, **arguments)
    truth = decoded(path)
    assert [n for _, n in truth] == list(range(len(pictures)))
    found, picker = picked(path, per_second, 8.0)
    assert found == standing(truth, ticks(0.0, 8.0, per_second))
    assert picker.errors == 0


def test_written_out_b_frames(tmp_path):
    """12.5 pictures a second: number 12 comes at 0.96 s, 13 at 1.04 s, 25 at 2.0 s exactly."""
    path = write(tmp_path / "a.mp4", CFR, options=BFRAMES)
    found, picker = picked(path, 1, 8.0)
    assert found == [(0.0, 0), (1.0, 12), (2.0, 25), (3.0, 37), (4.0, 50), (5.0, 62), (6.0, 75), (7.0, 87)]
    assert picker.end == pytest.approx(8.0, abs=0.05)


def test_written_out_vfr(tmp_path):
    path = write(tmp_path / "a.mkv", VFR, options=BFRAMES)
    found, _ = picked(path, 1, 9.0)
    assert found == [(0.0, 0), (1.0, 5), (2.0, 5), (3.0, 8), (4.0, 8), (5.0, 12), (6.0, 13), (7.0, 13), (8.0, 15)]


def test_the_skip_spares_most_of_the_decoding(tmp_path):
    path = write(tmp_path / "a.mp4", CFR, options=BFRAMES)
    with open_container(FileSource(path)) as (container, _):
        stream = picture_stream(container)
        picker = FramePicker(stream, 0.0, ticks(0.0, 8.0, 1), None)
        frames = [f for p in container.demux(stream) if p.dts is not None for f in picker.feed(p)]
        frames += picker.finish()
    assert 8 <= len(frames) < 61  # of 100: 55 that others refer to, and those that stand at a tick


def test_a_tick_before_the_first_picture_takes_it(tmp_path):
    """The sound begins at zero, the picture two and a half seconds later."""
    late = [(at + 2.5, picture) for at, picture in CFR]
    path = write(tmp_path / "a.mkv", late, bursts([(0, 1)], 8), sound_codec="flac")
    found, _ = picked(path, 1, 6.0)
    assert found == [(0.0, 0), (1.0, 0), (2.0, 0), (3.0, 6), (4.0, 18), (5.0, 31)]


def test_ticks_end_with_the_last_picture(tmp_path):
    """The last of 8 s stands until 8.0 s; ticks behind it show nothing."""
    found, picker = picked(write(tmp_path / "a.mp4", CFR, rate=13), 1, 60.0)
    assert [tick for tick, _ in found] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert not picker.done


def test_more_pictures_than_the_picker_remembers(tmp_path):
    """A gap longer than any look-ahead: 200 pictures in the first second, then one at 9 s."""
    pictures = [(i / 200, numbered(i)) for i in range(200)] + [(9.0, numbered(500))]
    path = write(tmp_path / "a.mkv", pictures, options=BFRAMES)
    found, _ = picked(path, 1, 10.0)
    assert found == [(0.0, 0), *((float(t), 199) for t in range(1, 9)), (9.0, 500)]


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_rotated_pictures_come_out_upright(turn, tmp_path):
    size = (80, 96) if turn % 180 else (96, 80)
    path = write(tmp_path / "a.mp4", cfr([numbered(i, size) for i in range(30)], 10), rotation=turn)
    assert picked(path, 1, 3.0)[0] == [(0.0, 0), (1.0, 10), (2.0, 20)]


def test_a_frame_that_comes_too_late_hides_no_later_one(tmp_path):
    """Number 25 claims to be from 0.6 s: at 2.0 s its predecessor still stands."""
    path = write(tmp_path / "a.mp4", CFR)

    def tamper(count, packet):
        packet.pts -= round(0.4 / packet.time_base) if count == 25 else 0

    found, _ = picked(path, 1, 8.0, tamper)
    assert found == [(0.0, 0), (1.0, 12), (2.0, 24), (3.0, 37), (4.0, 50), (5.0, 62), (6.0, 75), (7.0, 87)]


def test_a_clock_that_is_set_back(tmp_path):
    """In a program stream PTS are doubted for 16 frames: number 120 and later are 0.4 s earlier than they were."""
    arguments = {"codec": "mpeg2video", "base": Fraction(1, 25), "container": "mpeg"}
    path = write(tmp_path / "a.mpg", cfr([numbered(i) for i in range(200)], 25), **arguments)

    def tamper(count, packet):
        packet.pts -= 36000 if count >= 120 else 0

    found, _ = picked(path, 1, 7.5, tamper)
    assert [n - round(25 * at) for at, n in found] == [0, 0, 0, 0, 0, 0, 10, 10]


@pytest.mark.parametrize(
    ("name", "arguments", "least", "most"),
    [
        pytest.param("a.mp4", HEVC, 8, 70, id="hevc"),
        pytest.param("a.mp4", {**HEVC, "options": TEMPORAL}, 100, 100, id="hevc-temporal-layers-refer-to-each-other"),
        pytest.param("a.mp4", AV1, 100, 100, id="av1-has-no-choice"),
        pytest.param("a.avi", {"options": BFRAMES, "base": Fraction(2, 25)}, 100, 100, id="avi-needs-every-frame"),
    ],
)
def test_how_much_is_decoded(name, arguments, least, most, tmp_path):
    """From 2.0 s on, of 100: a decoder opened before the first tick must not skip for good."""
    with open_container(FileSource(write(tmp_path / name, CFR, **{"rate": Fraction(25, 2), **arguments}))) as (
        container,
        _,
    ):
        stream = picture_stream(container)
        picker = FramePicker(stream, 0.0, ticks(2.0, 60.0, 1), None)
        frames = [f for p in container.demux(stream) if p.dts is not None for f in picker.feed(p)]
        frames += picker.finish()
    assert least <= len(frames) <= most


LIMITED, FULL = (16, 126, 235), (0, 128, 255)  # black, middle gray, white


@pytest.mark.parametrize(
    ("pix_fmt", "levels"),
    [
        *(pytest.param(p, LIMITED, id=p) for p in ("yuv420p", "yuv422p", "yuv444p", "yuv410p", "nv12", "nv21", "nv16")),
        *(pytest.param(f"yuv420p{b}le", LIMITED, id=f"yuv420p-{b}-bit") for b in (9, 10, 12, 14, 16)),
        *(pytest.param(p, LIMITED, id=p) for p in ("yuv422p10le", "yuv444p12le", "p010le", "p016le", "p210le")),
        *(pytest.param(p, LIMITED, id=p) for p in ("yuva420p", "yuva444p10le")),
        *(pytest.param(p, FULL, id=p) for p in ("yuvj420p", "yuvj444p", "gray", "gray10le", "gray16le", "ya8")),
        *(pytest.param(p, FULL, id=p) for p in ("rgb24", "bgr0", "argb", "rgba64le", "gbrp", "gbrp10le", "gbrap")),
        *(pytest.param(p, FULL, id=p) for p in ("yuyv422", "uyvy422", "y210le", "yuv420p10be")),
    ],
)
def test_gray_levels_of_any_pixel_format(pix_fmt, levels):
    """As stored: text keeps its contrast, whether the range is full (0 to 255) or limited (16 to 235)."""
    columns = np.repeat(np.array([0, 128, 255], np.uint8), 33)[:97]
    frame = av.VideoFrame.from_ndarray(np.dstack([np.tile(columns, (33, 1))] * 3), format="rgb24")
    frame = frame.reformat(format=pix_fmt)
    picture = gray(frame)
    assert (picture.shape, picture.dtype) == ((33, 97), np.uint8)
    assert np.abs(picture[16, [10, 50, 90]].astype(int) - levels).max() <= 1
    assert (thumbnail(frame, 4) == picture[::4, ::4]).all()


@pytest.mark.parametrize("pix_fmt", ["monow", "monob"])
def test_gray_of_one_bit(pix_fmt):
    columns = np.repeat(np.array([0, 255], np.uint8), 48)
    frame = av.VideoFrame.from_ndarray(np.tile(columns, (16, 1)), format="gray").reformat(format=pix_fmt)
    assert gray(frame)[8, [10, 90]].tolist() == [0, 255]


def test_gray_of_a_palette():
    """The palette decides, not the numbers: here 0 is white."""
    palette = np.array([[255, 255 - i, 255 - i, 255 - i] for i in range(256)], np.uint8)
    indices = np.tile(np.arange(0, 256, 4, dtype=np.uint8), (16, 1))
    frame = av.VideoFrame.from_ndarray((indices, palette), format="pal8")
    assert np.abs(gray(frame)[8].astype(int) - (255 - indices[8].astype(int))).max() <= 1


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (853, 479), (33, 2)], ids=str)
@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le", "p010le", "rgb24"])
def test_gray_of_odd_sizes(size, pix_fmt):
    width, height = size
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), 255, np.uint8), format="rgb24")
    picture = gray(frame.reformat(format=pix_fmt, threads=1))  # in several threads swscale leaves odd edges unpainted
    assert picture.shape == (height, width)
    assert picture.min() >= 234
