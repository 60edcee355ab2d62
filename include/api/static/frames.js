// The pictures that were kept of a video: the one that stood at a time.
import { Refused, ask } from "./server.js";

const LATE = 1.0; // seconds: pictures are looked at once a second, so the one of a new slide may be taken after it came

/** A function that puts the picture of a time into an element; it does nothing where no picture is kept any more. */
export async function thumbnails(url) {
  let frames = [];
  try {
    frames = (await ask(url)).frames;
  } catch (error) {
    if (!(error instanceof Refused || error instanceof TypeError)) throw error;
  }
  return (place, seconds) => {
    const frame = at(frames, seconds + LATE);
    if (!frame) return;
    const picture = new Image();
    picture.alt = "";
    picture.loading = "lazy";
    picture.decoding = "async";
    picture.src = frame.url;
    picture.addEventListener("error", () => picture.remove(), { once: true });
    place.replaceChildren(picture);
  };
}

/** The last one not after these seconds. `frames` are in order of time. */
function at(frames, seconds) {
  let low = 0, high = frames.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (frames[middle].time <= seconds) low = middle + 1;
    else high = middle;
  }
  return frames[Math.max(0, low - 1)];
}
