// One pane: a kind of person, and the chat of each of them, of which one is in sight.

import { Chat } from "/chat/static/chat.js";
import { el, shown } from "/chat/static/dom.js";

export class Pane {
  constructor({ kind, people, lang, t, welcome }) {
    Object.assign(this, { kind, people, t, unread: new Map(), chats: new Map() });
    this.node = el("section", { class: `pane ${kind}`, "aria-label": t.roles[kind] });
    this.note = el("div", { class: "pane-note", hidden: true });
    this.node.append(this.head(), this.note);
    for (const persona of people) this.addChat(persona, lang, welcome);
    this.choose(people[0].key);
  }

  head() {
    const role = el("h2", {}, this.t.roles[this.kind]);
    if (this.people.length === 1) return el("header", { class: "pane-head" }, role, this.nameOf(this.people[0]));
    this.select = el("select", { "aria-label": this.t.pick[this.kind], onchange: () => this.choose(this.select.value) });
    for (const persona of this.people) this.select.append(el("option", { value: persona.key }));
    return el("header", { class: "pane-head" }, role, this.select);
  }

  nameOf(persona) {
    const title = persona.title ? el("small", {}, persona.title) : null;
    return el("span", { class: "pane-name" }, persona.name, title);
  }

  addChat(persona, lang, welcome) {
    const root = el("div", { class: "pane-chat", "data-persona": persona.key, hidden: true });
    this.node.append(root);
    const chat = new Chat(root, { lang, persona: persona.key, welcome, onNews: (count) => this.news(persona.key, count) });
    this.chats.set(persona.key, { chat, root });
  }

  /** Bring one person's chat into sight. */
  choose(key) {
    this.current = key;
    for (const [other, { root }] of this.chats) shown(root, other === key);
    this.chats.get(key).chat.log.toEnd();
    if (this.isShown()) this.unread.delete(key);
    this.draw();
  }

  /** Something came for a person. An empty chat in sight makes way for one where something happens. */
  news(key, count) {
    const seen = key === this.current && this.isShown();
    if (!seen) this.unread.set(key, (this.unread.get(key) ?? 0) + count);
    if (key !== this.current && this.isIdle()) this.choose(key);
    this.draw();
  }

  isIdle() {
    const { chat } = this.chats.get(this.current);
    return chat.log.entries.length === 0 && chat.composer.isEmpty();
  }

  isShown() {
    return this.node.offsetParent !== null;
  }

  fill(text) {
    this.onSelect?.();
    this.chats.get(this.current).chat.composer.fill(text);
  }

  makeTab(onSelect) {
    this.onSelect = onSelect;
    this.badge = el("span", { class: "badge", hidden: true });
    this.tab = el("button", { type: "button", role: "tab", onclick: onSelect }, this.t.roles[this.kind], this.badge);
    return this.tab;
  }

  /** On a telephone only the pane of the chosen tab is shown; elsewhere all are, whatever the tab. */
  show(yes) {
    this.node.classList.toggle("chosen", yes);
    this.tab.setAttribute("aria-selected", String(yes));
    if (yes) this.unread.delete(this.current);
    if (yes) this.chats.get(this.current).chat.log.toEnd();
    this.draw();
  }

  draw() {
    this.drawTab();
    if (!this.select) return;
    this.people.forEach((persona, index) => { this.select.options[index].textContent = this.optionText(persona); });
    this.select.value = this.current;
    this.drawNote();
  }

  drawTab() {
    if (!this.badge) return;
    const total = [...this.unread.values()].reduce((sum, count) => sum + count, 0);
    this.badge.textContent = String(total);
    this.badge.setAttribute("aria-label", this.t.unread(total));
    shown(this.badge, total > 0);
  }

  /** Name somebody with the first part of their title; a mark in front and a count behind say that something is new. */
  optionText({ key, name, title }) {
    const count = key === this.current ? 0 : this.unread.get(key);
    const said = [name, title.split("·")[0].trim(), count ? this.t.unread(count) : ""].filter(Boolean).join(" · ");
    return count ? `● ${said}` : said;
  }

  drawNote() {
    const waiting = this.people.filter(({ key }) => key !== this.current && this.unread.get(key));
    this.note.replaceChildren(...waiting.map((persona) => this.noteOf(persona)));
    shown(this.note, waiting.length > 0);
  }

  noteOf(persona) {
    const count = this.unread.get(persona.key);
    const badge = el("span", { class: "badge", "aria-label": this.t.unread(count) }, String(count));
    const look = el("span", { class: "look" }, this.t.look);
    return el("button", { type: "button", onclick: () => this.choose(persona.key) }, this.nameOf(persona), badge, look);
  }
}
