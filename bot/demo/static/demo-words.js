// What the demo's own parts say.

const ZH_SPANS = [(n) => `${n}天`, (n) => `${n}小时`, (n) => `${n}分钟`];
const EN_SPANS = [(n) => (n === 1 ? "1 day" : `${n} days`), (n) => `${n} h`, (n) => `${n} min`];

const ZH = {
  title: "红管家 演示",
  how: "在“居民”里说一句话试试，再看群里、管家、网格长和社区收到什么",
  clock: "演示时间",
  steps: { 10: "+10分钟", 60: "+1小时", 1440: "+1天" },
  next: "到下一个提醒",
  nothing: "现在没有要提醒的",
  passed: (minutes) => `过了${spell(minutes, ZH_SPANS).join("")}`,
  tryOne: "试试说：",
  sentences: ["3号楼2单元电梯坏了，有人困在里面", "我家奶奶想要一辆轮椅出门晒太阳，能不能帮忙", "5栋楼下垃圾桶满了，味道很大", "楼上半夜装修，吵得睡不着", "我妈一个人住，想请人帮忙买药"],
  roles: { resident: "居民", group: "群聊", steward: "红管家", coordinator: "网格长", admin: "社区" },
  empty: {
    steward: "派给这位管家的事会出现在这里，一张卡片一件事，下一步就是按钮。",
    coordinator: "没人接的事、超时的事，会先到这里。",
    admin: "一直超时的事、别人定不了的事，最后到这里。",
  },
  groups: {
    "group:fengmei-5": { name: "5号楼居民群", empty: "5号楼的邻居和楼长都在这里。点下面的“@红管家”叫它，它才会回话。" },
    "group:tasks": { name: "红管家任务群", empty: "管家们在这里看到新的任务，也在这里认领心愿。" },
  },
  speakingAs: "以谁的身份",
  pick: { resident: "选一位居民", group: "选一个群", steward: "选一位管家", coordinator: "选一位楼长或网格长", admin: "选一位社区或街道干部" },
  unread: (n) => `${n} 条新消息`,
  look: "去看看",
};

const EN = {
  title: "Red Steward demo",
  how: "Say something as the resident, then watch what the others receive",
  clock: "The demo's time",
  steps: { 10: "+10 min", 60: "+1 hour", 1440: "+1 day" },
  next: "To the next reminder",
  nothing: "No reminder is waiting",
  passed: (minutes) => `${spell(minutes, EN_SPANS).join(" ")} later`,
  tryOne: "Try:",
  sentences: ["Lift in building 3 unit 2 broken, someone trapped", "Grandma wishes for a wheelchair to get out into the sun", "Bins at building 5 are overflowing", "Drilling upstairs at night", "Please fetch my mother's medicine"],
  roles: { resident: "Resident", group: "Groups", steward: "Steward", coordinator: "Coordinator", admin: "Community" },
  empty: {
    steward: "What is handed to this steward appears here: one card a case, the next step is a button.",
    coordinator: "What nobody accepts and what is late comes here first.",
    admin: "What stays late and what nobody else can decide comes here last.",
  },
  groups: {
    "group:fengmei-5": { name: "Building 5 residents", empty: "The neighbours of building 5 and their coordinator. Red Steward answers when it is called: press “@Steward” below." },
    "group:tasks": { name: "Stewards' tasks", empty: "Stewards see new tasks here, and claim wishes." },
  },
  speakingAs: "Speaking as",
  pick: { resident: "Choose a resident", group: "Choose a group", steward: "Choose a steward", coordinator: "Choose a coordinator", admin: "Choose an official" },
  unread: (n) => (n === 1 ? "1 new message" : `${n} new messages`),
  look: "Look",
};

/** Spell a span of minutes with the two largest of days, hours and minutes that it has. */
function spell(minutes, spans) {
  const counts = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  return counts.map((count, index) => (count ? spans[index](count) : "")).filter(Boolean).slice(0, 2);
}

/** Return the words of a language; Chinese for all but English. */
export function demoWords(lang) {
  return lang === "en" ? EN : ZH;
}
