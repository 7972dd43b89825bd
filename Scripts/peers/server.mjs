// A webhook receiver written by hand on node:http: signature, then one write and one fdatasync for each delivery.
// usage: node server.mjs <port> <file>    with HOOK_SECRET in the environment; started by Scripts/peer-comparison

import { createHmac, timingSafeEqual } from "node:crypto";
import { open } from "node:fs/promises";
import { createServer } from "node:http";

const [port, path] = process.argv.slice(2);
const secret = process.env.HOOK_SECRET;
const file = await open(path, "a", 0o600);

function isSigned(body, signature) {
  const expected = Buffer.from("sha256=" + createHmac("sha256", secret).update(body).digest("hex"));
  const given = Buffer.from(signature ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

// The file is open for appending, so deliveries that are written at the same time do not overwrite each other.
async function store(body) {
  const { bytesWritten } = await file.write(body);
  if (bytesWritten !== body.length) throw new Error("the disk took only a part");
  await file.datasync();
}

function answer(response, status, text) {
  response.writeHead(status, { "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

async function receive(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (!isSigned(body, request.headers["x-hub-signature-256"])) return answer(response, 401, "wrong signature");
  await store(body);
  answer(response, 200, "ok");
}

const server = createServer((request, response) => {
  receive(request, response).catch(() => {
    // A client that went away needs no answer; any other failure must not look like a stored delivery.
    if (!response.headersSent && !response.destroyed) answer(response, 500, "not stored");
  });
});
server.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
