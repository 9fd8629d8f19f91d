/** One message as a row: who, when, what, reactions, its thread, and what can be done with it. */

import { blocks } from "./blocks.js";
import { clock, dateOf, inFull, moment } from "./dates.js";
import { h, icon } from "./dom.js";
import { emoji } from "./emoji.js";
import { fileRows } from "./files.js";
import { permalink } from "./links.js";
import { mrkdwn, plain } from "./mrkdwn.js";
import { streamMark, working } from "./tasks.js";
import { person, standing, team } from "./team.js";

const HUES = 8;

/** A person's initials on their colour. */
export function avatar(who, size = "") {
  const initials = (who.real_name || who.name)
    .split(/\s+/)
    .map((each) => [...each][0] ?? "")
    .join("");
  const sum = [...who.id].reduce((total, each) => total + each.codePointAt(0), 0);
  const kind = who.is_bot ? "app" : `hue-${sum % HUES}`;
  return h(
    "span",
    { class: `avatar ${kind} ${size}`, "aria-hidden": "true" },
    initials.slice(0, 2).toUpperCase(),
  );
}

/** Who wrote a message, with the name that it shows. */
export function author(message) {
  const who = person(message.user);
  const name = message.username || message.bot_profile?.name || who.real_name;
  return { ...who, real_name: name, is_bot: who.is_bot || Boolean(message.bot_id) };
}

/** A small mark beside a name: APP, GUEST, EXTERNAL. */
export function badge(who) {
  const kind = standing(who);
  return kind && kind !== "admin" ? h("span", { class: `badge ${kind}` }, kind) : null;
}

/** The emoji of a person's status, which says its words; null where they have none. */
export function statusMark(who) {
  if (!who.status_text && !who.status_emoji) return null;
  const sign = emoji((who.status_emoji || ":speech_balloon:").replaceAll(":", ""));
  const said = who.status_text || who.status_emoji;
  return h("span", { class: "mood", title: said, role: "img", "aria-label": `Status: ${said}` }, sign);
}

/** Whether a message can hang below the one before it, without its own name and picture. */
export function continues(message, before) {
  if (!before || before.user !== message.user || before.username !== message.username) return false;
  if (message.is_ephemeral || before.is_ephemeral || message.subtype === "tombstone" || before.reply_count)
    return false;
  return Number(message.ts) - Number(before.ts) < 300;
}

/** The row. `doors` says what can be done: use, react, thread, edit, remove, copy (absent ones are not offered). */
export function row(message, { compact, status, stop, doors, channel, editor }) {
  const who = author(message);
  const gone = message.subtype === "tombstone";
  const at = dateOf(message.ts);
  const time = h(
    "a",
    {
      class: "time",
      href: permalink(channel, message),
      title: inFull(at),
      onclick: (event) => copied(event, doors),
    },
    clock(at),
  );
  const head =
    compact || gone
      ? null
      : h("div", { class: "head" }, h("b", { class: "author" }, who.real_name), statusMark(who), badge(who), time);
  const body = h(
    "div",
    { class: "body" },
    message.is_ephemeral ? h("div", { class: "private" }, icon("eye"), "Only visible to you") : null,
    head,
    editor ?? h("div", { class: "content" }, content(message, doors), streamMark(message), edited(message)),
    reactions(message, doors),
    doors.thread && message.reply_count ? summary(message, doors) : null,
    stop ? working(stop) : status ? statusLine(status) : null,
  );
  const side = compact
    ? h("div", { class: "side" }, time)
    : h("div", { class: "side" }, gone ? null : avatar(who));
  const classes = [
    "message",
    compact ? "compact" : "",
    message.is_ephemeral ? "ephemeral" : "",
    gone ? "gone" : "",
    editor ? "editing" : "",
  ];
  return h(
    "div",
    {
      class: classes.filter(Boolean).join(" "),
      role: "article",
      tabindex: -1,
      "aria-label": `${who.real_name}, ${moment(at)}`,
      data: { ts: message.ts },
    },
    side,
    body,
    editor || gone || message.is_ephemeral ? null : toolbar(message, doors),
  );
}

function copied(event, doors) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  doors.copy?.();
}

function content(message, doors) {
  if (message.subtype === "tombstone") return h("i", { class: "note" }, "This message was deleted.");
  const body = message.blocks?.length ? blocks(message.blocks, doors.use) : mrkdwn(message.text ?? "");
  return [body, fileRows(message), (message.attachments ?? []).map((each) => attachment(each, doors))];
}

function attachment(each, doors) {
  const inner = each.blocks ? blocks(each.blocks, doors.use) : mrkdwn(each.text || each.fallback || "");
  return h("div", { class: "attachment" }, each.title ? h("b", {}, plain(each.title)) : null, inner);
}

function edited(message) {
  const byApp = message.bot_id && message.edited?.user === team.app.user_id;
  if (!message.edited || byApp || message.subtype === "tombstone") return null;
  return h("span", { class: "edited", title: inFull(dateOf(message.edited.ts)) }, "(edited)");
}

function reactions(message, doors) {
  if (!message.reactions?.length) return null;
  const chips = message.reactions.map((each) => {
    const names = each.users.map((id) => person(id).real_name).join(", ");
    const mine = each.users.includes(team.me);
    return h(
      "button",
      {
        type: "button",
        class: "reaction",
        "aria-pressed": String(mine),
        "aria-label": `${each.name}, ${each.count}: ${names}`,
        title: names,
        data: { key: `reaction ${each.name}` },
        onclick: () => doors.react?.(each.name),
      },
      emoji(each.name),
      h("span", {}, String(each.count)),
    );
  });
  return h("div", { class: "reactions" }, chips);
}

function summary(message, doors) {
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(person(id), "tiny"));
  const last = message.latest_reply
    ? h("span", { class: "note" }, `Last reply ${moment(dateOf(message.latest_reply))}`)
    : null;
  return h(
    "button",
    { type: "button", class: "summary", data: { key: "summary" }, onclick: doors.thread },
    faces,
    h("b", {}, count),
    last,
  );
}

/** "Lore is looking it up…" */
export function statusLine(text) {
  return h(
    "div",
    { class: "status", role: "status" },
    h("span", { class: "dots", "aria-hidden": "true" }),
    `${team.app.name} ${text}`,
  );
}

function toolbar(message, doors) {
  const tool = (name, label, act) =>
    act
      ? h(
          "button",
          {
            type: "button",
            class: "plain",
            "aria-label": label,
            title: label,
            data: { key: label },
            onclick: (event) => act(event.currentTarget),
          },
          icon(name),
        )
      : null;
  return h(
    "div",
    { class: "toolbar", role: "toolbar", "aria-label": "Message actions" },
    tool("smile", "Add reaction", doors.pickReaction),
    tool("reply", "Reply in thread", doors.thread && (() => doors.thread())),
    tool("more", "More actions", doors.more),
  );
}
