/** Modals as the app opens, changes and stacks them; App Home. https://docs.slack.dev/surfaces/modals */

import { post } from "./api.js";
import { blocks } from "./blocks.js";
import { closeDialog, openDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { chooser } from "./inputs.js";
import { team } from "./team.js";
import { textNodes, words } from "./texts.js";

/** A view's element used: the app is told, with what stands in the view's inputs by then. */
function using(view, typed = () => ({})) {
  return async (element, block, value) => {
    const body = {
      as: team.me,
      view_id: view.id,
      action_id: element.action_id,
      block_id: block.block_id,
      value,
      values: typed(),
    };
    const answer = await post("click", body);
    return answer.ok ? answer : { done: false, problem: answer.error };
  };
}

/** The nodes of a person's App Home. */
export function homeNodes(view) {
  if (!view) return [h("div", { class: "note center" }, `${team.app.name} shows nothing on its Home.`)];
  return blocks(view.blocks, using(view), (block) => homeInput(view, block));
}

/** An input on the Home, where nothing is submitted: the app hears of it when it asked to (`dispatch_action`). */
function homeInput(view, block) {
  const id = `input-${crypto.randomUUID()}`;
  const tell = () => block.dispatch_action && using(view)(block.element, block, control.read());
  const control = chooser(block.element, undefined, tell, { id, "aria-labelledby": `${id}-label` });
  return [
    h("label", { for: id, id: `${id}-label` }, textNodes(block.label)),
    control.node,
    block.hint ? h("div", { class: "note" }, textNodes(block.hint)) : null,
  ];
}

/** What the person sees above the page: the top of their stack. */
export class Views {
  constructor() {
    this.stack = [];
  }

  /** Takes over a whole stack, as /page/state has it. */
  take(views) {
    this.stack = views;
    this.show();
  }

  receive(frame) {
    if (frame.type === "view_errors") {
      if (frame.view_id === this.top?.id) this.complain(frame.errors);
      return;
    }
    if (frame.type === "view_closed") this.drop(frame.view_id, frame.view ?? null);
    else this.put(frame.view);
    this.show();
  }

  get top() {
    return this.stack.at(-1);
  }

  put(view) {
    const at = this.stack.findIndex((each) => each.id === view.id);
    if (at >= 0) this.stack[at] = view;
    else if (view.previous_view_id) this.stack.push(view);
    else this.stack = [view];
  }

  drop(id, left) {
    const at = this.stack.findIndex((each) => each.id === id);
    if (at >= 0) this.stack = left ? this.stack.slice(0, at) : [];
  }

  show() {
    const view = this.top;
    if (this.dialog && (!view || view.id !== this.shown.id)) this.hide();
    if (!view || view === this.shown) return;
    const before = this.dialog ? this.values() : {};
    const focused = this.dialog && this.focused();
    this.inputs = new Map();
    this.shown = view;
    const used = using(view, () => this.typed());
    const body = blocks(view.blocks, used, (block) => this.input(block, before));
    if (!this.dialog) this.open(view);
    this.dialog.querySelector("h2").replaceChildren(...textNodes(view.title));
    this.dialog
      .querySelector(".dialog-body")
      .replaceChildren(h("div", { class: "warning", role: "alert", hidden: true }), ...body);
    this.foot(view);
    this.focus(focused);
  }

  open(view) {
    this.dialog = openDialog({
      title: "",
      foot: h("span", {}),
      className: "modal",
      dismissed: (how) => this.close(this.top, how === "all"),
      submitted: () => this.submit(this.top),
    });
    this.dialog.dataset.view = view.id;
  }

  foot(view) {
    const close = h(
      "button",
      { type: "button", class: "button", onclick: () => this.close(view, false) },
      words(view.close) || "Cancel",
    );
    this.submitter = view.submit
      ? h("button", { type: "submit", class: "button primary" }, textNodes(view.submit))
      : null;
    this.dialog.querySelector("footer").replaceChildren(...[close, this.submitter].filter(Boolean));
  }

  /** What names the input that has the focus. */
  focused() {
    return [...this.inputs.values()].find(({ control }) => control.node.contains(document.activeElement))
      ?.kept;
  }

  /** To the input that had the focus before the view changed, else to the first, else to a button. */
  focus(kept) {
    const inputs = [...this.inputs.values()];
    const input = (inputs.find((each) => each.kept === kept) ?? inputs[0])?.control.node;
    const field = input?.matches("input, select, textarea") ? input : input?.querySelector("input");
    (field ?? this.submitter ?? this.dialog.querySelector("footer .button")).focus();
  }

  hide() {
    closeDialog(this.dialog);
    this.dialog = null;
    this.shown = null;
  }

  /** An input block, with what was typed before the view changed. */
  input(block, before) {
    const id = `input-${crypto.randomUUID()}`;
    const kept = `${block.block_id} ${block.element.action_id}`;
    const error = h("div", { class: "error", id: `${id}-error`, role: "alert", hidden: true });
    const control = chooser(
      block.element,
      kept in before ? before[kept] : undefined,
      () => this.told(block),
      {
        id,
        "aria-describedby": `${id}-error`,
        "aria-labelledby": `${id}-label`,
      },
    );
    this.inputs.set(block.block_id, { control, error, kept });
    const optional = block.optional ? h("span", { class: "note" }, " (optional)") : null;
    return [
      h("label", { for: id, id: `${id}-label` }, textNodes(block.label), optional),
      control.node,
      block.hint ? h("div", { class: "note" }, textNodes(block.hint)) : null,
      error,
    ];
  }

  /** https://docs.slack.dev/reference/block-kit/blocks/input-block: `dispatch_action` tells the app at once. */
  told(block) {
    const { control } = this.inputs.get(block.block_id);
    if (block.dispatch_action) using(this.shown, () => this.typed())(block.element, block, control.read());
  }

  /** What was put in, by block and action. */
  values() {
    return Object.fromEntries([...this.inputs.values()].map(({ control, kept }) => [kept, control.read()]));
  }

  /** What was put in, by block. */
  typed() {
    return Object.fromEntries([...this.inputs].map(([block, { control }]) => [block, control.read()]));
  }

  async submit(view) {
    if (!this.submitter || this.submitter.getAttribute("aria-busy")) return;
    const values = this.typed();
    this.complain({});
    this.submitter.setAttribute("aria-busy", "true");
    const answer = await post("submit", { as: team.me, view_id: view.id, values });
    this.submitter?.removeAttribute("aria-busy");
    if (answer.done) {
      if (!answer.view) this.drop(view.id, this.stack.at(-2));
      this.show();
    } else if (answer.ok && Object.keys(answer.errors ?? {}).length) {
      this.complain(answer.errors);
    } else this.trouble();
  }

  trouble() {
    const warning = this.dialog?.querySelector(".warning");
    if (!warning) return;
    warning.textContent = "We had some trouble connecting. Try again?";
    warning.hidden = false;
  }

  /** Errors under the inputs they are about, by block. */
  complain(errors) {
    this.dialog.querySelector(".warning").hidden = true;
    let first = null;
    for (const [block, { control, error }] of this.inputs) {
      const text = errors[block] ?? "";
      error.textContent = text;
      error.hidden = !text;
      control.node.setAttribute("aria-invalid", String(Boolean(text)));
      if (text) first ??= control.node;
    }
    first?.focus();
  }

  async close(view, everything) {
    if (!view) return;
    this.drop(view.id, everything ? null : this.stack.at(-2));
    this.show();
    await post("close", { as: team.me, view_id: view.id, everything });
  }
}
