/** What people do with messages: open threads, react, edit, delete, copy a link, use what apps put there. */

import { inWords, post } from "./api.js";
import { sure } from "./dialogs.js";
import { h } from "./dom.js";
import { emoji, OFFERED } from "./emoji.js";
import { editable } from "./editing.js";
import { permalink } from "./links.js";
import { openMenu } from "./menu.js";
import { team } from "./team.js";

export class Acts {
  constructor(conversation) {
    this.talk = conversation;
  }

  about(message) {
    return { as: team.me, channel: this.talk.place.id, ts: message.ts };
  }

  inThread(ts) {
    return { as: team.me, channel: this.talk.place.id, thread_ts: ts };
  }

  async tell(what, body) {
    const answer = await post(what, body);
    if (!answer.ok) this.talk.composer.warn(inWords(answer.error));
    return answer;
  }

  /** What is offered on a message's row. */
  doors(message) {
    const { openThread } = this.talk;
    return {
      use: (element, block, value) => this.use(message, element, block, value),
      react: (name) => this.tell("react", { ...this.about(message), name }),
      pickReaction: (anchor) => this.pickReaction(message, anchor),
      thread: openThread && !message.is_ephemeral ? () => openThread(message.thread_ts || message.ts) : null,
      more: (anchor) => this.more(message, anchor),
      copy: () => this.copy(message),
    };
  }

  async use(message, element, block, value) {
    const body = { ...this.about(message), action_id: element.action_id, block_id: block.block_id, value };
    const answer = await post("click", body);
    return answer.ok ? answer : { done: false, problem: answer.error };
  }

  pickReaction(message, anchor) {
    const act = (name) => () => this.tell("react", { ...this.about(message), name });
    openMenu(
      anchor,
      OFFERED.map((name) => ({ label: emoji(name), name, act: act(name) })),
      { className: "menu grid" },
    );
  }

  more(message, anchor) {
    const items = [{ label: "Copy link", act: () => this.copy(message) }];
    for (const each of team.shortcuts)
      items.push({ label: `${each.name} (${team.app.name})`, act: () => this.shortcut_(message, each) });
    if (message.user === team.me) {
      items.push({ label: "Edit message", act: () => this.edit(message) });
      items.push({ label: "Delete message…", danger: true, act: () => this.remove(message) });
    }
    openMenu(anchor, items);
  }

  /** One of the app's entries in the menu of a message. */
  async shortcut_(message, { name, callback_id }) {
    const answer = await this.tell("shortcut", { ...this.about(message), callback_id });
    if (answer.ok && !answer.done) this.talk.composer.warn(`${name}: ${inWords(answer.problem)}`);
  }

  async copy(message) {
    await navigator.clipboard?.writeText(permalink(this.talk.place.id, message)).catch(() => {});
    this.talk.composer.tell("Link copied.");
  }

  edit(message) {
    this.talk.editing = message.ts;
    this.talk.render();
  }

  editLast() {
    const mine = this.talk.sorted().filter((each) => each.user === team.me && !each.is_ephemeral);
    if (mine.length) this.edit(mine.at(-1));
  }

  async remove(message) {
    const agreed = await sure(
      "Delete message",
      "Do you want to delete this message? This cannot be undone.",
      "Delete",
    );
    if (agreed) await this.tell("delete", this.about(message));
    this.talk.composer.focus();
  }

  /** The field in which a message is changed. */
  editor(message) {
    const field = h("textarea", {
      "aria-label": "Edit message",
      rows: 2,
      value: editable(message.text ?? ""),
    });
    const end = (saved) => {
      this.talk.editing = "";
      this.talk.render();
      if (saved) this.tell("edit", { ...this.about(message), text: field.value });
      this.talk.composer.focus();
    };
    const save = () => (field.value.trim() ? end(true) : field.focus());
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.isComposing) return;
      if (event.key === "Escape") end(false);
      else if (event.key === "Enter" && !event.shiftKey) save();
      else return;
      event.preventDefault();
    });
    queueMicrotask(() => {
      field.focus();
      field.setSelectionRange(field.value.length, field.value.length);
      field.scrollIntoView({ block: "nearest" });
    });
    return h(
      "div",
      { class: "editor" },
      field,
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "button", onclick: () => end(false) }, "Cancel"),
        h("button", { type: "button", class: "button primary", onclick: save }, "Save"),
      ),
    );
  }

  /** Keys on a focused message: arrows move; E edits, R reacts, T opens the thread, Delete deletes. */
  key(event) {
    const node = event.target;
    if (!node.classList.contains("message") || event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = [...this.talk.log.querySelectorAll(":scope > .message")];
    const at = rows.indexOf(node);
    const steps = { ArrowDown: at + 1, ArrowUp: Math.max(at - 1, 0), Home: 0, End: rows.length - 1 };
    if (event.key in steps) {
      const next = rows[steps[event.key]];
      if (next) this.focusRow(rows, next);
      else this.talk.composer.focus();
    } else if (!this.shortcut(event.key, node)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  focusRow(rows, next) {
    for (const each of rows) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  }

  shortcut(key, node) {
    const message = this.talk.messages.get(node.dataset.ts);
    const mine = message?.user === team.me && !message.is_ephemeral;
    const doors = message && this.doors(message);
    if ((key === "t" || key === "Enter") && doors?.thread) doors.thread();
    else if (key === "r" && message && !message.is_ephemeral)
      this.pickReaction(message, node.querySelector(".toolbar button") ?? node);
    else if (key === "e" && mine) this.edit(message);
    else if (key === "Delete" && mine) this.remove(message);
    else return false;
    return true;
  }
}
