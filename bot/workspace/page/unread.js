/** What this person has not read yet, remembered in this browser. */

import { team } from "./team.js";

const counts = new Map();
let read = {};

function key() {
  return `workspace/${team.id}/${team.me}/read`;
}

/** Begin with what was remembered of the person who is looking. */
export function recall() {
  counts.clear();
  try {
    read = JSON.parse(localStorage.getItem(key())) ?? {};
  } catch {
    read = {};
  }
}

/** Everything up to here has been seen. */
export function seen(channel, ts) {
  counts.delete(channel);
  if ((read[channel] ?? "") >= ts) return;
  read[channel] = ts;
  localStorage.setItem(key(), JSON.stringify(read));
}

export function lastRead(channel) {
  return read[channel] ?? "";
}

/** A message has come: remember it for the sidebar. True when it is not this person's own. */
export function arrived(channel, message) {
  const place = team.channels.get(channel);
  if (!place || message.user === team.me) return false;
  const reply =
    message.thread_ts && message.thread_ts !== message.ts && message.subtype !== "thread_broadcast";
  const toMe =
    place.is_im ||
    place.is_mpim ||
    (message.text ?? "").includes(`<@${team.me}>`) ||
    message.parent_user_id === team.me;
  if (!reply) place.latest = message.ts;
  if (toMe) counts.set(channel, (counts.get(channel) ?? 0) + 1);
  return true;
}

/** { unread, count }: whether there is anything new, and how much of it is to this person. */
export function marks(place) {
  const count = counts.get(place.id) ?? 0;
  return { unread: count > 0 || (place.latest ?? "") > lastRead(place.id), count };
}
