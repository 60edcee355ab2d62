"""Does anybody speak in a stretch of sound at all? Music, noise, tones and clicks make a recogniser invent text.

Silero's voice detector (1.2 MB, inside faster-whisper's wheel) gives a probability for every 32 ms. What counts is the
best quarter of a second: one word in half a minute of music is speech. It listens only until it is sure, so speech
costs about 2 of its 16 seconds; what is dropped was heard to its end.
"""

from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from include.processing.audio import RATE, Samples
from include.processing.errors import PermanentError
from include.processing.types import Span

SPOKEN = 0.25  # a score from here on may be speech: see `speech_score`
SPOKEN_BRIEFLY = 0.06  # in a sound shorter than BRIEF, which gives a wrong score fewer chances
BRIEF = 2.0  # seconds
FRAME = 512  # samples of one probability
BEFORE = 64  # samples of the frame before, which the detector sees again
BLOCK = 64  # frames at a time: 2 s
BEST = 8  # frames, 0.26 s, whose mean probability is the score
LOUD = 10 ** (-18 / 20)  # the detector hears quiet sound badly: the loudest tenth is brought to -18 dB
LOUDER = 300.0  # never by more than 50 dB

Floats = npt.NDArray[np.float32]


def somebody_speaks(samples: Samples) -> bool:
    """False only where it is sure that nobody does; sound shorter than a frame has nobody."""
    return speech_score(samples) >= (SPOKEN_BRIEFLY if len(samples) < BRIEF * RATE else SPOKEN)


def speech_score(samples: Samples, enough: float = SPOKEN) -> float:
    """0 to 1, for the most speech-like quarter of a second; once `enough` is reached it stops listening.

    Clear speech has 0.9 and more, whispered, sung or drowned speech 0.3 and more, music and noise mostly under 0.2.
    """
    best, tail = 0.0, np.zeros(0, np.float32)
    for probabilities in _probabilities(samples, _gain(samples)):
        tail = np.concatenate([tail, probabilities])
        best = max(best, float(_means(tail).max()))
        if best >= enough:
            break
        tail = tail[1 - BEST :]
    return best


def ear(samples: Samples) -> Callable[[Span], float]:
    """How many seconds of a part (seconds) of this sound are like speech, both in the whole of it and by themselves.

    Both, because any sound is like speech to the detector right after speech, and some are without what came before.
    """
    gain = _gain(samples)

    def probabilities(part: Samples) -> Floats:
        return np.concatenate([np.zeros(0, np.float32), *_probabilities(part, gain)])

    whole = cache(lambda: probabilities(samples))

    def speech(part: Span) -> float:
        first, last = (max(0, round(t * RATE / FRAME)) for t in (part.start, part.end))
        alone = probabilities(samples[first * FRAME : last * FRAME])
        both = np.minimum(alone, whole()[first : first + len(alone)])
        return float((both >= SPOKEN).sum()) * FRAME / RATE

    return speech


def _means(probabilities: Floats) -> Floats:
    """Each for a place and the BEST - 1 after it; one for all where there are fewer."""
    width = min(BEST, len(probabilities))
    return np.convolve(probabilities, np.full(width, 1 / width, np.float32), "valid")


def _probabilities(samples: Samples, gain: float) -> Iterator[Floats]:
    """Block by block; the detector's memory goes from one to the next."""
    count = len(samples) // FRAME
    if not count:
        return
    frames = (samples[: count * FRAME].astype(np.float32) * gain).clip(-1, 1).reshape(count, FRAME)
    before = np.vstack([np.zeros((1, BEFORE), np.float32), frames[:-1, -BEFORE:]])
    heard = np.hstack([before, frames])
    h = c = np.zeros((1, 1, 128), np.float32)
    for at in range(0, count, BLOCK):
        out, h, c = _detector().run(None, {"input": heard[at : at + BLOCK], "h": h, "c": c})
        yield np.asarray(out, np.float32).reshape(-1)


def _gain(samples: Samples) -> float:
    """What brings samples to -1..1, the loudest tenth of them (by 10 ms) to LOUD."""
    hop = RATE // 100
    rows = samples[: len(samples) // hop * hop].reshape(-1, hop).astype(np.float32) / 32768
    loud = float(np.sqrt(np.percentile((rows**2).mean(axis=1), 90))) if len(rows) else 0.0
    return min(LOUD / loud, LOUDER) / 32768 if loud else 1 / 32768


@cache
def _detector() -> Any:
    """One per process, one thread: 0.04 CPU-s."""
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as errors

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep the largest block for good
    options.log_severity_level = 4
    missing = PermanentError(
        "ASR_NO_WEIGHTS", "faster-whisper came without its voice detector", "install the version in requirements.txt"
    )
    try:
        detector = onnxruntime.InferenceSession(_model(), options, providers=["CPUExecutionProvider"])
    except (errors.NoSuchFile, errors.InvalidProtobuf, errors.InvalidGraph, errors.Fail) as exc:
        raise missing from exc
    if {i.name for i in detector.get_inputs()} != {"input", "h", "c"}:  # one of another kind
        raise missing
    return detector


def _model() -> str:
    """Its path, without importing faster-whisper and the 100 MB behind it."""
    spec = find_spec("faster_whisper")
    folders = (spec.submodule_search_locations or []) if spec else []
    found = sorted(path for folder in folders for path in Path(folder, "assets").glob("silero_vad*.onnx"))
    return str(found[-1]) if found else "silero_vad.onnx"
