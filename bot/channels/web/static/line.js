// One line of the conversation as elements: a bubble, or a card with title, lines, photos and buttons.

import { el, icon } from "./dom.js";

const CALL = /^☎\s*(\+?\d[\d\s-]{1,18}\d)\s*(.*)$/;
const LABEL = /^([^\d:：\n]{1,18})(：|: )\s*(\S.*)$/;
const SHORT = 4; // characters of a label beside which the value still has room for lines of its own
const PLAYED = { voice: "audio", video: "video" };
const UNPLAYABLE = "audio/amr"; // no browser plays it: it is for saving
const LINKS = /^(https?:|tel:)/i;

/** Build a line. `view` has the words, the clock, and what happens on press, photo, place and phone. */
export function buildLine(line, view) {
  const { body, mine } = line;
  const card = !mine && Boolean(body.card || body.title);
  const box = el("div", { class: card ? "card" : "bubble" });
  const author = view.me ? authorName(line, view) : null;
  if (mine || !author) box.append(el("span", { class: "unseen" }, mine ? view.t.mine : view.t.theirs));
  if (body.quote) box.append(quoteBlock(body.quote, view.t));
  if (body.title) box.append(el("h3", {}, body.title));
  if (body.text) box.append(textBlock(body.text, card, view));
  if (body.location) box.append(el("div", { class: "place" }, icon("place"), view.t.myLocation));
  if (body.photoCount) box.append(el("div", {}, view.t.photos(body.photoCount)));
  if (body.files?.length || body.previews?.length) box.append(photoBlock(body, view));
  if (!mine) box.append(...actions(line, view));
  const node = el("article", { class: `line ${mine ? "mine" : "theirs"}`, tabindex: "-1" }, author, box, meta(line, view));
  if (line.client) node.dataset.client = line.client;
  if (line.id) node.dataset.line = line.id;
  return node;
}

/** Return the quote of a line for its answer, as the server makes it. */
export function quoteOf({ id, body }) {
  const { user, name } = body.author ?? { user: null, name: null };
  return { line: id, user, name, text: body.title || body.text || "", files: Boolean(body.files?.length) };
}

/** Show whose line is answered, and how it begins. */
export function quoteBlock({ name, text, files }, t) {
  const begins = text.replaceAll(/\s+/g, " ") || (files ? t.photo : "");
  return el("div", { class: "quote" }, el("b", {}, name ?? t.product), " ", el("span", {}, begins));
}

function authorName({ body }, view) {
  return el("div", { class: `author${body.author ? "" : " desk"}` }, body.author?.name ?? view.t.product);
}

/** Return the place below a line where its time and its fate stand. */
function meta(line, view) {
  const fate = el("span", { class: "fate" });
  if (line.waiting) fate.append(view.t.sending);
  else if (line.mine) fate.append(view.t.sent);
  else if (line.body.edited) fate.append(`${view.t.updated} ${view.clock.time(line.body.edited)}`);
  const time = line.at && !line.waiting ? el("time", { datetime: line.at }, view.clock.time(line.at)) : null;
  const reply = view.onAnswer && line.id && !line.mine ? replyButton(line, view) : null;
  return el("div", { class: "meta" }, time, fate, reply);
}

function replyButton(line, view) {
  const name = line.body.author?.name ?? view.t.product;
  return el("button", { type: "button", class: "reply", "aria-label": view.t.replyTo(name), onclick: () => view.onAnswer(line) }, view.t.reply);
}

function textBlock(text, card, view) {
  const block = el("div", { class: "text" });
  for (const said of text.split("\n")) block.append(textLine(said, card, view));
  return block;
}

function textLine(said, card, view) {
  const call = CALL.exec(said);
  if (call) return callButton(call[1], call[2], view);
  const pair = card ? LABEL.exec(said) : null;
  if (pair) return el("p", { class: `pair${pair[1].length <= SHORT ? " short" : ""}` }, el("span", { class: "label" }, pair[1] + pair[2]), el("span", {}, pair[3]));
  return el("p", {}, said);
}

function callButton(number, who, view) {
  const label = el("span", {}, `${view.t.call} ${number.trim()}`);
  const name = who ? el("span", { class: "who" }, who) : null;
  return el("a", { class: "call", href: `tel:${number.replaceAll(/[\s-]/g, "")}` }, icon("phone"), label, name);
}

function photoBlock(body, view) {
  const block = el("div", { class: "photos" });
  for (const url of body.previews ?? []) block.append(el("span", { class: "thumb" }, el("img", { src: url, alt: view.t.photo })));
  for (const file of body.files ?? []) block.append(fileThumb(file, view));
  return block;
}

function fileThumb(file, view) {
  const url = view.fileUrl(file.token);
  if (PLAYED[file.kind] && file.mime !== UNPLAYABLE) return el(PLAYED[file.kind], { src: url, controls: true, preload: "metadata" });
  if (file.kind !== "photo") return el("a", { class: "link", href: url, target: "_blank", rel: "noopener" }, file.name ?? view.t.file);
  const image = el("img", { src: url, alt: view.t.photo, loading: "lazy" });
  return el("button", { type: "button", class: "thumb", "aria-label": view.t.openPhoto, onclick: () => view.onPhoto(url) }, image);
}

function actions(line, view) {
  const { body } = line;
  const made = [];
  if (body.choices?.length) made.push(el("div", { class: "choices" }, ...body.choices.map((row) => choiceRow(line, row, view))));
  if (body.ask === "location" && view.onLocate) made.push(askButton("place", body.ask_label || view.t.shareLocation, view.onLocate));
  if (body.ask === "phone") made.push(askButton("phone", body.ask_label || view.t.writePhone, view.onPhone));
  if (body.link && LINKS.test(body.link[1])) {
    made.push(el("a", { class: "link", href: body.link[1], target: "_blank", rel: "noopener noreferrer" }, body.link[0]));
  }
  return made;
}

function choiceRow(line, row, view) {
  return el("div", { class: "row" }, ...row.map((choice) => choiceButton(line, choice, view)));
}

function choiceButton(line, choice, view) {
  const chosen = (line.body.chosen ?? line.body.pressed?.[view.me?.user]) === choice.data;
  const button = el(
    "button",
    { type: "button", class: `choice ${choice.style}${chosen ? " chosen" : ""}`, onclick: () => view.onPress(line, choice) },
    chosen ? el("span", { class: "tick", "aria-hidden": "true" }, "✓ ") : null,
    choice.label,
    chosen ? el("span", { class: "unseen" }, `（${view.t.chosen}）`) : null,
  );
  button.dataset.data = choice.data;
  return button;
}

function askButton(name, label, onclick) {
  return el("div", { class: "choices" }, el("div", { class: "row" }, el("button", { type: "button", class: "choice plain ask", onclick }, icon(name), label)));
}
