/** The markdown block as nodes: the common part of Markdown, with the same links as everywhere. */

import { h } from "./dom.js";
import { link } from "./links.js";

const INLINE = new RegExp(
  [
    /`(?<code>[^`\n]+)`/,
    /!?\[(?<label>[^\]\n]*)\]\((?<target>[^()\s]+)\)/,
    /(?<bare>https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]'"*_~`])/,
    /\*\*(?<bold>[^*\s](?:[^*\n]*[^*\s])?)\*\*/,
    /(?<![\p{L}\p{N}*])[*_](?<italic>[^*_\s](?:[^*_\n]*[^*_\s])?)[*_](?![\p{L}\p{N}*])/,
    /~~(?<strike>[^~\n]+)~~/,
  ]
    .map((each) => each.source)
    .join("|"),
  "gu",
);
const ITEM = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)$/;

/** Headings, lists, quotes, fences, tables and paragraphs. */
export function markdown(text) {
  const nodes = [];
  const rows = text.split("\n");
  while (rows.length) nodes.push(...block(rows));
  return nodes;
}

function block(rows) {
  const row = rows[0];
  if (!row.trim()) return rows.shift() && [];
  if (/^\s*```/.test(row)) return [fence(rows)];
  if (/^#{1,6} /.test(row)) return [h("div", { class: "heading" }, inline(rows.shift().replace(/^#+ /, "")))];
  if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(row)) return rows.shift() && [h("hr")];
  if (/^>/.test(row))
    return [
      h(
        "blockquote",
        {},
        inline(
          taken(rows, /^>/)
            .map((each) => each.replace(/^> ?/, ""))
            .join("\n"),
        ),
      ),
    ];
  if (ITEM.test(row)) return list(taken(rows, ITEM));
  if (/^\|.*\|\s*$/.test(row)) return [table(taken(rows, /^\|.*\|\s*$/))];
  return [h("p", {}, inline(paragraph(rows)))];
}

function taken(rows, shape) {
  const some = [];
  while (rows.length && shape.test(rows[0])) some.push(rows.shift());
  return some;
}

function fence(rows) {
  rows.shift();
  const code = [];
  while (rows.length && !/^\s*```\s*$/.test(rows[0])) code.push(rows.shift());
  rows.shift();
  return h("pre", {}, h("code", {}, code.join("\n")));
}

function paragraph(rows) {
  const some = [rows.shift()];
  while (rows.length && rows[0].trim() && !/^(\s*```|#{1,6} |>|\|)/.test(rows[0]) && !ITEM.test(rows[0])) {
    some.push(rows.shift());
  }
  return some.join("\n");
}

function list(items) {
  const kind = ITEM.exec(items[0])[2] === undefined ? "ul" : "ol";
  const node = h(kind, { start: kind === "ol" ? ITEM.exec(items[0])[2] : null });
  for (const each of items) {
    const [, space, , text] = ITEM.exec(each);
    const item = h("li", {}, inline(text));
    const within = space.length >= 2 ? node.lastElementChild : null;
    if (within) (within.querySelector(kind) ?? within.appendChild(h(kind))).append(item);
    else node.append(item);
  }
  return [node];
}

function table(rows) {
  const cells = (row) =>
    row
      .trim()
      .slice(1, -1)
      .split("|")
      .map((each) => each.trim());
  const ruled = rows.length > 1 && /^[|\s:-]+$/.test(rows[1]);
  const body = ruled ? rows.slice(2) : rows;
  const head = ruled
    ? h(
        "thead",
        {},
        h(
          "tr",
          {},
          cells(rows[0]).map((each) => h("th", {}, inline(each))),
        ),
      )
    : null;
  const lines = body.map((row) =>
    h(
      "tr",
      {},
      cells(row).map((each) => h("td", {}, inline(each))),
    ),
  );
  return h("div", { class: "scrolls" }, h("table", {}, head, h("tbody", {}, lines)));
}

function inline(text) {
  const nodes = [];
  let last = 0;
  for (const token of text.matchAll(INLINE)) {
    nodes.push(text.slice(last, token.index), styled(token.groups));
    last = token.index + token[0].length;
  }
  return [...nodes, text.slice(last)];
}

function styled({ code, label, target, bare, bold, italic, strike }) {
  if (code !== undefined) return h("code", {}, code);
  if (target !== undefined) return link(target, label || target);
  if (bare !== undefined) return link(bare, bare);
  if (bold !== undefined) return h("b", {}, inline(bold));
  if (italic !== undefined) return h("i", {}, inline(italic));
  return h("s", {}, inline(strike));
}
