// Numbers as people read them, as include/api/page_words.py has them.
const UNITS = ["bytes", "KB", "MB", "GB", "TB"];
export const STATUSES = { queued: "Queued", running: "Running", completed: "Done", partial: "Partial", failed: "Failed", cancelled: "Cancelled" };

const two = (number) => String(number).padStart(2, "0");

export function clock(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.floor(Math.max(0, seconds));
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export function size(count) {
  if (count === null || count === undefined) return "–";
  let value = count, unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

export function left(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 60) return "less than a minute left";
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `about ${minutes} min left` : `about ${Math.round(minutes / 60)} h left`;
}

const here = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export function localTimes(within) {
  for (const time of within.querySelectorAll("time[datetime]:not([title])")) {
    const when = new Date(time.dateTime);
    if (!time.dateTime || Number.isNaN(when.getTime())) continue;
    time.title = time.dateTime;
    time.textContent = here.format(when);
  }
}
