/** The channel in the middle and the thread on the right, with their headings. */

import { post } from "./api.js";
import { Composer } from "./composer.js";
import { Conversation } from "./conversation.js";
import { dateOf, moment } from "./dates.js";
import { fill, h, icon } from "./dom.js";
import { addSomeone, strangersIn } from "./people.js";
import { isAppDm, person, placeTitle, team } from "./team.js";
import { lastRead, seen } from "./unread.js";
import { homeNodes } from "./views.js";

export class ChannelPane {
  constructor(node, { openThread, menu, read }) {
    this.node = node;
    this.read = read;
    this.menu = menu;
    this.composer = new Composer();
    this.talk = new Conversation({ openThread, composer: this.composer, read: (ts) => this.seen(ts) });
    this.header = h("header", {});
    this.home = h("div", {
      class: "home",
      tabindex: 0,
      role: "region",
      "aria-label": "App Home",
      hidden: true,
    });
    this.scheduled = h("div", { class: "scheduled note", role: "note" });
    fill(node, this.header, this.scheduled, this.home, this.talk.node);
  }

  async show(place, at) {
    const same = this.place?.id === place.id;
    this.place = place;
    if (!same) {
      this.turnTo("messages");
      this.unreadFrom = lastRead(place.id);
    }
    this.refresh(place);
    if (!same && isAppDm(place)) post("home", { as: team.me, tab: "messages" });
    await this.talk.show(place, "", at, same ? "" : this.unreadFrom);
  }

  /** The place has changed: who is in it, its name. */
  refresh(place) {
    this.place = place;
    this.node.setAttribute("aria-label", placeTitle(place));
    this.composer.refresh(place);
    const about = place.topic?.value || place.purpose?.value || "";
    const count = (place.members ?? []).length;
    fill(
      this.header,
      h(
        "button",
        { type: "button", class: "plain burger", "aria-label": "Channels", onclick: this.menu },
        icon("menu"),
      ),
      h(
        "h2",
        {},
        place.is_group && !place.is_mpim ? icon("lock") : null,
        place.is_group && !place.is_mpim ? place.name : placeTitle(place),
      ),
      isAppDm(place) ? this.tabs() : h("span", { class: "note about" }, about),
      strangersIn(place),
      place.is_im
        ? null
        : h(
            "button",
            {
              type: "button",
              class: "plain members",
              title: this.names(place),
              "aria-label": `${count} members. Add someone`,
              onclick: () => addSomeone(place, this.composer),
            },
            icon("people"),
            String(count),
          ),
    );
    this.silent();
    this.announce(place.scheduled ?? []);
  }

  /** What the app will say here later, for who looks after it. */
  announce(waiting) {
    this.scheduled.hidden = !waiting.length;
    const said = ({ post_at, text }) =>
      h("div", {}, `${team.app.name} says ${moment(dateOf(post_at))}: ${text}`);
    fill(this.scheduled, waiting.map(said));
  }

  names(place) {
    return (place.members ?? []).map((id) => person(id).real_name).join(", ");
  }

  /** Says so when nobody is there to answer. */
  silent() {
    const absent = team.connected === 0;
    this.header.querySelector(".absent")?.remove();
    if (absent)
      this.header.append(h("span", { class: "absent", role: "status" }, `${team.app.name} is not connected`));
  }

  tabs() {
    const tab = (name, label) =>
      h(
        "button",
        {
          type: "button",
          role: "tab",
          data: { key: name },
          "aria-selected": String(this.tab === name),
          onclick: () => this.choose(name),
        },
        label,
      );
    return h("div", { class: "tabs", role: "tablist" }, tab("messages", "Messages"), tab("home", "Home"));
  }

  turnTo(tab) {
    this.tab = tab;
    this.home.hidden = tab !== "home";
    this.talk.node.hidden = tab === "home";
  }

  async choose(tab) {
    this.turnTo(tab);
    this.refresh(this.place);
    this.published = null;
    const answer = await post("home", { as: team.me, tab });
    if (answer.ok) this.showHome(this.published ?? answer.view);
  }

  showHome(view) {
    if (this.tab === "home") fill(this.home, homeNodes(view));
  }

  receive(frame) {
    this.talk.receive(frame);
    if (frame.type === "home") {
      this.published = frame.view; // may come before the answer that the Home as it was is shown with
      this.showHome(frame.view);
    }
  }

  seen(ts) {
    if (document.hidden) return;
    seen(this.place.id, ts);
    this.read();
  }
}

export class ThreadPane {
  constructor(node, { close }) {
    this.node = node;
    this.composer = new Composer();
    this.talk = new Conversation({ composer: this.composer });
    this.where = h("span", { class: "note" });
    const button = h(
      "button",
      { type: "button", class: "plain", "aria-label": "Close thread", title: "Close (Esc)", onclick: close },
      icon("close"),
    );
    fill(node, h("header", {}, h("h2", {}, "Thread"), this.where, button), this.talk.node);
  }

  async show(place, thread, at) {
    this.node.hidden = false;
    this.where.textContent = placeTitle(place);
    await this.talk.show(place, thread, at);
  }

  hide() {
    this.node.hidden = true;
    this.talk.place = null;
  }

  refresh(place) {
    if (this.talk.place?.id === place.id) this.composer.refresh(place);
  }

  receive(frame) {
    this.talk.receive(frame);
  }
}
