// Retry, cancel, delete: asked for once more where it can't be undone.
import { ROOT, ask, sure, tell } from "./server.js";

export function watchActions() {
  for (const button of document.querySelectorAll("#actions button[data-url]")) button.addEventListener("click", () => act(button));
}

async function act(button) {
  const { ask: question, url, method, done, action } = button.dataset;
  if (question && !(await sure(`${button.textContent}?`, question, button.textContent))) return;
  button.disabled = true;
  try {
    await ask(url, { method });
    tell(done);
    setTimeout(() => (action === "delete" ? location.assign(ROOT) : location.reload()), 900);
  } catch (error) {
    button.disabled = false;
    tell(error.message, true);
  }
}
