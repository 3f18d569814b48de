// Reads a list and an export through the client that openapi-generator makes for `fetch`, and sends a file.
import assert from "node:assert/strict";
import { CatalogueApi, Configuration, ExportsApi, ImportsApi } from "./fetch/index";

const accessToken = process.env.TODOKE_KEY;
const configuration = new Configuration({ basePath: process.env.TODOKE_URL, accessToken });
const page = await new CatalogueApi(configuration).listProcedures({ limit: 500 });
assert.deepEqual([page.metadata.resultset.count, page.results.length], [59, 59]);
const text = await new ExportsApi(configuration).exportReadinessCsv({ municipality: "122033" });
assert.match(text, /^\ufeff?municipality_code,/);
if (accessToken) {
  const imports = new ImportsApi(configuration);
  const rows = "団体コード,手続ID,接点,段階\n122033,kosodate-15,mynaportal,4\n";
  const sent = await imports.createImport({ file: new File([rows], "状況.csv") });
  assert.deepEqual([sent.status, sent.counts.created], ["planned", 1]);
  await imports.cancelImport({ id: sent.id });
}
console.log("ok");
