/** Text objects: https://docs.slack.dev/reference/block-kit/composition-objects/text-object */

import { withEmoji } from "./emoji.js";
import { mrkdwn } from "./mrkdwn.js";

/** The nodes of a plain_text or mrkdwn object. */
export function textNodes(text) {
  if (!text) return [];
  return text.type === "mrkdwn" ? mrkdwn(text.text, text.verbatim) : [words(text)];
}

/** The characters of a text object, for labels. */
export function words(text) {
  if (!text) return "";
  return text.emoji === false ? text.text : withEmoji(text.text);
}
