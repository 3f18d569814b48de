// Calls a running server through the types generated from the contract. The server holds the catalogue and the
// register, and no statement: the counts below are those of the national lists.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./schema.js";

const baseUrl = process.env.TODOKE_URL ?? "http://127.0.0.1:8080";
// Several values of a filter go in one key, joined by commas.
const api = createClient<paths>({ baseUrl, querySerializer: { array: { style: "form", explode: false } } });

const V1 = "/api/v1";
const ICHIKAWA = { code: "122033", code5: "12203", prefecture: "12" };
const DEFINITION = "online_rate";

/** The JSON body of a good answer (never its CSV form), or an exception that shows what came instead. */
function good<T>(answer: { data?: T; error?: unknown; response: Response }): Exclude<T, string> {
  const { response, data } = answer;
  if (!response.ok || data === undefined || typeof data === "string") {
    throw new Error(`${response.status} ${response.url}: ${data ?? JSON.stringify(answer.error)}`);
  }
  return data as Exclude<T, string>;
}

/** The rows of a list answer, whose envelope must agree with them. */
function rows<T>(list: { metadata: { resultset: { count: number; offset: number; limit: number } }; results: T[] }): T[] {
  const { count, offset, limit } = list.metadata.resultset;
  assert.equal(list.results.length, Math.max(0, Math.min(limit, count - offset)), "rows in the page");
  return list.results;
}

const checks: Record<string, () => Promise<void>> = {
  async "list_procedures: the whole catalogue"() {
    const list = good(await api.GET(`${V1}/procedures`, { params: { query: { limit: 500 } } }));
    assert.equal(list.metadata.resultset.count, 59);
    assert.equal(rows(list).length, 59);
  },
  async "list_procedures: one list"() {
    const list = good(await api.GET(`${V1}/procedures`, { params: { query: { list: "priority56" } } }));
    assert.equal(list.metadata.resultset.count, 56);
  },
  async "get_procedure"() {
    const one = good(await api.GET(`${V1}/procedures/{id}`, { params: { path: { id: "kosodate-01" } } }));
    assert.equal(one.id, "kosodate-01");
  },
  async "get_procedure: an unknown id is a problem"() {
    const { error, response } = await api.GET(`${V1}/procedures/{id}`, { params: { path: { id: "kosodate-99" } } });
    assert.equal(response.status, 404);
    assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/);
    assert.ok(error?.title && error.detail, "title and detail");
  },
  async "list_lists, get_list"() {
    const ids = rows(good(await api.GET(`${V1}/lists`))).map((list) => list.id);
    assert.ok(ids.includes("priority56"), `priority56 among ${ids.join()}`);
    const one = good(await api.GET(`${V1}/lists/{id}`, { params: { path: { id: "priority56" } } }));
    assert.equal(one.id, "priority56");
  },
  async "list_codes"() {
    const text = JSON.stringify(good(await api.GET(`${V1}/codes`)));
    for (const code of ["mynaportal", "counter", "live", "declared"]) assert.ok(text.includes(`"${code}"`), code);
  },
  async "list_prefectures"() {
    const list = good(await api.GET(`${V1}/prefectures`, { params: { query: { limit: 500 } } }));
    assert.equal(rows(list).length, 47);
  },
  async "list_municipalities: all pages"() {
    const codes = new Set<string>();
    for (let offset = 0; offset < 1788; offset += 500) {
      const answer = await api.GET(`${V1}/municipalities`, { params: { query: { limit: 500, offset } } });
      const list = good(answer);
      assert.equal(list.metadata.resultset.count, 1788);
      assert.equal(/rel="?next/.test(answer.response.headers.get("link") ?? ""), offset + 500 < 1788, "Link rel=next");
      for (const row of rows(list)) codes.add(row.code);
    }
    assert.equal(codes.size, 1788);
  },
  async "get_municipality: six and five digits"() {
    for (const code of [ICHIKAWA.code, ICHIKAWA.code5]) {
      const one = good(await api.GET(`${V1}/municipalities/{code}`, { params: { path: { code } } }));
      assert.deepEqual([one.code, one.name], [ICHIKAWA.code, "市川市"]);
    }
  },
  async "list_municipality_readiness: the score card"() {
    const params = { path: { code: ICHIKAWA.code }, query: { limit: 500 } };
    const list = good(await api.GET(`${V1}/municipalities/{code}/readiness`, { params }));
    assert.equal(rows(list).length, 102);
  },
  async "list_readiness: nothing stated"() {
    const list = good(await api.GET(`${V1}/readiness`, { params: { query: { municipality: ICHIKAWA.code } } }));
    assert.equal(list.metadata.resultset.count, 0);
  },
  async "get_matrix: one prefecture"() {
    const matrix = good(await api.GET(`${V1}/matrix`, { params: { query: { prefecture: ICHIKAWA.prefecture } } }));
    assert.ok(JSON.stringify(matrix).includes(`"${ICHIKAWA.code}"`), "市川市 in the matrix of its prefecture");
  },
  async "get_distribution"() {
    good(await api.GET(`${V1}/distribution`));
  },
  async "list_definitions"() {
    const ids = good(await api.GET(`${V1}/definitions`)).results.map((definition) => definition.id);
    assert.ok(ids.includes(DEFINITION), `${DEFINITION} among ${ids.join()}`);
  },
  async "get_figure: by prefecture"() {
    const params = { path: { definition: DEFINITION }, query: { by: "prefecture" as const } };
    const list = good(await api.GET(`${V1}/figures/{definition}`, { params }));
    assert.equal(list.results.length, 47);
    for (const figure of list.results) assert.equal(figure.numerator, 0);
  },
  async "explain_figure: one body"() {
    const params = { path: { definition: DEFINITION }, query: { municipality: ICHIKAWA.code } };
    const list = good(await api.GET(`${V1}/figures/{definition}/explain`, { params }));
    assert.ok(list.results.length > 0);
    for (const row of list.results) assert.deepEqual([row.included, row.reason], [false, "no_answer"]);
  },
  async "export_readiness_csv"() {
    const { response } = await api.GET(`${V1}/exports/readiness.csv`, { parseAs: "text" });
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type") ?? "", /^text\/csv/);
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await check();
    console.log(`ok   ${name}`);
  } catch (error) {
    console.error(`FAIL ${name}\n`, error);
    process.exitCode = 1;
  }
}
