// The drop zone, what is on its way, and what was broken off.
import { API, ROOT, ask } from "./server.js";
import { Memory, Upload } from "./uploads.js";
import { size } from "./words.js";

const FILES_AT_ONCE = 2;
const panel = document.getElementById("upload");
const list = document.getElementById("uploads");
const memory = new Memory(panel.dataset.who);
const waiting = [];
const shown = new Map(); // what is shown -> its line
let running = 0;

function options() {
  const form = new FormData(document.getElementById("options-form"));
  const chosen = {};
  for (const name of ["priority", "language", "asr", "ocr"]) if (form.get(name).trim()) chosen[name] = form.get(name).trim();
  return form.get("slides") ? { options: chosen, dag: "process_video_slides" } : { options: chosen };
}

function add(files) {
  for (const file of files) {
    clearLine(memory.find(file)?.id);
    const upload = new Upload(file, options(), memory, show);
    show(upload);
    waiting.push(upload);
  }
  next();
}

async function next() {
  while (running < FILES_AT_ONCE && waiting.length) {
    const upload = waiting.shift();
    if (upload.stopping.signal.aborted) continue;
    running += 1;
    upload.run().finally(() => { running -= 1; next(); });
  }
}

const SAYS = {
  waiting: () => "waits for the others",
  sending: (upload) => `${size(upload.sent)} of ${size(upload.size)} · ${share(upload)} %`,
  finishing: () => "is being checked",
  done: () => "is here: its run has begun",
  failed: (upload) => upload.problem,
  stopped: () => "removed",
};
const share = (upload) => (upload.size ? Math.floor((100 * upload.sent) / upload.size) : 0);

function show(upload) {
  const row = shown.get(upload) ?? line(upload, upload.file.name);
  const changed = row.dataset.state !== upload.state;
  row.dataset.state = upload.state;
  row.querySelector("progress").value = upload.state === "done" ? 100 : share(upload);
  row.querySelector(".say").textContent = SAYS[upload.state](upload);
  if (!changed) return;
  document.getElementById("upload-words").textContent = `${upload.file.name} ${upload.state === "sending" ? "is being sent" : SAYS[upload.state](upload)}`;
  const buttons = row.querySelector(".act");
  buttons.replaceChildren();
  if (upload.state === "failed") buttons.append(button("Try again", () => { clear(upload); add([upload.file]); }), button("Remove", () => remove(upload)));
  if (["waiting", "sending"].includes(upload.state)) buttons.append(button("Stop", () => remove(upload)));
  if (upload.state === "done") {
    const link = document.createElement("a");
    link.href = `${ROOT}videos/${upload.video.id}`;
    link.className = "button";
    link.textContent = "Open";
    buttons.append(link);
    document.dispatchEvent(new CustomEvent("reelscribe:submitted"));
  }
}

/** Begun before a reload: the browser needs the file again. */
function showRemembered() {
  for (const entry of memory.all()) {
    const row = line(entry, entry.name);
    row.dataset.state = "left";
    row.dataset.id = entry.id;
    row.querySelector(".say").textContent = "was not finished: choose the same file again, and it goes on where it stopped";
    row.querySelector(".act").append(button("Remove", async () => {
      memory.forget(entry.id);
      clear(entry);
      await ask(`${API}uploads/${entry.id}`, { method: "DELETE" }).catch(() => {});
    }));
    ask(`${API}uploads/${entry.id}`).then(
      (plan) => { row.querySelector("progress").value = (100 * plan.received.length) / plan.parts; },
      (error) => { if ([404, 410].includes(error.status)) { memory.forget(entry.id); clear(entry); } },
    );
  }
}

function line(what, name) {
  const row = document.createElement("li");
  const file = Object.assign(document.createElement("span"), { className: "file", textContent: name, title: name });
  const say = Object.assign(document.createElement("span"), { className: "say" });
  const act = Object.assign(document.createElement("span"), { className: "act" });
  const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
  bar.setAttribute("aria-label", `Upload of ${name}`);
  row.append(file, say, act, bar);
  list.append(row);
  list.hidden = false;
  shown.set(what, row);
  return row;
}

function button(text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text });
  made.addEventListener("click", act);
  return made;
}

function clear(what) {
  shown.get(what)?.remove();
  shown.delete(what);
  list.hidden = shown.size === 0;
}

function clearLine(id) {
  for (const what of shown.keys()) if (id && what.id === id && !(what instanceof Upload)) clear(what);
}

async function remove(upload) {
  clear(upload);
  await upload.cancel();
}

const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  panel.toggleAttribute("data-over", true);
});
addEventListener("dragleave", (event) => { if (!event.relatedTarget) panel.removeAttribute("data-over"); });
addEventListener("drop", (event) => {
  if (!carriesFiles(event)) return;
  event.preventDefault();
  panel.removeAttribute("data-over");
  add(event.dataTransfer.files);
});
document.getElementById("files").addEventListener("change", (event) => {
  add([...event.target.files]);
  event.target.value = "";
});
document.getElementById("options-form").addEventListener("submit", (event) => event.preventDefault());
addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });
showRemembered();
