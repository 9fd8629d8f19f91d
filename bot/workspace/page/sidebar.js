/** The left side: the workspace, who is looking, channels, direct messages and the app. */

import { fill, h, icon } from "./dom.js";
import { avatar, badge, statusMark } from "./message.js";
import { routeText } from "./links.js";
import { isAppDm, person, placeName, standing, team } from "./team.js";
import { nextTheme, themeLabel } from "./theme.js";
import { marks } from "./unread.js";

export class Sidebar {
  /** find() opens the channel switcher, become() the person switcher, openDm(ids) a DM; left() hears of a choice. */
  constructor(node, doors) {
    this.node = node;
    this.doors = doors;
    node.addEventListener("keydown", (event) => this.key(event));
    node.addEventListener("click", (event) => event.target.closest(".item") && this.doors.left());
  }

  render(current) {
    const focused = document.activeElement?.closest?.("#sidebar [data-key]")?.dataset.key;
    const places = [...team.channels.values()];
    const named = (one, other) => placeName(one).localeCompare(placeName(other));
    const joined = places
      .filter((each) => !each.is_im && !each.is_mpim && each.is_member && !each.is_archived)
      .sort(named);
    const talks = places.filter((each) => (each.is_im || each.is_mpim) && !isAppDm(each)).sort(named);
    fill(
      this.node,
      this.head(),
      h(
        "div",
        { class: "sections" },
        this.section(
          "Channels",
          joined.map((each) => this.item(each, current)),
          this.more("Browse channels", "browse", () => this.doors.find("channels")),
        ),
        this.section(
          "Direct messages",
          talks.map((each) => this.item(each, current)),
          this.more("New message", "new", () => this.doors.find("people")),
        ),
        this.section("Apps", [this.app(places.find(isAppDm), current)]),
      ),
      this.foot(),
    );
    if (focused) this.node.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  head() {
    const me = person(team.me);
    const kind = standing(me);
    const mark = kind ? h("span", { class: `badge ${kind}` }, kind) : null;
    return h(
      "header",
      {},
      h("h1", {}, team.name),
      h(
        "button",
        {
          type: "button",
          class: "who",
          "aria-label": `You are ${me.real_name}. Switch person`,
          data: { key: "who" },
          onclick: this.doors.become,
        },
        avatar(me),
        h("span", { class: "label" }, h("small", {}, "You are ", mark), h("b", {}, me.real_name)),
        icon("down"),
      ),
      h(
        "button",
        { type: "button", class: "find", data: { key: "find" }, onclick: () => this.doors.find("all") },
        icon("search"),
        "Go to…",
        h("kbd", {}, "Ctrl K"),
      ),
    );
  }

  section(title, items, more) {
    const id = `section-${title.replace(/\W/g, "")}`;
    return h(
      "section",
      {},
      h("h2", { id }, title),
      h(
        "ul",
        { "aria-labelledby": id },
        items.map((each) => h("li", {}, each)),
        more ? h("li", {}, more) : null,
      ),
    );
  }

  item(place, current) {
    const { unread, count } = marks(place);
    const here = place.id === current;
    const shared = place.is_ext_shared || place.is_org_shared;
    const spoken = [
      placeName(place),
      place.is_group ? "private" : "",
      shared ? "shared" : "",
      unread && !here ? "unread" : "",
    ];
    return h(
      "a",
      {
        href: `#${routeText({ person: person(team.me).name, channel: place.id })}`,
        class: unread && !here ? "item unread" : "item",
        "aria-current": here ? "page" : null,
        "aria-label": spoken.filter(Boolean).join(", "),
        data: { key: place.id },
      },
      this.sign(place),
      h("span", { class: "label" }, placeName(place)),
      place.is_im ? statusMark(person(place.user)) : null,
      place.is_im ? badge(person(place.user)) : null,
      shared
        ? h("span", { class: "badge external", title: "Shared with another organisation" }, "shared")
        : null,
      count && !here ? h("span", { class: "count" }, String(count)) : null,
    );
  }

  sign(place) {
    if (place.is_im) return avatar(person(place.user), "tiny");
    if (place.is_mpim) return h("span", { class: "sign" }, icon("people"));
    return h("span", { class: "sign" }, place.is_group ? icon("lock") : "#");
  }

  app(place, current) {
    if (place) return this.item(place, current);
    const open = () => this.doors.openDm([team.app.user_id]);
    return h(
      "button",
      { type: "button", class: "item", data: { key: "app" }, onclick: open },
      avatar(person(team.app.user_id), "tiny"),
      h("span", { class: "label" }, team.app.name),
      h("span", { class: "badge app" }, "app"),
    );
  }

  more(label, key, act) {
    return h(
      "button",
      { type: "button", class: "item more", data: { key }, onclick: act },
      h("span", { class: "sign" }, "+"),
      h("span", { class: "label" }, label),
    );
  }

  foot() {
    const { sign, words } = themeLabel();
    const turn = () => {
      nextTheme();
      this.render(this.current);
    };
    return h(
      "footer",
      {},
      h(
        "button",
        { type: "button", class: "theme", data: { key: "theme" }, onclick: turn },
        h("span", { "aria-hidden": "true" }, sign),
        words,
      ),
    );
  }

  /** Up and down move through the list. */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const items = [...this.node.querySelectorAll(".item")];
    const at = items.indexOf(document.activeElement);
    if (at < 0) return;
    event.preventDefault();
    items[Math.min(Math.max(at + step, 0), items.length - 1)].focus();
  }
}
