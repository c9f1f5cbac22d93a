// The conversation: lines in the order of their moments, each shown once, cards changed in place.

import { el, icon, shown } from "./dom.js";
import { buildLine } from "./line.js";

const NEAR = 120; // pixels from the end that still count as reading the end

export class Log {
  constructor(view, onOlder) {
    Object.assign(this, { view, entries: [], days: new Map(), cards: new Map() });
    this.older = el("button", { type: "button", class: "older", hidden: true, onclick: onOlder }, view.t.older);
    this.welcome = el("div", { class: "welcome", hidden: true });
    this.list = el("div", { class: "lines", role: "log", "aria-live": "polite", "aria-relevant": "additions text" });
    this.scroller = el("div", { class: "log", tabindex: "0", "aria-label": view.t.conversation, onscroll: () => this.scrolled() });
    this.scroller.append(this.older, this.welcome, this.list);
    this.jump = el("button", { type: "button", class: "jump", hidden: true, onclick: () => this.jumpTo() });
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(this.scroller);
    this.stuck = true;
  }

  /** Show a line, or its new state. Returns true when it is new here. */
  put(line) {
    const known = this.entries.find((entry) => entry.line.id === line.id);
    if (known) {
      if (JSON.stringify(known.line.body) !== JSON.stringify(line.body)) this.replace(known, line);
      return false;
    }
    if (line.client) this.settle(line.client);
    this.insert({ line, at: line.at, rank: line.id, node: buildLine(line, this.view) });
    return true;
  }

  /** Show what was said and is not yet accepted: after all that is here, before all that will come. */
  putWaiting(client, body) {
    const last = this.entries.at(-1);
    const line = { mine: true, waiting: true, client, body };
    this.insert({ line, at: last?.at ?? "", rank: Number.MAX_SAFE_INTEGER, node: buildLine(line, this.view) });
    this.toEnd();
  }

  /** Take a waiting line away: its real one is here or will be. */
  settle(client) {
    const index = this.entries.findIndex((entry) => entry.line.waiting && entry.line.client === client);
    if (index < 0) return;
    for (const url of this.entries[index].line.body.previews ?? []) URL.revokeObjectURL(url);
    this.entries[index].node.remove();
    this.entries.splice(index, 1);
  }

  /** Tell that a waiting line will not arrive, and offer its words again. Returns false when there is none. */
  fail(client, reason, onRewrite) {
    const entry = this.entries.find((one) => one.line.waiting && one.line.client === client);
    if (!entry) return false;
    entry.node.classList.add("failed");
    const again = () => { this.settle(client); onRewrite(entry.line.body.text ?? ""); };
    entry.node.querySelector(".fate").replaceChildren(`${this.view.t.failed}：${reason}`);
    entry.node.append(el("button", { type: "button", class: "rewrite", onclick: again }, this.view.t.rewrite));
    return true;
  }

  has(client) {
    return this.entries.some((entry) => entry.line.client === client);
  }

  /** Mark a button as being worked on, or all of its line as free again. They keep the focus, so none is `disabled`. */
  busy(lineId, data) {
    for (const button of this.nodeOf(lineId)?.querySelectorAll(".choice[data-data]") ?? []) {
      if (data === null) button.removeAttribute("aria-disabled");
      else button.setAttribute("aria-disabled", "true");
      button.classList.toggle("busy", button.dataset.data === data);
      button.setAttribute("aria-busy", String(button.dataset.data === data));
    }
  }

  isBusy(lineId) {
    return Boolean(this.nodeOf(lineId)?.querySelector("[aria-disabled]"));
  }

  /** Show which button of a line was pressed, if it still has it. */
  chosen(lineId, data) {
    const entry = this.entries.find((one) => one.line.id === lineId);
    if (!entry) return;
    const has = entry.line.body.choices?.some((row) => row.some((choice) => choice.data === data));
    if (has) this.replace(entry, { ...entry.line, body: { ...entry.line.body, chosen: data } });
  }

  /** Keep what is in sight in its place while earlier lines are added above. */
  keepingPlace(add) {
    const below = this.scroller.scrollHeight - this.scroller.scrollTop;
    add();
    this.scroller.scrollTop = this.scroller.scrollHeight - below;
  }

  /** Follow the conversation if the person reads its end; else offer the way to what is new or changed. */
  follow(node) {
    if (this.stuck) return this.toEnd();
    const { top, bottom } = node.getBoundingClientRect();
    const frame = this.scroller.getBoundingClientRect();
    if (bottom > frame.top + 40 && top < frame.bottom - 40) return undefined;
    const above = top < frame.top;
    this.target = node;
    this.jump.replaceChildren(icon(above ? "up" : "down"), above ? this.view.t.changedAbove : this.view.t.newBelow);
    return shown(this.jump, true);
  }

  /** Take all lines away but those that still wait to be accepted. */
  clear() {
    const waiting = this.entries.filter((entry) => entry.line.waiting);
    this.list.replaceChildren();
    Object.assign(this, { entries: [], days: new Map(), cards: new Map() });
    for (const entry of waiting) this.putWaiting(entry.line.client, entry.line.body);
  }

  nodeOf(lineId) {
    return this.entries.find((entry) => entry.line.id === lineId)?.node;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.stuck = true;
    shown(this.jump, false);
  }

  jumpTo() {
    this.target?.scrollIntoView({ block: "center" });
    shown(this.jump, false);
  }

  scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.stuck = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.stuck) shown(this.jump, false);
  }

  insert(entry) {
    let index = this.entries.length;
    while (index > 0 && after(this.entries[index - 1], entry)) index -= 1;
    const next = this.entries[index]?.node ?? null;
    this.entries.splice(index, 0, entry);
    this.list.insertBefore(entry.node, next);
    this.markDay(entry);
    this.supersede(entry);
  }

  replace(entry, line) {
    const focused = entry.node.contains(document.activeElement);
    const node = buildLine(line, this.view);
    node.classList.toggle("old", entry.node.classList.contains("old"));
    entry.node.replaceWith(node);
    Object.assign(entry, { line, node });
    if (focused) node.focus({ preventScroll: true });
  }

  /** Put the day above its first line. */
  markDay({ at, node }) {
    const day = at ? this.view.clock.day(at) : null;
    if (!day) return;
    const mark = this.days.get(day) ?? el("div", { class: "day" }, el("span", {}, day));
    const isFirst = !this.days.has(day) || mark.compareDocumentPosition(node) & Node.DOCUMENT_POSITION_PRECEDING;
    this.days.set(day, mark);
    if (isFirst) this.list.insertBefore(mark, node);
  }

  /** Of several lines that show the same card only the newest has buttons. */
  supersede(entry) {
    const { card } = entry.line.body;
    if (!card || entry.line.mine) return;
    const other = this.cards.get(card);
    const [old, live] = other && other.line.id > entry.line.id ? [entry, other] : [other, entry];
    old?.node.classList.add("old");
    this.cards.set(card, live);
  }
}

function after(a, b) {
  return a.at === b.at ? a.rank > b.rank : a.at > b.at;
}
