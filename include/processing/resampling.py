"""Decoded sound to another rate in 16 bits, a second at a time.

`av.AudioResampler` asks for what is complete after each frame: that costs more than resampling does.
"""

from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.filter import Graph


class Resampler:
    """Takes frames of one shape. Gives blocks of a second (channels, samples), and the rest at the end.

    `mono`: all channels mixed into one; else each by itself.
    """

    def __init__(self, frame: AudioFrame, rate: int, *, mono: bool) -> None:
        self._graph = Graph()
        source = self._graph.add(
            "abuffer",
            sample_rate=str(frame.sample_rate),
            sample_fmt=frame.format.name,
            channel_layout=frame.layout.name,
            time_base=str(frame.time_base or Fraction(1, frame.sample_rate)),
        )
        layout = "mono" if mono else frame.layout.name
        target = self._graph.add("aformat", sample_rates=str(rate), sample_fmts="s16p", channel_layouts=layout)
        self._source, self._sink = source, self._graph.add("abuffersink")
        source.link_to(target)
        target.link_to(self._sink)
        self._graph.configure()
        self._graph.set_audio_frame_size(rate)
        self._second, self._waiting = frame.sample_rate, 0

    def feed(self, frame: AudioFrame) -> list[npt.NDArray[np.int16]]:
        """What is complete, looked for once a second."""
        self._source.push(frame)
        self._waiting += frame.samples
        if self._waiting < self._second:
            return []
        self._waiting = 0
        return self._complete()

    def finish(self) -> list[npt.NDArray[np.int16]]:
        self._source.push(None)
        return self._complete()

    def _complete(self) -> list[npt.NDArray[np.int16]]:
        done: list[npt.NDArray[np.int16]] = []
        while True:
            try:
                piece = self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):  # it waits for more; there is none
                return done
            assert isinstance(piece, AudioFrame)
            done.append(np.asarray(piece.to_ndarray(), np.int16))
