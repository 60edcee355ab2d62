// On every page: times in the reader's zone, links out of Airflow's frame, `/` for search.
import { localTimes } from "./words.js";

localTimes(document);

/** Airflow shows us in a frame that may not navigate its window; a link of the window's own document may. */
function leave(event) {
  const link = event.target.closest?.("a[data-leave][href]");
  if (!link || window.parent === window || event.ctrlKey || event.metaKey || event.shiftKey) return;
  let outside;
  try { outside = window.parent.document; } catch { return; } // not Airflow's: a foreign frame
  event.preventDefault();
  const twin = outside.createElement("a");
  twin.href = link.href;
  outside.body.append(twin);
  twin.click();
  twin.remove();
}

document.addEventListener("click", leave);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select")) return;
  const box = document.querySelector("main input[name=q][type=search], .quick input");
  if (!box) return;
  event.preventDefault();
  box.focus();
});
