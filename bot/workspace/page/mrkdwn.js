/** Slack's mrkdwn as nodes: https://docs.slack.dev/messaging/formatting-message-text */

import { formatted } from "./dates.js";
import { h } from "./dom.js";
import { withEmoji } from "./emoji.js";
import { link } from "./links.js";
import { broadcast, channelMention, groupMention, mention } from "./mentions.js";

const FENCE = /```\n?([\s\S]*?)\n?```/g;
const QUOTED = /^(?:&gt;|>) ?/;
const TOKEN = new RegExp(
  [
    /`(?<code>[^`\n]+)`/,
    /<(?<inner>[^<>\n]+)>/,
    /(?<bare>https?:\/\/[^\s<>|]+[^\s<>|.,;:!?)\]'"*_~`])/,
    /(?<![\p{L}\p{N}*])\*(?<bold>[^*\s](?:[^*\n]*[^*\s])?)\*(?![\p{L}\p{N}*])/,
    /(?<![\p{L}\p{N}_])_(?<italic>[^_\s](?:[^_\n]*[^_\s])?)_(?![\p{L}\p{N}_])/,
    /(?<![\p{L}\p{N}~])~(?<strike>[^~\s](?:[^~\n]*[^~\s])?)~(?![\p{L}\p{N}~])/,
  ]
    .map((each) => each.source)
    .join("|"),
  "gu",
);

/** Entities back to characters; Slack knows these three only. */
export function plain(text) {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** The nodes of a mrkdwn text. */
export function mrkdwn(text, verbatim = false) {
  const nodes = [];
  let last = 0;
  for (const fence of text.matchAll(FENCE)) {
    nodes.push(...lines(text.slice(last, fence.index), verbatim));
    nodes.push(h("pre", {}, h("code", {}, unlinked(fence[1]))));
    last = fence.index + fence[0].length;
  }
  const rest = text.slice(last);
  return [...nodes, ...lines(last ? rest.replace(/^\n/, "") : rest, verbatim)];
}

/** What a code block shows: links as their labels. */
function unlinked(code) {
  return plain(code.replace(/<([^<>|\n]+)(?:\|([^<>\n]*))?>/g, (_, target, label) => label ?? target));
}

function lines(text, verbatim) {
  const nodes = [];
  let quoted = [];
  let open = [];
  const settle = () => {
    if (quoted.length) nodes.push(h("blockquote", {}, inline(quoted.join("\n"), verbatim)));
    if (open.length && (open.length > 1 || open[0]))
      nodes.push(h("span", {}, inline(open.join("\n"), verbatim)));
    quoted = [];
    open = [];
  };
  for (const line of text.split("\n")) {
    const isQuoted = QUOTED.test(line);
    if (isQuoted ? open.length : quoted.length) settle();
    if (isQuoted) quoted.push(line.replace(QUOTED, ""));
    else open.push(line);
  }
  settle();
  return nodes;
}

function inline(text, verbatim) {
  const nodes = [];
  let last = 0;
  for (const token of text.matchAll(TOKEN)) {
    if (token.index > last) nodes.push(withEmoji(plain(text.slice(last, token.index))));
    nodes.push(styled(token, verbatim));
    last = token.index + token[0].length;
  }
  if (last < text.length) nodes.push(withEmoji(plain(text.slice(last))));
  return nodes;
}

function styled(token, verbatim) {
  const { code, inner, bare, bold, italic, strike } = token.groups;
  if (code !== undefined) return h("code", {}, plain(code));
  if (inner !== undefined) return special(inner);
  if (bare !== undefined) return verbatim ? plain(bare) : link(plain(bare), plain(bare));
  if (bold !== undefined) return h("b", {}, inline(bold, verbatim));
  if (italic !== undefined) return h("i", {}, inline(italic, verbatim));
  return h("s", {}, inline(strike, verbatim));
}

/** What stands in angle brackets: a mention, a date or a link. */
function special(inner) {
  const [target, ...rest] = inner.split("|");
  const label = rest.length ? plain(rest.join("|")) : "";
  const [sign, id] = [target.slice(0, 1), target.slice(1)];
  if (sign === "@") return mention(id);
  if (sign === "#") return channelMention(id, label);
  if (sign === "!") return command(id, label);
  return link(plain(target), label || plain(target).replace(/^mailto:/, ""));
}

function command(id, label) {
  if (["here", "channel", "everyone"].includes(id)) return broadcast(id);
  const [kind, ...rest] = id.split("^");
  if (kind === "subteam") return groupMention(rest[0], label);
  if (kind === "date") {
    const shown = formatted(Number(rest[0]), rest[1] ?? "") ?? label;
    return rest[2] ? link(rest[2], shown) : h("time", {}, shown);
  }
  return document.createTextNode(label || `<!${id}>`);
}
