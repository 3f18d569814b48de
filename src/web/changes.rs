//! What moved between two days.

use actix_web::get;
use maud::html;
use serde::Deserialize;
use utoipa::IntoParams;

use super::frame::Page;
use super::visit::Visit;
use super::words::{grouped, heads, notes, nothing, scroll};
use crate::domain::municipality::PrefectureCode;
use crate::http::ctx::{Answer, Ctx};
use crate::query::changes::{ChangeKind, Changes};
use crate::query::municipalities::Prefectures;
use crate::query::percent;

/// Between which days, whose, and which.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Chosen {
    #[param(max_length = 10)]
    from: Option<String>,
    #[param(max_length = 6)]
    municipality: Option<String>,
    #[param(max_length = 2)]
    prefecture: Option<String>,
    #[param(max_length = 40)]
    procedure: Option<String>,
    #[param(max_length = 100)]
    change: Option<String>,
}

/// Rows that are shown.
const SHOWN: usize = 200;

#[get("/changes")]
pub(super) async fn changes(ctx: Ctx) -> Answer {
    let (visit, chosen) = Visit::begin::<Chosen>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let lang = visit.lang;
    let asked = [
        ("from", &chosen.from),
        ("municipality", &chosen.municipality),
        ("prefecture", &chosen.prefecture),
        ("procedure", &chosen.procedure),
        ("change", &chosen.change),
    ];
    let said = asked.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
    let query: Vec<String> = said.map(|(name, value)| format!("{name}={}", percent::encode(value))).collect();
    let query = query.join("&");
    let with = |more: &str| if query.is_empty() { more.to_owned() } else { format!("{query}&{more}") };
    let told = visit.rows::<Changes>("/changes", &with(&format!("limit={SHOWN}"))).await?;
    let prefectures = visit.rows::<Prefectures>("/prefectures", "limit=50").await?;
    visit.show(move |visit| {
    let is = |value: &Option<String>, code: &str| value.as_deref() == Some(code);
    let title = lang.say("変化", "Changes");
    let main = html! {
        div class="head" {
            h1 { (title) }
            p class="lead" { (lang.say("2つの日のあいだに動いた欄: ", "Cells that moved between two days: ")) b { (grouped(u64::try_from(told.count).unwrap_or(u64::MAX))) } (lang.say("件", "")) }
            p class="asof" { (lang.say("前の日 ", "The earlier day is ")) @match chosen.from.as_deref() { Some(from) => { (from) }, None => { (visit.a_year_before()) (lang.say("（1年前）", " (a year before)")) } } (lang.say("、後の日 ", ", the later one ")) (visit.as_of()) }
            p class="small" { (lang.say("前 → 後 の数字は", "The numbers are ")) a href=(visit.link("/definitions#levels")) { (lang.say("段階", "levels")) } (lang.say("です（3+ は3以上とだけ分かる、－ は答えなし）。国の公表値は調査の日ごとの値なので、調査が1回分だけのあいだは動きません。その日をまたいで比べると、国の公表値のはじめての記録も「新しく申告」に数えます。", " (3+: 3 or more, －: no answer). What the state published is of the day of its survey: it moves from one survey to the next, and its first record counts as stated anew."))}
            p class="acts" { a href=(visit.data("/changes", &query).csv()) { "CSV" } a href=(visit.data("/changes", &query).json()) { "JSON" } a href=(format!("/api/v1/changes.atom{}{query}", if query.is_empty() { "" } else { "?" })) { "Atom" } }
        }
        form class="filters" action="/changes" method="get" {
            div { label for="from" { (lang.say("いつから", "From")) } input type="date" id="from" name="from" value=(chosen.from.as_deref().unwrap_or_default()); }
            div { label for="prefecture" { (lang.say("都道府県", "Prefecture")) } select id="prefecture" name="prefecture" {
                option value="" { (lang.say("すべて", "All")) }
                @for row in &prefectures.rows { option value=(row.prefecture) selected[is(&chosen.prefecture, &row.prefecture)] { (row.name) } }
            } }
            div { label for="change" { (lang.say("変化", "Change")) } select id="change" name="change" {
                option value="" { (lang.say("すべて", "All")) }
                @for kind in ChangeKind::ALL { option value=(kind.code()) selected[is(&chosen.change, kind.code())] { (lang.say(kind.label(), kind.meaning())) } }
            } }
            @for (name, value) in [("municipality", &chosen.municipality), ("procedure", &chosen.procedure)] { @if let Some(value) = value { input type="hidden" name=(name) value=(value); } }
            @for (name, value) in visit.hidden(&[]) { input type="hidden" name=(name) value=(value); }
            button type="submit" { (lang.say("表示", "Show")) }
        }
        section class="block" aria-labelledby="rows" {
            h2 id="rows" { (lang.say("動いた欄", "What moved")) }
            @if told.rows.is_empty() {
                (nothing(lang.say("この条件で動いた欄はありません", "Nothing moved"), lang.say("前の日を早くするか、条件を減らしてください。", "Choose an earlier day or fewer conditions.")))
            } @else {
                @if told.count > SHOWN { p class="small" { (lang.say("はじめの", "The first ")) (SHOWN) (lang.say("件です。全部は CSV か JSON にあります。", ". All of them are in the CSV.")) } }
                (scroll(lang.say("動いた欄（表）", "What moved (table)"), &html! {
                    table class="stack" {
                        @let of = [lang.say("団体", "Body"), lang.say("変化", "Change"), lang.say("手続", "Procedure"), lang.say("接点", "Channel"), lang.say("前 → 後", "Before → after"), lang.say("いつから", "Since")];
                        (heads(&of))
                        tbody { @for row in &told.rows { tr {
                            th scope="row" { a href=(visit.link(&format!("/municipalities/{}", row.municipality_code))) { (row.municipality_name) } " " span class="small weak" { (row.prefecture_name) } }
                            td data-label=(of[1]) { (lang.say(row.change_label, row.change.code())) }
                            td data-label=(of[2]) { a href=(visit.link(&format!("/municipalities/{}/readiness/{}", row.municipality_code, row.procedure_id))) { (visit.short_name(&row.procedure_id)) } }
                            td data-label=(of[3]) { @if let Some(channel) = &row.channel { (visit.channel_name(channel)) } }
                            td data-label=(of[4]) { span { (row.level_before.as_deref().unwrap_or("－")) " → " (row.level_after.as_deref().unwrap_or("－")) } }
                            td data-label=(of[5]) { @if let Some(on) = row.on { (on) } }
                        } } }
                    }
                }))
                (notes(visit, lang.say("選んだ条件", "as chosen"), None, &told.source))
            }
        }
    };
    // The prefecture is checked by the question; here it only names the page above.
    let above = chosen.prefecture.as_deref().and_then(|code| code.parse::<PrefectureCode>().ok());
    let page = Page::new(visit, title).on("/changes").below("/", lang.say("全国", "Nation"));
    let page =
        match above.and_then(|code| prefectures.rows.iter().find(|row| row.prefecture == code.to_string())) {
            Some(row) => page.below(&format!("/prefectures/{}", row.prefecture), &row.name),
            None => page,
        };
    page.with_data(told.source.clone()).write(&main)
    }).await
}
