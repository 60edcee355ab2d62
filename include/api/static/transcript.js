// The transcript follows the playback, unless the reader scrolled away; a click on a word plays from it.
import { wait } from "./server.js";

const AHEAD = 0.05; // seconds: a jump lands a hair before the time asked for

export class Transcript {
  jump = () => {};
  #current = null;
  #following = true;
  #loading = new Map();

  constructor(place, button) {
    this.place = place;
    this.button = button;
    this.stretches = [...place.querySelectorAll(".stretch")].map((element) => ({ element, start: Number(element.dataset.start), cues: null }));
    this.word = CSS.highlights ? new Highlight() : null;
    CSS.highlights?.set("word", this.word);
    place.addEventListener("click", (event) => this.#clicked(event));
    for (const kind of ["wheel", "touchmove", "pointerdown"]) place.addEventListener(kind, (event) => { if (kind !== "pointerdown" || event.target === place) this.follow(false); }, { passive: true });
    place.addEventListener("keydown", (event) => { if (["PageUp", "PageDown", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) this.follow(false); });
    button.addEventListener("click", () => { this.follow(true); this.#scroll(true); });
    button.hidden = this.stretches.length === 0;
    const near = new IntersectionObserver((entries) => {
      for (const { isIntersecting, target } of entries) if (isIntersecting) this.#load(this.stretches.find((stretch) => stretch.element === target));
    }, { root: place, rootMargin: "1500px 0px" });
    for (const stretch of this.stretches) if (stretch.element.dataset.src) near.observe(stretch.element);
    this.#loadTheRest();
  }

  follow(on) {
    if (on === this.#following) return;
    this.#following = on;
    this.button.setAttribute("aria-pressed", String(on));
    this.button.textContent = on ? "Following" : "Follow again";
  }

  /** The playback is there. */
  at(seconds) {
    const cue = this.#cueAt(seconds + AHEAD);
    if (cue !== this.#current) {
      this.#current?.removeAttribute("aria-current");
      cue?.setAttribute("aria-current", "true");
      this.#current = cue;
      if (cue) this.#scroll();
    }
    this.#mark(seconds + AHEAD);
  }

  #cueAt(seconds) {
    const number = last(this.stretches, (stretch) => stretch.start <= seconds);
    for (const stretch of [this.stretches[number], this.stretches[number - 1]]) {
      if (!stretch) continue;
      if (stretch.element.dataset.src) {
        this.#load(stretch).then(() => { if (this.#current === null) this.at(seconds); });
        return null;
      }
      const cues = cuesOf(stretch);
      const found = cues[last(cues, (cue) => cue.start <= seconds)];
      if (found) return found.element;
    }
    return null;
  }

  /** The word that is being said. */
  #mark(seconds) {
    this.word?.clear();
    const marks = this.#current && marksOf(this.#current);
    if (!marks?.length || !this.word) return;
    const since = (seconds - Number(this.#current.dataset.start)) * 1000;
    const number = last(marks, (mark) => mark.time <= since);
    if (number < 0 || seconds > Number(this.#current.dataset.end) + 0.3) return;
    const text = textOf(this.#current);
    const range = new Range();
    range.setStart(text, marks[number].at);
    const end = text.data.indexOf(" ", marks[number].at);
    range.setEnd(text, end < 0 ? text.length : end);
    this.word.add(range);
  }

  #scroll(smooth = false) {
    if (!this.#following || !this.#current) return;
    const cue = this.#current.getBoundingClientRect(), place = this.place.getBoundingClientRect();
    const inside = cue.top > place.top + 30 && cue.bottom < place.top + place.height * 0.7;
    if (inside && !smooth) return;
    this.place.scrollBy({ top: cue.top - place.top - place.height * 0.3, behavior: Math.abs(cue.top - place.top) > 2 * place.height ? "auto" : "smooth" });
  }

  #clicked(event) {
    const cue = event.target.closest(".cue");
    if (!cue || !getSelection().isCollapsed) return;
    this.jump(event.target.closest("button") ? Number(cue.dataset.start) : timeOfPoint(cue, event));
  }

  /** Each stretch is fetched once. */
  #load(stretch) {
    const { element } = stretch;
    if (!element.dataset.src) return Promise.resolve();
    if (!this.#loading.has(element)) this.#loading.set(element, this.#fetch(stretch));
    return this.#loading.get(element);
  }

  async #fetch(stretch) {
    const { element } = stretch;
    const answer = await fetch(element.dataset.src).catch(() => null);
    if (!answer?.ok) {
      this.#loading.delete(element);
      return;
    }
    const content = document.createRange().createContextualFragment(await answer.text());
    const before = element.getBoundingClientRect();
    element.replaceChildren(content);
    delete element.dataset.src;
    stretch.cues = null;
    if (before.bottom < this.place.getBoundingClientRect().top) this.#scroll();
  }

  /** While nothing else is to be done: so that the browser's own search finds everything. */
  async #loadTheRest() {
    for (const stretch of this.stretches) {
      if (!stretch.element.dataset.src) continue;
      await wait(0.3);
      await new Promise((idle) => (window.requestIdleCallback ?? setTimeout)(idle));
      await this.#load(stretch);
    }
  }
}

function cuesOf(stretch) {
  stretch.cues ??= [...stretch.element.querySelectorAll(".cue")].map((element) => ({ element, start: Number(element.dataset.start) }));
  return stretch.cues;
}

const textOf = (cue) => cue.querySelector(".said").firstChild;

function marksOf(cue) {
  return (cue.dataset.marks ?? "").split(" ").filter(Boolean).map((mark) => {
    const [at, time] = mark.split(":").map(Number);
    return { at, time };
  });
}

/** When the word under the pointer is said; the stretch's start where there is none, or no times of words. */
function timeOfPoint(cue, event) {
  const start = Number(cue.dataset.start);
  const marks = marksOf(cue);
  const place = document.caretPositionFromPoint?.(event.clientX, event.clientY) ?? older(event);
  if (!place || place.offsetNode !== textOf(cue)) return start;
  const number = last(marks, (mark) => mark.at <= place.offset);
  return number < 0 ? start : start + marks[number].time / 1000;
}

function older(event) {
  const range = document.caretRangeFromPoint?.(event.clientX, event.clientY);
  return range && { offsetNode: range.startContainer, offset: range.startOffset };
}

/** The place of the last of these, which are in order, that is so; -1 if none is. */
function last(all, so) {
  let low = 0, high = all.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (so(all[middle])) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
