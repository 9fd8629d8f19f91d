/** Builds elements without parsing HTML, so that data stays text whatever it holds. */

const PROPERTIES = new Set(["value", "checked", "selected", "disabled", "hidden", "multiple", "textContent"]);
const SVG = "http://www.w3.org/2000/svg";

/** h("button", { class: "primary", onclick: act }, "Save"); absent children and properties are left out. */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "data") Object.assign(node.dataset, value);
    else if (PROPERTIES.has(name)) node[name] = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...present(children));
  return node;
}

function present(children) {
  return children.flat(Infinity).filter((each) => each !== undefined && each !== null && each !== false);
}

/** Puts these children in place of what a node held. */
export function fill(node, ...children) {
  node.replaceChildren(...present(children));
  return node;
}

const SHAPES = {
  clip: "M14.5 8.5l-5.6 5.6a2.8 2.8 0 0 1-4-4l6.3-6.2a1.9 1.9 0 0 1 2.7 2.7l-6 6a.9.9 0 0 1-1.3-1.3l5.2-5.2",
  close: "M5 5l10 10M15 5L5 15",
  lock: "M6 9V6.5a4 4 0 0 1 8 0V9M5 9h10v7H5z",
  reply: "M3 4h14v9H9l-4 3.5V13H3z",
  smile: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM7.4 8v.1M12.6 8v.1M6.5 11.5a4 4 0 0 0 7 0",
  more: "M4.5 10h.1M10 10h.1M15.5 10h.1",
  send: "M3 4l14 6-14 6 2.5-6zM5.5 10H17",
  menu: "M3 5h14M3 10h14M3 15h14",
  search: "M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l4 4",
  people:
    "M7.5 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 16.5a5.5 5.5 0 0 1 11 0M13 4.3a3 3 0 0 1 0 5.4M14.8 12a5.5 5.5 0 0 1 3.2 4.5",
  eye: "M2 10s3-5.5 8-5.5S18 10 18 10s-3 5.5-8 5.5S2 10 2 10zM10 12.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
  down: "M5 7.5l5 5 5-5",
  trash: "M4 5.5h12M8 5.5V3.5h4v2M5.5 5.5l.8 11h7.4l.8-11M8.3 8.5l.2 5M11.7 8.5l-.2 5",
  "thumbs-up": "M3 9h3v7H3zM6 9.5l3-6c1.3 0 2 .8 2 2v2.5h4.2a1.5 1.5 0 0 1 1.5 1.8l-1 5A1.5 1.5 0 0 1 14.2 16H6",
  "thumbs-down": "M3 4h3v7H3zM6 10.5l3 6c1.3 0 2-.8 2-2V12h4.2a1.5 1.5 0 0 0 1.5-1.8l-1-5A1.5 1.5 0 0 0 14.2 4H6",
};

/** A drawn sign; what it means is said by the label of the button that holds it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name] ?? SHAPES.more);
  svg.append(path);
  return svg;
}

/** Puts nodes in this order under a parent, moving only what is out of place, so that focus and state stay. */
export function arrange(parent, nodes) {
  const wanted = new Set(nodes);
  for (const old of [...parent.childNodes]) if (!wanted.has(old)) old.remove();
  nodes.forEach((node, place) => {
    if (parent.childNodes[place] !== node) parent.insertBefore(node, parent.childNodes[place] ?? null);
  });
}
