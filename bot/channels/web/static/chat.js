// One conversation with the desk: used by the resident's page, and several times over by the demo.

import { Composer } from "./composer.js";
import { el, shown } from "./dom.js";
import { quoteOf } from "./line.js";
import { Link, newId } from "./link.js";
import { Log } from "./log.js";
import { Refused, upload } from "./uploads.js";
import { Viewer } from "./viewer.js";
import { clock, words } from "./words.js";

const PATIENCE = 1500; // milliseconds without a connection before it is worth mentioning
const TOAST = 6000; // milliseconds; slow readers count
const JUST_NOW = 30_000; // milliseconds in which a question to nobody by name is meant for whoever just did something

export class Chat {
  presses = new Map(); // presses that are not yet accepted, by id

  /**
   * `root` is filled with the chat. In the demo `persona` is whom to play, and `group` the chat with others they write
   * to, if not their own. `welcome(fill)` returns what an empty chat shows. `onNews(count)` is told of lines and changes
   * that came after the page was opened.
   */
  constructor(root, { lang, persona = null, group = null, welcome = null, onNews = () => {} }) {
    this.t = words(lang);
    this.query = `?${new URLSearchParams({ lang, ...(persona && { as: persona }), ...(group && { in: group }) })}`;
    Object.assign(this, { root, lang, persona, group, onNews, lastSeen: null, oldest: null, acted: 0 });
    this.view = this.makeView();
    this.log = new Log(this.view, () => this.link.ask({ type: "older", before: this.oldest }));
    this.composer = new Composer(this.t, {
      isShared: group !== null,
      onSend: (text, files, answered) => this.say(text, files, answered),
      onTrouble: (text) => this.toast(text),
    });
    this.viewer = new Viewer(this.t);
    this.build(welcome);
    this.connect();
  }

  makeView() {
    return {
      t: this.t,
      me: null, // in a group: who plays here
      clock: clock(this.lang, "Asia/Shanghai"),
      fileUrl: (token) => `files/${token}${this.query}`,
      onPhoto: (url) => this.viewer.open(url),
      onPress: (line, choice) => this.press(line, choice),
      onLocate: isSecureContext && navigator.geolocation ? () => this.locate() : null,
      onPhone: () => this.composer.askNumber(),
      onAnswer: this.group ? (line) => this.composer.answer(quoteOf(line), true) : null,
    };
  }

  build(welcome) {
    this.banner = el("div", { class: "banner", role: "status", hidden: true });
    this.toaster = el("div", { class: "toast", role: "status", hidden: true });
    if (welcome) this.log.welcome.append(...welcome((text) => this.composer.fill(text)));
    const foot = el("div", { class: "foot" }, this.log.jump, this.toaster);
    this.root.classList.add("chat");
    this.root.append(this.banner, this.log.scroller, foot, this.composer.node, this.viewer.node);
  }

  connect() {
    const socket = new URL(`chat/ws${this.query}`, document.baseURI);
    socket.protocol = socket.protocol === "https:" ? "wss:" : "ws:";
    this.link = new Link({
      url: socket.href,
      who: [this.persona, this.group].filter(Boolean).join("@"),
      onFrame: (frame) => this.receive(frame),
      onState: (state, noSession) => this.connection(state, noSession),
    });
    for (const frame of this.link.pending()) this.showWaiting(frame);
    this.patience = setTimeout(() => this.sayConnection(this.t.connecting), PATIENCE);
  }

  receive(frame) {
    switch (frame.type) {
      case "history": return this.history(frame);
      case "line": return this.line(this.owned(frame));
      case "edit": return this.edit(this.owned(frame));
      case "toast": return this.toast(frame.text);
      case "accepted": return this.accepted(frame);
      case "error": return this.refused(frame);
      default: return undefined; // of a newer server: nothing this page must know
    }
  }

  /** In a group `mine` only says that somebody said it: who, stands in it. */
  owned(line) {
    const { author } = line.body;
    return author ? { ...line, mine: author.user === this.view.me.user } : line;
  }

  history({ lines: found, more, before, zone, me = null }) {
    Object.assign(this.view, { clock: clock(this.lang, zone), me });
    const lines = found.map((line) => this.owned(line));
    const fresh = lines.filter((line) => !line.mine && this.lastSeen !== null && line.id > this.lastSeen).length;
    if (!before && more) this.closeGap(lines);
    if (before) this.log.keepingPlace(() => this.show(lines));
    else this.show(lines);
    if (before || this.oldest === null) shown(this.log.older, more);
    this.oldest = Math.min(this.oldest ?? Infinity, ...lines.map((line) => line.id));
    this.lastSeen = Math.max(this.lastSeen ?? 0, ...lines.map((line) => line.id));
    shown(this.log.welcome, this.log.entries.length === 0);
    if (!before && (fresh || this.log.stuck)) this.log.toEnd();
    if (fresh) this.onNews(fresh);
  }

  /** So much happened while we were away that lines between then and now are missing: begin anew. */
  closeGap(lines) {
    if (this.oldest === null || lines.some((line) => this.log.nodeOf(line.id))) return;
    this.log.clear();
    this.oldest = null;
  }

  show(lines) {
    for (const line of lines) {
      if (line.client) this.link.forget(line.client);
      this.log.put(line);
    }
  }

  line(line) {
    const isNew = this.log.put(line);
    this.lastSeen = Math.max(this.lastSeen ?? 0, line.id);
    shown(this.log.welcome, false);
    if (isNew) this.log.follow(this.log.nodeOf(line.id));
    if (isNew && !line.mine) this.onNews(1);
    if (isNew && this.isAsked(line)) this.composer.answer(quoteOf(line), this.hasFocus());
  }

  /** Tell whether the desk waits for this person's answer to a line. */
  isAsked({ body: { force, quote } }) {
    if (!force || !this.view.me) return false;
    return quote?.user ? quote.user === this.view.me.user : Date.now() - this.acted < JUST_NOW;
  }

  /** Whoever writes elsewhere on the page is not torn away from it. */
  hasFocus() {
    return document.activeElement === document.body || this.root.contains(document.activeElement);
  }

  edit(line) {
    this.log.put(line);
    const node = this.log.nodeOf(line.id);
    node.classList.add("changed");
    this.log.follow(node);
    this.onNews(1);
  }

  accepted({ id, line, data }) {
    this.log.settle(id);
    if (line === undefined) return;
    this.log.busy(line, null);
    this.log.chosen(line, data);
  }

  refused({ id, text, retry }) {
    if (retry !== undefined) return; // it stays "sending": the link sends it again
    const press = this.presses.get(id);
    if (press) this.log.busy(press.line, null);
    const shownAtLine = id && this.log.fail(id, text, (words) => this.composer.isEmpty() && this.composer.fill(words));
    if (!shownAtLine) this.toast(text);
  }

  press(line, choice) {
    if (this.log.isBusy(line.id)) return;
    const frame = { id: newId(), type: "press", data: choice.data, line: line.id };
    this.presses.set(frame.id, frame);
    this.acted = Date.now();
    this.log.busy(line.id, choice.data);
    this.link.send(frame);
  }

  /** `answered` is the quote of the line it answers, in a group. */
  say(text, files, answered = null) {
    const id = newId();
    const body = { text, author: this.view.me, quote: answered };
    const reply = answered ? { reply: answered.line } : {};
    this.acted = Date.now();
    shown(this.log.welcome, false);
    if (files.length === 0) {
      this.log.putWaiting(id, body);
      this.link.send({ id, type: "text", text, ...reply });
      return;
    }
    this.log.putWaiting(id, { ...body, previews: files.map((item) => item.url) });
    this.sendPhotos({ id, type: "photo", text, ...reply }, files);
  }

  async sendPhotos(frame, files) {
    try {
      const attachments = [];
      for (const { file } of files) attachments.push(await upload(file, this.query));
      this.link.send({ ...frame, attachments });
    } catch (error) {
      const reason = error instanceof Refused && error.message ? error.message : this.t.badPhoto;
      this.log.fail(frame.id, reason, (words) => this.composer.isEmpty() && this.composer.fill(words));
    }
  }

  locate() {
    this.toast(this.t.locating);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => this.sendPlace(coords.latitude, coords.longitude),
      () => this.toast(this.t.noLocation),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  }

  sendPlace(lat, lon) {
    const id = newId();
    this.log.putWaiting(id, { location: [lat, lon] });
    this.link.send({ id, type: "location", lat, lon });
    shown(this.toaster, false);
  }

  /** Show again what an earlier visit could not hand over. */
  showWaiting(frame) {
    if (frame.type === "press") this.presses.set(frame.id, frame);
    else this.log.putWaiting(frame.id, { text: frame.text, photoCount: frame.attachments?.length, location: frame.lat ? [frame.lat, frame.lon] : null });
  }

  connection(state, noSession) {
    clearTimeout(this.patience);
    if (state === "online") shown(this.banner, false);
    else if (noSession) this.reload();
    else if (this.banner.hidden) this.patience = setTimeout(() => this.sayConnection(this.t.reconnecting), PATIENCE);
  }

  sayConnection(text) {
    this.banner.replaceChildren(text);
    shown(this.banner, true);
  }

  /** The session is gone (cookies were cleared): the page itself brings a new one. Once, not for ever. */
  reload() {
    if (Date.now() - Number(sessionStorage.getItem("redsteward:reloaded")) < 60_000) return this.sayConnection(this.t.reconnecting);
    sessionStorage.setItem("redsteward:reloaded", String(Date.now()));
    return location.reload();
  }

  toast(text) {
    clearTimeout(this.toasting);
    this.toaster.replaceChildren(text);
    shown(this.toaster, true);
    this.toasting = setTimeout(() => shown(this.toaster, false), TOAST);
  }
}

/** What an empty resident's chat shows: who we are, and what one might say. */
export function residentWelcome(t) {
  return (fill) => [
    el("h2", {}, t.welcomeTitle),
    el("p", {}, t.welcomeText),
    el("p", { class: "try" }, t.tryOne),
    ...t.examples.map((text) => el("button", { type: "button", class: "choice plain", onclick: () => fill(text) }, text)),
  ];
}
