// What makes a picture of numbers honest and easy to read, as far as a page itself shows it. `tests/dashboard.md` names
// these rules by their ids. Both functions run inside the page and answer with what is wrong.

export function principles() {
  const wrong = [];
  const main = document.querySelector("main");
  const follows = (one, other) => Boolean(one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING);
  const shown = (element) => element.textContent.trim();
  // filters-first: what chooses stands above what it changes.
  for (const form of main.querySelectorAll("form.filters")) {
    const changed = main.querySelector("section.block table, section.block svg");
    if (changed && !follows(form, changed)) wrong.push("filters-first: a form stands below what it changes");
  }
  // whole-first: the answer in a sentence, before any picture.
  const lead = main.querySelector(".lead");
  const first = main.querySelector("svg, table");
  if (first && !(lead && follows(lead, first))) wrong.push("whole-first: no sentence stands above the first picture");
  for (const block of main.querySelectorAll("section.block")) {
    const name = shown(block.querySelector("h2, h3") ?? block).slice(0, 20);
    const pictures = [...block.querySelectorAll("svg, table")];
    if (!pictures.length) continue;
    // titled: every picture has a heading of its block.
    if (!block.querySelector("h2, h3")) wrong.push(`titled: ${name}`);
    // told: whom it is about, as of when, from where, and the same as data.
    const notes = [...block.querySelectorAll(".notes")].map(shown).join(" ");
    for (const [ja, en] of [["対象", "Scope"], ["基準日", "As of"], ["出典", "Sources"]]) {
      if (!notes.includes(ja) && !notes.includes(en)) wrong.push(`told: ${name} does not say ${en}`);
    }
    for (const kind of ["CSV", "JSON"]) {
      const there = [...block.querySelectorAll("a")].some((link) => shown(link) === kind && link.href.includes("/api/v1/"));
      if (!there) wrong.push(`as-data: ${name} offers no ${kind}`);
    }
    // legend-near: what states look like is said in the same block, above them.
    const matrix = block.querySelector("table.matrix");
    const legend = block.querySelector(".legend");
    if (matrix && !(legend && follows(legend, matrix))) wrong.push(`legend-near: ${name}`);
    // few-colours: at most five beside what is missing.
    const missing = ["c-unanswered", "c-unasked", "c-off"];
    const looks = (marks) => new Set(marks.flatMap((mark) => [...mark.classList]).filter((look) => look.startsWith("c-") && !missing.includes(look)));
    if (looks([...block.querySelectorAll("td, .mark, .chips a")]).size > 5) wrong.push(`few-colours: states of ${name}`);
    const parts = (svg) => new Set([...svg.querySelectorAll("rect")].map((part) => part.getAttribute("class")).filter((part) => !/unknown|mark|line|band/.test(part)));
    for (const svg of block.querySelectorAll("svg")) if (parts(svg).size > 5) wrong.push(`few-colours: ${name}`);
    // line-is-time: a line joins days, so that its block has a table of days.
    const days = () => [...block.querySelectorAll("tbody tr > :first-child")].some((cell) => /\d{4}/.test(shown(cell)));
    if (block.querySelector("polyline") && !days()) wrong.push(`line-is-time: ${name}`);
  }
  for (const svg of main.querySelectorAll("svg")) {
    // plain: rectangles and lines; no pie, no third dimension, no picture in a picture.
    const other = [...svg.querySelectorAll("*")].find((part) => !["rect", "polyline", "polygon", "line", "title", "desc", "g"].includes(part.tagName));
    if (other) wrong.push(`plain: ${other.tagName}`);
    // from-zero: a bar begins where its scale does.
    const bars = [...svg.querySelectorAll("rect")].filter((part) => /f-(counted|offered|complete|own)/.test(part.getAttribute("class")));
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    const all = [...svg.querySelectorAll("rect")];
    const lying = width > height;
    const drawn = all.find((part) => !/f-(band|mark|line)/.test(part.getAttribute("class")));
    const off = lying
      ? drawn && Number(drawn.getAttribute("x")) !== 0
      : bars.some((part) => Number(part.getAttribute("y")) + Number(part.getAttribute("height")) !== height);
    if (off) wrong.push("from-zero: a bar begins elsewhere");
    // in-words: whoever does not see it reads its numbers beside it.
    const beside = svg.closest("tr, li, figure, .card, .beside, .hist, .course, section, div");
    if (svg.getAttribute("aria-hidden") !== "true" || !/\d|…/.test(shown(beside?.parentElement ?? main))) wrong.push("in-words: a picture without its numbers");
  }
  // not-by-colour: a state is a word or a sign.
  for (const mark of main.querySelectorAll(".mark, .matrix td:not(.c-unasked), td.state:not(.c-unasked), .tiles a, .chips a")) {
    if (!shown(mark)) wrong.push("not-by-colour: a state without a word");
  }
  return [...new Set(wrong)].slice(0, 6);
}

// Japanese words on a page of another language that no element says to be Japanese.
export function unmarked() {
  const found = [];
  const walk = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  for (let at = walk.nextNode(); at; at = walk.nextNode()) {
    const said = at.parentElement.closest("[lang]")?.lang;
    // In a title or a choice no element may say of a part of it that it is Japanese.
    if (["TITLE", "OPTION"].includes(at.parentElement.tagName) && /[A-Za-z]/.test(at.data)) continue;
    if (said !== "ja" && /[\u3041-\u30ff\u3400-\u9fff]/.test(at.data)) found.push(at.data.trim().slice(0, 40));
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder]")) {
    const spoken = ["aria-label", "title", "placeholder"].map((name) => element.getAttribute(name) ?? "").join(" ");
    const japanese = /[\u3041-\u30ff\u3400-\u9fff]/.test(spoken) && !/[A-Za-z]/.test(spoken);
    if (japanese && element.closest("[lang]")?.lang !== "ja") found.push(`${element.tagName} ${spoken.trim().slice(0, 40)}`);
  }
  return [...new Set(found)].slice(0, 5);
}
