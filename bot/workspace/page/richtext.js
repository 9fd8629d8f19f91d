/** rich_text blocks as nodes: https://docs.slack.dev/reference/block-kit/blocks/rich-text-block */

import { formatted } from "./dates.js";
import { h } from "./dom.js";
import { emoji } from "./emoji.js";
import { link } from "./links.js";
import { broadcast, channelMention, groupMention, mention } from "./mentions.js";

const WRAPS = { bold: "b", italic: "i", strike: "s", underline: "u", code: "code" };

/** The nodes of a rich_text block; lists that follow one another are nested by their indent. */
export function richText(block) {
  const nodes = [];
  let lists = [];
  for (const element of block.elements ?? []) {
    if (element.type === "rich_text_list") {
      addList(lists, element, nodes);
      continue;
    }
    lists = [];
    nodes.push(part(element));
  }
  return nodes;
}

function part(element) {
  switch (element.type) {
    case "rich_text_preformatted":
      return h("pre", {}, h("code", {}, inlines(element.elements)));
    case "rich_text_quote":
      return h("blockquote", {}, inlines(element.elements));
    case "rich_text_section":
      return h("div", { class: "rich" }, inlines(element.elements));
    default:
      return h("div", { class: "placeholder" }, `[${element.type}]`);
  }
}

/** `lists` holds the open lists, by depth. */
function addList(lists, element, nodes) {
  const indent = element.indent ?? 0;
  while (lists.length && lists.at(-1).indent > indent) lists.pop();
  let open = lists.at(-1);
  const kind = element.style === "ordered" ? "ol" : "ul";
  if (!open || open.indent < indent || open.kind !== kind) {
    if (open && open.indent === indent) lists.pop();
    open = {
      indent,
      kind,
      node: h(kind, { start: kind === "ol" && element.offset ? element.offset + 1 : null }),
    };
    open.node.classList.add(`level-${indent % 3}`);
    const above = lists.at(-1)?.node.lastElementChild;
    if (above) above.append(open.node);
    else nodes.push(open.node);
    if (!above && indent) open.node.classList.add(`indent-${indent}`);
    lists.push(open);
  }
  for (const item of element.elements ?? []) open.node.append(h("li", {}, inlines(item.elements)));
}

function inlines(elements) {
  return (elements ?? []).map((each) => wrapped(inline(each), each.style));
}

function wrapped(node, style) {
  let inner = node;
  for (const [name, tag] of Object.entries(WRAPS).reverse()) if (style?.[name]) inner = h(tag, {}, inner);
  return inner;
}

function inline(element) {
  switch (element.type) {
    case "text":
      return document.createTextNode(element.text);
    case "link":
      return link(element.url, element.text || element.url);
    case "user":
      return mention(element.user_id);
    case "channel":
      return channelMention(element.channel_id);
    case "usergroup":
      return groupMention(element.usergroup_id);
    case "broadcast":
      return broadcast(element.range);
    case "emoji":
      return document.createTextNode(emoji(element.name, element.unicode));
    case "date": {
      const shown = formatted(element.timestamp, element.format) ?? element.fallback ?? "";
      return element.url ? link(element.url, shown) : h("time", {}, shown);
    }
    case "color":
      return h("code", {}, element.value);
    default:
      return document.createTextNode(`[${element.type}]`);
  }
}
