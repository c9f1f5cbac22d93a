// Makes vectors.json: messages encrypted and signed by the npm packages @wecom/crypto and wechat-crypto.
//   npm ci && node make.mjs > vectors.json
// With --open it reads messages of ours, one JSON object a line, and writes what each package finds in them.
import { createInterface } from "node:readline";
import * as wecom from "@wecom/crypto";
import WXBizMsgCrypt from "wechat-crypto";

const token = "QDG6eK";
const aes_key = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C";
const id = "wx5823bf96d3bd56c7";
const words = [
  "单元门锁坏了", "a", "", "]]>", "<b>&amp;</b>", "3号楼2单元电梯坏了，有人困在里面😀", "长".repeat(2048),
  ...Array.from({ length: 33 }, (_, size) => "x".repeat(size)), // every length of padding
];
const document = (said) =>
  `<xml><ToUserName><![CDATA[${id}]]></ToUserName><FromUserName><![CDATA[mycreate]]></FromUserName>` +
  `<CreateTime>1409659813</CreateTime><MsgType><![CDATA[text]]></MsgType>` +
  `<Content>${said.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}</Content>` +
  `<MsgId>4561255354251345929</MsgId><AgentID>218</AgentID></xml>`;

const packages = {
  "@wecom/crypto": {
    encrypt: (text) => wecom.encrypt(aes_key, text, id),
    sign: (timestamp, nonce, secret) => wecom.getSignature(token, timestamp, nonce, secret),
    decrypt: (secret) => wecom.decrypt(aes_key, secret),
  },
  "wechat-crypto": (() => {
    const crypt = new WXBizMsgCrypt(token, aes_key, id);
    return {
      encrypt: (text) => crypt.encrypt(text),
      sign: (timestamp, nonce, secret) => crypt.getSignature(timestamp, nonce, secret),
      decrypt: (secret) => crypt.decrypt(secret),
    };
  })(),
};

function make() {
  const vectors = [];
  for (const [by, their] of Object.entries(packages)) {
    words.forEach((said, number) => {
      const [timestamp, nonce, secret] = [`${1409659813 + number}`, `${1372623149 + number}`, their.encrypt(document(said))];
      vectors.push({ by, said, timestamp, nonce, secret, signature: their.sign(timestamp, nonce, secret) });
    });
  }
  const rows = vectors.map((each) => `    ${JSON.stringify(each)}`).join(",\n");
  process.stdout.write(`{\n  "token": "${token}",\n  "aes_key": "${aes_key}",\n  "id": "${id}",\n  "vectors": [\n${rows}\n  ]\n}\n`);
}

async function open() {
  for await (const line of createInterface({ input: process.stdin })) {
    const { secret, timestamp, nonce } = JSON.parse(line);
    for (const [by, their] of Object.entries(packages)) {
      const { message, id: meant } = their.decrypt(secret);
      console.log(JSON.stringify({ by, message, id: meant, signature: their.sign(timestamp, nonce, secret) }));
    }
  }
}

await (process.argv.includes("--open") ? open() : make());
