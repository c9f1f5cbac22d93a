// A button that brings a pane into sight, with the number of what is new there.

import { el, shown } from "/chat/static/dom.js";

export class Tab {
  /** `name` stands on it; `unread(count)` says the number in words. */
  constructor(name, unread, onclick) {
    this.unread = unread;
    this.badge = el("span", { class: "badge", hidden: true });
    this.node = el("button", { type: "button", role: "tab", "aria-selected": "false", onclick }, name, this.badge);
  }

  select(yes) {
    this.node.setAttribute("aria-selected", String(yes));
  }

  count(total) {
    this.badge.textContent = String(total);
    this.badge.setAttribute("aria-label", this.unread(total));
    shown(this.badge, total > 0);
  }
}
