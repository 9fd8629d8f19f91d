/** A small menu at a button: arrow keys move, Enter chooses, Esc closes. */

import { h } from "./dom.js";

let open = null;

/** Shows items of { label, act, danger } or ready nodes at an anchor, which gets the focus back. */
export function openMenu(anchor, items, { className = "menu", role = "menu" } = {}) {
  closeMenu();
  const entries = items.map((item) =>
    h(
      "button",
      {
        type: "button",
        role: "menuitem",
        tabindex: -1,
        class: item.danger ? "danger" : null,
        "aria-label": item.name,
        onclick: () => choose(item),
      },
      item.label,
    ),
  );
  const node = h("div", { class: className, role, onkeydown: (event) => moved(event, entries) }, entries);
  document.body.append(node);
  open = { node, anchor };
  place(node, anchor);
  anchor.setAttribute("aria-expanded", "true");
  entries[0]?.focus();
  setTimeout(() => document.addEventListener("pointerdown", outside));
}

/** Takes the open menu away. */
export function closeMenu(refocus = false) {
  if (!open) return;
  const { node, anchor } = open;
  open = null;
  document.removeEventListener("pointerdown", outside);
  node.remove();
  anchor.removeAttribute("aria-expanded");
  if (refocus) anchor.focus();
}

function choose(item) {
  closeMenu(true);
  item.act();
}

function outside(event) {
  if (open && !open.node.contains(event.target)) closeMenu();
}

function moved(event, entries) {
  const at = entries.indexOf(document.activeElement);
  const steps = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
  if (event.key in steps) {
    entries.at((at + steps[event.key]) % entries.length)?.focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    closeMenu(true);
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function place(node, anchor) {
  const at = anchor.getBoundingClientRect();
  const size = node.getBoundingClientRect();
  const top = at.bottom + size.height + 8 > innerHeight ? at.top - size.height - 4 : at.bottom + 4;
  node.style.top = `${Math.max(4, top)}px`;
  node.style.left = `${Math.max(4, Math.min(at.left, innerWidth - size.width - 8))}px`;
}
