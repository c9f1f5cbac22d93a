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
const chat = new Chat(document.querySelector("main"), { lang, welcome: residentWelcome(t) });
openDeepLink(new URL(location.href));

/** A link that leads to something, an invitation or a building: said once, and taken out of the address. */
function openDeepLink(address) {
  const payload = address.searchParams.get("start") ?? "";
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(payload)) return;
  address.searchParams.delete("start");
  history.replaceState(null, "", address);
  chat.say(`/start ${payload}`, []);
}
