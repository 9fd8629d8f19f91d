/** Starts the page: who is looking, what is shown, and what the workspace tells meanwhile. */

import { get, inWords, post } from "./api.js";
import { fromPermalink, route, routeText } from "./links.js";
import { Live } from "./live.js";
import { avatar } from "./message.js";
import { ChannelPane, ThreadPane } from "./panes.js";
import { pick } from "./picker.js";
import { Sidebar } from "./sidebar.js";
import { actors, isAppDm, person, placeTitle, standing, take, team } from "./team.js";
import { applyTheme } from "./theme.js";
import { arrived, recall } from "./unread.js";
import { Views } from "./views.js";

const PERSON = "workspace/person";
const find = (id) => document.getElementById(id);
const shell = find("shell");
const views = new Views();
const sidebar = new Sidebar(find("sidebar"), {
  find: goTo,
  become: switchPerson,
  openDm,
  left: () => shell.classList.remove("with-sidebar"),
});
const channel = new ChannelPane(find("channel"), {
  openThread: (ts) => go({ ...route(), channel: channel.place.id, thread: ts, message: "" }),
  menu: () => shell.classList.toggle("with-sidebar"),
  read: () => renderSidebar(),
});
const thread = new ThreadPane(find("thread"), { close: closeThread });
const live = new Live(receive, lost);
let waiting = null;

function go(where) {
  shell.classList.remove("with-sidebar");
  location.hash = routeText(where);
}

function renderSidebar() {
  sidebar.current = channel.place?.id;
  sidebar.render(sidebar.current);
  document.title = `${channel.place ? `${placeTitle(channel.place)} · ` : ""}${team.name}`;
}

function notice(text) {
  find("notice").textContent = text;
  find("notice").hidden = !text;
}

function lost() {
  notice("The connection to the workspace is lost. Reconnecting…");
}

/** The chosen person, the place and the thread that the address names. */
async function follow() {
  const wanted = route();
  const who = actors().find((each) => [each.id, each.name].includes(wanted.person));
  if (who && who.id !== team.me) return become(who.id);
  const places = [...team.channels.values()];
  const place =
    places.find((each) => each.id === wanted.channel || (each.name === wanted.channel && !each.is_im)) ??
    places.find((each) => each.is_general && each.is_member) ??
    places.find((each) => each.is_member) ??
    places[0];
  if (!place) return notice("There is no channel here that you can see.");
  const found = place.id === wanted.channel || place.name === wanted.channel;
  const inThread = found && wanted.thread;
  const shown = [channel.show(place, inThread ? "" : wanted.message)];
  if (inThread) shown.push(thread.show(place, wanted.thread, wanted.message));
  else thread.hide();
  shell.classList.toggle("with-thread", Boolean(inThread));
  renderSidebar();
  post("look", { as: team.me, channel: place.id, ts: (inThread && wanted.thread) || "" });
  await Promise.all(shown);
}

function become(id) {
  team.me = id;
  waiting = [];
  localStorage.setItem(PERSON, id);
  channel.place = null;
  channel.talk.place = null;
  thread.hide();
  views.take([]);
  live.connect(id);
}

/** Everything anew: after a person was chosen, and after the connection was lost. */
async function reload() {
  waiting = [];
  const state = await get("state", { as: team.me });
  if (!state.ok || !state.me) return start();
  const others = state.me !== team.me;
  if (others) return;
  take(state);
  recall();
  notice("");
  views.take(state.views);
  const before = waiting;
  waiting = null;
  before.forEach(handle);
  await follow();
  (thread.node.hidden ? channel : thread).composer.focus();
}

function receive(frame) {
  if (frame.type === "hello") reload();
  else if (waiting) waiting.push(frame);
  else handle(frame);
}

function handle(frame) {
  switch (frame.type) {
    case "channel":
      team.channels.set(frame.channel.id, {
        latest: team.channels.get(frame.channel.id)?.latest,
        ...frame.channel,
      });
      if (channel.place?.id === frame.channel.id) channel.refresh(team.channels.get(frame.channel.id));
      thread.refresh(team.channels.get(frame.channel.id));
      break;
    case "channel_gone":
      team.channels.delete(frame.channel);
      if (channel.place?.id === frame.channel) go({ person: person(team.me).name });
      break;
    case "person":
      team.people.set(frame.person.id, frame.person);
      channel.talk.redraw();
      thread.talk.redraw();
      break;
    case "app":
      team.connected = frame.connected;
      channel.silent();
      return;
    case "view":
    case "view_closed":
    case "view_errors":
      views.receive(frame);
      return;
    case "message":
      arrived(frame.channel, frame.message);
      break;
    default:
  }
  channel.receive(frame);
  thread.receive(frame);
  if (["message", "channel", "channel_gone", "person"].includes(frame.type)) renderSidebar();
}

async function switchPerson() {
  const items = actors().map((each) => ({
    label: each.real_name,
    detail: [`@${each.name}`, each.title, standing(each)].filter(Boolean).join(" · "),
    mark: avatar(each, "tiny"),
    value: each,
    current: each.id === team.me,
  }));
  const chosen = await pick({ title: "Look as someone else", placeholder: "Find a person", items });
  if (chosen && chosen.id !== team.me) go({ person: chosen.name, channel: channel.place?.id });
}

/** Ctrl+K: to any channel that can be seen, or to anyone. */
async function goTo(what) {
  const places = [...team.channels.values()].filter((each) => what !== "people" || each.is_mpim);
  const known = new Set(places.filter((each) => each.is_im).map((each) => each.user));
  const rows = places.map((each) => ({
    label: isAppDm(each) ? team.app.name : placeTitle(each),
    detail: [
      each.is_group && !each.is_mpim ? "private" : "",
      each.is_member ? "" : "not joined",
      each.purpose?.value,
    ]
      .filter(Boolean)
      .join(" · "),
    value: { channel: each.id },
    current: each.id === channel.place?.id,
  }));
  const people = [...team.people.values()].filter(
    (each) => !each.deleted && each.id !== team.me && !known.has(each.id),
  );
  const persons = people.map((each) => ({
    label: each.real_name,
    detail: [`@${each.name}`, standing(each)].filter(Boolean).join(" · "),
    mark: avatar(each, "tiny"),
    value: { person: each.id },
  }));
  const titles = { all: "Go to", channels: "Browse channels", people: "New message" };
  const items =
    what === "channels" ? rows.filter((each) => each.label.startsWith("#")) : [...rows, ...persons];
  const chosen = await pick({
    title: titles[what],
    placeholder: what === "people" ? "Find a person" : "Find a channel or person",
    items,
  });
  if (chosen?.person) await openDm([chosen.person]);
  else if (chosen) go({ person: person(team.me).name, channel: chosen.channel });
}

async function openDm(ids) {
  const answer = await post("dm", { as: team.me, with: ids });
  if (!answer.ok) return channel.composer.warn(inWords(answer.error));
  team.channels.set(answer.channel.id, answer.channel);
  return go({ person: person(team.me).name, channel: answer.channel.id });
}

function closeThread() {
  go({ ...route(), thread: "", message: "" });
  channel.composer.focus();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) goTo("all");
  } else if (event.key === "Escape" && !document.querySelector("dialog[open]") && !thread.node.hidden) {
    closeThread();
  }
});
addEventListener("hashchange", () => follow());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && channel.talk.newest) channel.seen(channel.talk.newest);
});

async function start() {
  const state = await get("state");
  if (!state.ok) {
    lost();
    setTimeout(start, 1000);
    return;
  }
  take(state);
  const wanted = route();
  const names = [wanted.person, localStorage.getItem(PERSON)];
  const named = names
    .map((name) => actors().find((each) => name && [each.id, each.name].includes(name)))
    .find(Boolean);
  const who = named ?? actors().find((each) => !standing(each)) ?? actors()[0];
  if (!who) return notice("Nobody lives in this workspace.");
  const pointed = fromPermalink(new URL(location.href));
  const where = pointed ?? wanted;
  history.replaceState(null, "", `/#${routeText({ ...where, person: who.name })}`);
  become(who.id);
}

applyTheme();
start();
