//! The first rows that a file would write, in words for a terminal.

use crate::domain::assertion::Fact;
use crate::domain::readiness::Source;
use crate::domain::text::cut;
use crate::domain::usage::{RecordKey, Subject};
use crate::import::changes;
use crate::import::layout::title_of_figure;
use crate::import::plan::{Entry, RecordEntry, Shows};
use crate::import::report::{FirstChange, Written};

/// What a row would write, in one line.
pub(super) fn line(change: &FirstChange) -> String {
    match &change.written {
        Written::Fact(entry) => format!("{}行目 {}: {}", entry.line, about(change), fact(entry)),
        Written::Record(entry) => format!("{}行目 {} {}", entry.line, about(change), record(entry)),
    }
}

/// The body, the procedure and the channel by their names.
fn about(change: &FirstChange) -> String {
    /// Longest name of a procedure on a screen, in characters.
    const LONGEST: usize = 24;
    let procedure = change.procedure.as_ref().map(|(id, name)| format!("{id} {}", cut(name, LONGEST)));
    let named = [Some(change.body.clone()), procedure, change.channel.clone()];
    named.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What a row changes on a page of today, or that it changes nothing there.
fn fact(entry: &Entry) -> String {
    let said = changes::stated_in_words(&entry.new);
    match entry.shows {
        Shows::Past => {
            let since = entry.effective.in_words();
            format!("{since} からの {said} を履歴に記録します（今日の表示は変わりません）")
        }
        Shows::Beside => {
            let first =
                if entry.key.source == Source::Published { "団体の申告" } else { "制度なしなど" };
            format!("{said} を記録します（{first}が先に立つため、今日の表示は変わりません）")
        }
        Shows::Today | Shows::Later => change_of(entry, &said),
    }
}

/// What is shown today, and what would be shown instead, from a day that may be still to come.
fn change_of(entry: &Entry, said: &str) -> String {
    let later = match entry.shows {
        Shows::Later => format!("（{} から）", entry.effective.in_words()),
        _ => String::new(),
    };
    if let (Fact::Withdrawn, Some(old)) = (&entry.new, &entry.old) {
        let done = if entry.follows { " は終わります" } else { " を取り下げます" };
        return format!("{}{done}{later}", changes::stated_in_words(old));
    }
    let source = entry.key.source;
    let whose = entry.old_source.filter(|old| *old != source).map(|old| format!("（{}）", old.label()));
    let told = changes::in_words(&changes::of_fact(entry.old.as_ref(), &entry.new), whose.as_deref());
    match (told.is_empty(), whose) {
        (false, _) => format!("{told}{later}"),
        // The town says itself what was only published so far.
        (true, Some(whose)) => {
            format!("{}としても記録します（内容は今{whose}と同じ）{later}", source.label())
        }
        (true, None) => format!("{said} を記録します（今日の表示は変わりません）"),
    }
}

/// The year of a count or a figure, and what it would be.
fn record(entry: &RecordEntry) -> String {
    let what = match &entry.key {
        RecordKey::Usage(key) => format!("{} {}", key.fiscal_year, key.group.label()),
        RecordKey::Figure(key) => match &key.subject {
            Subject::Definition(id) => format!("{} {}", title_of_figure(id), key.fiscal_year),
            Subject::Procedure(_) => key.fiscal_year.to_string(),
        },
        RecordKey::Material(key) => key.in_words(),
    };
    format!(
        "{what}: {}",
        changes::in_words(&changes::of_record(&entry.key, entry.old.as_ref(), &entry.new), None)
    )
}
