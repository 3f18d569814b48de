//! What every page has around it: brand, ways on, search, the trail that leads here, sources.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use maud::{DOCTYPE, Markup, html};

use super::assets;
use super::lang::Lang;
use super::visit::{Data, Seen, Written};
use crate::query::municipalities::MunicipalityView;

/// What the figures of every page are made of.
const SOURCES_JA: &str = "デジタル庁「地方公共団体が優先的にオンライン化を推進すべき手続のオンライン化状況」、同「自治体DXの取組に関するダッシュボード」、総務省「全国地方公共団体コード」、総務省統計局「令和2年国勢調査」、各団体の申告。加工: todoke";
const SOURCES_EN: &str = "Digital Agency (online status of priority procedures; dashboard of municipal DX), Ministry of Internal Affairs and Communications (codes of local governments; census of 2020), and what each body states. Compiled by todoke";

/// The ways on that every page offers.
const WAYS: &[(&str, &str, &str)] = &[
    ("/", "全国", "Nation"),
    ("/procedures", "手続", "Procedures"),
    ("/changes", "変化", "Changes"),
    ("/definitions", "指標と用語", "Measures and terms"),
    ("/data", "データ", "Data"),
    ("/imports/new", "取込", "Import"),
];

/// A page with what it is called, where it stands, and what it shows.
pub(super) struct Page<'v> {
    visit: &'v Seen,
    title: String,
    /// Pages above this one: address and name.
    trail: Vec<(String, String)>,
    way: &'static str,
    /// What the page as a whole is as data.
    data: Vec<Data>,
    /// Whether it is laid out as one sheet of paper.
    sheet: bool,
    /// What was searched for to come here.
    typed: Option<String>,
}

impl<'v> Page<'v> {
    /// A page of a visit.
    pub(super) fn new(visit: &'v Seen, title: impl Into<String>) -> Self {
        Self {
            visit,
            title: title.into(),
            trail: Vec::new(),
            way: "",
            data: Vec::new(),
            sheet: false,
            typed: None,
        }
    }

    /// Leaves what was searched for in the field for it.
    pub(super) fn searched_for(mut self, text: &str) -> Self {
        self.typed = Some(text.to_owned());
        self
    }

    /// Lays it out as one sheet of paper.
    pub(super) fn sheet(mut self) -> Self {
        self.sheet = true;
        self
    }

    /// Which of the ways on it belongs to.
    pub(super) fn on(mut self, way: &'static str) -> Self {
        self.way = way;
        self
    }

    /// Adds a page above it.
    pub(super) fn below(mut self, path: &str, name: impl Into<String>) -> Self {
        self.trail.push((self.visit.link(path), name.into()));
        self
    }

    /// Puts it below the page of a body, and that below its prefecture and the nation.
    pub(super) fn below_body(self, body: &MunicipalityView) -> Self {
        let nation = self.visit.lang.say("全国", "Nation");
        self.on("/")
            .below("/", nation)
            .below(&format!("/prefectures/{}", body.prefecture), &body.prefecture_name)
            .below(&format!("/municipalities/{}", body.code), &body.name)
    }

    /// Says where it is found as data.
    pub(super) fn with_data(mut self, data: Data) -> Self {
        self.data.push(data);
        self
    }

    /// The page as it is sent.
    pub(super) fn write(self, main: &Markup) -> Written {
        let link = |address: &str, kind: &str| format!("<{address}>; rel=\"alternate\"; type=\"{kind}\"");
        let both = |data: &Data| [link(data.json(), "application/json"), link(&data.csv(), "text/csv")];
        Written {
            links: self.data.iter().flat_map(both).collect(),
            html: self.visit.lang.mark(self.text(main).into_string()),
        }
    }

    fn text(&self, main: &Markup) -> Markup {
        let (visit, lang) = (self.visit, self.visit.lang);
        let alternates = html! {
            @for data in &self.data {
                link rel="alternate" type="application/json" href=(data.json());
                link rel="alternate" type="text/csv" href=(data.csv());
            }
        };
        let top = html! {
            (brand_and_ways(lang, &|path| visit.link(path), self.way, Some(&search_box(visit, self.typed.as_deref())), false))
            (made_up(lang, visit.demo))
            (place_and_moment(visit))
        };
        let inside = html! {
            @if !self.trail.is_empty() && !visit.bare {
                nav class="trail wrap" aria-label=(lang.say("現在の場所", "Where you are")) {
                    ol {
                        @for (address, name) in &self.trail { li { a href=(address) { (name) } } }
                        li aria-current="page" { (self.title) }
                    }
                }
            }
            @if visit.bare { (made_up(lang, visit.demo)) }
            main id="main" class=(if self.sheet { "wrap sheet" } else { "wrap" }) { (main) }
        };
        let other = lang.say("en", "ja");
        let other = visit.here(&["lang"], &[("lang", other)]);
        let bottom = footer(
            lang,
            &|path| visit.link(path),
            Some((visit.revision_in_words().as_str(), visit.terms(), &other)),
        );
        whole(lang, &self.title, &alternates, (!visit.bare).then_some((&top, &bottom)), &inside)
    }
}

/// What a page that is about nothing of the country has around it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around {
    /// In which language.
    pub(super) lang: Lang,
    /// Whether whoever looks is known to be signed in; pages for everybody do not know.
    pub(super) signed: bool,
    /// Whether everything that is shown is made up.
    pub(super) demo: bool,
}

impl Around {
    /// Around a page of someone who is signed in.
    pub(super) fn own(demo: bool) -> Self {
        Self { signed: true, demo, ..Self::default() }
    }

    /// Around a page of someone who is not.
    pub(super) fn stranger(demo: bool) -> Self {
        Self { demo, ..Self::default() }
    }
}

/// A page about nothing of the country: signing in, a refusal, a form. It is kept nowhere on the way: what it shows
/// depends on who asks.
pub(super) fn page(around: Around, status: StatusCode, title: &str, main: &Markup) -> HttpResponse {
    let lang = around.lang;
    let top = html! {
        (brand_and_ways(lang, &str::to_owned, "", Some(&plain_search_box(lang)), around.signed))
        (made_up(lang, around.demo))
    };
    let bottom = footer(lang, &str::to_owned, None);
    let inside = html! { main id="main" class="wrap" { div class="head" { h1 { (title) } } (main) } };
    let text = whole(lang, title, &html! {}, Some((&top, &bottom)), &inside);
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, lang.tag()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(lang.mark(text.into_string()))
}

/// That nothing here is true, where it is not.
fn made_up(lang: Lang, demo: bool) -> Markup {
    html! {
        @if demo { div class="past made-up" { div class="wrap" { b { (lang.say("見本: すべて架空のデータです。実際の団体の状況ではありません", "A demonstration: all data are made up and say nothing of real bodies")) } } } }
    }
}

fn whole(
    lang: Lang,
    title: &str,
    alternates: &Markup,
    around: Option<(&Markup, &Markup)>,
    inside: &Markup,
) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " | todoke 届" }
                link rel="stylesheet" href=(assets::style_address());
                link rel="icon" type="image/svg+xml" href="/favicon.svg";
                (alternates)
            }
            body {
                a class="skip" href="#main" { (lang.say("本文へ", "To the content")) }
                @if let Some((top, _)) = around { header class="top" { (top) } }
                (inside)
                @if let Some((_, bottom)) = around { footer { (bottom) } }
            }
        }
    }
}

/// `signed` is whether whoever looks is known to be signed in; pages for everybody do not know.
fn brand_and_ways(
    lang: Lang,
    link: &dyn Fn(&str) -> String,
    way: &str,
    search: Option<&Markup>,
    signed: bool,
) -> Markup {
    let account = if signed {
        lang.say("担当者のページ（サインイン中）", "For members (signed in)")
    } else {
        lang.say("担当者のページ", "For members")
    };
    html! {
        div class="wrap bar1" {
            a class="brand" href=(link("/")) { "todoke 届" }
            span class="tagline" { (lang.say("行政手続のオンライン・書かない窓口の準備状況", "Readiness of local procedures, online and at the counter")) }
            a class="signin" href="/account" { (account) }
        }
        div class="wrap bar2" {
            nav aria-label=(lang.say("主なページ", "Main pages")) {
                ul class="ways" {
                    @for (path, ja, en) in WAYS {
                        li { a href=(link(path)) aria-current=[(*path == way).then_some("true")] { (lang.say(*ja, *en)) } }
                    }
                }
            }
            @if let Some(search) = search { (search) }
        }
    }
}

fn search_box(visit: &Seen, typed: Option<&str>) -> Markup {
    search_form(visit.lang, &visit.hidden(&["view"]), typed)
}

fn plain_search_box(lang: Lang) -> Markup {
    search_form(lang, &[], None)
}

fn search_form(lang: Lang, hidden: &[(&'static str, String)], typed: Option<&str>) -> Markup {
    html! {
        form class="find" role="search" action="/search" method="get" {
            label class="vh" for="q" { (lang.say("団体・手続を探す", "Find a body or a procedure")) }
            input type="search" id="q" name="q" maxlength="100" value=[typed] placeholder=(lang.say("団体名・かな・コード・手続名", "Name, code or procedure"));
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            button type="submit" { (lang.say("探す", "Find")) }
        }
    }
}

/// From whose place one looks, and of which moment where it is not now.
fn place_and_moment(visit: &Seen) -> Markup {
    let lang = visit.lang;
    html! {
        @if let Some(body) = visit.focus {
            @let own = visit.body(body);
            div class="mine" { div class="wrap" {
                span { (lang.say("自団体として見ています: ", "Seen from: ")) b { (own.name) } }
                a href=(visit.link(&format!("/municipalities/{}", own.code))) { (lang.say("自団体のページ", "Its page")) }
                a href=(visit.here(&["focus"], &[])) { (lang.say("外す", "Drop")) }
            } }
        }
        @if visit.is_past() {
            div class="past" { div class="wrap" {
                span { @if visit.is_ahead() { (lang.say("これからの日です。予定がその通りに進んだ場合の見込みを示します: ", "A day to come, as planned: ")) } @else { (lang.say("別の時点を見ています: ", "Another moment: ")) } b { (visit.as_of()) } }
                a href=(visit.here(&["as_of", "known_at"], &[])) { (lang.say("今日の状況へ", "To today")) }
            } }
        }
    }
}

/// Sources, terms, data revision and the way to the other language, where the page is about data.
fn footer(lang: Lang, link: &dyn Fn(&str) -> String, of_data: Option<(&str, &str, &str)>) -> Markup {
    html! {
        div class="wrap" {
            p { (lang.say("出典: ", "Sources: ")) (lang.say(SOURCES_JA, SOURCES_EN)) }
            @if let Some((_, licence, _)) = of_data { p { (lang.say("データの利用条件: ", "Terms of use of the data: ")) (licence) } }
            ul class="ways" {
                li { a href=(link("/about")) { (lang.say("このサイトについて", "About")) } }
                li { a href=(link("/accessibility")) { (lang.say("アクセシビリティ", "Accessibility")) } }
                li { a href=(link("/data")) { (lang.say("データの取得（CSV・JSON・API）", "Data (CSV, JSON, API)")) } }
                @if let Some((revision, _, other)) = of_data {
                    li { a href=(other) lang=(lang.say("en", "ja")) hreflang=(lang.say("en", "ja")) { (lang.say("English", "日本語")) } }
                    li { (lang.say("データの版 ", "Data revision ")) (revision) }
                }
            }
        }
    }
}

/// Sends the browser on after a form, so that a reload does not send the form again.
pub(super) fn go_to(path: impl Into<String>) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((header::LOCATION, path.into()))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    response
}
