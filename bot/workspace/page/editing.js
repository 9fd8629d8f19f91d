/** From a message's text back to what was typed. */

import { plain } from "./mrkdwn.js";
import { person, team } from "./team.js";

const SPECIAL =
  /<(?:@(?<user>[UW]\w+)|#(?<channel>[CG]\w+)|!subteam\^(?<group>S\w+)|!(?<range>here|channel|everyone))(?:\|[^>]*)?>/g;

/** The text with @name and #name in place of Slack's ids, and characters in place of entities. */
export function editable(text) {
  const named = text.replace(SPECIAL, (whole, ...rest) => {
    const { user, channel, group, range } = rest.at(-1);
    if (user) return team.people.has(user) ? `@${person(user).name}` : whole;
    if (channel) return team.channels.has(channel) ? `#${team.channels.get(channel).name}` : whole;
    if (group) return team.groups.has(group) ? `@${team.groups.get(group).handle}` : whole;
    return `@${range}`;
  });
  return plain(named);
}
