/** Where people write: Enter sends, Shift+Enter breaks the line, ↑ in the empty field edits the last message. */

import { inWords, post } from "./api.js";
import { Completion, offered } from "./completion.js";
import { h, icon } from "./dom.js";
import { Attaching } from "./files.js";
import { placeTitle, team } from "./team.js";

const drafts = new Map();

export class Composer {
  constructor() {
    this.field = h("textarea", {
      rows: 1,
      maxlength: 40000,
      oninput: () => this.grow(),
      onkeydown: (event) => this.key(event),
    });
    this.completion = new Completion(this.field, () => this.before());
    this.warning = h("div", { class: "warning", role: "alert", hidden: true });
    this.button = h(
      "button",
      {
        type: "button",
        class: "button primary send",
        "aria-label": "Send",
        title: "Send (Enter)",
        onclick: () => this.send(),
      },
      icon("send"),
    );
    this.attaching = new Attaching(() => this.grow());
    this.writing = h(
      "div",
      { class: "writing", hidden: true },
      this.attaching.button,
      this.attaching.input,
      this.field,
      this.button,
    );
    this.joining = h("div", { class: "joining", hidden: true });
    this.node = h(
      "div",
      { class: "composer" },
      this.warning,
      this.completion.list,
      this.completion.hint,
      this.attaching.list,
      this.writing,
      this.joining,
    );
    this.listeners = { said() {}, posted() {}, editLast() {} };
  }

  on(listeners) {
    this.listeners = listeners;
  }

  as() {
    return team.me;
  }

  /** Write here from now on; what was being written elsewhere is kept. */
  enter(place, thread) {
    if (this.key_) drafts.set(this.key_, this.field.value);
    this.key_ = `${team.me}/${place.id}/${thread}`;
    this.thread = thread;
    this.field.value = drafts.get(this.key_) ?? "";
    this.warn("");
    this.completion.close();
    this.refresh(place);
    this.grow();
  }

  /** The place as it is now: what it is called, whether one has to join it first. */
  refresh(place) {
    this.place = place;
    const label = this.thread ? "Reply…" : `Message ${placeTitle(place)}`;
    this.field.placeholder = label;
    this.field.setAttribute("aria-label", label);
    this.writing.hidden = !place.is_member || place.is_archived;
    this.joining.hidden = !this.writing.hidden;
    const join = h(
      "button",
      { type: "button", class: "button primary", onclick: () => this.join() },
      "Join channel",
    );
    this.joining.replaceChildren(
      ...(place.is_archived
        ? ["This channel is archived."]
        : [`You are looking at ${placeTitle(place)}.`, join]),
    );
  }

  async join() {
    const answer = await post("join", { as: team.me, channel: this.place.id });
    if (!answer.ok) this.warn(inWords(answer.error));
    this.focus();
  }

  before() {
    const text = this.field.value.slice(0, this.field.selectionStart);
    return { before: text, offer: offered(text, this.place, Boolean(this.thread)) };
  }

  focus() {
    this.field.focus();
  }

  /** Say something in red above the field until the next message; "" takes it away. */
  warn(text) {
    clearTimeout(this.fading);
    this.warning.classList.remove("calm");
    this.warning.textContent = text;
    this.warning.hidden = !text;
  }

  /** Say something that is no trouble, for a moment. */
  tell(text) {
    this.warn(text);
    this.warning.classList.add("calm");
    this.fading = setTimeout(() => this.warn(""), 3000);
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${Math.min(this.field.scrollHeight, 320)}px`;
    this.button.disabled = !this.field.value.trim() && !this.attaching.files.length;
  }

  key(event) {
    if (event.isComposing || this.completion.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      event.preventDefault();
      this.listeners.editLast();
    }
  }

  async send() {
    const text = this.field.value;
    if (this.attaching.files.length) return this.sendFiles(text);
    if (!text.trim()) return;
    this.set("");
    const problem = await (text.startsWith("/") ? this.command(text) : this.post(text));
    this.warn(problem);
    if (problem && !this.field.value) this.set(text);
    if (!problem) this.listeners.said();
  }

  async sendFiles(text) {
    const about = { as: team.me, channel: this.place.id, text, thread_ts: this.thread || null };
    const problem = await this.attaching.send(about);
    this.warn(problem && inWords(problem));
    if (problem) return;
    this.set("");
    this.listeners.said();
  }

  set(text) {
    this.field.value = text;
    this.field.dispatchEvent(new Event("input"));
    this.completion.close();
  }

  /** Say this now, as a chosen suggestion does. */
  async say(text) {
    const problem = await this.post(text);
    this.warn(problem);
    if (!problem) this.listeners.said();
  }

  async post(text) {
    const answer = await post("say", {
      as: team.me,
      channel: this.place.id,
      text,
      thread_ts: this.thread || null,
    });
    if (!answer.ok) return inWords(answer.error);
    this.listeners.posted(answer.ts);
    return "";
  }

  /** Slack's words: app commands don't work in threads; what isn't a command isn't sent. */
  async command(text) {
    const [, command, rest] = /^(\S+)\s*([\s\S]*)$/.exec(text);
    if (!team.commands.some((each) => each.command === command))
      return `${command} is not a valid command. To send it as a message, begin with a space.`;
    if (this.thread) return `${command} is not supported in threads. Sorry!`;
    const answer = await post("slash", { as: team.me, channel: this.place.id, command, text: rest.trim() });
    if (!answer.ok) return inWords(answer.error);
    return answer.done
      ? ""
      : `${command} failed with the error “${answer.problem}”: ${inWords(answer.problem)}`;
  }
}
