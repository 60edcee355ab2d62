// The page of a video: the parts follow one clock, the player's.
import { watchActions } from "./actions.js";
import { watchProgress } from "./progress.js";
import { Slides } from "./slides.js";
import { Timeline } from "./timeline.js";
import { Transcript } from "./transcript.js";

const viewer = document.getElementById("viewer");
const player = document.getElementById("player");

watchActions();
watchProgress();
if (viewer) begin();

function begin() {
  const duration = Number(viewer.dataset.duration);
  const transcript = new Transcript(document.getElementById("transcript"), document.getElementById("follow"));
  const timeline = new Timeline(document.getElementById("timeline"), duration);
  const slides = document.getElementById("slides") ? new Slides(document.getElementById("slides")) : null;
  const parts = [transcript, timeline, slides].filter(Boolean);
  let wanted = null; // where to jump to once the player knows its file

  const show = (seconds) => { for (const part of parts) part.at(seconds); };

  function jump(seconds, play = true) {
    transcript.follow(true);
    show(seconds);
    if (!player) return;
    if (player.readyState === 0) wanted = seconds;
    else player.currentTime = seconds;
    if (play) player.play().catch(() => {}); // a browser may refuse to play before a click
  }

  for (const part of parts) part.jump = jump;
  for (const button of document.querySelectorAll(".problems button[data-start]")) {
    button.addEventListener("click", () => { jump(Number(button.dataset.start)); scrollTo({ top: 0, behavior: "smooth" }); });
  }
  if (player) {
    player.addEventListener("loadedmetadata", () => {
      if (wanted !== null) player.currentTime = wanted;
      wanted = null;
    });
    player.addEventListener("error", () => { document.getElementById("unplayable").hidden = false; });
    player.addEventListener("seeking", () => show(player.currentTime));
    const tick = () => {
      show(player.currentTime);
      if (!player.paused) requestAnimationFrame(tick);
    };
    player.addEventListener("play", tick);
    player.addEventListener("timeupdate", () => show(player.currentTime)); // in a hidden tab no frames are drawn
    if (!player.paused) tick(); // somebody was faster than this script
    if (player.error) document.getElementById("unplayable").hidden = false;
    document.addEventListener("keydown", (event) => {
      if (event.key !== " " || event.target.closest("input, textarea, select, button, a, video, summary, [role=slider]")) return;
      event.preventDefault();
      if (player.paused) player.play().catch(() => {});
      else player.pause();
    });
  }
  if (viewer.dataset.at !== "") jump(Number(viewer.dataset.at), false);
}
