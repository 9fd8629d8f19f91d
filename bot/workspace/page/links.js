/** Links that may be followed, and addresses inside this page. */

import { h } from "./dom.js";

const FOLLOWED = new Set(["http:", "https:", "mailto:"]);
const PERMALINK = /^\/archives\/([A-Z0-9]+)\/p(\d{6,})(\d{6})$/;

/** A link in a new tab that tells the other side nothing; anything but http(s) and mailto stays text. */
export function link(address, label) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return document.createTextNode(label);
  }
  if (!FOLLOWED.has(url.protocol)) return document.createTextNode(label);
  const within = url.origin === location.origin ? fromPermalink(url) : null;
  if (within) return h("a", { href: `#${routeText({ person: currentPerson(), ...within })}` }, label);
  return h("a", { href: url.href, target: "_blank", rel: "noreferrer noopener", title: url.href }, label);
}

/** Where a permalink leads: { channel, thread, message }, or null. */
export function fromPermalink(url) {
  const found = PERMALINK.exec(url.pathname);
  if (!found) return null;
  const message = `${found[2]}.${found[3]}`;
  return { channel: found[1], thread: url.searchParams.get("thread_ts") ?? "", message };
}

/** A message's permalink. */
export function permalink(channel, message) {
  const inThread = message.thread_ts && message.thread_ts !== message.ts;
  const query = inThread ? `?thread_ts=${message.thread_ts}&cid=${channel}` : "";
  return `${location.origin}/archives/${channel}/p${message.ts.replace(".", "")}${query}`;
}

/** The route in the address: #/person/channel/thread/message, each part optional. */
export function route() {
  const [, person = "", channel = "", thread = "", message = ""] = location.hash
    .split("/")
    .map(decodeURIComponent);
  return { person, channel, thread: thread === "-" ? "" : thread, message };
}

/** The address of a route. */
export function routeText({ person, channel, thread, message }) {
  const parts = [person, channel, thread || (message ? "-" : ""), message].filter(Boolean);
  return `/${parts.map(encodeURIComponent).join("/")}`;
}

function currentPerson() {
  return route().person;
}
