/** Dialogs above the page; the browser keeps the focus inside and gives it back. */

import { h, icon } from "./dom.js";
import { textNodes } from "./texts.js";

/** Opens a dialog with a title, a body and buttons below; `closed` is called when it is dismissed. */
export function openDialog({ title, body, foot, className = "", dismissed, submitted }) {
  const id = `title-${crypto.randomUUID()}`;
  const close = h(
    "button",
    { type: "button", class: "plain", "aria-label": "Close", onclick: () => dismissed("all") },
    icon("close"),
  );
  const form = h(
    "form",
    { method: "dialog", novalidate: true },
    h("header", {}, h("h2", { id }, title), close),
    h("div", { class: "dialog-body" }, body),
    foot ? h("footer", {}, foot) : null,
  );
  const node = h("dialog", { class: className, "aria-labelledby": id }, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submitted?.();
  });
  node.addEventListener("cancel", (event) => {
    event.preventDefault();
    dismissed("top");
  });
  document.body.append(node);
  node.showModal();
  return node;
}

/** Closes a dialog for good. The browser gives the focus back; Chromium forgets the caret then, so once more. */
export function closeDialog(node) {
  node.close();
  node.remove();
  const back = document.activeElement;
  back?.blur();
  back?.focus();
}

/** Asks as a confirm object says; resolves to whether the person agreed. */
export function confirmed({ title, text, confirm, deny, style }) {
  return new Promise((resolve) => {
    const end = (agreed) => {
      closeDialog(node);
      resolve(agreed);
    };
    const no = h("button", { type: "button", class: "button", onclick: () => end(false) }, textNodes(deny));
    const yes = h("button", { type: "submit", class: `button ${style ?? "primary"}` }, textNodes(confirm));
    const node = openDialog({
      title: textNodes(title),
      body: textNodes(text),
      foot: [no, yes],
      className: "small",
      dismissed: () => end(false),
      submitted: () => end(true),
    });
    yes.focus();
  });
}

/** The same question in our own words. */
export function sure(title, text, confirm) {
  const plain = (words) => ({ type: "plain_text", text: words });
  return confirmed({
    title: plain(title),
    text: plain(text),
    confirm: plain(confirm),
    deny: plain("Cancel"),
    style: "danger",
  });
}
