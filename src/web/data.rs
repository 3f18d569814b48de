//! What may be taken away, what is in it column by column, and how other programs read it.

use actix_web::get;
use maud::{Markup, html};

use super::frame::Page;
use super::visit::{NothingAsked, Seen, Visit};
use super::words::{grouped, scroll};
use crate::http::ctx::{Answer, Ctx};
use crate::query::files::{DataFile, FILES};

/// Where a server is that does not say so.
const HERE: &str = "http://127.0.0.1:8080";

/// How programs read the file of all rows, so that codes stay text with the zeros at their beginning.
struct Snippet {
    /// Its name in the page.
    id: &'static str,
    /// Whom it is for.
    title: &'static str,
    /// What stands before it.
    note_ja: &'static str,
    note_en: &'static str,
    code: &'static str,
}

const SNIPPETS: &[Snippet] = &[
    Snippet {
        id: "python",
        title: "Python (pandas)",
        note_ja: "dtype=str で、すべての列を文字として読みます。",
        note_en: "dtype=str reads every column as text.",
        code: "import pandas as pd\n\nrows = pd.read_csv(\"readiness.csv\", dtype=str, keep_default_na=False)\nprint(rows[\"municipality_code\"].iloc[0])\nprint(rows.groupby(\"procedure_id\").size())\n",
    },
    Snippet {
        id: "duckdb",
        title: "DuckDB",
        note_ja: "all_varchar で、すべての列を文字として読みます。",
        note_en: "all_varchar reads every column as text.",
        code: "SELECT municipality_code, count(*) AS rows\nFROM read_csv('readiness.csv', header = true, all_varchar = true)\nGROUP BY municipality_code\nORDER BY municipality_code;\n",
    },
    Snippet {
        id: "r",
        title: "R",
        note_ja: "colClasses で、すべての列を文字として読みます。",
        note_en: "colClasses reads every column as text.",
        code: "rows <- read.csv(\"readiness.csv\", colClasses = \"character\", na.strings = \"\", encoding = \"UTF-8\")\nprint(rows$municipality_code[1])\nprint(table(rows$procedure_id))\n",
    },
    Snippet {
        id: "excel",
        title: "Excel (Power Query)",
        note_ja: "「データ」→「データの取得」→「空のクエリ」→「詳細エディター」に貼り、保存した場所に合わせます。型を変えないので、コードの先頭の0が残ります。列の説明が付いた Excel のブックも上の表にあります。CSV をそのまま Excel で開くときは、アドレスの後ろに ?encoding=utf-8-bom を付けると文字が化けません（コードの先頭の0は消えます）。",
        note_en: "Paste it into the advanced editor of an empty query. No type is changed, so that codes keep their zeros.",
        code: "let\n    source = Csv.Document(File.Contents(\"C:\\\\data\\\\readiness.csv\"), [Delimiter = \",\", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),\n    rows = Table.PromoteHeaders(source, [PromoteAllScalars = true])\nin\n    rows\n",
    },
];

#[get("/data")]
pub(super) async fn data(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let base = ctx.site().url.clone().unwrap_or_else(|| HERE.to_owned());
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let page = Page::new(visit, lang.say("データの取得", "Data"))
                .on("/data")
                .below("/", lang.say("全国", "Nation"));
            page.write(&main(visit, &base))
        })
        .await
}

fn main(visit: &Seen, base: &str) -> Markup {
    let lang = visit.lang;
    html! {
        div class="head" {
            h1 { (lang.say("データの取得", "Data")) }
            p class="lead" { (lang.say("このサイトの数字は、すべて同じアドレスの CSV と JSON で手に入ります。団体コードは文字として読み込んでください（先頭の0が消えます）。だれも答えていない欄はファイルの行にならず、率の母数には「不明」として入ります。", "Every figure of this site is available as CSV and JSON. Read codes as text: they begin with zeros. What nobody has answered is no row of a file; in rates it is in the base, as not known.")) }
            p class="asof" { (lang.say("データの版 ", "Data revision ")) (grouped(u64::try_from(visit.revision()).unwrap_or(0))) (lang.say(" ・ 基準日 ", "; as of ")) (visit.as_of()) (lang.say(" ・ 利用条件: ", "; terms: ")) (visit.terms()) }
        }
        section class="block" aria-labelledby="files" {
            h2 id="files" { (lang.say("ファイル", "Files")) }
            (files(visit))
            @for file in FILES { (columns(visit, file)) }
        }
        (snippets(visit, base))
        section class="block" aria-labelledby="machines" {
            h2 id="machines" { (lang.say("プログラムが読む説明", "Descriptions that programs read")) }
            ul class="plain" {
                li { a href="/datapackage.json" { "/datapackage.json" } (lang.say("（Frictionless のデータパッケージ）", " (data package of Frictionless)")) }
                li { a href="/catalog.jsonld" { "/catalog.jsonld" } (lang.say("（DCAT のカタログ）", " (catalogue of DCAT)")) }
                li { (lang.say("各ファイルの列（CSV on the Web）: ", "Columns of each file (CSV on the Web): ")) @for (at, file) in FILES.iter().enumerate() { @if at > 0 { (lang.say("、", ", ")) } a href=(file.metadata_address()) { (file.name) } } }
                li { (lang.say("API の説明は ", "The API is described at ")) a href="/docs/" { "/docs/" } (lang.say("、契約（OpenAPI 3.1）は ", ", its contract (OpenAPI 3.1) at ")) a href="/api/v1/openapi.json" { "/api/v1/openapi.json" } }
            }
        }
    }
}

fn files(visit: &Seen) -> Markup {
    let lang = visit.lang;
    let row = |name: &str, contents: &str, path: &str| {
        html! { tr {
            th scope="row" { (name) }
            td class="small" { (contents) }
            td class="address" { a href=(visit.data(path, "").json()) { "/api/v1" (path) } }
        } }
    };
    scroll(
        lang.say("ファイル（表）", "Files (table)"),
        &html! {
            table {
                thead { tr {
                    th scope="col" { (lang.say("何が", "What")) }
                    th scope="col" { (lang.say("中身", "Contents")) }
                    th scope="col" { (lang.say("アドレス", "Address")) }
                } }
                tbody {
                    @for file in FILES { (row(lang.say(file.ja, file.en), file.contents, file.path)) }
                    (row(lang.say("対応状況（Excel）", "Readiness as Excel"), lang.say("同じ内容のブック。説明のシート付き", "the same as a workbook"), "/exports/readiness.xlsx"))
                    (row(lang.say("対応状況（NDJSON）", "Readiness as NDJSON"), lang.say("同じ内容。1行に1つの JSON", "the same, an object a line"), "/exports/readiness.ndjson"))
                }
            }
        },
    )
}

fn columns(visit: &Seen, file: &DataFile) -> Markup {
    let lang = visit.lang;
    let all = file.columns();
    html! {
        details id=(file.name) {
            summary { (lang.say(file.ja, file.en)) (lang.say("の列（", ": columns (")) (all.len()) (lang.say("）", ")")) }
            table {
                thead { tr {
                    th scope="col" { (lang.say("列", "Column")) }
                    th scope="col" { (lang.say("種類", "Kind")) }
                    th scope="col" { (lang.say("意味", "Meaning")) }
                } }
                tbody { @for column in all { tr {
                    th scope="row" { code { (column.name) } }
                    td { (lang.say(column.kind.ja(), column.kind.en())) }
                    td class="small" { (column.meaning) }
                } } }
            }
        }
    }
}

fn snippets(visit: &Seen, base: &str) -> Markup {
    let lang = visit.lang;
    html! {
        section class="block" aria-labelledby="snippets" {
            h2 id="snippets" { (lang.say("ほかのプログラムで読む", "With other programs")) }
            p { (lang.say("先に保存します（アドレスはこのサーバのものに合わせてください）:", "Save the file first (the address is this server's):")) }
            pre tabindex="0" { code { "curl -o readiness.csv " (base) "/api/v1/exports/readiness.csv" } }
            @for snippet in SNIPPETS {
                h3 id=(snippet.id) { (snippet.title) }
                p class="small" { (lang.say(snippet.note_ja, snippet.note_en)) }
                pre tabindex="0" { code id=(format!("{}-code", snippet.id)) { (snippet.code) } }
            }
        }
    }
}
