/** A channel, DM or thread: its messages, kept up to date, and the composer below. */

import { get } from "./api.js";
import { Acts } from "./acts.js";
import { day, dateOf, sameDay } from "./dates.js";
import { arrange, fill, h } from "./dom.js";
import { continues, row, statusLine } from "./message.js";
import { working } from "./tasks.js";
import { isAppDm } from "./team.js";

const MOST_SHOWN = 200;
const STATUS_SECONDS = 120;

export class Conversation {
  /** openThread(ts) shows a thread, or is absent inside one; read(ts) hears of the newest message seen. */
  constructor({ openThread, read, composer }) {
    this.openThread = openThread;
    this.read = read ?? (() => {});
    this.acts = new Acts(this);
    this.composer = composer;
    composer.on({
      said: () => this.stick(),
      posted: (ts) => this.posted(ts),
      editLast: () => this.acts.editLast(),
    });
    this.rows = new Map();
    this.log = h("div", {
      class: "log",
      role: "log",
      "aria-label": "Messages",
      onkeydown: (event) => this.acts.key(event),
      onscroll: () => this.scrolled(),
    });
    this.later = h(
      "button",
      { type: "button", class: "later", hidden: true, onclick: () => this.stick() },
      "New messages ↓",
    );
    this.foot = h("div", { class: "foot" });
    this.node = h("div", { class: "conversation" }, this.log, this.later, this.foot, composer.node);
    this.clear();
  }

  /** What is said to the app begins a thread, and that is where it answers. */
  posted(ts) {
    if (!this.thread && isAppDm(this.place)) this.openThread?.(ts);
  }

  clear() {
    for (const { timer } of this.statuses?.values() ?? []) clearTimeout(timer);
    this.messages = new Map();
    this.statuses = new Map();
    this.sessions = new Map();
    this.prompts = null;
    this.shown = MOST_SHOWN;
    this.rows.clear();
    this.editing = "";
    this.stuck = true;
    this.unreadFrom = "";
  }

  /** Shows a channel's main view, or the thread at `thread`; `at` is a message to bring into view. */
  async show(place, thread = "", at = "", unreadFrom = "") {
    const same = this.place?.id === place.id && this.thread === thread;
    this.place = place;
    this.thread = thread;
    if (!same) {
      this.clear();
      this.unreadFrom = unreadFrom;
      this.composer.enter(place, thread);
      this.render();
    }
    this.waiting = [];
    this.log.setAttribute("aria-busy", "true");
    const asked = (this.asked = Symbol("asked"));
    const answer = await get("messages", { as: this.composer.as(), channel: place.id, thread_ts: thread });
    if (this.asked !== asked) return;
    this.log.removeAttribute("aria-busy");
    this.failed = !answer.ok;
    this.messages = new Map((answer.messages ?? []).map((each) => [each.ts, each]));
    for (const [ts, status] of Object.entries(answer.statuses ?? {})) this.setStatus(ts, status);
    this.prompts = answer.prompts ?? null;
    for (const [ts, session] of Object.entries(answer.sessions ?? {})) this.sessions.set(ts, session.stoppable);
    const waiting = this.waiting;
    this.waiting = null;
    waiting.forEach((frame) => this.receive(frame));
    this.render();
    if (at) this.bringIntoView(at);
  }

  /** Takes over what happened in any channel, if it belongs here. */
  receive(frame) {
    if (!this.place || frame.channel !== this.place.id) return;
    if (this.waiting) {
      this.waiting.push(frame);
      return;
    }
    switch (frame.type) {
      case "message":
      case "changed":
      case "ephemeral":
        if (!this.belongs(frame.message)) return;
        this.messages.set(frame.message.ts, frame.message);
        break;
      case "deleted":
      case "ephemeral_deleted":
        this.messages.delete(frame.ts);
        break;
      case "status":
        this.setStatus(frame.thread_ts, frame.status || "");
        break;
      case "session":
        this.sessions.set(frame.thread_ts, frame.stoppable);
        break;
      case "prompts":
        if ((frame.thread_ts || "") === this.thread) this.prompts = frame;
        break;
      default:
        return;
    }
    this.render();
  }

  /** Somebody is called or marked differently now. */
  redraw() {
    for (const [ts, row] of this.rows) if (!row.editing) this.rows.delete(ts);
    this.render();
  }

  belongs(message) {
    const root = message.thread_ts;
    if (this.thread) return message.ts === this.thread || root === this.thread;
    if (message.is_ephemeral) return !root;
    return !root || root === message.ts || message.subtype === "thread_broadcast";
  }

  setStatus(ts, status) {
    clearTimeout(this.statuses.get(ts)?.timer);
    this.statuses.delete(ts);
    if (!status) return;
    const timer = setTimeout(() => {
      this.setStatus(ts, "");
      this.render();
    }, STATUS_SECONDS * 1000);
    this.statuses.set(ts, { status, timer });
  }

  /** The messages, oldest first. */
  sorted() {
    return [...this.messages.values()].sort((one, other) => Number(one.ts) - Number(other.ts));
  }

  render() {
    if (!this.place) return;
    const focus = this.focused();
    const all = this.sorted();
    const some = all.slice(-this.shown);
    const nodes = this.stateful(all.length - some.length, all.length);
    let before = null;
    for (const message of some) {
      nodes.push(...this.dividers(message, before), this.rowOf(message, continues(message, before)));
      before = message;
    }
    for (const ts of [...this.rows.keys()]) if (!this.messages.has(ts)) this.rows.delete(ts);
    arrange(this.log, nodes);
    this.roving();
    this.renderFoot();
    this.refocus(focus);
    if (this.stuck) this.toEnd();
    else if (this.newest && all.at(-1)?.ts > this.newest) this.later.hidden = false;
    this.newest = all.at(-1)?.ts ?? "";
    if (this.newest && !this.waiting) this.read(this.newest);
  }

  stateful(hidden, count) {
    if (this.waiting && !count) return [h("div", { class: "note center" }, "Loading…")];
    if (this.failed) return [h("div", { class: "note center" }, "You can't see this, or it is gone.")];
    if (hidden)
      return [
        h(
          "button",
          { type: "button", class: "button earlier", onclick: () => this.showMore() },
          `Show ${hidden} earlier messages`,
        ),
      ];
    return count || this.thread
      ? []
      : [h("div", { class: "note center" }, "Nothing has been said here yet.")];
  }

  showMore() {
    const height = this.log.scrollHeight;
    this.shown += MOST_SHOWN;
    this.stuck = false;
    this.render();
    this.log.scrollTop += this.log.scrollHeight - height;
  }

  dividers(message, before) {
    const nodes = [];
    const at = dateOf(message.ts);
    if (this.thread) {
      const replies = this.messages.size - 1;
      if (before?.ts === this.thread)
        nodes.push(h("div", { class: "divider" }, replies === 1 ? "1 reply" : `${replies} replies`));
    } else if (!before || !sameDay(at, dateOf(before.ts))) {
      nodes.push(h("div", { class: "divider" }, day(at)));
    }
    if (this.unreadFrom && message.ts > this.unreadFrom && !(before?.ts > this.unreadFrom))
      nodes.push(h("div", { class: "divider new" }, "New"));
    return nodes;
  }

  rowOf(message, compact) {
    const status = this.thread ? "" : (this.statuses.get(message.ts)?.status ?? "");
    const stop = this.thread ? null : this.stopper(message.ts);
    const editing = this.editing === message.ts;
    const last = this.rows.get(message.ts);
    const settled = compact && !(this.thread && message.ts === this.thread);
    if (
      last &&
      last.message === message &&
      last.compact === settled &&
      last.status === status &&
      last.stoppable === Boolean(stop) &&
      last.editing === editing
    )
      return last.node;
    const editor = editing ? this.acts.editor(message) : null;
    const node = row(message, {
      compact: settled,
      status,
      stop,
      editor,
      channel: this.place.id,
      doors: this.acts.doors(message),
    });
    this.rows.set(message.ts, { message, compact: settled, status, stoppable: Boolean(stop), editing, node });
    return node;
  }

  /** Stops the app's work in a thread, where there is any to stop. */
  stopper(ts) {
    return this.sessions.get(ts) ? () => this.acts.tell("stop", this.acts.inThread(ts)) : null;
  }

  renderFoot() {
    const stop = this.thread ? this.stopper(this.thread) : null;
    const status = this.thread ? this.statuses.get(this.thread)?.status : "";
    const prompts = (this.prompts?.prompts ?? []).map((each) =>
      h(
        "button",
        { type: "button", class: "button", onclick: () => this.composer.say(each.message) },
        each.title,
      ),
    );
    fill(
      this.foot,
      stop ? working(stop) : status ? statusLine(status) : null,
      prompts.length
        ? h(
            "div",
            { class: "prompts", role: "group", "aria-label": "Suggestions" },
            this.prompts.title ? h("span", { class: "note" }, this.prompts.title) : null,
            prompts,
          )
        : null,
    );
  }

  /** Where the focus is, so that a row drawn anew can take it over. */
  focused() {
    const at = document.activeElement;
    const rowNode = at?.closest?.(".message");
    return this.log.contains(rowNode) ? { ts: rowNode.dataset.ts, key: at.dataset.key, node: at } : null;
  }

  refocus(focus) {
    if (!focus || focus.node.isConnected) return;
    const node = this.rows.get(focus.ts)?.node;
    ((focus.key && node?.querySelector(`[data-key="${CSS.escape(focus.key)}"]`)) || node)?.focus();
  }

  roving() {
    const rows = [...this.log.querySelectorAll(":scope > .message")];
    const current = rows.find((each) => each.tabIndex === 0);
    if (!current && rows.length) rows.at(-1).tabIndex = 0;
  }

  scrolled() {
    this.stuck = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 40;
    if (this.stuck) this.later.hidden = true;
  }

  stick() {
    this.stuck = true;
    this.later.hidden = true;
    this.toEnd();
  }

  /** To the newest message; to its beginning when it is longer than what can be seen. */
  toEnd() {
    const last = this.rows.get(this.sorted().at(-1)?.ts)?.node;
    const tall = last && last.offsetHeight > this.log.clientHeight;
    this.log.scrollTop = tall ? last.offsetTop - this.log.offsetTop - 14 : this.log.scrollHeight;
  }

  bringIntoView(ts) {
    this.shown = Math.max(this.shown, this.messages.size);
    this.render();
    const node = this.rows.get(ts)?.node;
    if (!node) return;
    this.stuck = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("pointed-at");
    setTimeout(() => node.classList.remove("pointed-at"), 2500);
  }
}
