/** Blocks that hold others: https://docs.slack.dev/reference/block-kit/blocks/card-block and container-block */

import { h } from "./dom.js";
import { interactive } from "./elements.js";
import { richText } from "./richtext.js";
import { textNodes } from "./texts.js";

/** A card: a picture, titles, a body and buttons, each of which may be missing. */
export function card(block, { use, picture }) {
  return [
    block.hero_image ? h("div", { class: "hero" }, picture(block.hero_image)) : null,
    header(block, picture),
    block.body ? h("div", { class: "words" }, textNodes(block.body)) : null,
    block.actions?.length
      ? h(
          "div",
          { class: "row" },
          block.actions.map((each) => interactive(each, block, use)),
        )
      : null,
  ];
}

/** A container: a title over the blocks inside, which can be folded away where it says so. */
export function container(block, { inside, picture }) {
  const shape = ["contained", block.width ?? "standard", block.has_header_divider ? "divided" : ""].join(" ");
  if (!block.is_collapsible) return h("div", { class: shape }, header(block, picture), inside);
  return h(
    "details",
    { class: shape, open: !block.default_collapsed },
    h("summary", {}, header(block, picture)),
    inside,
  );
}

function header(block, picture) {
  const title = block.rich_text_title ? richText(block.rich_text_title) : block.title && textNodes(block.title);
  if (!title && !block.subtitle && !block.icon) return null;
  return h(
    "div",
    { class: "titles" },
    block.icon ? picture(block.icon) : null,
    title ? h("div", { class: "title" }, title) : null,
    block.subtitle ? h("div", { class: "note" }, textNodes(block.subtitle)) : null,
  );
}
