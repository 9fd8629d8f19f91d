/** Files: chosen beside the field and sent with the message, and shown below it to be fetched. */

import { post } from "./api.js";
import { h, icon } from "./dom.js";
import { team } from "./team.js";

const LARGEST = 25_000_000;

/** The files that wait to be sent, with the button that adds some. */
export class Attaching {
  constructor(changed) {
    this.changed = changed;
    this.files = [];
    this.input = h("input", {
      type: "file",
      multiple: true,
      hidden: true,
      "aria-label": "Files",
      onchange: () => this.add(this.input.files),
    });
    this.button = h(
      "button",
      {
        type: "button",
        class: "plain attach",
        "aria-label": "Attach files",
        title: "Attach files",
        onclick: () => this.input.click(),
      },
      icon("clip"),
    );
    this.list = h("div", { class: "attached", hidden: true });
  }

  add(chosen) {
    this.files.push(...chosen);
    this.input.value = "";
    this.render();
  }

  clear() {
    this.files = [];
    this.render();
  }

  render() {
    this.list.hidden = !this.files.length;
    this.list.replaceChildren(...this.files.map((file, place) => this.chip(file, place)));
    this.changed();
  }

  chip(file, place) {
    const drop = () => {
      this.files.splice(place, 1);
      this.render();
    };
    const label = `Remove ${file.name}`;
    return h(
      "span",
      { class: "chip" },
      file.name,
      h("button", { type: "button", class: "plain", "aria-label": label, title: label, onclick: drop }, icon("close")),
    );
  }

  /** Sends them with a text; the error's name, or "". */
  async send(about) {
    if (this.files.some((file) => file.size > LARGEST)) return "file_too_large";
    const files = [];
    for (const file of this.files) files.push({ name: file.name, data: await inBase64(file) });
    const answer = await post("attach", { ...about, files });
    if (answer.ok) this.clear();
    return answer.ok ? "" : answer.error;
  }
}

async function inBase64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

/** What is shown of a message's files. */
export function fileRows(message) {
  if (!message.files?.length) return null;
  return h("div", { class: "files" }, message.files.map(row));
}

function row(file) {
  if (file.mode === "tombstone") return h("div", { class: "file gone" }, "This file was deleted.");
  const query = new URLSearchParams({ as: team.me, id: file.id });
  return h(
    "a",
    { class: "file", href: `/page/file?${query}`, download: file.name },
    icon("clip"),
    h("b", {}, file.name),
    h("span", { class: "note" }, `${file.pretty_type}, ${size(file.size)}`),
  );
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
