//! What is asked of columns that the table does not read and that would say something of its rows.

use super::{Shape, left_out, own_key};
use crate::domain::loose_dates::Purpose;
use crate::domain::text::cut;
use crate::import::Fault;
use crate::import::layout::channels::tells_plans;
use crate::import::layout::column::Column;
use crate::import::layout::sheet::Sheet;
use crate::import::layout::sheet_days::day_below;
use crate::import::marks::{Choice, Question};
use crate::import::table::Row;

/// What a column is asked about.
struct Asked {
    code: &'static str,
    /// What is wrong and what may be done about it, without what the column may be.
    message: String,
    /// What stands behind the name of the column.
    question: String,
    /// Fields that it may be, as an answer names them, with their labels; leaving it out may always be chosen.
    fields: Vec<(Column, &'static str, &'static str)>,
    suggested: bool,
}

impl Sheet<'_> {
    /// A column that has a meaning in other layouts.
    pub(super) fn ask_what_for(&mut self, table: &Shape<'_>, at: usize) {
        let count = filled(table, at);
        let message = format!(
            "この形の表では読めない列に{count}か所の値があります。別の表に分けて送るか、レイアウト（layout）を指定するか、"
        );
        let question = format!("列（{count}か所）は、この形の表では読めません");
        let (code, fields) = ("unread_column", vec![field(Column::Note, "備考として記録する")]);
        self.ask_column(table, at, Asked { code, message, question, fields, suggested: false });
    }

    /// A column of days of which the heading does not say what is true from then on. Some of its cells may be no
    /// days.
    pub(super) fn ask_days(&mut self, table: &Shape<'_>, at: usize) {
        let (today, heading) = (self.options.today, self.headings.text(at));
        let cells = || table.rows.iter().map(|row| row.cell(at).trim()).filter(|cell| !cell.is_empty());
        let read = |cell: &str, purpose| day_below(heading, cell, purpose);
        let days = cells().filter_map(|cell| read(cell, Purpose::From).ok()?.dated);
        let ahead = days.map(|day| day.on).any(|day| day > today);
        let likely = if ahead { Purpose::Until } else { Purpose::From };
        let others: Vec<&str> = cells().filter(|cell| read(cell, likely).is_err()).collect();
        let count = filled(table, at) - others.len();
        let plans = tells_plans(heading);
        let mut fields = match plans {
            false => vec![
                field(Column::EffectiveOn, "適用日（その日から）"),
                field(Column::TargetOn, "目標日（予定の時期）"),
            ],
            true => vec![
                field(Column::TargetOn, "目標日（予定の時期）"),
                (Column::EffectiveOn, SINCE, "予定の日（どの行もまだ始まっていない。目標日として記録する）"),
                field(Column::EffectiveOn, "始まった日（過ぎた日のものは、その日に始まった）"),
            ],
        };
        if ahead && !plans {
            fields.reverse();
        }
        let mut message = format!("知らない見出しの列に日付や時期が{count}か所あります。");
        let mut question = format!("列（日付や時期{count}か所）は何の日ですか");
        if let Some(first) = others.first() {
            let (first, other) = (cut(first, 20), others.len());
            message.push_str(&format!(
                "ほかに、いつの日か分からない値が{other}か所（「{first}」など）あります。日の列にするなら、それらは日付に直すか空欄にしてください。"
            ));
            question =
                format!("列（日付や時期{count}か所、いつの日か分からない値{other}か所）は何の列ですか");
            fields.push(field(Column::Note, "備考として記録する（日としては記録しない）"));
        }
        let code = "unknown_heading";
        // Of a day that was planned and is over only the sender knows whether it came to be.
        self.ask_column(table, at, Asked { code, message, question, fields, suggested: !plans });
    }

    /// A column of years alone, which are no days and may be calendar or fiscal ones unless its heading says which.
    pub(super) fn ask_years(&mut self, table: &Shape<'_>, at: usize) {
        let heading = self.headings.text(at);
        let day = |row: &&Row| day_below(heading, row.cell(at).trim(), Purpose::From).ok()?.dated;
        if table.rows.iter().find_map(day).is_some() {
            return self.ask_days(table, at);
        }
        let count = filled(table, at);
        let message = format!(
            "年だけの値が{count}か所あります。その年度からの状況なら、見出しを「適用日」にして「2024年度」「令和6年度」のように書くか、"
        );
        let question = format!("列（年だけの値{count}か所）は取り込めません");
        let (code, fields) = ("unknown_heading", Vec::new());
        self.ask_column(table, at, Asked { code, message, question, fields, suggested: false });
    }

    /// A column of days on which something ends. No field takes them.
    pub(super) fn ask_end(&mut self, table: &Shape<'_>, at: usize) {
        let count = filled(table, at);
        let message = format!(
            "終わりの日が{count}か所あります。終わりの日は記録できません。もう終わったものは段階を0にするか行を消し、これから終わるものは備考に書いてください。この列は"
        );
        self.ask_when(table, at, message, format!("列（終わりの日{count}か所）をどうしますか"));
    }

    /// A column of periods: no field takes them either.
    pub(super) fn ask_period(&mut self, table: &Shape<'_>, at: usize) {
        let count = filled(table, at);
        let message = format!(
            "期間が{count}か所あります。期間は記録できません。段階と状態には今のものを、期間は備考に書いてください。この列は"
        );
        self.ask_when(table, at, message, format!("列（期間{count}か所）をどうしますか"));
    }

    fn ask_when(&mut self, table: &Shape<'_>, at: usize, message: String, question: String) {
        let fields = vec![field(Column::Note, "備考として記録する（段階は今のまま）")];
        self.ask_column(table, at, Asked { code: "end_date", message, question, fields, suggested: false });
    }

    /// A column of names of products with which something is offered.
    pub(super) fn ask_products(&mut self, table: &Shape<'_>, at: usize) {
        let count = filled(table, at);
        let message = format!("知らない見出しの列に製品やシステムの名前が{count}か所あります。");
        let question = format!("列（製品やシステムの名前{count}か所）は何の列ですか");
        let fields = vec![field(Column::System, "システム"), field(Column::Note, "備考")];
        let code = "unknown_heading";
        self.ask_column(table, at, Asked { code, message, question, fields, suggested: true });
    }

    /// A column of names of channels: without it, its rows would be about other ones.
    pub(super) fn ask_channels(&mut self, table: &Shape<'_>, at: usize) {
        let count = filled(table, at);
        let apart = match self.is_open(table, Column::Channel, at) {
            true => "",
            false => "接点ごとに列か表を分けるか、",
        };
        let message = format!("知らない見出しの列に接点の名前が{count}か所あります。{apart}");
        let question = format!("列（接点の名前{count}か所）は、どの接点の行かを表しますか");
        let channel = field(Column::Channel, "接点（その行はこの接点のこと）");
        let fields = vec![channel, field(Column::System, "システム"), field(Column::Note, "備考")];
        let code = "unknown_heading";
        self.ask_column(table, at, Asked { code, message, question, fields, suggested: false });
        // Without it each row is of whatever the table is about.
        if !self.is_open(table, Column::Channel, at)
            && let Some(last) = self.questions.last_mut().and_then(|question| question.choices.last_mut())
        {
            "この列は取り込まない（どの行の値も、接点を分けない値とする）".clone_into(&mut last.label);
        }
    }

    fn ask_column(&mut self, table: &Shape<'_>, at: usize, asked: Asked) {
        let name = self.headings.name(at);
        let key = own_key(&name);
        let fields = asked.fields.iter().filter(|(field, ..)| self.is_open(table, *field, at));
        let (mut names, mut choices) = (Vec::new(), Vec::new());
        for (field, value, label) in fields {
            if !names.contains(&field.label()) {
                names.push(field.label());
            }
            choices.push(Choice {
                parameter: "columns".to_owned(),
                value: format!("{key}={value}"),
                label: (*label).to_owned(),
            });
        }
        let first = choices.first().filter(|_| asked.suggested).cloned();
        choices.push(left_out(&name));
        let how = match names.is_empty() {
            true => "取り込まない（ignore）と指定してください".to_owned(),
            false => format!("{}か（columns）、取り込まない（ignore）かを指定してください", names.join("か")),
        };
        names.push("取り込まない");
        let fault = Fault::whole(asked.code, asked.message + &how).at_line(self.headings.line);
        let fault = fault.in_column(at, &name).found(&name).asked_elsewhere().allowing(names.join("、"));
        self.faults.push(match &first {
            Some(choice) => fault.suggesting(choice.label.clone()),
            None => fault,
        });
        self.questions.push(Question {
            mark: cut(&name, 100),
            question: format!("「{}」{}", cut(&name, 100), asked.question),
            count: filled(table, at),
            headings: vec![cut(&name, 60)],
            choices,
            suggestion: first.map(|choice| choice.value),
            ..Question::about_the_file("columns", String::new(), [])
        });
    }

    /// Whether a heading may mean a field here that no other heading means.
    pub(super) fn is_open(&self, table: &Shape<'_>, field: Column, own: usize) -> bool {
        let means = |(at, text): (usize, &str)| at != own && Column::of_heading(text) == Some(field);
        // One row to a channel, where a single column is not of a channel by name but of states.
        let of_states = |at: &usize| Column::of_heading(self.headings.meaning(*at)) == Some(Column::Level);
        let splits =
            field == Column::Channel && !table.marked.is_empty() && table.marked.iter().all(of_states);
        let reads = table.reads(field.code()) || splits;
        reads && !self.headings.all().any(means)
    }
}

/// How the day on which something begins, or is planned to, is named in an answer.
const SINCE: &str = "開始時期";

/// A field under its own name.
fn field(column: Column, label: &'static str) -> (Column, &'static str, &'static str) {
    (column, column.code(), label)
}

/// How many cells of a column say something.
fn filled(table: &Shape<'_>, at: usize) -> usize {
    table.rows.iter().filter(|row| !row.cell(at).trim().is_empty()).count()
}
