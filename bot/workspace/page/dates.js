/** Times as people read them, in the browser's zone. */

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const SECONDS = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const MEDIUM = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const SHORT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const NUMBERS = new Intl.DateTimeFormat("sv-SE");

/** A message's ts as a Date. */
export function dateOf(ts) {
  return new Date(Number(ts) * 1000);
}

export function clock(date) {
  return TIME.format(date);
}

export function inFull(date) {
  return FULL.format(date);
}

function dayNumber(date) {
  return Math.round(new Date(date.getFullYear(), date.getMonth(), date.getDate(), 12).getTime() / 86_400_000);
}

export function sameDay(one, other) {
  return dayNumber(one) === dayNumber(other);
}

function near(date, otherwise) {
  const away = dayNumber(new Date()) - dayNumber(date);
  return { 0: "Today", 1: "Yesterday", [-1]: "Tomorrow" }[away] ?? otherwise.format(date);
}

/** Today, Yesterday, or the day's name and date. */
export function day(date) {
  return near(date, DAY);
}

/** "today at 10:31", within a sentence. */
export function moment(date) {
  const said = day(date);
  return `${/^(Today|Yesterday|Tomorrow)$/.test(said) ? said.toLowerCase() : said} at ${clock(date)}`;
}

/** Slack's date format strings: `{date_short_pretty} at {time}`. */
export function formatted(seconds, format) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return null;
  const parts = {
    date_num: () => NUMBERS.format(date),
    date_slash: () => NUMBERS.format(date).replaceAll("-", "/"),
    date: () => MEDIUM.format(date),
    date_short: () => SHORT.format(date),
    date_long: () => LONG.format(date),
    date_pretty: () => near(date, MEDIUM),
    date_short_pretty: () => near(date, SHORT),
    date_long_pretty: () => near(date, LONG),
    time: () => clock(date),
    time_secs: () => SECONDS.format(date),
    ago: () => moment(date),
  };
  return format.replace(/\{([a-z_]+)\}/g, (whole, name) =>
    Object.hasOwn(parts, name) ? parts[name]() : whole,
  );
}
