// The table follows what happens: percent, time left, status; it says when there is something new.
import { API, ROOT, ask, poll } from "./server.js";
import { STATUSES, clock, left, localTimes, size } from "./words.js";

const BUSY = 2.5, QUIET = 15; // seconds
const table = document.getElementById("videos");
const body = table.tBodies[0];
const airflow = ROOT.replace(/reelscribe\/$/, "");
const firstPage = !new URLSearchParams(location.search).has("after");

function fill(row, video) {
  const slot = (name) => row.querySelector(`[data-slot=${name}]`);
  const before = row.dataset.status;
  row.dataset.id = video.id;
  row.dataset.status = video.status;
  slot("link").textContent = video.filename;
  slot("link").href = `${ROOT}videos/${video.id}`;
  slot("review").hidden = !video.needs_review;
  slot("why").hidden = !video.error;
  slot("why").textContent = video.error?.cause ?? "";
  slot("status").textContent = STATUSES[video.status] ?? video.status;
  slot("working").hidden = !(video.progress && video.status === "running");
  slot("bar").value = video.progress?.percent ?? 0;
  slot("bar").setAttribute("aria-label", `Progress of ${video.filename}`);
  slot("percent").textContent = `${Math.round(video.progress?.percent ?? 0)} %`;
  slot("left").textContent = left(video.progress?.eta_seconds);
  slot("duration").textContent = clock(video.duration);
  slot("size").textContent = size(video.size);
  if (slot("created").dateTime !== video.created_at) {
    slot("created").removeAttribute("title");
    slot("created").dateTime = video.created_at;
  }
  slot("run").hidden = !video.run;
  slot("run").setAttribute("aria-label", `DAG run of ${video.filename}`);
  if (video.run) slot("run").href = `${airflow}dags/${encodeURIComponent(video.run.dag_id)}/runs/${encodeURIComponent(video.run.run_id)}`;
  if (before && before !== video.status) say(`${video.filename}: ${STATUSES[video.status]}`);
}

function say(text) {
  document.getElementById("told-states").textContent = text;
}

function show(videos) {
  const rows = new Map([...body.rows].map((row) => [row.dataset.id, row]));
  const fresh = videos.filter((video) => !rows.has(video.id));
  if (firstPage && fresh.length) {
    const made = fresh.map((video) => {
      const row = document.getElementById("row").content.querySelector("tr").cloneNode(true);
      fill(row, video);
      return row;
    });
    body.prepend(...made);
  } else {
    document.getElementById("new").hidden = fresh.length === 0;
  }
  for (const video of videos) if (rows.has(video.id)) fill(rows.get(video.id), video);
  const there = new Set(videos.map((video) => video.id));
  if (firstPage) for (const [id, row] of rows) if (!there.has(id) && rows.size <= videos.length) row.remove();
  table.hidden = body.rows.length === 0;
  document.getElementById("empty").hidden = body.rows.length > 0;
  localTimes(body);
}

const working = () => [...body.rows].some((row) => ["queued", "running"].includes(row.dataset.status));

async function look() {
  const answer = await ask(`${API}videos${table.dataset.api}`);
  show(answer.videos);
}

document.addEventListener("reelscribe:submitted", () => { look().catch(() => {}); });
poll(look, () => (working() ? BUSY : QUIET));
