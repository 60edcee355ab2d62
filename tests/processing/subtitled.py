"""Files with subtitle streams of every kind that PyAV's muxers take, made on the spot."""

import io
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from media import bursts, cfr, font, needs_encoder, numbered, write
from PIL import Image, ImageDraw

from include.processing.extract import extract_chunk
from include.processing.probe import probe
from include.processing.sources import FileSource
from include.processing.types import Chunk, FrameIndex

MILLI = Fraction(1, 1000)
ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment
Style: Default,Arial,16,&Hffffff,0,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
SCREEN = (640, 360)
WHITE, BLACK, CLEAR = (235, 255), (16, 255), (16, 0)  # brightness and opacity
LIGHT = {0: CLEAR, 1: WHITE, 2: BLACK}  # around, the text, its outline
MPEG2 = {"codec": "mpeg2video", "base": Fraction(1, 25)}

Line = tuple[float, float | None, Any]  # start, end (None: not told), text or bytes


@dataclass(frozen=True)
class Subtitles:
    """`lines` are (start, end, text); for pictures see `sup`. `damaged` is a packet that is mostly rubbish; all are
    sent `ahead` seconds before they are shown."""

    codec: str
    lines: Sequence[Line]
    marks: Disposition | None = None
    facts: dict[str, str] = field(default_factory=dict)
    colours: dict[int, tuple[int, int]] = field(default_factory=lambda: LIGHT)
    screen: tuple[int, int] = SCREEN
    damaged: int | None = None
    ahead: float = 0.0


def clips(folder: Path) -> Callable[..., Path]:
    """A clip of 10 s by its arguments, each made once."""

    @cache
    def made(offset: float = 0.0, mpeg2: bool = False, gop: int = 10, webm: bool = False) -> Path:
        if webm:
            options = {"deadline": "realtime", "cpu-used": "8", "g": str(gop)}
            return write(
                folder / f"{gop}.webm", cfr(list(map(numbered, range(100))), 10), codec="libvpx", options=options
            )
        options = {"g": str(gop)} if mpeg2 else {"g": str(gop), "preset": "ultrafast"}
        arguments: Any = {**(MPEG2 if mpeg2 else {}), "options": options}
        rate = 25 if mpeg2 else 10
        pictures = cfr([numbered(i) for i in range(10 * rate)], rate)
        path = folder / f"{offset}-{mpeg2}-{gop}.mkv"
        return write(path, pictures, bursts([(1.0, 2.0)], 10), offset=offset, sound_codec="mp2", **arguments)

    return made


def extracted(path: Path, start: float, end: float, work: Path) -> FrameIndex:
    source = FileSource(path)
    probed = probe(source)
    return extract_chunk(source, probed.media, Chunk("v", 0, start, end), work, fps=1, index=probed.index).index


def of_chunk(lines: Sequence[Line], start: float, end: float, late: float = 0.0) -> list[Any]:
    """What begins in the chunk, in its time; the file's zero may lie `late` before the first picture."""
    times = [(round(a + late, 3), round((b or 0) + late, 3), text) for a, b, text in lines]
    return [(round(a - start, 3), round(b - start, 3), text) for a, b, text in times if start <= a < end]


def subtitled(
    clip: Path, path: Path, tracks: Sequence[Subtitles], *, shift: float = 0.0, muxing: dict[str, str] | None = None
) -> Path:
    """`clip` with subtitle streams beside its own. `shift` is what `clip`'s times were shifted by."""
    with av.open(str(clip)) as source, av.open(str(path), "w", options=muxing or {}) as out:
        streams = {s.index: out.add_stream_from_template(s) for s in (*source.streams.video, *source.streams.audio)}
        jobs = [(float(p.dts * p.time_base), streams[p.stream_index], p) for p in source.demux() if p.dts is not None]
        for track in tracks:
            stream = _added(out, track)
            stream.metadata.update(track.facts)
            stream.disposition = track.marks or Disposition(0)
            packets = _packets(track, stream, shift)
            if track.damaged is not None:
                packets[track.damaged] = _garbled(packets[track.damaged])
            for packet in packets:
                packet.dts = packet.pts - round(track.ahead / packet.time_base)
            jobs += [(float(p.dts * p.time_base), stream, p) for p in packets]
        for _, stream, packet in sorted(jobs, key=lambda job: job[0]):
            packet.stream = stream
            out.mux(packet)
    return path


def _added(out: Any, track: Subtitles) -> Any:
    if track.codec == "hdmv_pgs_subtitle":
        with av.open(io.BytesIO(sup([(0.0, 1.0, "x")])), format="sup") as template:
            return out.add_stream_from_template(template.streams.subtitles[0])
    if track.codec == "eia_608":
        with av.open(io.BytesIO(scc(track.lines)), format="scc") as template:
            return out.add_stream_from_template(template.streams.subtitles[0])
    needs_encoder(track.codec)
    stream = out.add_stream(track.codec)
    stream.codec_context.time_base = MILLI
    if track.codec not in ("dvd_subtitle", "dvb_subtitle"):
        stream.codec_context.subtitle_header = ASS_HEADER
    return stream


def _packets(track: Subtitles, stream: Any, shift: float) -> list[Any]:
    if track.codec == "hdmv_pgs_subtitle":
        return _of_sup(track, shift)
    if track.codec == "eia_608":
        with av.open(io.BytesIO(scc(track.lines)), format="scc") as source:
            packets = [packet for packet in source.demux() if packet.size]
        packets[-1].duration = 1000  # the muxer drops what has none
        return packets
    if track.codec in ("dvd_subtitle", "dvb_subtitle"):
        return _encoded(track, stream, shift)
    return [
        _packet(_raw(track.codec, i, text), start + shift, (end or start) - start)
        for i, (start, end, text) in enumerate(track.lines)
    ]


def _raw(codec: str, number: int, text: Any) -> bytes:
    data = text if isinstance(text, bytes) else text.encode()
    if codec == "ass":
        return b"%d,0,Default,,0,0,0,," % number + data
    return struct.pack(">H", len(data)) + data if codec == "mov_text" else data


def _packet(data: bytes, start: float, seconds: float) -> Any:
    packet = av.Packet(data)
    packet.pts = packet.dts = round(start * 1000)
    packet.duration = round(seconds * 1000)
    packet.time_base = MILLI
    return packet


def scc(lines: Sequence[Line]) -> bytes:
    """Closed captions that pop on and are erased; times are whole seconds."""
    text = "Scenarist_SCC V1.0\n\n"
    for start, end, words in lines:
        data = bytes(_odd(c) for c in words.encode() + b"\0" * (len(words) % 2)).hex()
        pairs = " ".join(data[i : i + 4] for i in range(0, len(data), 4))
        text += f"00:00:{start:02.0f}:00\t9420 9420 94ae 94ae 9470 9470 {pairs} 942f 942f\n\n"
        text += f"00:00:{end:02.0f}:00\t942c 942c\n\n"
    return text.encode()


def _odd(byte: int) -> int:
    return byte | (0 if byte.bit_count() % 2 else 0x80)


def _garbled(packet: Any) -> Any:
    """All but the head and the end mark."""
    data = bytes(packet)
    noise = np.random.default_rng(1).integers(0, 255, len(data) - 203, np.uint8).tobytes()
    return _packet(data[:200] + noise + data[-3:], float(packet.pts * packet.time_base), 0)


# ---------------------------------------------------------------- pictures


def ink(text: str, points: int = 30) -> Any:
    """Colour numbers: 1 for the text, 2 for its outline, 0 around."""
    face = font(points)
    left, top, right, bottom = face.getbbox(text, stroke_width=2)
    layers = []
    for stroke in (2, 0):
        picture = Image.new("L", (int(right - left) + 8, int(bottom - top) + 8), 0)
        ImageDraw.Draw(picture).text((4 - left, 4 - top), text, fill=255, font=face, stroke_width=stroke)
        layers.append(np.asarray(picture) > 127)
    return np.where(layers[1], 1, np.where(layers[0], 2, 0)).astype(np.uint8)


def sup(lines: Sequence[Line], colours: dict[int, tuple[int, int]] = LIGHT, screen: tuple[int, int] = SCREEN) -> bytes:
    """A Blu-ray subtitle file; the text of a line may be several, one above the other. No end: no clearing set."""
    data = b""
    for (start, end, text), (following, *_) in pairwise([*lines, (1e9, None, "")]):
        data += _display_set(start, [text] if isinstance(text, str) else text, colours, screen)
        if end is not None and end < following:
            data += _display_set(end, [], colours, screen)
    return data


def _display_set(
    at: float, texts: Sequence[str], colours: dict[int, tuple[int, int]], screen: tuple[int, int]
) -> bytes:
    drawings = [ink(text) for text in texts]
    places = [(60, 360 - 60 * (len(texts) - i)) for i in range(len(texts))]
    objects = b"".join(struct.pack(">HBBHH", i, i, 0, *place) for i, place in enumerate(places))
    windows = b"".join(
        struct.pack(">BHHHH", i, *place, *drawing.shape[::-1])
        for i, (place, drawing) in enumerate(zip(places, drawings, strict=True))
    )
    palette = b"".join(bytes([i, y, 128, 128, alpha]) for i, (y, alpha) in colours.items())
    data = _segment(at, 0x16, struct.pack(">HHBHBBBB", *screen, 0x10, 0, 0x80, 0, 0, len(texts)) + objects)
    data += _segment(at, 0x17, bytes([len(texts)]) + windows)
    data += _segment(at, 0x14, b"\0\0" + palette) if texts else b""
    for i, drawing in enumerate(drawings):
        body = struct.pack(">HH", *drawing.shape[::-1]) + _run_lengths(drawing)
        data += _segment(at, 0x15, struct.pack(">HBB", i, 0, 0xC0) + len(body).to_bytes(3, "big") + body)
    return data + _segment(at, 0x80, b"")


def _segment(at: float, kind: int, body: bytes) -> bytes:
    return b"PG" + struct.pack(">IIBH", round(at * 90_000), 0, kind, len(body)) + body


def _run_lengths(drawing: Any) -> bytes:
    """Runs of at most 63."""
    out = bytearray()
    for row in drawing:
        edges = [0, *(np.flatnonzero(np.diff(row)) + 1).tolist(), len(row)]
        for first, end in pairwise(edges):
            for at in range(first, end, 63):
                count = min(63, end - at)
                out += bytes([0, count]) if row[first] == 0 else bytes([0, 0x80 | count, row[first]])
        out += b"\0\0"
    return bytes(out)


def _of_sup(track: Subtitles, shift: float) -> list[Any]:
    """One packet for each display set, as Matroska has them."""
    lines = [(start + shift, None if end is None else end + shift, text) for start, end, text in track.lines]
    data = sup(lines, track.colours, track.screen)
    packets: list[Any] = []
    at, body, when = 0, b"", 0.0
    while at < len(data):
        time, _, kind, size = struct.unpack(">IIBH", data[at + 2 : at + 13])
        when, body = time / 90_000, body + data[at + 10 : at + 13 + size]
        at += 13 + size
        if kind == 0x80:
            packets.append(_packet(body, when, 0))
            body = b""
    return packets


def _encoded(track: Subtitles, stream: Any, shift: float) -> list[Any]:
    """Each line drawn, and for DVB an empty one at its end."""
    packets = []
    for (start, end, text), (following, *_) in pairwise([*track.lines, (1e9, None, "")]):
        with av.open(io.BytesIO(sup([(0.0, 1.0, text)])), format="sup") as source:
            sets = [s for p in source.demux() if p.size and (s := p.stream.decode2(p)) is not None]
        shown, cleared = sets
        shown.end_display_time = round(((end or start + 3600) - start) * 1000)
        packets.append(_packet(bytes(stream.codec_context.encode_subtitle(shown)), start + shift, 0))
        if track.codec == "dvb_subtitle" and end is not None and end < following:
            packets.append(_packet(bytes(stream.codec_context.encode_subtitle(cleared)), end + shift, 0))
    return packets
