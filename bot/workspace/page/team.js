/** What the page knows of the workspace: who is who, what is where, and who is looking. */

export const team = {
  id: "",
  name: "",
  app: { user_id: "", name: "" },
  me: "",
  connected: 0,
  people: new Map(),
  groups: new Map(),
  channels: new Map(),
  commands: [],
  shortcuts: [],
};

/** Takes over an answer of /page/state. */
export function take(state) {
  team.id = state.team.id;
  team.name = state.team.name;
  team.app = state.app;
  team.me = state.me ?? "";
  team.connected = state.connected;
  team.people = byId(state.people);
  team.groups = byId(state.groups);
  team.channels = byId(state.channels ?? []);
  team.commands = state.commands;
  team.shortcuts = state.shortcuts ?? [];
}

function byId(list) {
  return new Map(list.map((each) => [each.id, each]));
}

/** A person by id; someone unknown goes by their id. */
export function person(id) {
  return team.people.get(id) ?? { id, name: id, real_name: id, unknown: true };
}

/** Those who can be looked through: everyone but bots and people who left. */
export function actors() {
  return [...team.people.values()].filter((each) => !each.is_bot && !each.deleted);
}

/** What a person is besides a member: app, guest, external, admin. */
export function standing(who) {
  if (who.is_bot) return "app";
  if (who.is_stranger) return "external";
  if (who.is_guest) return "guest";
  return who.is_admin || who.is_owner ? "admin" : "";
}

/** The other people of a DM, by real name. */
function others(place) {
  const ids = (place.members ?? []).filter((each) => each !== team.me);
  return ids.map((each) => person(each).real_name).join(", ");
}

/** A channel's or DM's name without its sign. */
export function placeName(place) {
  if (place.is_im)
    return place.user === team.me ? `${person(team.me).real_name} (you)` : person(place.user).real_name;
  return place.is_mpim ? others(place) : place.name;
}

/** With its sign: #general, or the person's name. */
export function placeTitle(place) {
  return place.is_im || place.is_mpim ? placeName(place) : `#${place.name}`;
}

/** Whether a place is the app's DM with the person who is looking. */
export function isAppDm(place) {
  return place.is_im && place.user === team.app.user_id;
}
