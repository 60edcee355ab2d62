// Requests to our API, and words to the user. Every path is relative to where we are mounted.
export const ROOT = document.documentElement.dataset.root;
export const API = `${ROOT}api/v1/`;

export class Refused extends Error {
  constructor(status, body) {
    super(body?.detail ? `${body.detail}; ${body.remedy ?? ""}` : `the server answered ${status}`);
    this.status = status;
    this.code = body?.code ?? "";
  }
}

/** The JSON of an answer; raises Refused, or TypeError without an answer. A login that has ended leads to the login. */
export async function ask(path, { method = "GET", body, signal } = {}) {
  const headers = body === undefined ? {} : { "Content-Type": "application/json" };
  const answer = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.status === 401 && method === "GET") location.reload();
  const spoken = answer.status !== 204 && answer.headers.get("Content-Type")?.includes("json");
  const said = spoken ? await answer.json() : null;
  if (!answer.ok) throw new Refused(answer.status, said);
  return said;
}

export const wait = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

/** Calls `look` every so many seconds while somebody looks at the page, until it returns false. */
export async function poll(look, seconds) {
  for (;;) {
    await wait(seconds());
    if (document.hidden) await new Promise((seen) => document.addEventListener("visibilitychange", seen, { once: true }));
    try {
      if ((await look()) === false) return;
    } catch (error) {
      if (!(error instanceof Refused || error instanceof TypeError)) throw error;
    }
  }
}

let hiding;
export function tell(text, bad = false) {
  const told = document.getElementById("told");
  clearTimeout(hiding);
  told.toggleAttribute("data-bad", bad);
  told.textContent = text;
  told.hidden = false;
  hiding = setTimeout(() => { told.hidden = true; }, bad ? 12000 : 5000);
}

/** Whether the user says yes. (confirm() does nothing in Airflow's frame.) */
export function sure(title, text, yes) {
  const dialog = document.getElementById("ask");
  document.getElementById("ask-title").textContent = title;
  document.getElementById("ask-text").textContent = text;
  document.getElementById("ask-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}
