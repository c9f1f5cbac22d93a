// A photo, large. The dialog keeps the focus inside and closes with Escape by itself.

import { el, icon } from "./dom.js";

export class Viewer {
  constructor(t) {
    this.image = el("img", { alt: t.photo });
    const close = el("button", { type: "button", class: "close", onclick: () => this.node.close() }, icon("close"), t.close);
    this.node = el("dialog", { class: "viewer", "aria-label": t.photo, onclick: () => this.node.close() }, close, this.image);
  }

  open(url) {
    this.image.src = url;
    this.node.showModal();
  }
}
