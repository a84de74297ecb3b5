// A counter as Node has it: one thread, so that only what waits in between can lose an update.
//
//   /atomic/inc   adds one and answers the new value
//   /racy/inc     reads, waits, and writes what it read and one more
//   /WAY/get      answers the value
//
// It prints the address that it listens on.
"use strict";
const http = require("node:http");

const counts = { atomic: 0, racy: 0 };

const ways = {
  async atomic() {
    return ++counts.atomic;
  },
  async racy() {
    const read = counts.racy;
    await new Promise((resolve) => setImmediate(resolve));
    counts.racy = read + 1;
    return counts.racy;
  },
};

const server = http.createServer(async (request, response) => {
  const [, way, action] = request.url.split("?")[0].split("/");
  const known = Object.hasOwn(ways, way) && ["inc", "get"].includes(action);
  if (!known) {
    response.writeHead(404).end();
    return;
  }
  const count = action === "inc" ? await ways[way]() : counts[way];
  const body = `${count}\n`;
  response.writeHead(200, { "content-type": "text/plain", "content-length": body.length });
  response.end(body);
});

server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${server.address().port}`);
});
