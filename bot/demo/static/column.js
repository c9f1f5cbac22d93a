// A column that several panes share, with a switch over them. A wide screen has room for all of them side by side, a
// telephone shows one pane at a time anyway: there the column is not to be seen.

import { el } from "/chat/static/dom.js";

export class Column {
  constructor(panes) {
    this.panes = panes;
    this.bar = el("nav", { class: "switch", role: "tablist" });
    this.node = el("div", { class: "column" }, this.bar);
    this.tabs = panes.map((pane) => this.add(pane));
    this.bring(panes[0]);
  }

  add(pane) {
    const tab = pane.makeTab(() => this.choose(pane));
    this.bar.append(tab.node);
    this.node.append(pane.node);
    pane.onNews = () => this.news(pane);
    return tab;
  }

  choose(pane) {
    this.chosen = true;
    this.bring(pane);
  }

  /** Bring a pane to the front. */
  bring(front) {
    this.front = front;
    this.panes.forEach((pane, index) => {
      pane.node.classList.toggle("front", pane === front);
      this.tabs[index].select(pane === front);
    });
    front.look();
  }

  /** Something came: a pane in which nothing happens makes way, and before anybody chose, one for the first of them. */
  news(pane) {
    const isBefore = this.panes.indexOf(pane) < this.panes.indexOf(this.front);
    if (pane !== this.front && (this.front.isIdle() || (isBefore && !this.chosen))) this.bring(pane);
  }
}
