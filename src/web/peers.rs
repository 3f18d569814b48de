//! Who a body is compared with, and how each of them stands.

use actix_web::get;
use maud::{Markup, html};

use super::chart::Bar;
use super::filters::{Choice, conditions, fields_of_procedures, form, scope};
use super::frame::Page;
use super::passed::Passed;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{grouped, notes, nothing, percent, scroll, tenths};
use crate::http::ctx::{Answer, Ctx};
use crate::query::definitions::{DefinitionView, Definitions};
use crate::query::municipalities::{Municipality, MunicipalityView};
use crate::query::peers::{PeerView, Peers};

#[get("/municipalities/{code}/peers")]
pub(super) async fn peers(ctx: Ctx) -> Answer {
    let (visit, passed, _) = Visit::over::<Peers, NothingAsked>(&ctx).await?;
    let body = visit.one::<Municipality>(&format!("/municipalities/{}", ctx.named("code")), "").await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let path = format!("/municipalities/{}/peers", body.code);
    let told = visit.rows::<Peers>(&path, &passed.clone().or("limit", "100").query()).await?;
    let rules = visit.rows::<Definitions>("/definitions", "limit=100").await?.rows;
    let data = visit.data(&path, &passed.query());
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let page = Page::new(visit, lang.say("比べている団体", "Compared with"))
                .below_body(&body)
                .with_data(data);
            page.write(&main(visit, &body, &passed, &told, &rules))
        })
        .await
}

fn main(
    visit: &Seen,
    body: &MunicipalityView,
    passed: &Passed,
    told: &Told<PeerView>,
    rules: &[DefinitionView],
) -> Markup {
    let lang = visit.lang;
    let own = told.rows.iter().find(|peer| peer.own);
    let others = || told.rows.iter().filter(|peer| !peer.own);
    let people = others().filter_map(|peer| peer.population);
    let range = people.clone().min().zip(people.max());
    let measure = own.map_or("online_rate", |own| own.definition);
    // Definitions that give a share of one body have the same groupings as the rate.
    let by_body = |rule: &&DefinitionView| rule.by.iter().any(|by| by.code() == "municipality");
    let choice = Choice {
        name: "definition",
        label: lang.say("指標", "Measure"),
        none: visit.definition_name("online_rate"),
        options: rules
            .iter()
            .filter(by_body)
            .filter(|rule| rule.unit == "cells")
            .map(|rule| (rule.id.to_owned(), lang.say(rule.name_ja, rule.name_en).to_owned()))
            .collect(),
    };
    html! {
        div class="head" {
            h1 { (body.name) (lang.say("が比べている団体", ": compared with")) }
            p class="lead" {
                @match (range, own) {
                    (Some((least, most)), Some(own)) => {
                        b { (lang.say(own.rule.label(), own.rule.meaning())) } (lang.say("と比べています（人口 ", " (population ")) (grouped(u64::from(least))) "〜" (grouped(u64::from(most))) (lang.say("人）。", "). "))
                        @if let (Some(position), Some(ranked)) = (own.position, own.ranked) { (visit.definition_name(measure)) (lang.say("は", ": ")) b { (percent(own.value)) } (lang.say("で、高い方から", ", position ")) (position) (lang.say("番目（", " of ")) (ranked) (lang.say("団体中）です。", "")) }
                    }
                    _ => { (lang.say("比べる団体がありません。", "There is none to compare with.")) }
                }
            }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ 指標: ", "; measure: ")) (visit.definition_name(measure)) }
            p class="acts" {
                a href=(visit.link(&format!("/compare?municipality={}", own.map(|own| &own.municipality_code).into_iter().chain(others().take(4).map(|peer| &peer.municipality_code)).cloned().collect::<Vec<String>>().join(",")))) { (lang.say("近い4団体と並べる", "Side by side with the nearest four")) }
                a href=(visit.link(&format!("/matrix?municipality={}", told.rows.iter().map(|peer| peer.municipality_code.as_str()).collect::<Vec<&str>>().join(",")))) { (lang.say("全手続の表で見る", "All procedures")) }
                a href=(told.source.csv()) { "CSV" }
                a href=(told.source.json()) { "JSON" }
            }
        }
        (form(visit, passed, &[choice, fields_of_procedures(lang)], &[]))
        (conditions(visit, passed))
        section class="block" aria-labelledby="rows" {
            h2 id="rows" { (visit.definition_name(measure)) (lang.say("（団体ごと）", ", body by body")) }
            @if others().next().is_none() {
                (nothing(lang.say("比べる団体がありません", "None"), lang.say("都道府県には、人口の近い市区町村という比べ方がありません。", "Prefectures have no peers.")))
            } @else {
                (table(visit, told))
                (notes(visit, &format!("{}{} {}", others().count(), lang.say("団体", " bodies"), scope(visit, passed, "")), Some(&told.rows.iter().map(|peer| peer.unknown).sum::<u64>().to_string()), &told.source))
            }
        }
    }
}

fn table(visit: &Seen, told: &Told<PeerView>) -> Markup {
    let lang = visit.lang;
    let mut rows: Vec<&PeerView> = told.rows.iter().collect();
    rows.sort_by_key(|peer| std::cmp::Reverse(peer.value));
    let own = told.rows.iter().find(|peer| peer.own).and_then(|peer| peer.value);
    scroll(
        lang.say("比べている団体（表）", "Compared with (table)"),
        &html! {
            table {
                caption class="small" { (lang.say("値の高い順。線はこの団体の値", "By value; the line is this body's own")) }
                thead { tr {
                    th scope="col" { (lang.say("団体", "Body")) }
                    th scope="col" class="num less" { (lang.say("人口", "Population")) }
                    th scope="col" { (lang.say("0〜100%", "0 to 100%")) }
                    th scope="col" class="num" { (lang.say("値", "Value")) }
                    th scope="col" class="num less" { (lang.say("分子 / 分母", "Counts")) }
                } }
                tbody { @for peer in rows { tr class=[peer.own.then_some("own")] {
                    th scope="row" { a href=(visit.link(&format!("/municipalities/{}", peer.municipality_code))) { (peer.municipality_name) } " " span class="small weak" { (peer.prefecture_name) } }
                    td class="num less" { (peer.population.map_or_else(String::new, |people| grouped(u64::from(people)))) }
                    td class="bars" { (Bar::of(tenths(peer.value).unwrap_or(0)).mark(tenths(own)).show()) }
                    td class="num" { (percent(peer.value)) }
                    td class="num less" { (peer.numerator) " / " (peer.denominator) }
                } } }
            }
        },
    )
}
