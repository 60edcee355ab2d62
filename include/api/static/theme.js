// Before the first paint: light or dark as Airflow is. Its UI keeps the choice under `theme` in localStorage (next-themes),
// which we share, being of its origin; a change there reaches this frame as a storage event.
(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => {
    let chosen = null;
    try { chosen = localStorage.getItem("theme"); } catch { /* storage is closed to us: as the system is */ }
    const theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
    document.documentElement.dataset.theme = theme;
  };
  follow();
  addEventListener("storage", follow);
  dark.addEventListener("change", follow);
})();
