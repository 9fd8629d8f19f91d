/** Names offered while typing: people and groups after @, channels after #, emoji after :, commands after /. */

import { h } from "./dom.js";
import { emoji, emojiNamed } from "./emoji.js";
import { placeTitle, standing, team } from "./team.js";

const MOST = 8;

/** What fits the text before the caret: { from, options: [{ insert, label, detail }] }, or null. */
export function offered(before, place, inThread) {
  const command = /^\/(\S*)$/.exec(before);
  if (command) return inThread ? null : found(0, commands(command[1]));
  const named = /(?:^|[\s(])([@#:])([\p{L}\p{N}._+-]*)$/u.exec(before);
  if (!named) return null;
  const [, sign, beginning] = named;
  const from = before.length - beginning.length - 1;
  if (sign === "@") return found(from, people(beginning.toLowerCase(), place));
  if (sign === "#") return found(from, channels(beginning.toLowerCase()));
  return beginning.length > 1 ? found(from, emojis(beginning.toLowerCase())) : null;
}

function found(from, options) {
  return options.length ? { from, options: options.slice(0, MOST) } : null;
}

function commands(beginning) {
  return team.commands
    .filter((each) => each.command.slice(1).startsWith(beginning))
    .map((each) => ({
      insert: `${each.command} `,
      label: `${each.command} ${each.usage_hint}`.trim(),
      detail: each.description,
    }));
}

function people(beginning, place) {
  const near = new Set(place?.members ?? []);
  const fits = (each) =>
    [each.name, ...each.real_name.split(/\s+/)].some((word) => word.toLowerCase().startsWith(beginning));
  const persons = [...team.people.values()]
    .filter((each) => !each.deleted && each.id !== team.me && fits(each))
    .sort(
      (one, other) =>
        other.is_bot - one.is_bot ||
        near.has(other.id) - near.has(one.id) ||
        one.name.localeCompare(other.name),
    )
    .map((each) => ({
      insert: `@${each.name} `,
      label: `@${each.name}`,
      detail: [each.real_name, standing(each)].filter(Boolean).join(" · "),
    }));
  const groups = [...team.groups.values()]
    .filter((each) => each.handle.startsWith(beginning))
    .map((each) => ({ insert: `@${each.handle} `, label: `@${each.handle}`, detail: each.name }));
  const everyone = ["here", "channel"]
    .filter((each) => beginning && each.startsWith(beginning))
    .map((each) => ({ insert: `@${each} `, label: `@${each}`, detail: "Notify everyone here" }));
  return [...persons, ...groups, ...everyone];
}

function channels(beginning) {
  return [...team.channels.values()]
    .filter((each) => !each.is_im && !each.is_mpim && each.name.startsWith(beginning))
    .map((each) => ({
      insert: `#${each.name} `,
      label: placeTitle(each),
      detail: each.purpose?.value ?? "",
    }));
}

function emojis(beginning) {
  return emojiNamed(beginning).map((name) => ({
    insert: `:${name}: `,
    label: `${emoji(name)} :${name}:`,
    detail: "",
  }));
}

/** The list above a field: arrow keys move, Enter and Tab take, Esc closes. */
export class Completion {
  constructor(field, look) {
    this.field = field;
    this.look = look;
    this.id = `offers-${crypto.randomUUID()}`;
    this.list = h("ul", {
      class: "offers",
      role: "listbox",
      id: this.id,
      "aria-label": "Suggestions",
      hidden: true,
    });
    this.hint = h("div", { class: "hint", hidden: true });
    for (const [name, value] of Object.entries({
      role: "combobox",
      "aria-autocomplete": "list",
      "aria-controls": this.id,
      "aria-expanded": "false",
    }))
      field.setAttribute(name, value);
    field.addEventListener("input", () => this.update());
    field.addEventListener("click", () => this.update());
    field.addEventListener("blur", () => this.close());
  }

  get open() {
    return !this.list.hidden;
  }

  update() {
    const { before, offer } = this.look();
    this.offer = offer;
    this.at = 0;
    this.showHint(before);
    if (offer) this.draw();
    else this.close();
  }

  showHint(before) {
    const command = team.commands.find((each) => before.startsWith(`${each.command} `));
    this.hint.hidden = !command;
    this.hint.textContent = command
      ? `${command.command} ${command.usage_hint} — ${command.description}`
      : "";
  }

  draw() {
    const options = this.offer.options.map((each, place) =>
      h(
        "li",
        {
          role: "option",
          id: `${this.id}-${place}`,
          "aria-selected": String(place === this.at),
          onmousedown: (event) => {
            event.preventDefault();
            this.take(place);
          },
        },
        h("b", {}, each.label),
        each.detail ? h("span", {}, each.detail) : null,
      ),
    );
    this.list.replaceChildren(...options);
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.field.setAttribute("aria-activedescendant", `${this.id}-${this.at}`);
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  /** Whether the key was meant for the list. */
  key(event) {
    if (!this.open) return false;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    const count = this.offer.options.length;
    if (event.key in steps) {
      this.at = (this.at + steps[event.key] + count) % count;
      this.draw();
    } else if (event.key === "Enter" || event.key === "Tab") {
      this.take(this.at);
    } else if (event.key === "Escape") {
      this.close();
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  take(place) {
    const caret = this.field.selectionStart;
    this.field.setRangeText(this.offer.options[place].insert, this.offer.from, caret, "end");
    this.field.dispatchEvent(new Event("input"));
  }
}
