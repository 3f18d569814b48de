//! Asks about bodies that rows name without a code, where another one may be meant.

use super::body_columns::BodyColumns;
use super::by_name::{ByName, Named};
use super::sheet::Sheet;
use super::titles::mentioned;
use crate::domain::catalogue::BodyIx;
use crate::domain::municipality::PrefectureCode;
use crate::domain::text::{cut, fold_name, fold_width};
use crate::import::Fault;
use crate::import::headings::{Fact, FactKind, facts_of};
use crate::import::marks::{Choice, Question};
use crate::import::options::{IGNORED, INCLUDED};
use crate::import::resolve::{FoundBody, which};
use crate::import::table::Row;

impl Sheet<'_> {
    /// Notes the body of a row as it was found.
    pub(super) fn see_body(&mut self, row: &Row, place: &BodyColumns, found: &FoundBody) {
        /// More are another kind of table.
        const MOST: usize = 100;
        let catalogue = self.catalogue;
        let body = catalogue.body(found.body);
        if !body.is_prefecture() {
            *self.by_name.municipalities.entry(body.prefecture()).or_default() += 1;
        }
        self.by_name.saw(found.body);
        let Some(column) = place.name.filter(|_| found.by_name_alone) else { return };
        let told = place.told(row);
        let beside = [told.prefecture, told.district].iter().any(|text| !text.trim().is_empty());
        let named = Named { line: row.line, column, name: told.name.trim().to_owned(), body: found.body };
        let in_name = catalogue.names().without_prefecture(&named.name).0.is_some();
        let ByName { titled, strangers, prefectures, .. } = &mut self.by_name;
        if body.is_prefecture() {
            let others = |at: &usize| !place.columns().contains(&Some(*at));
            if !beside && (0..row.len()).filter(others).any(|at| is_number(row.cell(at))) {
                prefectures.push(named);
            }
        } else if !(beside || in_name || titled.is_empty() || titled.contains(&body.prefecture()))
            && strangers.len() < MOST
        {
            let near = titled.iter().flat_map(|titled| catalogue.names().near(&named.name, Some(*titled)));
            let meant = near.chain([found.body]).collect();
            strangers.push((named, meant));
        }
    }

    /// Asks about the names that may be meant otherwise.
    pub(super) fn ask_by_name(&mut self) {
        self.tell_other_title();
        let ByName { titled, municipalities, strangers, prefectures, .. } = std::mem::take(&mut self.by_name);
        let inside = titled.iter().any(|titled| municipalities.contains_key(titled));
        let strangers = strangers.iter().filter(|_| inside);
        let strangers = strangers.map(|(named, meant)| (named, self.stranger(named, meant, &titled)));
        let only = municipalities.iter().next().filter(|(_, rows)| municipalities.len() == 1 && **rows > 1);
        let of_all = |named: &&Named| {
            only.is_some_and(|(prefecture, _)| self.catalogue.body(named.body).prefecture() == *prefecture)
        };
        let totals = prefectures.iter().filter(of_all).map(|named| (named, self.total_or_own(named)));
        let faults: Vec<Fault> = strangers
            .chain(totals)
            .map(|(named, fault)| {
                let fault = fault.at_line(named.line).found(&named.name);
                fault.in_column(named.column, self.headings.text(named.column))
            })
            .collect();
        self.faults.extend(faults);
    }

    /// Warns of a title that names another body than the only one that the rows are about. Where a fact over the
    /// table says it, one of the two is a slip, and which is asked.
    fn tell_other_title(&mut self) {
        let ([titled, ..], [own]) = (&self.by_name.mentioned[..], &self.by_name.seen[..]) else { return };
        if self.by_name.mentioned.contains(own) {
            return;
        }
        let named = |body: &BodyIx| {
            let row = self.catalogue.body(*body);
            format!("{}{}", row.prefecture_name, row.name)
        };
        let over = self.table.rows[..self.headings.rows().start].iter();
        let facts = over.flat_map(|row| facts_of(row).into_iter().map(|fact| (row.line, fact)));
        let of_body = |fact: &Fact<'_>| matches!(fact.kind, FactKind::Code | FactKind::Name);
        let mut facts = facts.filter(|(_, fact)| of_body(fact)).map(|(line, fact)| (line, fact.value));
        let is_other =
            |(_, text): &(u32, &str)| mentioned(self.catalogue, std::iter::once(*text)) == [*titled];
        if let Some((line, text)) = facts.find(is_other) {
            let kept = |(name, meaning): &(String, String)| meaning == INCLUDED && *name == fold_name(text);
            if !self.options.names.iter().any(kept) {
                let fault = other_in_rows(text, &named(titled), &named(own)).at_line(line);
                self.faults.push(fault);
            }
            return;
        }
        let message = format!(
            "表の題やシートの名前には{}とありますが、行は{}のものです。行のとおりに読みました。団体コードか題に誤りがないか確かめてください",
            named(titled),
            named(own)
        );
        self.warnings.push(Fault::whole("title_mismatch", message));
    }

    /// A municipality of another prefecture than the title names: 鹿島市 among those of Ibaraki may be 鹿嶋市.
    fn stranger(&self, named: &Named, meant: &[BodyIx], titled: &[PrefectureCode]) -> Fault {
        let titled = titled.iter().filter_map(|code| self.catalogue.prefecture(*code));
        let titled: Vec<&str> = titled.map(|row| row.name.as_str()).collect();
        let body = self.catalogue.body(named.body);
        let message = format!(
            "表の題には{}とありますが、「{}」は{}にあります。どの団体かを指定してください",
            titled.join("・"),
            cut(&named.name, 40),
            body.prefecture_name
        );
        let shown = |body: &BodyIx| {
            let row = self.catalogue.body(*body);
            (row.code.to_string(), format!("{} {}{}", row.code, row.prefecture_name, row.name))
        };
        let choices: Vec<(String, String)> = meant.iter().map(shown).collect();
        let labels: Vec<&str> = choices.iter().map(|(_, label)| label.as_str()).collect();
        let fault = Fault::whole("name_elsewhere", message).suggesting(labels.join(" または "));
        fault.asking(which(&named.name, "団体", choices))
    }

    /// A prefecture with numbers among its municipalities.
    fn total_or_own(&self, named: &Named) -> Fault {
        let code = self.catalogue.body(named.body).code.to_string();
        let name = &named.name;
        let message = format!(
            "市区町村の表に「{}」の行があり、数字が書かれています。合計の行か、県そのものの値かを指定してください",
            cut(name, 40)
        );
        let choice = |value: &str, label: &str| Choice {
            parameter: "names".to_owned(),
            value: format!("{name}={value}"),
            label: label.to_owned(),
        };
        let question = Question {
            choices: vec![
                choice(IGNORED, "合計の行なので取り込まない"),
                choice(&code, &format!("{code} {name}そのものの値として取り込む")),
            ],
            question: format!("「{}」の行は合計ですか、{name}そのものの値ですか", cut(name, 40)),
            ..which(name, "団体", [])
        };
        Fault::whole("total_or_body", message).asking(question)
    }
}

/// The fault of rows that are about another body than a fact over their table.
fn other_in_rows(text: &str, over: &str, rows: &str) -> Fault {
    let shown = cut(text, 40);
    let message = format!(
        "表の上には「{shown}」（{over}）とありますが、行は{rows}のものです。誤っているほうを直して送り直すか、行のとおりでよいかを指定してください"
    );
    let choice = Choice {
        parameter: "names".to_owned(),
        value: format!("{text}={INCLUDED}"),
        label: format!("行のとおり{rows}のものとして取り込む"),
    };
    let text = format!("表の上に「{shown}」とあります。行のとおり{rows}のものとして取り込みますか");
    let question = Question { choices: vec![choice], ..Question::about_the_file("names", text, []) };
    Fault::whole("title_mismatch", message).found(&shown).asking(question)
}

fn is_number(cell: &str) -> bool {
    let folded = fold_width(cell);
    let bare = folded.trim_end_matches(['%', '件']);
    !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit() || b",.".contains(&byte))
}
