/** Work under way: task cards and plans (https://docs.slack.dev/reference/block-kit/blocks), the stop button. */

import { h } from "./dom.js";
import { richText } from "./richtext.js";
import { team } from "./team.js";
import { words } from "./texts.js";

const SIGNS = { pending: "○", in_progress: "", complete: "✓", error: "!" };
const NAMES = { pending: "to do", in_progress: "at work", complete: "done", error: "failed" };

/** One task with its status, and what it tells beside its title. */
export function taskCard(block) {
  const status = block.status in SIGNS ? block.status : "pending";
  const sign = h("span", { class: `sign ${status}`, role: "img", "aria-label": NAMES[status] }, SIGNS[status]);
  return h(
    "div",
    { class: "task" },
    sign,
    h(
      "div",
      { class: "words" },
      typeof block.title === "string" ? block.title : words(block.title),
      block.details ? h("div", { class: "note" }, richText(block.details)) : null,
      block.output ? h("div", { class: "note" }, richText(block.output)) : null,
    ),
  );
}

/** A plan's title above its tasks. */
export function plan(block) {
  const title = typeof block.title === "string" ? block.title : words(block.title);
  return [h("b", {}, title), (block.tasks ?? []).map(taskCard)];
}

/** That the app is at work in a thread, with the button that stops it. */
export function working(stop) {
  return h(
    "div",
    { class: "status working", role: "status" },
    h("span", { class: "dots", "aria-hidden": "true" }),
    `${team.app.name} is working…`,
    h("button", { type: "button", class: "button stop", data: { key: "stop" }, onclick: stop }, "Stop"),
  );
}

/** What a streamed message has below it: a caret while it grows, a complaint when Slack has ended it. */
export function streamMark(message) {
  if (message.streaming_state === "in_progress")
    return h("span", { class: "caret", role: "img", "aria-label": "still being written" });
  if (message.streaming_state === "errored" && !message.edited)
    return h("div", { class: "broken", role: "note" }, "Something went wrong");
  return null;
}
