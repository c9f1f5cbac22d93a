// The demo: a pane for each kind of person and one for the groups, sentences to try, and a clock that can be moved on.

import { residentWelcome } from "/chat/static/chat.js";
import { el } from "/chat/static/dom.js";
import { clock, pickLanguage, switchLanguage, words } from "/chat/static/words.js";
import { Column } from "./column.js";
import { demoWords } from "./demo-words.js";
import { GroupPane } from "./group-pane.js";
import { Pane } from "./pane.js";

const COLUMNS = [["resident"], ["group"], ["steward"], ["coordinator", "admin"]];
const STEPS = [10, 60, 24 * 60]; // minutes
const HINT = 8000; // milliseconds that it is said what a step did

const lang = pickLanguage();
const t = demoWords(lang);
const chatWords = words(lang);
let offset = 0; // milliseconds between the demo's clock and this machine's
let hinting; // the timer that takes the hint away

async function start() {
  const state = await (await fetch("/demo/state")).json();
  nameThings();
  const panes = COLUMNS.flatMap((kinds) => makeColumn(kinds, state));
  tabs(panes);
  sentences(panes);
  showTime(state, true);
  setInterval(() => showTime(state), 1000);
}

function makeColumn(kinds, { personas }) {
  const panes = kinds.map((kind) => (kind === "group" ? makeGroups(personas) : makePane(kind, personas))).filter(Boolean);
  const node = panes.length > 1 ? new Column(panes).node : panes[0]?.node;
  document.querySelector(".panes").append(node ?? "");
  return panes;
}

function makePane(kind, personas) {
  const people = personas.filter((persona) => persona.pane === kind);
  if (people.length === 0) return null;
  const welcome = kind === "resident" ? residentWelcome(chatWords) : () => [el("h2", {}, t.roles[kind]), el("p", {}, t.empty[kind])];
  return new Pane({ kind, people, lang, t, welcome });
}

function makeGroups(personas) {
  const chats = [...new Set(personas.flatMap(({ groups }) => groups))];
  if (chats.length === 0) return null;
  const people = chats.map((chat) => ({ key: chat, name: t.groups[chat]?.name ?? chat, title: "" }));
  const members = Object.fromEntries(chats.map((chat) => [chat, personas.filter(({ groups }) => groups.includes(chat))]));
  return new GroupPane({ kind: "group", people, members, lang, t });
}

function nameThings() {
  document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
  document.title = t.title;
  document.querySelector("h1").textContent = t.title;
  document.querySelector(".how").textContent = t.how;
  if (chatWords.languageCode === "zh") change("/demo/language", { language: "en" });
  const other = document.querySelector(".language");
  other.textContent = chatWords.language;
  other.lang = chatWords.languageCode;
  other.addEventListener("click", () => changeLanguage(chatWords.languageCode));
  nameClock();
}

function nameClock() {
  const steps = STEPS.map((minutes) => el("button", { type: "button", onclick: () => move({ minutes }) }, t.steps[minutes]));
  const next = el("button", { type: "button", class: "next", onclick: () => move({ next: true }) }, t.next);
  document.querySelector(".steps").append(...steps, next);
  document.querySelector(".time").setAttribute("aria-label", t.clock);
  hint(null);
}

async function changeLanguage(language) {
  await change("/demo/language", { language });
  switchLanguage(language);
}

async function move(step) {
  const state = await change("/demo/clock", step);
  if (!state) return;
  showTime(state, true);
  if (state.moved === null) hint(t.nothing);
  else hint(step.next && state.moved ? t.passed(Math.max(1, Math.round(state.moved / 60))) : null);
}

/** Say for a while what a step did; else whose time it is. */
function hint(text) {
  clearTimeout(hinting);
  const place = document.querySelector(".hint");
  place.replaceChildren(text ?? t.clock);
  place.classList.toggle("said", text !== null);
  if (text !== null) hinting = setTimeout(() => hint(null), HINT);
}

async function change(url, body) {
  const answer = await fetch(url, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  return answer.ok ? answer.json() : null;
}

/** Show the demo's time; `moved`: the server just said what it is. */
function showTime(state, moved = false) {
  if (moved) offset = Date.parse(state.now) - Date.now();
  const spell = clock(lang, state.zone);
  const now = new Date(Date.now() + offset).toISOString();
  const text = `${spell.short(now)} ${spell.time(now)}`;
  const place = document.querySelector(".now");
  if (place.textContent !== text) place.textContent = text;
}

function tabs(panes) {
  const bar = document.querySelector(".tabs");
  const made = panes.map((pane) => pane.makeTab(() => select(pane)));
  const select = (chosen) => {
    panes.forEach((pane, index) => {
      pane.node.classList.toggle("chosen", pane === chosen);
      made[index].select(pane === chosen);
    });
    document.body.dataset.pane = chosen.kind;
    chosen.look();
  };
  bar.append(...made.map((tab) => tab.node));
  const resident = panes.find((pane) => pane.kind === "resident");
  if (resident) resident.onSelect = () => select(resident);
  select(panes[0]);
}

function sentences(panes) {
  const resident = panes.find((pane) => pane.kind === "resident");
  if (!resident) return;
  const chips = t.sentences.map((text) => el("button", { type: "button", class: "chip", onclick: () => resident.fill(text) }, text));
  document.querySelector(".say").setAttribute("aria-label", t.tryOne);
  document.querySelector(".say").append(el("span", { class: "say-label" }, t.tryOne), ...chips);
}

start();
