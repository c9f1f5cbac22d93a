// Where the person writes: words, photos, send.

import { el, icon, shown } from "./dom.js";
import { quoteBlock } from "./line.js";

const MOST_CHARACTERS = 20_000;
const MOST_PHOTOS = 9;

export class Composer {
  /**
   * `onSend(text, files, answered)` gets what was written, and the quote of the line that it answers; `onTrouble(sentence)`
   * what is wrong with it. `isShared`: others read it too, and the desk only what names it.
   */
  constructor(t, { isShared = false, onSend, onTrouble }) {
    Object.assign(this, { t, onSend, onTrouble, files: [], answered: null });
    this.field = el("textarea", {
      rows: "1", "aria-label": t.write, placeholder: isShared ? t.writeShared : t.writeShort, enterkeyhint: "send",
      autocomplete: "off", oninput: () => this.grow(), onkeydown: (event) => this.key(event),
    });
    this.picker = el("input", { type: "file", accept: "image/*", multiple: true, hidden: true, onchange: () => this.pick() });
    this.previews = el("div", { class: "previews", hidden: true });
    const photo = el("button", { type: "button", class: "photo", "aria-label": t.addPhoto, onclick: () => this.picker.click() }, icon("camera"), el("span", {}, t.photo));
    const send = el("button", { type: "submit", class: "send" }, icon("send"), el("span", {}, t.send));
    const mention = isShared ? el("button", { type: "button", class: "mention", onclick: () => this.mention() }, t.mention) : null;
    this.answering = el("div", { class: "answering", hidden: true });
    const bar = el("div", { class: "bar" }, mention, photo, this.picker, this.field, send);
    this.node = el("form", { class: `composer${isShared ? " shared" : ""}`, onsubmit: (event) => this.submit(event) }, this.answering, this.previews, bar);
  }

  /** Name the desk, so that it hears what others do too. */
  mention() {
    this.fill(this.field.value.includes(this.t.mention) ? this.field.value : `${this.t.mention} ${this.field.value}`);
  }

  /** Let what is written next answer a line; null: no line. */
  answer(quote, focus) {
    this.answered = quote;
    shown(this.answering, quote !== null);
    this.answering.replaceChildren();
    if (quote === null) return;
    const drop = el("button", { type: "button", class: "drop", "aria-label": this.t.noReply, onclick: () => this.answer(null) }, icon("close"));
    this.answering.append(quoteBlock(quote, this.t), drop);
    if (focus) this.field.focus();
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
    const { files, answered } = this;
    this.files = [];
    this.answer(null);
    this.field.value = "";
    this.field.removeAttribute("inputmode");
    this.draw();
    this.grow();
    this.field.focus();
    return this.onSend(text, files, answered);
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
