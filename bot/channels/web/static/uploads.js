// Photos on their way to the server. A telephone's photo is made smaller first: lifts and cellars have bad networks.

const LONG_SIDE = 2048; // pixels; enough to read a meter
const LEAVE_ALONE = 1_500_000; // bytes; what is smaller goes as it is
const AGAIN = 4000; // milliseconds before an upload is tried again

/** A photo that the server refuses; the message says why, in the person's language. */
export class Refused extends Error {}

/** Upload a file and return its token; goes on trying while the network is away. Throws Refused. */
export async function upload(file, query) {
  const body = new FormData();
  body.append("file", await smaller(file), "photo");
  for (;;) {
    const answer = await attempt(`chat/upload${query}`, body);
    if (answer?.ok) return (await answer.json()).token;
    if (answer && answer.status < 500 && answer.status !== 429) throw new Refused((await reason(answer)) ?? "");
    await new Promise((done) => setTimeout(done, AGAIN));
  }
}

async function attempt(url, body) {
  try { return await fetch(url, { method: "POST", body }); } catch { return null; }
}

async function reason(answer) {
  try { return (await answer.json()).error; } catch { return null; }
}

async function smaller(file) {
  if (file.size <= LEAVE_ALONE) return file;
  try {
    const image = await createImageBitmap(file);
    const scale = Math.min(1, LONG_SIDE / Math.max(image.width, image.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.width * scale);
    canvas.height = Math.round(image.height * scale);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? blob : file;
  } catch { return file; } // a format this browser cannot draw: the server may know it
}
