// Looks at every page of a running server as people do: at three widths, in both languages, without script, by
// keyboard, on paper, and with a table to hand in. Usage:
// TODOKE_URL=http://127.0.0.1:8080 TODOKE_KEY=tdk_… TODOKE_ADMIN_KEY=tdk_… node check.mjs [FOLDER FOR PICTURES]
// The first key is that of 鉾田市 (082341).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";
import { principles, unmarked } from "./principles.mjs";

const base = process.env.TODOKE_URL;
const pictures = process.argv[2];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const PAGES = [
  "/",
  "/prefectures/08",
  "/prefectures/01",
  "/prefectures/08?focus=082341",
  "/municipalities/082341",
  "/municipalities/082341?as_of=2025-01-01",
  "/municipalities/082341/why",
  "/municipalities/082341/brief",
  "/municipalities/082341/readiness/hisaisha-01",
  "/municipalities/082333/readiness/hisaisha-01",
  "/municipalities/080004",
  "/procedures",
  "/procedures/hisaisha-01?focus=082341",
  "/changes?from=2025-01-01",
  "/compare?municipality=082341,082333,122297",
  "/compare?municipality=082341",
  "/definitions",
  "/codes",
  "/figures/online_rate",
  "/figures/online_rate?prefecture=08&by=municipality&focus=082341",
  "/readiness?prefecture=08&procedure=hisaisha-01",
  "/matrix?prefecture=13&scale=counter",
  "/matrix?population_max=1000&focus=133639",
  "/municipalities/082341/peers",
  "/accessibility",
  "/municipalities/082341/material",
  "/search?q=%E5%BA%9C%E4%B8%AD",
  "/search?q=xyzzy",
  "/templates",
  "/templates?prefecture=08",
  "/about",
  "/data",
  "/sign-in",
  "/nowhere",
  "/municipalities/082342",
];
// Pages of those who signed in: what is looked at with which key. An import is made on the way.
const OWN_PAGES = [
  "/account",
  "/imports/new",
  "/imports",
  "/municipalities/082341/edit?category=hisaisha&channel=eapp",
  "/municipalities/082341/readiness/hisaisha-01/eapp/edit",
  "/municipalities/082341/applicability/hisaisha-01/edit",
  "/municipalities/082341/material/action/edit",
  "/statements",
  "/profiles",
  "/profiles/digital-agency-2026-01",
  "/profiles/kept-answers",
  "/municipalities/082341/material/checklist_answer/edit?procedure=hisaisha-01",
];
const ADMIN_PAGES = ["/account", "/tokens", "/audit", "/statements"];
// Pages whose pictures and tables are figures; a sheet of paper has its own rules.
const OF_DATA = /^\/(prefectures|procedures|changes|compare|figures|readiness|matrix|municipalities\/\d{6}(\?|$|\/(why|peers|readiness\/[^/]+$)))|^\/$/;
const WIDTHS = [1280, 390, 320];

// Rules of the validator that say something else than this house: maud writes no line breaks, and attributes as it
// likes.
const validator = new HtmlValidate({
  extends: ["html-validate:recommended"],
  rules: {
    "long-title": "off",
    "no-trailing-whitespace": "off",
    "void-style": "off",
    "attribute-boolean-style": "off",
    "tel-non-breaking": "off",
    "no-redundant-role": "off",
    // Boxes of one question have one name, as round ones have.
    "form-dup-name": ["error", { shared: ["radio", "checkbox", "button", "reset", "submit"] }],
    "prefer-native-element": ["error", { exclude: ["region"] }],
  },
});

// What axe-core leaves open and says so: contrast of single characters, which is computed below, and headings of groups
// of rows, which have no cell of their own.
const UNDECIDED = ["color-contrast", "th-has-data-cells"];
// Pages that are looked at side by side.
const AT_ONCE = 3;

const faults = [];
const fault = (...words) => faults.push(words.join(" "));
const withLang = (path, lang) => (lang === "ja" ? path : path + (path.includes("?") ? "&" : "?") + "lang=en");

// The least contrast of text on what is drawn behind it, for what the checker of rules cannot judge: single
// characters in cells.
function poorContrast() {
  const channel = (value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (text) => text.match(/[\d.]+/g).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const element of document.querySelectorAll(".mark, td.state, .matrix td, .tiles a, .chips a, .tiles b, .matrix td a")) {
    if (!element.textContent.trim()) continue;
    const pair = [light(parts(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
    const ratio = (pair[0] + 0.05) / (pair[1] + 0.05);
    if (ratio < 4.5) poor.push(`${element.className || element.tagName} ${element.textContent.trim().slice(0, 12)} ${ratio.toFixed(2)}`);
  }
  return [...new Set(poor)].slice(0, 5);
}

async function look(browser, path, lang, cookies = []) {
  const address = base + withLang(path, lang);
  const strict = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: true });
  await strict.addCookies(cookies);
  const plain = await strict.newPage();
  plain.on("request", (request) => request.url().startsWith(base) || fault(path, lang, "asks outside:", request.url()));
  plain.on("console", (message) => {
    const text = message.text();
    if (message.type() === "error" && !/status of 40[04]/.test(text)) fault(path, lang, "console:", text);
  });
  const answer = await plain.goto(address, { waitUntil: "load" });
  const html = await answer.text();
  for (const result of (await validator.validateString(html)).results) {
    for (const message of result.messages) fault(path, lang, "markup:", message.ruleId, message.message, `column ${message.column}`);
  }
  if (/<script|\sstyle=|\son[a-z]+=/.test(html)) fault(path, lang, "holds script or style");
  for (const width of WIDTHS) {
    await plain.setViewportSize({ width, height: 900 });
    const beyond = await plain.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (beyond > 0) fault(path, lang, `is ${beyond} px wider than a window of ${width}`);
    if (pictures) await plain.screenshot({ path: `${pictures}/${path.replace(/\W+/g, "_")}-${lang}-${width}.png`, fullPage: true });
  }
  await strict.close();
  const open = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true });
  await open.addCookies(cookies);
  const page = await open.newPage();
  await page.goto(address, { waitUntil: "load" });
  for (const words of await page.evaluate(poorContrast)) fault(path, lang, "contrast:", words);
  if (OF_DATA.test(path)) for (const words of await page.evaluate(principles)) fault(path, lang, words);
  if (lang === "en" && !cookies.length) for (const words of await page.evaluate(unmarked)) fault(path, lang, "not marked as Japanese:", words);
  await page.evaluate(axe);
  const seen = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  for (const found of seen.violations) fault(path, lang, "axe:", found.id, found.nodes[0].html.slice(0, 160));
  const undecided = seen.incomplete.filter((found) => !UNDECIDED.includes(found.id));
  for (const found of undecided) fault(path, lang, "axe cannot judge:", found.id, found.nodes[0].html.slice(0, 160));
  await open.close();
}

async function journeys(browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  const page = await context.newPage();
  const at = (path, what) => page.url() === base + path || fault("journey:", what, "ends at", page.url());
  const heading = () => page.locator("h1").innerText();

  await page.goto(`${base}/`);
  await page.getByRole("searchbox").fill("鉾田 罹災");
  await page.getByRole("button", { name: "探す" }).click();
  at("/municipalities/082341/readiness/hisaisha-01", "a search of two words");

  // Any cell of the country is two clicks away.
  await page.goto(`${base}/`);
  await page.locator(".tiles a", { hasText: "茨城" }).click();
  at("/prefectures/08", "a tile");
  await page.locator('a[href="/municipalities/082341/readiness/hisaisha-01"]').click();
  at("/municipalities/082341/readiness/hisaisha-01", "a cell");
  if (!(await heading()).includes("鉾田市")) fault("journey: the cell has another heading");
  if (!(await page.locator("#ahead ~ * a").count())) fault("journey: nobody to ask");

  // By keyboard alone: to the content, to the search, on.
  await page.goto(`${base}/`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  at("/#main", "the way to the content");
  await page.goto(`${base}/`);
  for (let steps = 0; steps < 30; steps += 1) {
    await page.keyboard.press("Tab");
    if (await page.locator("#q:focus").count()) break;
  }
  await page.keyboard.type("ほこた");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/municipalities/**");
  at("/municipalities/082341", "a search by keyboard");

  // From whose place one looks rides along.
  await page.getByRole("link", { name: "自団体として見る" }).click();
  await page.getByRole("navigation", { name: "主なページ" }).getByRole("link", { name: "全国" }).click();
  at("/?focus=082341", "the focus");
  if (!(await page.locator(".mine").innerText()).includes("鉾田市")) fault("journey: the focus is not told");

  // Taking conditions by a form.
  await page.goto(`${base}/changes`);
  await page.getByLabel("いつから").fill("2025-01-01");
  await page.getByLabel("都道府県").selectOption("08");
  await page.getByRole("button", { name: "表示" }).click();
  if ((await page.locator("tbody tr").count()) < 10) fault("journey: the form of changes shows nothing");
  await context.close();
}

// A clerk's table as it comes: a title, a dash that must be asked about, a name that is written otherwise.
const TABLE = `鉾田市　対応状況（令和8年10月末現在）,,,,
手続名,マイナポータル,汎用電子申請,本庁窓口,担当課
妊娠の届出,○,,2,健康増進課
居宅介護（介護予防）住宅改修費の支給申請,○,ー,,介護保険課
り災証明書の発行申請,,○,書かない,危機管理課
※○…対応済　ー…該当なし,,,,
`;

async function signIn(context, key) {
  const page = await context.newPage();
  await page.goto(`${base}/imports/new`);
  await page.getByLabel("鍵").fill(key);
  await page.getByRole("button", { name: "サインイン" }).click();
  await page.waitForURL(`${base}/imports/new`);
  return page;
}

// Without script: a table is handed in, asked about, applied and taken back; a row is put right while another does.
async function clerk(browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  const page = await signIn(context, process.env.TODOKE_KEY);
  const holds = async (words, what) => (await page.locator("main").innerText()).includes(words) || fault("journey:", what, "does not say", words);
  await page.getByLabel("ファイル").setInputFiles({ name: "対応状況.csv", mimeType: "text/csv", buffer: Buffer.from(TABLE) });
  await page.getByRole("button", { name: "送って確かめる" }).click();
  await page.waitForURL(/imports\/\d+$/);
  const address = new URL(page.url()).pathname;
  await holds("質問が2つあります", "a table with questions");
  const cookies = await context.cookies();
  await look(browser, address, "ja", cookies);
  await page.getByRole("button", { name: "答えて読み直す" }).click();
  await holds("6件を反映する", "a table that was answered");
  await look(browser, address, "ja", cookies);
  await page.getByRole("button", { name: "6件を反映する" }).click();
  await holds("反映しました", "the receipt");
  await look(browser, `${address}/rows`, "ja", cookies);
  await page.goto(`${base}/municipalities/082341/readiness/hisaisha-01`);
  await holds("危機管理課", "the cell that was written");
  await page.goto(base + address);
  await page.getByText("この取込を元に戻す").click();
  await page.getByRole("button", { name: "元に戻す" }).click();
  await holds("元に戻しました", "what was taken back");

  // Two windows on one row: the second is shown both, and loses nothing.
  const row = `${base}/municipalities/082341/readiness/kaigo-01/eapp/edit`;
  const other = await context.newPage();
  await other.goto(row);
  await page.goto(row);
  await page.getByRole("radio", { name: /^4 / }).check();
  await page.getByRole("button", { name: "保存する" }).click();
  await holds("直しました", "a row");
  await other.getByRole("radio", { name: /^2 / }).check();
  await other.getByLabel("担当課").fill("介護保険課");
  await other.getByRole("button", { name: "保存する" }).click();
  const beside = await other.locator("main").innerText();
  for (const words of ["開いたときの内容", "いまの内容", "介護保険課"]) {
    if (!beside.includes(words)) fault("journey: a conflict does not show", words);
  }
  if ((await other.getByLabel("担当課").inputValue()) !== "介護保険課") fault("journey: a conflict loses what was typed");
  await page.reload();
  await page.goto(row);
  await page.getByText("この申告を取り下げる").click();
  await page.getByRole("button", { name: "取り下げる" }).click();
  await holds("未回答", "a row that was withdrawn");
  const kept = await fetch(`${base}/api/v1/profiles/kept-answers`, {
    method: "PUT",
    headers: { authorization: `Bearer ${process.env.TODOKE_KEY}`, "content-type": "application/json" },
    body: JSON.stringify({ marks: { "": "0", ー: "not_applicable" }, columns: { 状況: "level" }, names: { り災証明: "hisaisha-01" } }),
  });
  if (kept.status !== 200) fault("answers are not kept:", kept.status);
  for (const path of OWN_PAGES) await look(browser, path, "ja", cookies);
  await context.close();
}

async function administrator(browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: false });
  const page = await signIn(context, process.env.TODOKE_ADMIN_KEY);
  await page.goto(`${base}/tokens`);
  const closed = page.locator("details:not([open]) > summary", { hasText: "鍵を作る" });
  if (await closed.count()) await closed.click();
  await page.getByLabel("だれの何のための鍵か").fill("行方市 こども課");
  await page.getByLabel("団体コード").fill("082333");
  await page.getByRole("button", { name: "鍵を作る" }).click();
  const key = await page.locator("code").first().innerText();
  if (!/^tdk_\w{36}$/.test(key)) fault("journey: no key is shown:", key);
  await page.goto(`${base}/tokens`);
  if ((await page.content()).includes(key)) fault("journey: a key is shown twice");
  await page.getByRole("button", { name: /行方市 こども課 を失効させる/ }).click();
  if (!(await page.locator("main").innerText()).includes("失効 20")) fault("journey: a key is not revoked");
  const cookies = await context.cookies();
  for (const path of ADMIN_PAGES) await look(browser, path, "ja", cookies);
  await context.close();
}

async function paper(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${base}/municipalities/082341/brief`);
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g)?.length;
  if (pages !== 1) fault(`the sheet takes ${pages} pages`);
  await context.close();
}

async function colours(browser) {
  const context = await browser.newContext({ forcedColors: "active", viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${base}/definitions`);
  // Where colours are the reader's own each state still has its word.
  const words = await page.locator(".mark").allInnerTexts();
  if (!words.length || words.some((word) => !word.trim())) fault("forced colours: a state without a word");
  await context.close();
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const waiting = PAGES.flatMap((path) => ["ja", "en"].map((lang) => [path, lang]));
const work = async () => {
  for (let next = waiting.shift(); next; next = waiting.shift()) await look(browser, ...next);
};
await Promise.all(Array.from({ length: AT_ONCE }, work));
await journeys(browser);
await Promise.all([clerk(browser), administrator(browser)]);
await paper(browser);
await colours(browser);
await browser.close();
for (const words of faults.slice(0, 60)) console.error("FAIL", words);
console.log(`${PAGES.length} pages in 2 languages and ${OWN_PAGES.length + ADMIN_PAGES.length + 3} of those who signed in at ${WIDTHS.length} widths: ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
