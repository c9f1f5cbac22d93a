// The connection: what the person says is kept here, and on the device, until the server says that it has it.

const FIRST_WAIT = 500; // milliseconds before the first new attempt, doubled up to …
const LONGEST_WAIT = 10_000;
const ANSWER_WAIT = 15_000; // no "accepted" for so long: the connection is dead though it does not know
const CLOSED = { noSession: 4401, tooManyTabs: 4429 };

/** Make an id that no other message has. crypto.randomUUID is missing on plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

/** Keeps one thing said per key of localStorage, so that two tabs do not overwrite each other. */
class Shelf {
  constructor(who) {
    this.prefix = `redsteward:waiting:${who}:`;
  }

  put(item) {
    try { localStorage.setItem(this.prefix + item.frame.id, JSON.stringify(item)); } catch { /* private mode: memory only */ }
  }

  drop(id) {
    try { localStorage.removeItem(this.prefix + id); } catch { /* see put */ }
  }

  all() {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(this.prefix));
      return keys.map((key) => JSON.parse(localStorage.getItem(key))).sort((a, b) => a.order - b.order);
    } catch { return []; }
  }
}

export class Link {
  /** `url` of the socket; `who` names the shelf; `onFrame` gets each frame, `onState` "online" or "offline". */
  constructor({ url, who, onFrame, onState }) {
    Object.assign(this, { url, onFrame, onState });
    this.shelf = new Shelf(who);
    this.waiting = new Map(this.shelf.all().map((item) => [item.frame.id, item]));
    this.ready = false;
    this.wait = FIRST_WAIT;
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    this.connect();
  }

  /** Say something; it is sent now or when the connection is back. */
  send(frame) {
    const item = { frame, order: Date.now() };
    this.waiting.set(frame.id, item);
    this.shelf.put(item);
    if (this.ready) this.transmit(item);
  }

  /** Ask for the lines before a line; not kept, it can be asked again. */
  ask(frame) {
    if (this.ready) this.socket.send(JSON.stringify(frame));
  }

  /** The server has it (or never will): stop keeping it. */
  forget(id) {
    this.waiting.delete(id);
    this.shelf.drop(id);
  }

  /** Return what is still waiting, oldest first. */
  pending() {
    return [...this.waiting.values()].sort((a, b) => a.order - b.order).map((item) => item.frame);
  }

  connect() {
    clearTimeout(this.timer);
    const socket = new WebSocket(this.url);
    this.socket = socket;
    socket.onmessage = (event) => this.socket === socket && this.receive(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.lost(event.code);
  }

  receive(frame) {
    if (frame.type === "accepted") this.forget(frame.id);
    if (frame.type === "error" && frame.id) this.refused(frame);
    this.onFrame(frame);
    if (frame.type === "history" && !this.ready) this.begin();
  }

  /** Not taken in: for good, or only for some seconds. */
  refused({ id, retry }) {
    if (retry === undefined) this.forget(id);
    else setTimeout(() => this.again(id), retry * 1000);
  }

  /** The history is here: what it did not hold is sent (again), in order. */
  begin() {
    this.ready = true;
    this.wait = FIRST_WAIT;
    this.onState("online");
    for (const frame of this.pending()) this.transmit(this.waiting.get(frame.id));
  }

  transmit(item) {
    // The id stands first: of a frame that is too long the server reads no more than the head.
    const { id, ...rest } = item.frame;
    this.socket.send(JSON.stringify({ id, ...rest }));
    clearTimeout(this.deaf);
    this.deaf = setTimeout(() => this.waiting.has(id) && this.hangUp(), ANSWER_WAIT);
  }

  again(id) {
    const item = this.waiting.get(id);
    if (item && this.ready) this.transmit(item);
  }

  hangUp() {
    const socket = this.socket;
    this.lost(0);
    socket.close();
  }

  lost(code) {
    this.socket = null;
    this.ready = false;
    this.onState("offline", code === CLOSED.noSession);
    const wait = code === CLOSED.tooManyTabs ? LONGEST_WAIT : this.wait;
    this.timer = setTimeout(() => this.connect(), wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
  }

  /** The network is back, or the person looks at the page again: do not make them wait. */
  hurry() {
    if (this.socket === null) this.connect();
  }
}
