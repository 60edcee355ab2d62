"""The recipe of sample.mp4: `python -m include.local.sample.make_sample OUT.mp4` writes it and OUT.truth.json.

Debian's flite speaks (voice rms: the one that the keyless recogniser understands), Pillow draws the slides, moviepy
puts them together. The sentences are those that pocketsphinx's own model hears without a mistake; the slide cuts lie
off the whole second on purpose, and nobody says the words of the last slide.
"""

import json
import subprocess
import sys
import wave
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from include.local.sample.slides import DRIFT, HEIGHT, WIDTH, Slide, backdrop, draw

FPS = 25
VOICE = "rms"
AUDIBLE = 0.02  # of full scale: the first and last sample above it bound an utterance

SPEECH = (
    (1.0, "Good morning and welcome to the history of the weather station."),
    (6.0, "In the nineteenth century, the telegraph changed everything."),
    (10.6, "Every morning the weather was reported to the newspapers in the capital."),
    (16.4, "Today the work is done by a small computer program every ten minutes."),
    (22.2, "No forecast is perfect, but every year they become a little better."),
)

SLIDES = (
    Slide(
        0.0,
        5.4,
        "white",
        (
            "The History of the Weather Station",
            "Lecture 1: from the telegraph to the computer",
            "Measure the pressure, the wind and the rain",
            "Write the numbers down at the same hour",
            "Send them to one place and compare",
        ),
    ),
    Slide(
        5.4,
        15.8,
        "serif",
        (
            "The Weather Telegraph",
            "1849 The first reports arrive by wire",
            "1854 A weather office opens in London",
            "1861 Newspapers print a forecast",
            "1875 The first weather map in print",
        ),
    ),
    Slide(
        15.8,
        21.6,
        "dark",
        (
            "$ python read_stations.py --minutes 10",
            "station   time    pressure   wind",
            "north     14:00   1008 hPa   12 km/h",
            "harbour   14:00   1006 hPa   31 km/h",
            "airport   14:00   1007 hPa   24 km/h",
            "3 readings stored in weather.csv",
            "$ plot weather.csv",
        ),
    ),
    Slide(21.6, 27.6, "photo", ("No forecast is perfect, but every year", "they become a little better.")),
    Slide(
        27.6,
        31.2,
        "board",
        (
            "Further reading",
            "Clouds and how to name them, chapter 4",
            "Next week: snow, ice and avalanches",
            "Questions: room 214, Tuesday at ten",
        ),
    ),
)
DURATION = SLIDES[-1].end


def speak(text: str, path: Path) -> None:
    try:
        subprocess.run(["flite", "-voice", VOICE, "-t", text, "-o", str(path)], check=True)
    except FileNotFoundError as exc:
        raise SystemExit("the sample's speech needs flite; apt-get install flite") from exc


def sounding(path: Path) -> tuple[float, float]:
    """Seconds from the file's start to its first and last audible sample."""
    with wave.open(str(path)) as sound:
        rate = sound.getframerate()
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > AUDIBLE * 32768)
    return float(loud[0]) / rate, float(loud[-1] + 1) / rate


def compose(voices: list[Path], out: Path) -> None:
    """Cut slides and voices together and encode them."""
    from moviepy import AudioFileClip, CompositeAudioClip, CompositeVideoClip, ImageClip

    layers: list[Any] = []
    for slide in SLIDES:
        if slide.style == "photo":
            layers.append(_drifting(slide))
        picture = ImageClip(np.asarray(draw(slide)), transparent=slide.style == "photo")
        layers.append(picture.with_start(slide.start).with_end(slide.end))
    sounds = [AudioFileClip(str(v)).with_start(start) for v, (start, _) in zip(voices, SPEECH, strict=True)]
    film = CompositeVideoClip(layers, size=(WIDTH, HEIGHT)).with_duration(DURATION)
    film = film.with_audio(CompositeAudioClip(sounds).with_duration(DURATION))
    film.write_videofile(
        str(out),
        fps=FPS,
        codec="libx264",
        preset="slow",
        threads=1,
        audio_codec="aac",
        audio_bitrate="128k",
        ffmpeg_params=["-crf", "18", "-pix_fmt", "yuv420p", "-movflags", "+faststart"],
        temp_audiofile_path=str(voices[0].parent),
        logger=None,
    )
    for sound in sounds:
        sound.close()


def _drifting(slide: Slide) -> Any:
    """The background of a photo slide, moving to the left."""
    from moviepy import ImageClip

    length = slide.end - slide.start
    photo = ImageClip(np.asarray(backdrop())).with_start(slide.start).with_end(slide.end)
    return photo.with_position(lambda t: (-round(DRIFT * min(t / length, 1.0)), 0))


def truth(voices: list[Path], name: str) -> dict[str, object]:
    """What is said and shown when, in seconds: speech by its energy (within 0.05), screens to a frame."""
    utterances = []
    for number, (voice, (start, text)) in enumerate(zip(voices, SPEECH, strict=True)):
        first, last = sounding(voice)
        heard = {"start": round(start + first, 3), "end": round(start + last, 3), "text": text}
        utterances.append({"id": number, **heard, "lang": "en", "condition": "clean", "repeat": 1})
    screens = [{"start": s.start, "end": s.end, "text": "\n".join(s.lines), "style": s.style} for s in SLIDES]
    return {
        "file": name,
        "duration": DURATION,
        "fps": FPS,
        "resolution": f"{WIDTH}x{HEIGHT}",
        "language": "en",
        "utterances": utterances,
        "on_screen": screens,
        "boundary_utterances": [],
    }


def main(out: Path) -> None:
    with TemporaryDirectory() as work:
        voices = [Path(work, f"{number}.wav") for number in range(len(SPEECH))]
        for voice, (_, text) in zip(voices, SPEECH, strict=True):
            speak(text, voice)
        compose(voices, out)
        facts = json.dumps(truth(voices, out.name), indent=1) + "\n"
        out.with_suffix(".truth.json").write_text(facts, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m include.local.sample.make_sample OUT.mp4")
    main(Path(sys.argv[1]))
