// Said, shown, both: a click or the arrow keys jump.
import { clock } from "./words.js";

const STEP = 5, FAR = 60; // seconds

export class Timeline {
  jump = () => {};
  #seconds = 0;

  constructor(place, duration) {
    Object.assign(this, { place, duration });
    this.head = document.getElementById("playhead");
    this.hover = document.getElementById("hover");
    let dragging = false;
    place.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      dragging = true;
      place.setPointerCapture(event.pointerId);
      this.jump(this.#under(event), false);
    });
    place.addEventListener("pointermove", (event) => {
      const seconds = this.#under(event);
      if (dragging) this.jump(seconds, false);
      this.hover.hidden = false;
      this.hover.textContent = clock(seconds);
      this.hover.style.left = this.#share(seconds);
    });
    for (const kind of ["pointerup", "pointercancel"]) place.addEventListener(kind, () => { dragging = false; });
    place.addEventListener("pointerleave", () => { this.hover.hidden = true; });
    place.addEventListener("keydown", (event) => this.#key(event));
  }

  at(seconds) {
    this.#seconds = seconds;
    this.head.style.left = this.#share(seconds);
    if (this.place.getAttribute("aria-valuenow") === String(Math.floor(seconds))) return;
    this.place.setAttribute("aria-valuenow", Math.floor(seconds));
    this.place.setAttribute("aria-valuetext", `${clock(seconds)} of ${clock(this.duration)}`);
  }

  #share(seconds) {
    return `${this.duration ? (100 * Math.min(seconds, this.duration)) / this.duration : 0}%`;
  }

  #under(event) {
    const { left, width } = this.place.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - left) / width)) * this.duration;
  }

  #key(event) {
    const by = { ArrowRight: STEP, ArrowUp: STEP, ArrowLeft: -STEP, ArrowDown: -STEP, PageUp: FAR, PageDown: -FAR }[event.key];
    const to = { Home: 0, End: this.duration }[event.key] ?? (by === undefined ? undefined : this.#seconds + by);
    if (to === undefined) return;
    event.preventDefault();
    this.jump(Math.max(0, Math.min(this.duration, to)), false);
  }
}
