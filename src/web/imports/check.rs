//! What a file would change, grouped by what it means, with old and new beside each other.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::domain::Refusal;
use crate::domain::assertion::Fact;
use crate::domain::audit;
use crate::domain::catalogue::Catalogue;
use crate::domain::municipality::LgCode;
use crate::domain::readiness::Scale;
use crate::domain::usage::RecordKey;
use crate::import::changes::{self, Difference};
use crate::import::groups::FaultGroup;
use crate::import::options::Asked;
use crate::import::plan::{Entry, RecordEntry};
use crate::import::report::{Effect, EffectFigure};
use crate::query::cell_words::{
    CellWords, all_channels_words, applicability_words, fact_words, level_of_all,
};
use crate::query::question::Grid;
use crate::service::imports::{FileRow, Import, PlanRow};
use crate::service::sessions::Session;
use crate::web::form::secret;
use crate::web::lang::Lang;
use crate::web::words::mark;

/// So many rows of a kind are shown at once.
const SHOWN: usize = 20;

/// A digest as forms carry it.
pub(super) fn hex(bytes: &[u8; 32]) -> String {
    audit::hex(bytes)
}

pub(super) fn seen_another() -> Refusal {
    Refusal::new(
        "plan_changed",
        "",
        "この画面を開いた後に、答えか読み方が変わりました。下の新しい内容を確かめてから、もう一度反映してください。何も書き込んでいません",
        "the plan is another one than was shown; look at it and apply it again",
    )
}

/// The rows of a plan that are news, sorted by what they mean.
pub(super) struct Differences<'c> {
    grid: &'c Grid,
    /// Whether they were written.
    written: bool,
    rows: BTreeMap<Difference, Vec<&'c PlanRow>>,
    bodies: BTreeSet<LgCode>,
}

impl<'c> Differences<'c> {
    /// The rows of a plan over the country that does not know of them.
    pub(super) fn of(grid: &'c Grid, rows: &'c [PlanRow], written: bool) -> Self {
        let catalogue = grid.catalogue();
        let mut sorted: BTreeMap<Difference, Vec<&PlanRow>> = BTreeMap::new();
        let mut bodies = BTreeSet::new();
        for row in rows {
            let (difference, body) = match row {
                PlanRow::Fact(entry) => {
                    let difference = Difference::of(entry, scale_of(catalogue, entry));
                    (over_all_channels(grid, entry, difference), entry.key.municipality)
                }
                PlanRow::Record(entry) => (Difference::Record, entry.key.municipality()),
                PlanRow::Rejected(_) => continue,
            };
            sorted.entry(difference).or_default().push(row);
            bodies.insert(body);
        }
        Self { grid, written, rows: sorted, bodies }
    }

    /// The catalogue that the rows speak of.
    pub(super) fn catalogue(&self) -> &'c Catalogue {
        self.grid.catalogue()
    }

    /// The bodies that are spoken of.
    pub(super) fn bodies(&self) -> impl Iterator<Item = (LgCode, &str)> {
        let catalogue = self.grid.catalogue();
        let name = |code: &LgCode| catalogue.body_ix(*code).map(|ix| catalogue.body(ix).name.as_str());
        self.bodies.iter().filter_map(move |code| Some((*code, name(code)?)))
    }

    /// Each kind with its rows, what needs a look first.
    pub(super) fn show(&self, id: i64) -> Markup {
        html! {
            @if self.rows.is_empty() { p { "変わる行はありません。" } }
            ul class="acts" { @for (difference, rows) in &self.rows { li { a href=(format!("#{}", difference.code())) { (difference.label()) " " (rows.len()) } } } }
            @for (difference, rows) in &self.rows {
                h3 id=(difference.code()) { (difference.label()) "（" (rows.len()) "行）" }
                (self.table(rows, difference.label()))
                @if rows.len() > SHOWN { p { "ほか" (rows.len() - SHOWN) "行。" a href=(format!("/imports/{id}/rows")) { "すべての行を見る" } } }
            }
        }
    }

    fn table(&self, rows: &[&PlanRow], label: &str) -> Markup {
        let several = self.bodies.len() > 1;
        html! {
            div class="scroll" role="region" aria-label=(label) tabindex="0" {
                table class="three" {
                    thead { tr { th scope="col" { "手続・接点（ファイルの行）" } (sides(self.written)) } }
                    tbody { @for row in rows.iter().take(SHOWN) { (shown(self.grid, row, several)) } }
                }
            }
        }
    }
}

/// A channel that is stated for the first time raises the level of the body where it was lower on all channels.
fn over_all_channels(grid: &Grid, entry: &Entry, difference: Difference) -> Difference {
    let catalogue = grid.catalogue();
    let (Some(scale), Fact::Readiness(new)) = (scale_of(catalogue, entry), &entry.new) else {
        return difference;
    };
    let is_first = [Difference::Online, Difference::Counter].contains(&difference);
    // What was not performed is from now on.
    if is_first
        && applicability_words(grid.block(entry.spot.body).applicability_that_counts(entry.spot.procedure))
            .is_some()
    {
        return Difference::Performed;
    }
    let before = is_first.then(|| level_of_all(grid, entry.spot.body, entry.spot.procedure, scale)).flatten();
    match before {
        Some(before) if new.level > before => Difference::Raised,
        _ => difference,
    }
}

fn scale_of(catalogue: &Catalogue, entry: &Entry) -> Option<Scale> {
    entry.spot.channel.map(|channel| catalogue.channel(channel).scale)
}

/// The headings of what was and what is to be.
pub(super) fn sides(written: bool) -> Markup {
    let (old, new) = if written { ("前", "後") } else { ("いま", "反映後") };
    html! { th scope="col" { (old) } th scope="col" { (new) } }
}

/// A row of a plan as a row of a table.
pub(super) fn shown(grid: &Grid, row: &PlanRow, with_body: bool) -> Markup {
    match row {
        PlanRow::Fact(entry) => of_fact(grid, entry, with_body),
        PlanRow::Record(entry) => of_record(grid.catalogue(), entry, with_body),
        PlanRow::Rejected(row) => html! {
            tr {
                th scope="row" { (row.line()) "行目" }
                td colspan="2" { "受け取れません: " (row.faults().iter().map(crate::import::Fault::sentence).collect::<Vec<_>>().join("／")) }
            }
        },
    }
}

/// A line that is taken, but worth a look.
pub(super) fn warned(row: &FileRow) -> Markup {
    html! {
        tr {
            th scope="row" { (row.line()) "行目" }
            td colspan="2" { "確かめてください: " (row.faults().iter().map(crate::import::Fault::sentence).collect::<Vec<_>>().join("／")) }
        }
    }
}

fn body_name(catalogue: &Catalogue, code: LgCode) -> String {
    catalogue.body_ix(code).map_or_else(
        || code.to_string(),
        |ix| {
            let body = catalogue.body(ix);
            format!("{}{}", body.prefecture_name, body.name)
        },
    )
}

fn of_fact(grid: &Grid, entry: &Entry, with_body: bool) -> Markup {
    let catalogue = grid.catalogue();
    let scale = scale_of(catalogue, entry).unwrap_or(Scale::Online);
    let procedure = catalogue.procedure(entry.spot.procedure);
    let channel = entry.spot.channel.map(|channel| catalogue.channel(channel).label_ja.as_str());
    let (old, new) = (fact_words(entry.old.as_ref(), scale), fact_words(Some(&entry.new), scale));
    // What the two marks say need not be said again in words.
    let told: Vec<_> = changes::of_fact(entry.old.as_ref(), &entry.new)
        .into_iter()
        .filter(|change| !["level", "at_least", "state", "applicability"].contains(&change.field))
        .collect();
    let others = changes::in_words(&told, None);
    // What the page of the body says of the channels of the scale together, where nobody spoke of this one.
    let is_first = entry.old.is_none();
    let of_all =
        is_first.then(|| all_channels_words(grid, entry.spot.body, entry.spot.procedure, scale)).flatten();
    let look = |words: &Option<CellWords>| match words {
        Some(words) => mark(Lang::Ja, words),
        None => html! { "該当あり" },
    };
    html! {
        tr {
            th scope="row" {
                @if with_body { (body_name(catalogue, entry.key.municipality)) br; }
                (procedure.name_ja) br;
                span class="small weak" { (channel.unwrap_or("手続そのもの")) "（" (entry.line) "行目）" }
            }
            td {
                @if let Some(words) = &of_all { (mark(Lang::Ja, words)) br; span class="weak small" { (if entry.spot.channel.is_some() { "この接点では未回答" } else { "オンラインの今" }) } }
                @else { (look(&old)) @if let Some(source) = entry.old_source { br; span class="weak small" { (source.label()) } } }
            }
            td {
                (look(&new)) @if !entry.outcome.is_news() { " " span class="weak small" { (entry.outcome.label()) } }
                br; span class="small" { (entry.effective.in_words()) "から" @if !entry.changes_today() && entry.outcome.is_news() { "（今日の表示は変わらない）" } }
                @if !others.is_empty() { br; span class="small" { "ほかに: " (others) } }
            }
        }
    }
}

fn of_record(catalogue: &Catalogue, entry: &RecordEntry, with_body: bool) -> Markup {
    let procedure = entry.key.procedure().and_then(|id| catalogue.procedure_ix(id.as_str()));
    let told = changes::of_record(&entry.key, entry.old.as_ref(), &entry.new);
    let (what, when) = match &entry.key {
        RecordKey::Usage(key) => (format!("利用件数: {}", key.group.label()), key.fiscal_year.to_string()),
        RecordKey::Figure(key) => ("国公表値".to_owned(), key.fiscal_year.to_string()),
        RecordKey::Material(key) => (key.in_words(), String::new()),
    };
    html! {
        tr {
            th scope="row" {
                @if with_body { (body_name(catalogue, entry.key.municipality())) br; }
                @if let Some(procedure) = procedure { (catalogue.procedure(procedure).name_ja) br; }
                span class="small weak" { (what) @if !when.is_empty() { " " (when) } "（" (entry.line) "行目）" }
            }
            td { (if entry.old.is_some() { "記録あり" } else { "なし" }) }
            td { (entry.outcome.label()) br; span class="small" { (changes::in_words(&told, None)) } }
        }
    }
}

/// What it does to the figures of the bodies it speaks of.
pub(super) fn effect(effects: &[Effect]) -> Markup {
    let value = |figure: &EffectFigure| match (figure.value, figure.value_max) {
        (Some(value), Some(most)) if (most - value).abs() > 0.04 => format!("{value:.1}〜{most:.1}%"),
        (Some(value), _) => format!("{value:.1}%"),
        (None, Some(most)) => format!("判定できません（0.0〜{most:.1}%）"),
        (None, None) => "該当なし".to_owned(),
    };
    html! {
        @if !effects.is_empty() {
            section class="block" aria-labelledby="effect" {
                h2 id="effect" { "反映すると、指標はこう変わります" }
                p { (effects[0].scope) "。幅のある値は、答えのない手続が残っていることを示します。" }
                table {
                    thead { tr { th scope="col" { "指標" } th scope="col" class="num" { "いま" } th scope="col" class="num" { "反映後" } } }
                    tbody { @for one in effects { tr {
                        th scope="row" { a href=(format!("/definitions#{}", one.definition)) { (one.name) } @if has_treatments(effects, one) { "（制度なしを" (one.treatment) "）" } }
                        td class="num" { (value(&one.before)) " " span class="weak small" { (one.before.numerator) "/" (one.before.denominator) } }
                        td class="num" { b { (value(&one.after)) } " " span class="weak small" { (one.after.numerator) "/" (one.after.denominator) } }
                    } } }
                }
            }
        }
    }
}

fn has_treatments(effects: &[Effect], one: &Effect) -> bool {
    effects.iter().filter(|other| other.definition == one.definition).count() > 1
}

/// Faults or warnings, those of one kind in one line with where they stand.
pub(super) fn groups(groups: &[FaultGroup]) -> Markup {
    html! {
        ul class="moves" {
            @for group in groups {
                li {
                    b { (for_people(&group.message)) } @if group.count > 1 { "（" (group.count) "か所）" }
                    @if let Some(value) = &group.value { br; "値: " (value) }
                    br; span class="weak" {
                        (places(&group.runs)) @if !group.headings.is_empty() { "　見出し: " (group.headings.join("、")) }
                    }
                    @if let Some(allowed) = group.allowed.as_ref().filter(|allowed| !is_for_programs(allowed)) { br; "使える値: " (allowed) }
                    @if let Some(meant) = &group.suggestion { br; "もしかして: " (meant) }
                }
            }
        }
    }
}

/// A sentence without what it says to those who write programs: the name of an answer in brackets.
pub(super) fn for_people(text: &str) -> String {
    let mut told = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('（') {
        let (before, from) = rest.split_at(start);
        told.push_str(before);
        let end = from.find('）').map_or(from.len(), |end| end + '）'.len_utf8());
        let bracket = &from[..end];
        let words = bracket.split(|one: char| !(one.is_ascii_lowercase() || one == '_'));
        if !words.into_iter().any(Asked::is_name) {
            told.push_str(bracket);
        }
        rest = &from[end..];
    }
    told + rest
}

/// Whether what is allowed is told as a program says it, `marks=…`: people answer the question above.
fn is_for_programs(allowed: &str) -> bool {
    allowed
        .split_once('=')
        .is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
}

/// Lines as people say them: 2〜5、9行目.
fn places(runs: &[[u32; 2]]) -> String {
    const NAMED: usize = 12;
    if runs.is_empty() || runs == [[0, 0]] {
        return "ファイル全体".to_owned();
    }
    let run = |[first, last]: &[u32; 2]| {
        if first == last { first.to_string() } else { format!("{first}〜{last}") }
    };
    let named: Vec<String> = runs.iter().take(NAMED).map(run).collect();
    let more = if runs.len() > NAMED { "ほか" } else { "" };
    format!("{}{more}行目", named.join("、"))
}

/// The ways on from a plan.
pub(super) fn ways_on(session: &Session, import: &Import) -> Markup {
    let report = &import.report;
    let whole = report.questions.iter().filter(|question| !question.is_about_rows()).count();
    let open = report.questions.len();
    let news = report.counts.written();
    let complete = report.fault_count == 0 && open == 0;
    let form = |skip: bool, label: String, first: bool| {
        html! {
            form method="post" action=(format!("{}/apply", super::paths::address(import.id))) {
                (secret(session))
                input type="hidden" name="plan" value=(import.plan_hash.as_ref().map(hex).unwrap_or_default());
                @if skip { input type="hidden" name="skip" value="true"; }
                @if report.needs_confirmation {
                    div class="tick" { input type="checkbox" id=(format!("confirm-{skip}")) name="confirm" value="true" required; label for=(format!("confirm-{skip}")) { (report.counts.lowered) "件の段階が下がることを確かめました" } }
                }
                p class="go" { button type="submit" class=[first.then_some("first")] { (label) } }
            }
        }
    };
    html! {
        section class="block" aria-labelledby="apply" {
            h2 id="apply" { "反映する" }
            @if complete && news > 0 {
                p { "反映した後も、この画面から丸ごと元に戻せます。" }
                (form(false, format!("{news}件を反映する"), true))
            } @else if complete {
                p { "すべて記録と同じで、書き込むものはありません。" }
                (form(false, "この取込を終える".to_owned(), false))
            } @else if whole > 0 {
                p { "表全体についての質問に答えると、反映できるようになります。" }
            } @else if news > 0 {
                p { "質問に答えるか表を直すと、すべてを反映できます。急ぐときは、読み取れた行だけを先に反映し、残りを直してもう一度送れます。" }
                (form(true, format!("読み取れた{news}件だけを反映する"), open == 0))
            } @else {
                p { "反映できる行がまだありません。" }
            }
            ul class="acts" {
                @if report.counts.rejected > 0 { li { a href=(format!("{}/errors.csv", super::paths::address(import.id))) { "直す行だけを受け取る（CSV。理由の列が付きます）" } } }
                li { a href="/imports/new" { "別のファイルを送る" } }
            }
            form method="post" action=(format!("{}/cancel", super::paths::address(import.id))) {
                (secret(session))
                p class="go" { button type="submit" { "やめる（何も書き込みません）" } }
            }
        }
    }
}
