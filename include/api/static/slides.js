// What stood on the screen, as a lane of cards. Only those in view are in the page: a day of video has thousands.
import { thumbnails } from "./frames.js";
import { ask } from "./server.js";
import { clock } from "./words.js";

const PITCH = 178; // pixels from one card to the next
const SPARE = 4; // cards on either side

export class Slides {
  jump = () => {};
  #cards = new Map();
  #current = -1;
  #seconds = 0;
  #touched = 0;

  constructor(place) {
    this.place = place;
    this.room = place.querySelector(".lane-room");
    this.shown = [];
    this.illustrate = () => {};
    this.count = document.getElementById("slides-count");
    place.addEventListener("scroll", () => this.#draw(), { passive: true });
    for (const kind of ["wheel", "pointerdown", "touchstart"]) place.addEventListener(kind, () => { this.#touched = performance.now(); }, { passive: true });
    place.addEventListener("click", (event) => {
      const card = event.target.closest(".slide");
      if (card) this.jump(Number(card.dataset.start));
    });
    new ResizeObserver(() => this.#draw()).observe(place);
    this.#begin();
  }

  at(seconds) {
    this.#seconds = seconds;
    let number = this.shown.findIndex((shown) => shown.start > seconds + 0.05);
    number = (number < 0 ? this.shown.length : number) - 1;
    if (number === this.#current) return;
    this.#cards.get(this.#current)?.removeAttribute("aria-current");
    this.#current = number;
    this.#cards.get(number)?.setAttribute("aria-current", "true");
    if (performance.now() - this.#touched > 4000 && number >= 0) this.place.scrollTo({ left: Math.max(0, number * PITCH - this.place.clientWidth / 3), behavior: "smooth" });
  }

  async #begin() {
    const [{ shown }, illustrate] = await Promise.all([ask(this.place.dataset.src), thumbnails(this.place.dataset.frames)]);
    this.shown = shown;
    this.illustrate = illustrate;
    this.room.replaceChildren();
    this.room.style.width = `${this.shown.length * PITCH}px`;
    this.#draw();
    this.at(this.#seconds);
  }

  #draw() {
    const first = Math.max(0, Math.floor(this.place.scrollLeft / PITCH) - SPARE);
    const end = Math.min(this.shown.length, Math.ceil((this.place.scrollLeft + this.place.clientWidth) / PITCH) + SPARE);
    for (const [number, card] of this.#cards) {
      if ((number < first || number >= end) && !card.matches(":focus")) {
        card.remove();
        this.#cards.delete(number);
      }
    }
    for (let number = first; number < end; number += 1) if (!this.#cards.has(number)) this.#add(number);
  }

  #add(number) {
    const { start, text } = this.shown[number];
    const card = Object.assign(document.createElement("button"), { type: "button", className: "slide placed" });
    const thumb = Object.assign(document.createElement("span"), { className: "thumb" });
    const time = Object.assign(document.createElement("b"), { className: "time", textContent: clock(start) });
    const words = Object.assign(document.createElement("span"), { className: "words", textContent: text });
    card.dataset.start = start;
    card.title = text;
    card.style.left = `${number * PITCH}px`;
    if (number === this.#current) card.setAttribute("aria-current", "true");
    card.append(thumb, time, words);
    this.#cards.set(number, card);
    const after = [...this.#cards.keys()].filter((other) => other > number).sort((a, b) => a - b)[0];
    this.room.insertBefore(card, after === undefined ? null : this.#cards.get(after));
    this.illustrate(thumb, start);
  }
}
