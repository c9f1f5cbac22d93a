// One pane: a kind of person, and the chat of each of them, of which one is in sight.

import { Chat } from "/chat/static/chat.js";
import { el, shown } from "/chat/static/dom.js";
import { Tab } from "./tab.js";

export class Pane {
  constructor({ kind, people, members, lang, t, welcome }) {
    Object.assign(this, { kind, people, members, lang, t, welcome, unread: new Map(), chats: new Map(), tabs: [] });
    this.node = el("section", { class: `pane ${kind}`, "aria-label": t.roles[kind] });
    this.note = el("div", { class: "pane-note", hidden: true });
    this.node.append(this.head(), this.note);
    for (const persona of people) this.addChat(persona);
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

  addChat({ key }) {
    this.chats.set(key, this.open({ persona: key, welcome: this.welcome, onNews: (count) => this.news(key, count) }));
  }

  open({ persona, group = null, welcome, onNews }) {
    const whose = group ? { "data-group": group, "data-speaker": persona } : { "data-persona": persona };
    const root = el("div", { class: "pane-chat", ...whose, hidden: true });
    this.node.append(root);
    return { root, chat: new Chat(root, { lang: this.lang, persona, group, welcome, onNews }) };
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
    this.onNews?.();
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

  /** Make a button that brings this pane into sight; it shows what is new here. */
  makeTab(onclick) {
    const tab = new Tab(this.t.roles[this.kind], this.t.unread, onclick);
    this.tabs.push(tab);
    return tab;
  }

  /** The pane came into sight, unless its tab or its column is not: what is new there has been seen. */
  look() {
    if (this.isShown()) this.unread.delete(this.current);
    this.chats.get(this.current).chat.log.toEnd();
    this.draw();
  }

  draw() {
    this.drawTabs();
    if (!this.select) return;
    this.people.forEach((persona, index) => { this.select.options[index].textContent = this.optionText(persona); });
    this.select.value = this.current;
    this.drawNote();
  }

  drawTabs() {
    const total = [...this.unread.values()].reduce((sum, count) => sum + count, 0);
    for (const tab of this.tabs) tab.count(total);
  }

  /** Name somebody with the first part of their title. */
  titleOf({ name, title }) {
    return [name, title.split("·")[0].trim()].filter(Boolean).join(" · ");
  }

  /** Name somebody in the picker; a mark in front and a count behind say that something is new. */
  optionText(persona) {
    const count = persona.key === this.current ? 0 : this.unread.get(persona.key);
    const title = this.titleOf(persona);
    return count ? `● ${title} · ${this.t.unread(count)}` : title;
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
