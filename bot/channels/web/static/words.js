// What the page itself says. What the desk says comes from the server, in the person's own language.

const ZH = {
  product: "红管家",
  tagline: "有事说一句，件件有回音",
  connecting: "正在连接…",
  reconnecting: "正在重新连接… 您写的话不会丢",
  sending: "发送中…",
  sent: "已送达",
  updated: "已更新",
  failed: "没有发出",
  rewrite: "改一改再发",
  write: "写下您要说的事",
  writeShort: "请写在这里…",
  writeShared: "说给大家听…",
  mention: "@红管家",
  reply: "回复",
  replyTo: (name) => `回复${name}`,
  noReply: "不回复这一条",
  send: "发送",
  photo: "照片",
  addPhoto: "加照片",
  removePhoto: "去掉这张照片",
  photos: (n) => `${n} 张照片`,
  openPhoto: "看大图",
  file: "打开文件",
  close: "关闭",
  older: "看更早的消息",
  newBelow: "有新消息",
  changedAbove: "上面有更新",
  conversation: "对话",
  mine: "您说：",
  theirs: "红管家：",
  chosen: "您选了",
  busy: "正在处理…",
  call: "拨打",
  shareLocation: "发送我的位置",
  locating: "正在找您的位置…",
  noLocation: "没能取得位置，请直接写，比如：3号楼2单元",
  myLocation: "我的位置",
  writePhone: "填写手机号",
  tooLong: "太长了，请分成几段发。",
  tooManyPhotos: "一次最多发 9 张照片。",
  badPhoto: "这张照片没能发出去，请重新选一次。",
  language: "English",
  languageCode: "en",
  welcomeTitle: "您好，我是红管家",
  welcomeText: "家里、楼道、小区里有什么不对，直接告诉我，也可以拍张照片。我会派人去办，办到哪一步都告诉您。",
  tryOne: "可以这样说：",
  examples: ["3号楼2单元的电梯坏了", "楼道的灯不亮了", "想请人帮忙买药"],
};

const EN = {
  product: "Red Steward",
  tagline: "Say it once, hear back every time",
  connecting: "Connecting…",
  reconnecting: "Reconnecting… nothing you wrote is lost",
  sending: "Sending…",
  sent: "Received",
  updated: "Updated",
  failed: "Not sent",
  rewrite: "Change and send again",
  write: "Write what is the matter",
  writeShort: "Write here…",
  writeShared: "Write to everybody…",
  mention: "@Steward",
  reply: "Reply",
  replyTo: (name) => `Reply to ${name}`,
  noReply: "Do not reply to this",
  send: "Send",
  photo: "Photo",
  addPhoto: "Add a photo",
  removePhoto: "Remove this photo",
  photos: (n) => (n === 1 ? "1 photo" : `${n} photos`),
  openPhoto: "See it larger",
  file: "Open the file",
  close: "Close",
  older: "See earlier messages",
  newBelow: "New message",
  changedAbove: "Updated above",
  conversation: "Conversation",
  mine: "You:",
  theirs: "Red Steward:",
  chosen: "You chose",
  busy: "One moment…",
  call: "Call",
  shareLocation: "Send my location",
  locating: "Finding where you are…",
  noLocation: "Your location could not be found. Please write it: building 3, unit 2",
  myLocation: "My location",
  writePhone: "Write my phone number",
  tooLong: "That is too long. Please send it in parts.",
  tooManyPhotos: "At most 9 photos at once.",
  badPhoto: "This photo could not be sent. Please choose it again.",
  language: "中文",
  languageCode: "zh",
  welcomeTitle: "Hello, this is Red Steward",
  welcomeText: "Whatever is wrong at home, on the stairs or in the estate: just tell me, or send a photo. Somebody will see to it, and you will hear about every step.",
  tryOne: "For example:",
  examples: ["The lift in building 3 unit 2 is out of order", "The light on the stairs is out", "Could somebody fetch medicine for me"],
};

/** Return the words of a language; Chinese for all but English. */
export function words(lang) {
  return lang === "en" ? EN : ZH;
}

/** Return the language to show: asked for in the address, else the browser's if we have it, else Chinese. */
export function pickLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  if (asked === "zh" || asked === "en") return asked;
  return (navigator.language || "").toLowerCase().startsWith("en") ? "en" : "zh";
}

/** Show the page again in the other language. */
export function switchLanguage(lang) {
  const address = new URL(location.href);
  address.searchParams.set("lang", lang);
  location.assign(address);
}

/** Return functions that spell a moment as people in the desk's time zone say it. */
export function clock(lang, zone) {
  const locale = lang === "en" ? "en-GB" : "zh-CN";
  const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone });
  const day = new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", weekday: "long", timeZone: zone });
  const short = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", weekday: "short", timeZone: zone });
  const spell = (format) => (at) => format.format(new Date(at));
  return { time: spell(time), day: spell(day), short: spell(short) };
}
