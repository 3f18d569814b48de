//! Tables whose title says that they tell plans, while their marks say what is offered: 導入予定一覧 with ○.

use super::head::Head;
use crate::domain::text::cut;
use crate::import::headings::remarks_above;
use crate::import::marks::{Choice, Meaning, Profile, Question, is_title_of_plans, level, offered};
use crate::import::reading::Understood;
use crate::import::table::Table;
use crate::import::{Fault, Options};

/// Marks for what is offered of which the sender said nothing.
#[derive(Default)]
struct Open<'u> {
    /// As an answer names them, with what they usually mean.
    open: Vec<(String, Meaning)>,
    /// As they stand in the file.
    marks: Vec<&'u str>,
    /// Whether numbers are among them.
    levels: bool,
}

impl<'u> Open<'u> {
    fn among(understood: &'u [Understood], options: &Options) -> Self {
        let profile = options.profile_over(Profile::default_marks());
        let mut found = Self::default();
        for known in understood {
            for (scale, named, meaning) in offered(&known.mark) {
                let is_new = found.open.iter().all(|(other, _)| *other != named);
                if is_new && profile.said(&known.mark, scale).is_none() {
                    found.levels |= level(&known.mark).is_some();
                    found.open.push((named, meaning));
                    found.marks.push(&known.mark);
                }
            }
        }
        found.marks.dedup();
        found
    }
}

/// What is asked where the title of a table or its sheet says plans: whether its marks are of today. What the
/// sender says of a mark is an answer.
pub(super) fn today_or_plans(
    head: &dyn Head,
    table: &Table,
    understood: &[Understood],
    options: &Options,
) -> Option<Fault> {
    if !head.may_hold_plans() {
        return None;
    }
    let headings = head.headings();
    let titles = remarks_above(table, headings).into_iter().chain(table.container.sheet().map(str::to_owned));
    let title = titles.into_iter().find(|text| is_title_of_plans(text))?;
    let Open { open, marks, levels } = Open::among(understood, options);
    let (first, _) = open.first()?;
    let marks = cut(&marks.join("」「"), 60);
    let title = cut(&title, 40);
    let choice = |label: String, meant: &dyn Fn(Meaning) -> Meaning| {
        let pairs: Vec<String> =
            open.iter().map(|(named, meaning)| format!("{named}={}", meant(*meaning).code())).collect();
        Choice { parameter: "marks".to_owned(), value: pairs.join(","), label }
    };
    let today =
        choice("今の状況（記号はふつうの意味のまま）".to_owned(), &|meaning| meaning);
    let plans = choice(Meaning::Planned(None).label(None), &|_| Meaning::Planned(None));
    // A number names the level of the plan, which a mark for plans would lose.
    let (choices, suggestion, way) = if levels {
        (vec![today], None, "予定の段階なら、列の見出しを「目標段階」にして送り直してください")
    } else {
        let suggestion = Some(plans.value.clone());
        (
            vec![plans, today],
            suggestion,
            "どちらか指定してください（予定の時期は ○=予定 R9.4 のように書けます）",
        )
    };
    let message = format!("「{title}」とありますが、「{marks}」が今の状況か予定か分かりません。{way}");
    let question = Question::about_the_file(
        "marks",
        format!("「{title}」の「{marks}」は、予定ですか、今の状況ですか"),
        [],
    );
    let question = Question { mark: first.clone(), choices, suggestion, ..question };
    Some(Fault::whole("today_or_plans", message).found(&title).at_line(headings.line).asking(question))
}
