// The resident's page.

import { Chat, residentWelcome } from "./chat.js";
import { pickLanguage, switchLanguage, words } from "./words.js";

const lang = pickLanguage();
const t = words(lang);
document.documentElement.lang = lang === "en" ? "en" : "zh-CN";
document.title = t.product;
document.querySelector(".product").textContent = t.product;
document.querySelector(".tagline").textContent = t.tagline;
const other = document.querySelector(".language");
other.textContent = t.language;
other.lang = t.languageCode;
other.addEventListener("click", () => switchLanguage(t.languageCode));
new Chat(document.querySelector("main"), { lang, welcome: residentWelcome(t) });
