// Where the person writes: words, photos, send.

import { el, icon, shown } from "./dom.js";

const MOST_CHARACTERS = 20_000;
const MOST_PHOTOS = 9;

export class Composer {
  /** `onSend(text, files)` gets what was written; `onTrouble(sentence)` what is wrong with it. */
  constructor(t, { onSend, onTrouble }) {
    Object.assign(this, { t, onSend, onTrouble, files: [] });
    this.field = el("textarea", {
      rows: "1", "aria-label": t.write, placeholder: t.writeShort, enterkeyhint: "send", autocomplete: "off",
      oninput: () => this.grow(), onkeydown: (event) => this.key(event),
    });
    this.picker = el("input", { type: "file", accept: "image/*", multiple: true, hidden: true, onchange: () => this.pick() });
    this.previews = el("div", { class: "previews", hidden: true });
    const photo = el("button", { type: "button", class: "photo", "aria-label": t.addPhoto, onclick: () => this.picker.click() }, icon("camera"), el("span", {}, t.photo));
    const send = el("button", { type: "submit", class: "send" }, icon("send"), el("span", {}, t.send));
    this.node = el("form", { class: "composer", onsubmit: (event) => this.submit(event) }, this.previews, el("div", { class: "bar" }, photo, this.picker, this.field, send));
  }

  /** Put words into the field, ready to be sent or changed. */
  fill(text) {
    this.field.value = text;
    this.grow();
    this.field.focus();
  }

  isEmpty() {
    return this.field.value.trim() === "" && this.files.length === 0;
  }

  /** Let a telephone show its number pad. */
  askNumber() {
    this.field.setAttribute("inputmode", "tel");
    this.field.focus();
  }

  key(event) {
    // Enter also confirms a word of a Chinese input method: that must not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.node.requestSubmit();
  }

  submit(event) {
    event.preventDefault();
    if (this.isEmpty()) return this.field.focus();
    const text = this.field.value.trim();
    if (text.length > MOST_CHARACTERS) return this.onTrouble(this.t.tooLong);
    const files = this.files;
    this.files = [];
    this.field.value = "";
    this.field.removeAttribute("inputmode");
    this.draw();
    this.grow();
    this.field.focus();
    return this.onSend(text, files);
  }

  pick() {
    this.files.push(...[...this.picker.files].map((file) => ({ file, url: URL.createObjectURL(file) })));
    this.picker.value = "";
    if (this.files.length > MOST_PHOTOS) this.onTrouble(this.t.tooManyPhotos);
    this.files.splice(MOST_PHOTOS);
    this.draw();
  }

  draw() {
    shown(this.previews, this.files.length > 0);
    this.previews.replaceChildren(...this.files.map((item) => this.preview(item)));
  }

  preview(item) {
    const drop = () => {
      URL.revokeObjectURL(item.url);
      this.files = this.files.filter((other) => other !== item);
      this.draw();
    };
    const button = el("button", { type: "button", class: "drop", "aria-label": this.t.removePhoto, onclick: drop }, icon("close"));
    return el("span", { class: "thumb" }, el("img", { src: item.url, alt: this.t.photo }), button);
  }

  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight + 2}px`;
  }
}
