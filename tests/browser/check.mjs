// Looks at every page of a running server as people do: at three widths, in both languages, without script, by
// keyboard, on paper. Usage: TODOKE_URL=http://127.0.0.1:8080 node check.mjs [FOLDER FOR PICTURES]
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

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
  "/definitions",
  "/search?q=%E5%BA%9C%E4%B8%AD",
  "/search?q=xyzzy",
  "/about",
  "/data",
  "/sign-in",
  "/nowhere",
  "/municipalities/082342",
];
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

async function look(browser, path, lang) {
  const address = base + withLang(path, lang);
  const strict = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled: true });
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
  const page = await open.newPage();
  await page.goto(address, { waitUntil: "load" });
  for (const words of await page.evaluate(poorContrast)) fault(path, lang, "contrast:", words);
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
await paper(browser);
await colours(browser);
await browser.close();
for (const words of faults.slice(0, 60)) console.error("FAIL", words);
console.log(`${PAGES.length} pages in 2 languages at ${WIDTHS.length} widths: ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
