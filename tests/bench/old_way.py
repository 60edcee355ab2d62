"""A video's text as people write it: an OpenCV loop, Tesseract on a frame each second, moviepy for the sound.

python old_way.py VIDEO FOLDER      writes sound.mp3 and frames.json [{"time", "text"}] into the folder
"""

import json
import sys
from pathlib import Path

import cv2
import pytesseract
from moviepy import VideoFileClip


def extract_audio(video: str, out: Path) -> None:
    with VideoFileClip(video) as clip:
        clip.audio.write_audiofile(str(out), logger=None)


def read_frames(video: str) -> list[dict]:
    found = []
    capture = cv2.VideoCapture(video)
    fps = capture.get(cv2.CAP_PROP_FPS)
    every = round(fps)
    number = 0
    while True:
        ok, frame = capture.read()
        if not ok:
            break
        if number % every == 0:
            gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
            found.append({"time": number / fps, "text": pytesseract.image_to_string(gray)})
        number += 1
    capture.release()
    return found


if __name__ == "__main__":
    video, folder = sys.argv[1], Path(sys.argv[2])
    extract_audio(video, folder / "sound.mp3")
    (folder / "frames.json").write_text(json.dumps(read_frames(video)))
