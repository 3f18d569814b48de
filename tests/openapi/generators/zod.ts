// Reads a list through the client that orval makes, and holds the answer against its zod schema; and the same list
// through the client that hey-api makes.
import assert from "node:assert/strict";
import { listProcedures } from "./orval/client";
import { listProceduresResponse } from "./orval/schemas";
import { client } from "./hey/client.gen";
import * as hey from "./hey/sdk.gen";

const base = process.env.TODOKE_URL ?? "";
const relative = globalThis.fetch;
globalThis.fetch = (input, init) => relative(typeof input === "string" ? new URL(input, base) : input, init);

const page = await listProcedures({ limit: 500 });
assert.equal(page.status, 200);
const read = listProceduresResponse.parse(page.data);
assert.deepEqual([read.metadata.resultset.count, read.results.length], [59, 59]);
client.setConfig({ baseUrl: base });
const same = await hey.listProcedures({ query: { limit: 500 } });
assert.deepEqual(JSON.parse(JSON.stringify(same.data)), JSON.parse(JSON.stringify(page.data)));
console.log("ok");
