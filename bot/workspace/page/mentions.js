/** People, channels and groups where text names them. */

import { h } from "./dom.js";
import { routeText, route } from "./links.js";
import { person, placeTitle, team } from "./team.js";

/** @name of a person, marked when it is the one who is looking. */
export function mention(id) {
  const who = person(id);
  return h(
    "span",
    { class: id === team.me ? "mention me" : "mention", title: who.real_name },
    `@${who.name}`,
  );
}

/** #name of a channel; a link where this person may see it. */
export function channelMention(id, label) {
  const place = team.channels.get(id);
  if (!place) return h("span", { class: "mention" }, label ? `#${label}` : "a private channel");
  return h(
    "a",
    { class: "mention", href: `#${routeText({ person: route().person, channel: id })}` },
    placeTitle(place),
  );
}

export function groupMention(id, label) {
  const group = team.groups.get(id);
  const mine = group?.users?.includes(team.me);
  return h(
    "span",
    { class: mine ? "mention me" : "mention" },
    group ? `@${group.handle}` : label || `@${id}`,
  );
}

/** @here, @channel or @everyone. */
export function broadcast(range) {
  return h("span", { class: "mention me" }, `@${range}`);
}
