// Histories made up for the page, as JSON lines.

import { createWriteStream, writeFileSync } from "node:fs";
import { once } from "node:events";

/** A name that ends any element and any attribute, and says so if it runs. */
export const HOSTILE = `"'></script></style><script>document.title = "owned"</script><!--`;

/** Two clients that were given the same value, a request that failed and one without an answer. */
export function duplicate(path) {
  const line = (client, call, end, result, outcome) =>
    ({ client, call, return: end, op: "add", key: HOSTILE, arg: 1, result, outcome });
  const operations = [
    line(0, 1_000, 401_000, 1, "ok"),
    line(3, 500_000, 1_704_000, 2, "ok"),
    line(9, 810_000, 2_013_000, 2, "ok"),
    line(0, 600_000, 900_000, null, "fail"),
    line(5, 700_000, null, null, "unknown"),
    line(3, 1_800_000, 2_500_000, 3, "ok"),
    line(9, 2_100_000, 2_600_000, 4, "ok"),
  ];
  const header = { schema: "loadgen/history/1", model: "fetch-and-add", initial: { [HOSTILE]: 0 } };
  writeFileSync(path, [header, ...operations].map((one) => JSON.stringify(one)).join("\n") + "\n");
  return operations;
}

/** Many operations of many clients, one in a thousand of them lost; as columns, and in a file. */
export async function many(path, count, clients) {
  let seed = 7;
  const random = (below) => (seed = (seed * 48271) % 2147483647) % below;
  const free = new Float64Array(clients);
  const operations = Array.from({ length: count }, (_, at) => {
    const client = at % clients;
    const call = free[client] + 200 + random(2_000);
    const end = call + 40_000 + random(200_000) * (random(200) === 0 ? 10 : 1);
    free[client] = end;
    return { client, call, end, effect: call + (end - call) / 2 };
  });
  operations.sort((one, other) => one.effect - other.effect);
  let value = 0;
  const file = createWriteStream(path);
  file.write('{"schema":"loadgen/history/1","model":"fetch-and-add","initial":{"i":0}}\n');
  for (const operation of operations) {
    if (value === 0 || random(1_000) !== 0) value++;
    const isLost = random(1_000) === 0;
    Object.assign(operation, { result: isLost ? null : value, outcome: isLost ? "unknown" : "ok" });
    const { client, call, end, result, outcome } = operation;
    const text = `{"client":${client},"call":${call},"return":${isLost ? null : end},"op":"add","key":"i",`
      + `"arg":1,"result":${result},"outcome":"${outcome}"}\n`;
    if (!file.write(text)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
  return operations;
}
