/** Block Kit as nodes: https://docs.slack.dev/reference/block-kit/blocks */

import { card, container } from "./cards.js";
import { h } from "./dom.js";
import { interactive } from "./elements.js";
import { markdown } from "./markdown.js";
import { richText } from "./richtext.js";
import { plan, taskCard } from "./tasks.js";
import { textNodes, words } from "./texts.js";

/**
 * The nodes of blocks. `use(element, block, value)` tells the app of an element's use and resolves to what came
 * of it; `input(block)` draws an input block, in modals only.
 */
export function blocks(list, use, input = () => placeholder("input")) {
  return list.map((block) =>
    h(
      "div",
      { class: `block ${block.type}`, data: { block: block.block_id ?? "" } },
      drawn(block, use, input),
    ),
  );
}

function drawn(block, use, input) {
  switch (block.type) {
    case "rich_text":
      return richText(block);
    case "section":
      return section(block, use);
    case "context":
      return block.elements.map((each) =>
        each.type === "image" ? picture(each) : h("span", {}, textNodes(each)),
      );
    case "divider":
      return h("hr");
    case "header":
      return h("div", { class: "heading", role: "heading", "aria-level": 3 }, textNodes(block.text));
    case "actions":
    case "context_actions":
      return block.elements.map((each) => interactive(each, block, use));
    case "input":
      return input(block);
    case "markdown":
      return markdown(block.text);
    case "image":
      return [block.title ? h("div", { class: "note" }, textNodes(block.title)) : null, picture(block)];
    case "task_card":
      return taskCard(block);
    case "plan":
      return plan(block);
    case "table":
      return table(block);
    case "alert":
      return h("div", { class: `level-${block.level ?? "default"}`, role: "note" }, textNodes(block.text));
    case "card":
      return card(block, { use, picture });
    case "carousel":
      return h(
        "div",
        { class: "cards scrolls", tabindex: 0, role: "group", "aria-label": "Cards" },
        block.elements.map((each) => h("div", { class: "block card" }, card(each, { use, picture }))),
      );
    case "container":
      return container(block, { picture, inside: blocks(block.child_blocks, use, input) });
    default:
      return placeholder(block.type, words(block.title) || block.title?.text || "");
  }
}

function section(block, use) {
  const fields = (block.fields ?? []).map((each) => h("div", { class: "field" }, textNodes(each)));
  const body = h(
    "div",
    { class: "words" },
    block.text ? h("div", { class: "rich" }, textNodes(block.text)) : null,
    fields.length ? h("div", { class: "fields" }, fields) : null,
  );
  const beside = block.accessory;
  if (!beside) return body;
  return [
    body,
    h(
      "div",
      { class: "accessory" },
      beside.type === "image" ? picture(beside) : interactive(beside, block, use),
    ),
  ];
}

/** Pictures are elsewhere, and this page fetches nothing from elsewhere: it says what they show. */
function picture(image) {
  return h(
    "span",
    { class: "placeholder", role: "img", "aria-label": image.alt_text },
    `🖼 ${image.alt_text || "image"}`,
  );
}

function placeholder(type, title = "") {
  return h("div", { class: "placeholder" }, title ? `[${type}: ${title}]` : `[${type}]`);
}

function table(block) {
  const rows = block.rows.map((row) =>
    h(
      "tr",
      {},
      row.map((cell, place) =>
        h("td", { class: block.column_settings?.[place]?.align ?? null }, cellNodes(cell)),
      ),
    ),
  );
  return h(
    "div",
    { class: "scrolls", tabindex: 0, role: "region", "aria-label": "Table" },
    h("table", {}, h("tbody", {}, rows)),
  );
}

function cellNodes(cell) {
  if (cell.type === "rich_text") return richText(cell);
  return cell.text ?? String(cell.value ?? "");
}
