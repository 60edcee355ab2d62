"""A client of the front door, for programs: `from include.client import Reelscribe`.

front = Reelscribe("http://127.0.0.1:8080", user="admin", password="…")
video = front.submit("talk.mp4", options={"language": "en"})
for video in front.watch(video.id):
    print(video.status, video.percent)
print(front.file(video.id, "transcript.srt").decode())
for hit in front.search("gradient descent"):
    print(hit.filename, hit.time, hit.snippet)
"""

from include.client.client import Reelscribe as Reelscribe
from include.client.types import Hit as Hit
from include.client.types import Video as Video
