/** Buttons, menus and pickers: https://docs.slack.dev/reference/block-kit/block-elements */

import { confirmed } from "./dialogs.js";
import { h, icon } from "./dom.js";
import { chooser, KINDS } from "./inputs.js";
import { openMenu } from "./menu.js";
import { team } from "./team.js";
import { textNodes, words } from "./texts.js";

/** An element that can be used; what it does until the app has answered, and when it does not, is seen on it. */
export function interactive(element, block, use) {
  const only = element.visible_to_user_ids;
  if (only?.length && !only.includes(team.me)) return null;
  const act = acting(element, block, use);
  switch (element.type) {
    case "button":
    case "workflow_button":
      return button(element, act);
    case "icon_button":
      return iconButton(element, act);
    case "feedback_buttons":
      return feedback(element, block, act);
    case "overflow":
      return overflow(element, act);
    default:
      return KINDS.has(element.type)
        ? chosen(element, act)
        : h("span", { class: "placeholder" }, `[${element.type}]`);
  }
}

function acting(element, block, use) {
  return async (holder, value) => {
    if (holder.getAttribute("aria-busy") === "true") return;
    if (element.confirm && !(await confirmed(element.confirm))) return;
    holder.parentElement.querySelector(":scope > .refused")?.remove();
    holder.setAttribute("aria-busy", "true");
    const result = await use(element, block, value);
    holder.removeAttribute("aria-busy");
    if (!result.done && holder.isConnected) holder.after(refusal(result));
  };
}

function refusal(result) {
  const why =
    result.problem === "dispatch_failed"
      ? `${team.app.name} did not respond.`
      : `That did not work (${result.problem}).`;
  return h("span", { class: "refused", role: "alert" }, `⚠ ${why} Try again.`);
}

function key(element) {
  return `${element.action_id ?? ""} ${element.value ?? ""}`;
}

function button(element, act) {
  const label = element.accessibility_label;
  const properties = {
    class: ["button", element.style ?? ""].join(" ").trim(),
    "aria-label": label,
    title: label,
    data: { key: key(element) },
  };
  const address = followed(element.url);
  if (address) {
    const link = h(
      "a",
      { ...properties, href: address, target: "_blank", rel: "noreferrer noopener" },
      textNodes(element.text),
    );
    link.addEventListener("click", () => act(link, element.value));
    return link;
  }
  const node = h("button", { ...properties, type: "button" }, textNodes(element.text));
  node.addEventListener("click", () => act(node, element.value));
  return node;
}

function followed(address) {
  return address && /^https?:\/\//i.test(address) && URL.canParse(address) ? address : null;
}

function iconButton(element, act) {
  const label = element.accessibility_label ?? words(element.text);
  const node = h(
    "button",
    { type: "button", class: "button icon-button", "aria-label": label, title: label, data: { key: key(element) } },
    icon(element.icon),
  );
  node.addEventListener("click", () => act(node, element.value));
  return node;
}

/** What was clicked last shows as pressed, on this page only: Slack tells apps of clicks and of nothing else. */
const judged = new Map();

function feedback(element, block, act) {
  const name = `${block.block_id} ${element.action_id}`;
  const sides = [
    ["thumbs-up", element.positive_button],
    ["thumbs-down", element.negative_button],
  ];
  const nodes = sides.map(([sign, each]) => {
    const label = each.accessibility_label ?? words(each.text);
    return h(
      "button",
      { type: "button", class: "button icon-button", "aria-label": label, title: label },
      icon(sign),
      h("span", { class: "label" }, words(each.text)),
    );
  });
  const press = (place) => {
    if (place === undefined) return;
    nodes.forEach((node, each) => node.setAttribute("aria-pressed", each === place ? "true" : "false"));
  };
  press(judged.get(name));
  nodes.forEach((node, place) =>
    node.addEventListener("click", () => {
      judged.set(name, place);
      press(place);
      act(node, sides[place][1].value);
    }),
  );
  return h("span", { class: "feedback", role: "group", "aria-label": "Feedback" }, nodes);
}

function overflow(element, act) {
  const node = h(
    "button",
    {
      type: "button",
      class: "button",
      "aria-label": "More",
      "aria-haspopup": "menu",
      data: { key: key(element) },
    },
    "⋯",
  );
  node.addEventListener("click", () =>
    openMenu(
      node,
      element.options.map((each) => ({ label: words(each.text), act: () => act(node, each.value) })),
    ),
  );
  return node;
}

function chosen(element, act) {
  const control = chooser(element, undefined, () => {
    const value = control.read();
    if (value !== null) act(control.node, value);
  });
  control.node.dataset.key = key(element);
  if (!/^(date|time|datetime)picker$/.test(element.type)) return control.node;
  return h("label", { class: "picker" }, words(element.placeholder), control.node);
}
