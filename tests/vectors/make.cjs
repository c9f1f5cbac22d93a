// Makes vectors.json anew with two packages of npm that are not ours, and reads what we wrote:
//   npm install; node make.cjs            writes vectors.json
//   node make.cjs read < ours.json        prints what it decrypts of [{"by", "token", "aes_key", "id", …}, …]
const fs = require("node:fs");
const crypto = require("node:crypto");
const WXBizMsgCrypt = require("wechat-crypto");
const wecom = require("@wecom/crypto");

const TEXTS = [
  "<xml><Content><![CDATA[3号楼2单元电梯坏了]]></Content></xml>",
  "<xml><Content><![CDATA[a]]]]><![CDATA[>b]]></Content></xml>",
  "<xml><Content><![CDATA[👵🏻 救命]]></Content></xml>",
  "<xml>" + "水".repeat(680) + "</xml>",
  ...Array.from({ length: 34 }, (_, length) => "x".repeat(length + 1)), // every padding there is
];

function key() {
  for (;;) {
    const made = crypto.randomBytes(32).toString("base64").slice(0, 43);
    if (/^[A-Za-z0-9]{43}$/.test(made)) return made;
  }
}

function sealed(by, token, aes_key, id, text) {
  if (by === "wechat-crypto") return new WXBizMsgCrypt(token, aes_key, id).encrypt(text);
  return wecom.encrypt(aes_key, text, id);
}

function signed(by, token, aes_key, id, timestamp, nonce, encrypted) {
  if (by === "wechat-crypto") return new WXBizMsgCrypt(token, aes_key, id).getSignature(timestamp, nonce, encrypted);
  return wecom.getSignature(token, timestamp, nonce, encrypted);
}

function opened(one) {
  if (one.by === "wechat-crypto") return new WXBizMsgCrypt(one.token, one.aes_key, one.id).decrypt(one.encrypted);
  return wecom.decrypt(one.aes_key, one.encrypted);
}

if (process.argv[2] === "read") {
  const ours = JSON.parse(fs.readFileSync(0, "utf8"));
  const read = ours.map((one) => ({
    message: opened(one).message,
    id: opened(one).id,
    signature: signed(one.by, one.token, one.aes_key, one.id, one.timestamp, one.nonce, one.encrypted),
  }));
  process.stdout.write(JSON.stringify(read));
} else {
  const made = [];
  for (const by of ["wechat-crypto", "@wecom/crypto"]) {
    for (const text of TEXTS) {
      const token = crypto.randomBytes(6).toString("hex");
      const aes_key = key();
      const id = by === "wechat-crypto" ? "wx0123456789abcdef" : "ww0123456789abcdef";
      const timestamp = "1790000000";
      const nonce = crypto.randomBytes(5).toString("hex");
      const encrypted = sealed(by, token, aes_key, id, text);
      const signature = signed(by, token, aes_key, id, timestamp, nonce, encrypted);
      made.push({ by, token, aes_key, id, timestamp, nonce, encrypted, signature, text });
    }
  }
  fs.writeFileSync(`${__dirname}/vectors.json`, JSON.stringify(made, null, 1) + "\n");
}
