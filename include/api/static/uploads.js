// One file's way to the server: in parts, three at a time, tried again, and taken up where it stopped, also after a
// reload (the browser forgets the file, so the user chooses it again; we remember the upload's id).
import { API, Refused, ask, wait } from "./server.js";

const AT_ONCE = 3;
const TRIES = 8;
const LONGEST_PAUSE = 30; // seconds
const GONE = new Set([404, 409, 410]);

const fileKey = (file) => `${file.name}/${file.size}/${file.lastModified}`;

/** What began in this browser, by this user, and isn't finished: {id, key, name, size, options, at}. */
export class Memory {
  constructor(who) {
    this.name = `reelscribe.uploads.${who}`;
  }
  all() {
    try { return JSON.parse(localStorage.getItem(this.name) ?? "[]"); } catch { return []; }
  }
  find(file) {
    return this.all().find((entry) => entry.key === fileKey(file));
  }
  keep(entry) {
    this.#write([...this.all().filter((other) => other.id !== entry.id), entry]);
  }
  forget(id) {
    this.#write(this.all().filter((entry) => entry.id !== id));
  }
  #write(entries) {
    try { localStorage.setItem(this.name, JSON.stringify(entries)); } catch { /* full or closed: no resuming then */ }
  }
}

export class Upload {
  /** `changed(upload)` is called whenever `state`, `sent` or `problem` is another one. */
  constructor(file, options, memory, changed) {
    Object.assign(this, { file, options, memory, changed });
    this.id = null;
    this.state = "waiting"; // waiting, sending, finishing, done, failed, stopped
    this.sent = 0;
    this.problem = "";
    this.video = null;
    this.stopping = new AbortController();
  }

  get size() {
    return this.file.size;
  }

  async run() {
    try {
      this.#state("sending");
      const plan = await this.#begin();
      if (plan.state === "open") await this.#send(plan);
      this.#state("finishing");
      const body = { submit: true, ...this.options };
      this.video = await this.#again(() => ask(`${API}uploads/${this.id}/complete`, { method: "POST", body }));
      this.memory.forget(this.id);
      this.#state("done");
    } catch (error) {
      if (this.stopping.signal.aborted) return this.#state("stopped");
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
      this.problem = error instanceof Refused ? error.message : "no connection to the server";
      this.#state("failed");
    }
  }

  /** Of the user: nothing of it stays. */
  async cancel() {
    this.stopping.abort();
    if (!this.id) return;
    this.memory.forget(this.id);
    await ask(`${API}uploads/${this.id}`, { method: "DELETE" }).catch(() => {});
  }

  /** The plan of parts: of the upload that was begun before, or a new one. */
  async #begin() {
    const before = this.memory.find(this.file);
    if (before) {
      try {
        const plan = await this.#again(() => ask(`${API}uploads/${before.id}`));
        this.id = before.id;
        this.options = before.options;
        return plan;
      } catch (error) {
        if (!(error instanceof Refused && GONE.has(error.status))) throw error;
        this.memory.forget(before.id);
      }
    }
    const body = { filename: this.file.name, size: this.file.size };
    if (this.file.type) body.content_type = this.file.type;
    const plan = await this.#again(() => ask(`${API}uploads`, { method: "POST", body }));
    this.id = plan.id;
    this.memory.keep({ id: this.id, key: fileKey(this.file), name: this.file.name, size: this.file.size, options: this.options, at: Date.now() });
    return plan;
  }

  async #send(plan) {
    const there = new Set(plan.received);
    const missing = [];
    const sizes = new Map();
    for (let number = 1; number <= plan.parts; number += 1) {
      const bytes = Math.min(plan.part_size, this.size - (number - 1) * plan.part_size);
      sizes.set(number, there.has(number) ? bytes : 0);
      if (!there.has(number)) missing.push(number);
    }
    const urls = { ...(plan.urls ?? {}) };
    const count = (number, bytes) => {
      sizes.set(number, bytes);
      this.sent = [...sizes.values()].reduce((sum, each) => sum + each, 0);
      this.changed(this);
    };
    count(0, 0);
    const sender = async () => {
      for (let number = missing.shift(); number !== undefined; number = missing.shift()) {
        await this.#part(plan, number, urls, count, missing);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
  }

  async #part(plan, number, urls, count, missing) {
    const start = (number - 1) * plan.part_size;
    const blob = this.file.slice(start, Math.min(start + plan.part_size, this.size));
    await this.#again(async () => {
      if (!urls[number]) await this.#sign(number, urls, missing);
      try {
        await put(urls[number], blob, (bytes) => count(number, bytes), this.stopping.signal);
      } catch (error) {
        delete urls[number]; // it may have run out
        count(number, 0);
        throw error;
      }
    });
    count(number, blob.size);
  }

  async #sign(number, urls, missing) {
    const parts = [number, ...missing.slice(0, 2 * AT_ONCE)].filter((each) => !urls[each]);
    const answer = await ask(`${API}uploads/${this.id}/urls`, { method: "POST", body: { parts } });
    Object.assign(urls, answer.urls);
  }

  /** Tries again what may go well later: no connection, a busy server, an address that ran out. */
  async #again(attempt) {
    for (let tried = 1; ; tried += 1) {
      this.stopping.signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof TypeError || (error instanceof Refused && passes(error)))) throw error;
        if (tried >= TRIES) throw error;
        await wait(Math.min(LONGEST_PAUSE, 2 ** (tried - 1)) * (0.5 + Math.random()));
      }
    }
  }

  #state(state) {
    this.state = state;
    this.changed(this);
  }
}

/** A busy server, or an address of the store's that ran out: such a refusal is the store's, and has no code of ours. */
function passes({ status, code }) {
  if (status >= 500 || status === 408 || code === "UPLOAD_BUSY") return true;
  return (status === 429 && code !== "TOO_MANY_UPLOADS") || (status === 403 && code === "");
}

/** PUT with progress, which fetch doesn't tell. A TypeError stands for a broken connection, as with fetch. */
function put(url, blob, told, signal) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const ended = (act) => () => { signal.removeEventListener("abort", abort); act(); };
    request.open("PUT", url);
    request.upload.addEventListener("progress", (event) => told(event.loaded));
    request.addEventListener("load", ended(() => {
      if (request.status >= 200 && request.status < 300) return done();
      let said = null;
      try { said = JSON.parse(request.responseText); } catch { /* S3 speaks XML */ }
      return failed(new Refused(request.status, said));
    }));
    request.addEventListener("error", ended(() => failed(new TypeError("the connection broke"))));
    request.addEventListener("abort", ended(() => failed(new DOMException("stopped", "AbortError"))));
    signal.addEventListener("abort", abort, { once: true });
    request.send(blob);
  });
}
