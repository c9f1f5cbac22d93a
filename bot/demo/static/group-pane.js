// The groups: one of them is in sight, and in it the chat as one of its people sees it.

import { el, shown } from "/chat/static/dom.js";
import { Pane } from "./pane.js";

export class GroupPane extends Pane {
  /** `people` are the groups, as the picker of a pane names them; `members`, by group, who may speak there. */
  head() {
    this.as = el("select", { "aria-label": this.t.speakingAs, onchange: () => this.speak(this.as.value) });
    const speaker = el("label", { class: "speaker" }, el("span", {}, this.t.speakingAs), this.as);
    return el("div", { class: "pane-heads" }, super.head(), speaker);
  }

  addChat({ key }) {
    this.chats.set(key, this.chatOf(key, this.members[key][0].key));
  }

  /** Return the group as somebody sees it; it is opened when they first speak. */
  chatOf(group, persona) {
    this.opened ??= new Map();
    const name = `${group} ${persona}`;
    if (!this.opened.has(name)) {
      const told = (count) => this.chats.get(group) === made && this.news(group, count);
      const made = this.open({ persona, group, welcome: this.welcomeOf(group), onNews: told });
      this.opened.set(name, made);
    }
    return this.opened.get(name);
  }

  welcomeOf(group) {
    return () => [el("h2", {}, this.t.groups[group]?.name ?? group), el("p", {}, this.t.groups[group]?.empty ?? "")];
  }

  /** Go on in the group in sight as somebody else. */
  speak(persona) {
    shown(this.chats.get(this.current).root, false);
    this.chats.set(this.current, this.chatOf(this.current, persona));
    this.choose(this.current);
  }

  choose(key) {
    const members = this.members[key];
    const options = members.map((persona) => el("option", { value: persona.key }, this.titleOf(persona)));
    this.as.replaceChildren(el("optgroup", { label: this.t.speakingAs }, ...options));
    this.as.value = this.chats.get(key).root.dataset.speaker;
    super.choose(key);
  }
}
