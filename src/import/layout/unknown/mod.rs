//! Columns whose headings say nothing to us. What stands in them is never dropped without a word:
//! marks and codes are a question, everything else is told.

mod asked;
mod both;
mod cells;
mod kind;
mod left_out;
mod shape;
mod sub_headings;
mod wanted;

use super::channel_words::likely_channel;
use super::channels::{is_other_way, tells_plans, time_below};
use super::column::Column;
use super::earlier::likely_left_out;
use super::sheet::{Sheet, column};
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::headings::{CHANNEL, is_for_people, pieces_of};
use crate::import::marks::{Choice, Question, likeliest_first};
use crate::import::options::IGNORED;
use crate::import::table::Row;
use cells::{Kind, highest_level, mostly_states};
use wanted::{CANDIDATES, candidates};

pub(super) use cells::{Test, are_words_like_marks, is_address, is_mark, may_be_marks, without_note};
pub(super) use left_out::left_out;
pub(super) use shape::Shape;
pub(super) use wanted::Wanted;
/// So many columns are asked about, and so many are named in a note; a table with more has other
/// troubles.
const MOST: usize = 50;

impl Sheet<'_> {
    /// Asks about the columns with marks or codes that are not read, and tells of the others.
    pub(super) fn unknown_columns(&mut self, table: &Shape<'_>) {
        let open: Vec<usize> = (0..=self.headings.last())
            .filter(|at| {
                !((table.known)(*at) || self.headings.is_left_out(*at) || self.legends.contains(*at))
            })
            .filter(|at| !is_for_people(self.headings.text(*at)))
            .collect();
        let levels = table.marked.iter().filter_map(|at| highest_level(table.rows, *at)).max();
        let mut plain = Vec::new();
        let open: Vec<(usize, Kind)> =
            open.into_iter().map(|at| (at, self.kind(table, at, levels))).collect();
        let others = self.of_the_other_reading(table, &open);
        self.ask_which_reading(table, &others);
        for (at, kind) in open.into_iter().filter(|(at, _)| !others.contains(at)) {
            let has_channels = column(self.headings, CHANNEL).is_some();
            match kind {
                Kind::Empty if self.headings.text(at).trim().is_empty() => {}
                Kind::Empty => plain.push((at, kind)),
                // A table with a column of channels says by itself what its rows are about.
                Kind::Channels if !has_channels => self.ask_channels(table, at),
                _ if self.is_of_another_layout(table, at) => self.ask_what_for(table, at),
                // Only the sender can say of words that no profile knows whether they are marks.
                Kind::Marks(count) | Kind::Words(count) | Kind::States(count) => {
                    self.ask(table, at, count, false)
                }
                Kind::Codes(count) => self.ask(table, at, count, true),
                // Counts are of the year that they say, and are asked where they speak of another time.
                Kind::Periods if !table.reads("fiscal_year") => self.ask_period(table, at),
                Kind::Years if table.names_days() && !is_of_the_writing(self.headings.text(at)) => {
                    self.ask_years(table, at);
                }
                Kind::Products if self.is_open(table, Column::System, at) => self.ask_products(table, at),
                Kind::Products if !table.marked.is_empty() => self.ask_what_for(table, at),
                Kind::Days if tells_ends(self.headings.text(at)) => self.ask_end(table, at),
                Kind::Days if table.names_days() && !is_of_the_writing(self.headings.text(at)) => {
                    self.ask_days(table, at);
                }
                _ => plain.push((at, kind)),
            }
        }
        self.unread.extend(plain.iter().map(|(at, _)| *at));
        self.tell_plain(table, &plain);
        self.tell_said_in_vain();
    }

    /// Tells of headings that the sender explains and the table does not have.
    pub(super) fn tell_said_in_vain(&mut self) {
        let vain: Vec<String> = self
            .headings
            .said_in_vain(self.options)
            .iter()
            .map(|key| format!("「{}」", cut(key, 60)))
            .collect();
        if !vain.is_empty() {
            self.notes.push(format!("指定された見出しはこの表にありません: {}", vain.join("、")));
        }
    }

    /// Whether a column has a meaning that tables of this layout do not read: without it their rows would be
    /// about something else, or what they say would be lost.
    fn is_of_another_layout(&self, table: &Shape<'_>, at: usize) -> bool {
        let heading = self.headings.meaning(at);
        Column::of_heading(heading).is_some_and(|column| {
            let says = matches!(
                column,
                Column::Level
                    | Column::Applicability
                    | Column::State
                    | Column::TargetLevel
                    | Column::TargetOn
            );
            // A layout that reads a column of channels knows it by fewer names than there are.
            column == Column::Channel || (says && !table.reads(column.code()))
        })
    }

    /// Asks about columns of words that a table of several procedures or bodies cannot place: `is_field` says
    /// of a heading that it is such a one. Gives back where they stand.
    pub(super) fn unplaced(
        &mut self,
        rows: &[&Row],
        known: &dyn Fn(usize) -> bool,
        is_field: impl Fn(&str) -> bool,
    ) -> Vec<usize> {
        let filled = |at: usize| rows.iter().filter(|row| !row.cell(at).trim().is_empty()).count();
        let headings = self.headings;
        let open = headings.all().filter(|(at, text)| !known(*at) && is_field(text));
        let open: Vec<(usize, usize)> =
            open.map(|(at, _)| (at, filled(at))).filter(|(_, count)| *count > 0).take(MOST).collect();
        for (at, count) in &open {
            let name = headings.name(*at);
            let message = format!(
                "この列の{count}か所の値がどの印のことか、この表では分かりません。2段の見出しにして印の列のすぐ右に置くか、行のすべての印のことか（columns）、取り込まない（ignore）かを指定してください"
            );
            let field = pieces_of(&name).last().and_then(Column::of_heading);
            let of_all = field.map(|field| Choice {
                parameter: "columns".to_owned(),
                value: format!("{}={}", fold_for_match(&name), field.code()),
                label: format!("{}として、その行のすべての印に記録する", field.label()),
            });
            let fault = Fault::whole("unplaced_column", message).at_line(headings.line).in_column(*at, &name);
            self.faults.push(fault.found(&name).asked_elsewhere().allowing("行のすべての印、取り込まない"));
            self.questions.push(Question {
                mark: cut(&name, 100),
                parameter: "columns".to_owned(),
                question: format!("「{}」列（{count}か所）はどの印のことか分かりません", cut(&name, 100)),
                count: *count,
                headings: vec![cut(&name, 60)],
                choices: of_all.into_iter().chain([left_out(&name)]).collect(),
                suggestion: None,
                lines: Vec::new(),
            });
        }
        open.into_iter().map(|(at, _)| at).collect()
    }

    /// A column of which something would be lost: a fault, and the question that mends it.
    fn ask(&mut self, table: &Shape<'_>, at: usize, count: usize, codes: bool) {
        if self.questions.iter().filter(|question| question.is_about_column()).count() >= MOST {
            return;
        }
        let name = self.headings.name(at);
        let key = fold_for_match(&name);
        let choice = |value: &str, label: &str| Choice {
            parameter: "columns".to_owned(),
            value: format!("{key}={value}"),
            label: cut(label, 200),
        };
        let (mut choices, suggestion) = match codes {
            true => (vec![choice("municipality_code", "団体コード")], None),
            false => candidates(self.catalogue, table.wanted, self.headings.text(at), &choice),
        };
        let mut suggestion = suggestion;
        let heading = self.headings.text(at);
        let plans =
            tells_plans(heading) || time_below(heading).is_some_and(|time| time.on > self.options.today);
        if let Some(Wanted::Field(code, label)) = table.wanted.iter().find(|wanted| wanted.is_plan())
            && plans
        {
            // What stands above goes on to say of which channel it is.
            let value = format!("{}={code}", own_key(&name));
            suggestion = Some(value.clone());
            choices.insert(0, Choice { parameter: "columns".to_owned(), value, label: (*label).to_owned() });
        }
        if self.is_open(table, Column::State, at) && mostly_states(table.rows, at) {
            choices.insert(0, choice(Column::State.code(), Column::State.label()));
        }
        if is_of_the_way(heading) {
            suggestion = None;
            choices.insert(0, left_out(&name));
        }
        let near: Vec<String> = choices.iter().take(CANDIDATES).map(|choice| choice.label.clone()).collect();
        if choices.iter().all(|choice| choice.parameter != "ignore") {
            choices.push(left_out(&name));
        }
        let what = if codes { "団体コードのような番号" } else { "記号や段階" };
        let message = format!(
            "知らない見出しの列に{what}が{count}か所あります。見出しを直すか、何の列か（columns）、取り込まない（ignore）かを指定してください"
        );
        let fault = Fault::whole("unknown_heading", message)
            .at_line(self.headings.line)
            .in_column(at, &name)
            .found(&name)
            .asked_elsewhere()
            .allowing(if codes { "団体コード".to_owned() } else { table.labels() });
        self.faults.push(if near.is_empty() { fault } else { fault.suggesting(near.join(" または ")) });
        let question = Question {
            mark: cut(&name, 100),
            parameter: "columns".to_owned(),
            question: format!("「{}」列（{what}{count}か所）は何の列ですか", cut(&name, 100)),
            count,
            headings: vec![cut(&name, 60)],
            choices,
            suggestion,
            lines: Vec::new(),
        };
        self.questions.push(likely_left_out(&name, question));
    }

    /// Names the columns that are not read, and warns of headings that are nearly a known one.
    fn tell_plain(&mut self, table: &Shape<'_>, plain: &[(usize, Kind)]) {
        // What stands in the table under its own name is no slip elsewhere: 担当課 and 担当係.
        let there =
            |name: &&str| self.headings.all().any(|(_, text)| fold_for_match(text) == fold_for_match(name));
        let names = table.wanted.iter().flat_map(|wanted| wanted.names(self.catalogue));
        let known: Vec<&str> = names.filter(|name| !there(name)).collect();
        let mut names = Vec::new();
        for (at, kind) in plain.iter().take(MOST) {
            let text = self.headings.text(*at).trim();
            let name = cut(&self.headings.name(*at), 60);
            let hint = table.hint(*kind, &name);
            if let Some(near) = known.iter().find(|known| differ_by_a_letter(known, text)) {
                let message = "知らない見出しのため、この列は使いません。見出しの書き誤りではありませんか";
                let warning =
                    Fault::whole("unknown_heading", message).at_line(self.headings.line).found(text);
                self.warnings.push(warning.in_column(*at, text).suggesting(*near));
                names.push(name);
            } else {
                names.push(name + &hint);
            }
        }
        if !names.is_empty() {
            self.notes.push(format!("知らない見出しの列は使いません: {}", names.join("、")));
        }
        self.tell_texts(table, plain);
    }
}

impl Sheet<'_> {
    /// Tells how columns of texts that are not read could be: a remark may stand under any heading.
    fn tell_texts(&mut self, table: &Shape<'_>, plain: &[(usize, Kind)]) {
        let reads = self.is_open(table, Column::Note, usize::MAX);
        let texts = plain.iter().filter(|(_, kind)| reads && *kind == Kind::Text);
        let texts = texts.filter(|(at, _)| table.rows.iter().any(|row| is_text(row.cell(*at))));
        let names: Vec<String> = texts.take(MOST).map(|(at, _)| cut(&self.headings.name(*at), 60)).collect();
        if let Some(first) = names.first() {
            self.notes.push(format!(
                "文章の列（{}）も、備考や担当課などとして取り込めます（例 columns='{first}=備考'）。",
                names.join("、")
            ));
        }
    }

    /// Asks which channel the name of a product is, once for each name.
    pub(super) fn ask_channel(&mut self, name: &str) {
        /// More names are another column.
        const NAMES: usize = 20;
        let mark = cut(name, 100);
        let asked = self.questions.iter().filter(|question| question.parameter == "names").count();
        if let Some(question) = self.questions.iter_mut().find(|question| question.mark == mark) {
            question.count += 1;
            return;
        }
        if asked >= NAMES {
            return;
        }
        let choice = |channel: &crate::domain::readiness::Channel| Choice {
            parameter: "names".to_owned(),
            value: format!("{name}={}", channel.id),
            label: channel.label_ja.clone(),
        };
        let mut choices: Vec<Choice> = self.catalogue.channels().iter().map(choice).collect();
        let ignored = format!("{name}={IGNORED}");
        choices.push(Choice {
            parameter: "names".to_owned(),
            value: ignored.clone(),
            label: "その行は取り込まない".to_owned(),
        });
        let likely = likely_channel(name).map(|id| format!("{name}={id}"));
        let suggestion = likely.or_else(|| is_other_way(name).then_some(ignored));
        likeliest_first(&mut choices, suggestion.as_deref());
        self.questions.push(Question {
            question: format!("「{mark}」はどの接点ですか"),
            mark,
            parameter: "names".to_owned(),
            count: 1,
            headings: Vec::new(),
            choices,
            suggestion,
            lines: Vec::new(),
        });
    }
}

/// Whether a cell is words, and no number or sign.
fn is_text(cell: &str) -> bool {
    cell.chars().filter(|c| c.is_alphabetic()).count() > 2
}

/// By what a column is told apart from others: what stands above it goes on to say what it says.
fn own_key(name: &str) -> String {
    fold_for_match(pieces_of(name).last().unwrap_or_default())
}

impl Question {
    /// Whether it asks what a column is.
    fn is_about_column(&self) -> bool {
        self.parameter == "columns"
    }
}

/// Whether a heading speaks of how something is applied for, and not of whether it can be: 添付書類, 決済方法.
fn is_of_the_way(heading: &str) -> bool {
    const WORDS: [&str; 14] = [
        "添付",
        "書類",
        "様式",
        "本人確認",
        "決済",
        "支払",
        "手数料",
        "押印",
        "署名",
        "メモ",
        "確認欄",
        "チェック",
        "根拠",
        "公開",
    ];
    let lowest = pieces_of(heading).last().unwrap_or_default();
    WORDS.iter().any(|word| lowest.contains(word))
}

/// Whether days under a heading are those on which somebody wrote something down.
fn is_of_the_writing(heading: &str) -> bool {
    const WORDS: [&str; 11] =
        ["更新", "記入", "作成", "回答", "入力", "提出", "施行", "公布", "制定", "改正", "生年月日"];
    let lowest = pieces_of(heading).last().unwrap_or_default();
    WORDS.iter().any(|word| lowest.contains(word))
}

/// Whether a heading speaks of the time at which something ends: nothing is true from then on.
fn tells_ends(heading: &str) -> bool {
    const WORDS: [&str; 15] = [
        "終了", "廃止", "休止", "停止", "満了", "閉鎖", "期限", "撤去", "解約", "解除", "撤退", "脱退",
        "退会", "中止", "終期",
    ];
    let lowest = pieces_of(heading).last().unwrap_or_default();
    WORDS.iter().any(|word| lowest.contains(word))
}

/// Whether one letter of several stands for another: 適用曰 for 適用日.
fn differ_by_a_letter(one: &str, other: &str) -> bool {
    let letters = one.chars().count();
    letters > 2
        && letters == other.chars().count()
        && one.chars().zip(other.chars()).filter(|(a, b)| a != b).count() == 1
}
