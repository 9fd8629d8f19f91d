/** Who is in a channel besides its members: guests and other organisations; and adding somebody to it. */

import { inWords, post } from "./api.js";
import { h } from "./dom.js";
import { avatar } from "./message.js";
import { pick } from "./picker.js";
import { person, placeTitle, standing, team } from "./team.js";

/** A mark that says that guests or people of another organisation read here; null where none do. */
export function strangersIn(place) {
  const people = (place.members ?? []).map(person);
  const guests = people.filter((each) => standing(each) === "guest").length;
  const shared = place.is_ext_shared || place.is_org_shared || people.some((each) => each.is_stranger);
  if (!guests && !shared) return null;
  const said = [
    shared ? "shared with another organisation" : "",
    guests ? `${guests} ${guests === 1 ? "guest" : "guests"}` : "",
  ];
  return h("span", { class: "badge external", role: "note" }, said.filter(Boolean).join(" · "));
}

/** Asks whom to add, the app among them, and adds them as `/invite` does. */
export async function addSomeone(place, composer) {
  const outside = [...team.people.values()].filter(
    (each) => !each.deleted && !(place.members ?? []).includes(each.id),
  );
  const items = outside.map((each) => ({
    label: each.real_name,
    detail: [`@${each.name}`, standing(each)].filter(Boolean).join(" · "),
    mark: avatar(each, "tiny"),
    value: each,
  }));
  const chosen = await pick({ title: `Add to ${placeTitle(place)}`, placeholder: "Find a person or app", items });
  if (!chosen) return;
  const body = { as: team.me, channel: place.id, command: "/invite", text: `@${chosen.name}` };
  const answer = await post("slash", body);
  if (!answer.done) composer.warn(inWords(answer.problem ?? answer.error));
}
