/** A list to search and choose from, in a dialog. */

import { closeDialog, openDialog } from "./dialogs.js";
import { h } from "./dom.js";

/** items: [{ label, detail, mark, value, current }]. Resolves to the chosen value, or null. */
export function pick({ title, placeholder, items }) {
  return new Promise((resolve) => {
    const id = `choices-${crypto.randomUUID()}`;
    const list = h("ul", { class: "choices", role: "listbox", id, "aria-label": title });
    const field = h("input", {
      type: "search",
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": id,
      "aria-label": placeholder,
      placeholder,
      autocomplete: "off",
    });
    let shown = [];
    let at = 0;
    const end = (value) => {
      closeDialog(dialog);
      resolve(value);
    };
    const draw = () => {
      list.replaceChildren(
        ...shown.map((each, place) =>
          h(
            "li",
            {
              role: "option",
              id: `${id}-${place}`,
              "aria-selected": String(place === at),
              onclick: () => end(each.value),
            },
            each.mark,
            h("span", { class: "label" }, each.label),
            h("span", { class: "note" }, each.detail),
          ),
        ),
      );
      if (!shown.length) list.append(h("li", { class: "note" }, "Nothing is called that."));
      field.setAttribute("aria-activedescendant", shown.length ? `${id}-${at}` : "");
      list.children[at]?.scrollIntoView?.({ block: "nearest" });
    };
    const search = () => {
      const wanted = field.value.trim().toLowerCase().replace(/^[#@]/, "");
      const rank = (each) =>
        `${each.label} ${each.detail ?? ""}`
          .toLowerCase()
          .split(/[\s#@._-]+/)
          .some((word) => word.startsWith(wanted));
      shown = items.filter((each) => !wanted || rank(each) || each.label.toLowerCase().includes(wanted));
      at = Math.max(0, wanted ? 0 : shown.findIndex((each) => each.current));
      draw();
    };
    field.addEventListener("input", search);
    field.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && shown.length) {
        at = (at + step + shown.length) % shown.length;
        draw();
        event.preventDefault();
      }
    });
    const dialog = openDialog({
      title,
      body: [field, list],
      className: "picker",
      dismissed: () => end(null),
      submitted: () => shown[at] && end(shown[at].value),
    });
    search();
    field.focus();
  });
}
