// Story time in the zone of whoever looks: time stamps, and Slack's date tokens.

const formats = new Map();

function format(zone, options) {
  const key = zone + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }));
  return formats.get(key);
}

export const clock = (at, zone) => format(zone, { hour: "2-digit", minute: "2-digit" }).format(at);
export const clockSeconds = (at, zone) =>
  format(zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
export const dayName = (at, zone) =>
  format(zone, { weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(at).replace(",", "");
export const weekday = (at, zone) => format(zone, { weekday: "short" }).format(at);
export const full = (at, zone) => `${format(zone, {
  weekday: "long", day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
}).format(at)} (${zoneName(zone)})`;

/** "America/New_York" -> "New York" */
export const zoneName = (zone) => zone.split("/").pop().replaceAll("_", " ");

/** A number that is the same for the same calendar day in that zone. */
export const dayKey = (at, zone) => format(zone, { year: "numeric", month: "2-digit", day: "2-digit" }).format(at);

/** 1764073800.000100 -> Date */
export const fromTs = (ts) => new Date(Number(ts) * 1000);

function relativeDay(at, now, zone) {
  for (const [days, word] of [[0, "today"], [-1, "yesterday"], [1, "tomorrow"]]) {
    if (dayKey(at, zone) === dayKey(new Date(now.getTime() + days * 86400000), zone)) return word;
  }
  return "";
}

function ago(at, now) {
  const seconds = Math.round((now - at) / 1000);
  const size = Math.abs(seconds);
  const words =
    size < 60 ? `${size} seconds` : size < 3600 ? `${Math.round(size / 60)} minutes`
      : size < 86400 ? `${Math.round(size / 3600)} hours` : `${Math.round(size / 86400)} days`;
  return seconds >= 0 ? `${words} ago` : `in ${words}`;
}

const shortDay = { month: "short", day: "numeric", year: "numeric" };
const longDay = { weekday: "long", month: "long", day: "numeric", year: "numeric" };

/** Slack's date tokens ("{date_short_pretty} at {time}") in a zone; an unknown token is left as it stands. */
export function fill(pattern, at, now, zone) {
  const pretty = (options) => relativeDay(at, now, zone) || format(zone, options).format(at);
  const known = {
    date_num: () => dayKey(at, zone).split("/").reverse().join("-"),
    date: () => format(zone, { month: "long", day: "numeric", year: "numeric" }).format(at),
    date_slash: () => dayKey(at, zone),
    date_short: () => format(zone, shortDay).format(at),
    date_long: () => format(zone, longDay).format(at),
    date_pretty: () => pretty({ month: "long", day: "numeric", year: "numeric" }),
    date_short_pretty: () => pretty(shortDay),
    date_long_pretty: () => pretty(longDay),
    day_divider_pretty: () => pretty({ weekday: "long", month: "long", day: "numeric" }),
    time: () => clock(at, zone),
    time_secs: () => clockSeconds(at, zone),
    ago: () => ago(at, now),
  };
  const text = pattern.replace(/\{(\w+)\}/g, (whole, token) => (known[token] ? known[token]() : whole));
  return text;
}

export function dayDivider(at, now, zone) {
  const word = relativeDay(at, now, zone);
  const day = format(zone, { weekday: "long", day: "numeric", month: "long" }).format(at);
  return word ? `${word[0].toUpperCase()}${word.slice(1)} · ${day}` : day;
}
