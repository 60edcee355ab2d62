// A picture beside each hit, once it is in view; days and days of video, few requests.
import { thumbnails } from "./frames.js";
import { API } from "./server.js";

const seen = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    seen.unobserve(target);
    illustrate(target);
  }
}, { rootMargin: "200px" });

async function illustrate(article) {
  const find = await thumbnails(`${API}videos/${article.dataset.video}/frames`);
  for (const hit of article.querySelectorAll(".hit")) find(hit.querySelector(".thumb"), Number(hit.dataset.time));
}

for (const article of document.querySelectorAll(".found")) seen.observe(article);
for (const choice of document.querySelectorAll(".choice input")) {
  choice.addEventListener("change", () => { if (document.getElementById("q").value.trim()) choice.form.requestSubmit(); });
}
