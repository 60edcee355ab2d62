// A video that isn't finished: stages, chunks, time left. When it is over the page is made anew.
import { API, ask, poll } from "./server.js";
import { left } from "./words.js";

const SECONDS = 2;
const SAY_EVERY = 25; // percent, to those who listen

export function watchProgress() {
  const page = document.getElementById("video");
  const panel = document.getElementById("progress");
  if (!panel) return;
  let said = -1;
  poll(async () => {
    const video = await ask(`${API}videos/${page.dataset.id}`);
    if (video.id !== page.dataset.id || !video.progress || video.status !== page.dataset.status) {
      location.reload();
      return false;
    }
    show(video.progress, video.chunks);
    const step = Math.floor(video.progress.percent / SAY_EVERY);
    if (step !== said) document.getElementById("progress-words").textContent = `${Math.round(video.progress.percent)} percent done`;
    said = step;
    return true;
  }, () => SECONDS);
}

function show({ percent, eta_seconds: seconds, stages }, chunks) {
  document.getElementById("bar").value = percent;
  document.getElementById("percent").textContent = `${Math.round(percent)} %`;
  document.getElementById("left").textContent = left(seconds);
  for (const stage of stages ?? []) {
    const item = document.querySelector(`#stages [data-stage="${stage.stage}"]`);
    if (!item) continue;
    item.dataset.state = stageState(stage);
    item.querySelector("[data-slot=count]").textContent = stage.total > 1 ? `${stage.done}/${stage.total}` : "";
  }
  const place = document.getElementById("chunks");
  place.hidden = (chunks ?? []).length < 2;
  const list = place.querySelector("ol");
  while (list.children.length < (chunks ?? []).length) {
    const item = document.createElement("li");
    item.append(...["extract", "transcribe", "ocr"].map(() => document.createElement("i")));
    list.append(item);
  }
  (chunks ?? []).forEach((chunk, number) => {
    const marks = list.children[number].children;
    ["extract", "transcribe", "ocr"].forEach((stage, place) => { marks[place].dataset.state = chunk[stage]; });
  });
}

function stageState({ done, running, failed, total }) {
  if (total !== null && done >= total) return "completed";
  if (running) return "running";
  if (failed) return "failed";
  return done ? "running" : "waiting";
}
