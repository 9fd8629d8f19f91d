/** What people fill in: text, menus, checkboxes, dates. A chooser is a node, and a way to read what was put in. */

import { h } from "./dom.js";
import { actors, person, placeTitle, team } from "./team.js";
import { textNodes, words } from "./texts.js";

const TYPES = {
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
  datepicker: "date",
  timepicker: "time",
  datetimepicker: "datetime-local",
};
const SELECT = /^(multi_)?(static|external|users|channels|conversations)_select$/;

/** The element types that `chooser` draws. */
export const KINDS = {
  has: (type) =>
    SELECT.test(type) ||
    type in TYPES ||
    ["plain_text_input", "rich_text_input", "checkboxes", "radio_buttons"].includes(type),
};

/** { node, read() } for an element; `value` is what was put in before, `changed` is called when that changes. */
export function chooser(element, value, changed = () => {}, named = {}) {
  const names = { "aria-label": named.id ? null : words(element.placeholder) || element.action_id, ...named };
  const given = value === undefined ? initial(element) : value;
  if (SELECT.test(element.type)) return selecting(element, given, changed, names);
  if (element.type === "checkboxes") return ticking(options(element), given ?? [], true, changed, names);
  if (element.type === "radio_buttons")
    return ticking(options(element), given === null ? [] : [given], false, changed, names);
  return typing(element, given, changed, names);
}

function initial(element) {
  const one =
    element.initial_option?.value ??
    element.initial_user ??
    element.initial_channel ??
    element.initial_conversation;
  const many =
    element.initial_options?.map((each) => each.value) ??
    element.initial_users ??
    element.initial_channels ??
    element.initial_conversations;
  const typed =
    element.initial_value ?? element.initial_date ?? element.initial_time ?? element.initial_date_time;
  return one ?? many ?? typed ?? null;
}

/** [{ value, text, description, group }] of a menu, from the element or from the workspace. */
function options(element) {
  if (/users_select$/.test(element.type))
    return actors().map((each) => ({ value: each.id, text: each.real_name }));
  if (/(channels|conversations)_select$/.test(element.type)) {
    const places = [...team.channels.values()].filter((each) => offered(element, each));
    return places.map((each) => ({ value: each.id, text: placeTitle(each) }));
  }
  const groups = element.option_groups ?? [{ options: element.options ?? element.initial_options ?? [] }];
  return groups.flatMap((group) =>
    group.options.map((each) => ({
      value: each.value,
      text: words(each.text),
      rich: each.text,
      description: each.description,
      group: words(group.label),
    })),
  );
}

/** https://docs.slack.dev/reference/block-kit/composition-objects/conversation-filter-object */
function offered(element, place) {
  if (place.is_archived) return false;
  const sort = place.is_im ? "im" : place.is_mpim ? "mpim" : place.is_private ? "private" : "public";
  if (/channels/.test(element.type)) return sort === "public";
  const wanted = element.filter ?? {};
  if (wanted.include && !wanted.include.includes(sort)) return false;
  if (wanted.exclude_bot_users && place.is_im && person(place.user).is_bot) return false;
  return !(wanted.exclude_external_shared_channels && place.is_ext_shared);
}

function selecting(element, given, changed, names) {
  const found = options(element);
  if (element.type.startsWith("multi_")) return ticking(found, given ?? [], true, changed, names);
  const item = (each) => h("option", { value: each.value, selected: each.value === given }, each.text);
  const groups = [...new Set(found.map((each) => each.group ?? ""))];
  const node = h(
    "select",
    names,
    h("option", { value: "" }, words(element.placeholder) || "Choose…"),
    groups.map((group) => {
      const items = found.filter((each) => (each.group ?? "") === group).map(item);
      return group ? h("optgroup", { label: group }, items) : items;
    }),
  );
  node.addEventListener("change", changed);
  return { node, read: () => node.value || null };
}

function ticking(found, given, many, changed, names) {
  const group = `choice-${crypto.randomUUID()}`;
  const boxes = found.map((each) =>
    h("input", {
      type: many ? "checkbox" : "radio",
      name: group,
      value: each.value,
      checked: given.includes(each.value),
    }),
  );
  const rows = found.map((each, place) =>
    h(
      "label",
      {},
      boxes[place],
      h(
        "span",
        {},
        each.rich ? textNodes(each.rich) : each.text,
        each.description ? h("small", {}, textNodes(each.description)) : null,
      ),
    ),
  );
  const node = h("div", { ...names, class: "ticks", role: many ? "group" : "radiogroup" }, rows);
  node.addEventListener("change", changed);
  const ticked = () => boxes.filter((each) => each.checked).map((each) => each.value);
  return { node, read: () => (many ? ticked() : (ticked()[0] ?? null)) };
}

function typing(element, given, changed, names) {
  const type = TYPES[element.type];
  const many = element.type === "rich_text_input" || element.multiline;
  const properties = { ...names, placeholder: words(element.placeholder) || null, autocomplete: "off" };
  if (type === "number")
    Object.assign(properties, {
      step: element.is_decimal_allowed ? "any" : 1,
      min: element.min_value,
      max: element.max_value,
    });
  const node = many
    ? h("textarea", { ...properties, rows: 4 })
    : h("input", { ...properties, type: type ?? "text" });
  node.value = shownValue(element, given);
  node.addEventListener("change", changed);
  return { node, read: () => readValue(element, node.value) };
}

function shownValue(element, given) {
  if (given === null || given === undefined) return "";
  if (element.type === "datetimepicker") {
    const at = new Date(given * 1000);
    return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }
  if (element.type === "rich_text_input") return typeof given === "string" ? given : plainOf(given);
  return String(given);
}

function plainOf(richText) {
  return (richText.elements ?? [])
    .map((each) => (each.elements ?? []).map((piece) => piece.text ?? "").join(""))
    .join("\n");
}

function readValue(element, text) {
  if (!text) return null;
  if (element.type === "datetimepicker") return Math.round(new Date(text).getTime() / 1000);
  if (element.type !== "rich_text_input") return text;
  return { type: "rich_text", elements: [{ type: "rich_text_section", elements: [{ type: "text", text }] }] };
}
