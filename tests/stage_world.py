"""What the tests of operators and of the whole DAG share: a folder store, our database, and clips made on the spot."""

import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from airflow.sdk.execution_time.context import OutletEventAccessors

from include.settings import settings
from include.storage import ObjectStore, open_store

RATE = 16_000
PARAMS = {
    "source": "incoming/clip.mp4",
    "language": "en",
    "asr": "sphinx",
    "model": None,
    "ocr": "auto",
    "screen_language": None,
    "chunk_minutes": 0.05,
    "frames_per_second": 1,
    "sound": "best",
    "denoise": False,
    "alignment": "pauses",
    "budget_dollars": None,
}


@dataclass
class TaskInstance:
    """As far as our operators look. An XCom is JSON on its way, and belongs to its run."""

    run_id: str
    try_number: int
    xcoms: dict[tuple[str, str], str]
    max_tries: int = 19
    dag_id: str = "process_video"

    def xcom_push(self, key: str, value: Any) -> None:
        self.xcoms[self.run_id, key] = json.dumps(value)

    def xcom_pull(self, task_ids: str, key: str) -> Any:
        return json.loads(self.xcoms.get((self.run_id, key), "null"))


@dataclass(frozen=True, slots=True)
class World:
    store: ObjectStore
    db_url: str
    folder: Path
    xcoms: dict[tuple[str, str], str] = field(default_factory=dict)

    def context(self, run_id: str = "run-1", try_number: int = 1, **params: Any) -> Any:
        """What Airflow hands to `execute`, as far as our operators look."""
        ti = TaskInstance(run_id, try_number, self.xcoms)
        return {"run_id": run_id, "ti": ti, "params": PARAMS | params, "outlet_events": OutletEventAccessors()}

    def reload(self) -> None:
        """After a change of REELSCRIBE_*."""
        settings.cache_clear()

    def stored(self) -> list[str]:
        return [info.key for info in self.store.list("")]


def world_of(folder: Path, db_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    url = (folder / "store").as_uri()
    monkeypatch.setenv("REELSCRIBE_STORE", url)
    monkeypatch.setenv("AIRFLOW_CONN_REELSCRIBE_DB", db_url)
    settings.cache_clear()
    return World(open_store(url), db_url, folder)


def write_clip(path: Path, lines: list[tuple[float, str]], *, sound: bool = True, fps: int = 5) -> Path:
    """Each line stands for so many seconds, black on white; the sound is silence (and costs no recogniser a second)."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=fps, options={"preset": "ultrafast", "g": "5"})
        video.width, video.height, video.pix_fmt = 480, 270, "yuv420p"
        audio = container.add_stream("aac", rate=RATE, layout="mono") if sound else None
        number = 0
        for seconds, text in lines:
            picture = np.full((270, 480, 3), 255, np.uint8)
            cv2.putText(picture, text, (30, 140), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 3, cv2.LINE_AA)
            for _ in range(round(seconds * fps)):
                frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
                frame.pts, frame.time_base = number, Fraction(1, fps)
                container.mux(video.encode(frame))
                number += 1
        if audio:
            _silence(container, audio, number / fps)
        for stream in (video, audio) if audio else (video,):
            container.mux(stream.encode(None))
    return path


def _silence(container: Any, audio: Any, seconds: float) -> None:
    for start in range(0, round(seconds * RATE), 1024):
        samples = np.zeros((1, min(1024, round(seconds * RATE) - start)), np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        container.mux(audio.encode(frame))
