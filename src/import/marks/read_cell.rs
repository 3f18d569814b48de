//! Reads cells: each is a mark, and what stands beside it.
//!
//! 「○※1」「○（一部）」「○(R6.4～)」「×（R8予定）」「1 実施済」「○ https://…」 are taken apart. What stands
//! beside the mark goes where it belongs (the day, the plan, the address) or is kept as a note; what
//! could turn the mark into something else leaves the cell open, and the sender is asked.

use chrono::NaiveDate;

use super::answers::says_nothing;
use super::cell::{Cell, Read, Unread};
use super::legend::Legend;
use super::meaning::Meaning;
use super::pieces::{
    Number, as_written, dates, footnote, has_two_marks, is_address, is_turning, is_turning_char, numbered,
    tells_done, trimmed,
};
use super::plans::{Plan, is_another_time, is_what_is_done, plan, since, until};
use super::profile::{ANY_ADDRESS, ANY_DAY, Profile};
use super::symbols::{is_symbol, without_groups};
use super::words;
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::dates::Dated;
use crate::domain::readiness::{Level, Scale, State, check_address, limits};
use crate::domain::shared::SharedText;
use crate::domain::text::{clean, fold_mark};

/// Longer text is not taken apart, in bytes.
const LONGEST: usize = 1_000;

/// What decides how a cell is read, besides its text.
#[derive(Clone, Copy, Debug)]
pub(in crate::import) struct CellContext<'a> {
    pub(in crate::import) profile: &'a Profile,
    pub(in crate::import) legend: &'a Legend,
    pub(in crate::import) scale: Option<Scale>,
    /// Whether the table is about counters alone.
    pub(in crate::import) counters: bool,
    /// Whether this program wrote the table, in whose cells 廃止 is the procedure.
    pub(in crate::import) ours: bool,
    /// Whether numbers before words are those of choices: 「1 実施済」「2 予定」.
    pub(in crate::import) choices: bool,
    /// The day it is in Japan.
    pub(in crate::import) today: NaiveDate,
}

impl CellContext<'_> {
    /// Reads a cell.
    ///
    /// # Errors
    ///
    /// Why it cannot be taken as it stands.
    pub(in crate::import) fn read(&self, raw: &str) -> Result<Read, Unread> {
        let folded = fold_mark(raw);
        let read =
            self.whole(raw, &folded).or_else(|| self.parted(raw, &folded)).unwrap_or(Err(Unread::Unknown))?;
        let said =
            self.profile.said(&folded, self.scale).or_else(|| self.profile.said(&read.mark, self.scale));
        let whole =
            matches!(read.cell.meaning, Meaning::Applicability(value) if self.may_be_the_channel(value));
        if whole && said.is_none() {
            return Err(Unread::WhichAbsence);
        }
        Ok(read)
    }

    /// Whether a word for a procedure that is not performed may be about the channel alone. What ends is
    /// as often the way as the procedure; of the others only the counters of a table about nothing else
    /// leave that open.
    fn may_be_the_channel(&self, value: Applicability) -> bool {
        match value {
            Applicability::Abolished => self.scale.is_some() && !self.ours,
            other => !other.applies() && self.counters && self.scale == Some(Scale::Counter),
        }
    }

    fn known(&self, text: &str) -> Option<Meaning> {
        self.profile.meaning(text, self.scale)
    }

    /// What the cell as a whole means.
    fn whole(&self, raw: &str, folded: &str) -> Option<Result<Read, Unread>> {
        let read = |cell| Some(Ok(Read { cell, mark: folded.to_owned(), numbered: false }));
        if let Some(meaning) = self.known(folded).or_else(|| self.known(folded.strip_suffix('。')?)) {
            let mut cell = Cell::plain(meaning);
            match meaning {
                Meaning::Planned(_) => {
                    if let Some(plan) = plan(folded) {
                        cell = cell.planned(&plan);
                    }
                }
                Meaning::Level(..) => {
                    cell.since = since(folded);
                    cell.state = in_force(folded, meaning);
                }
                _ => {}
            }
            // What stands beside a mark is kept, whatever the sender says that the two mean.
            if !matches!(meaning, Meaning::Note | Meaning::Nothing | Meaning::State(_))
                && self.profile.said(folded, self.scale).is_some()
                && let Some(rest) = self.words_beside(raw, folded)
            {
                cell.note = joined(&[rest.into()]).map_err(Unread::Refused).ok().flatten();
            }
            return read(cell);
        }
        if matches!(words::level(folded), Some((Level::ZERO, true))) {
            return Some(Err(Unread::Refused(says_nothing(folded))));
        }
        if words::is_dash(folded) {
            return Some(Err(Unread::Dash));
        }
        if !self.profile.is_open() {
            return Some(Err(Unread::Unknown));
        }
        if let Some(plan) = plan(folded) {
            return read(Cell::plain(Meaning::Planned(plan.on)).planned(&plan));
        }
        let mut cuts = folded.char_indices().map(|(at, _)| folded.split_at(at)).skip(1);
        let day = since(folded)?;
        if cuts.any(|(day, word)| self.is_done(day, word)) {
            return None;
        }
        Some(match self.profile.said(ANY_DAY, self.scale) {
            None => Err(Unread::Day),
            Some(meaning) => {
                let plain = Cell::plain(meaning);
                let cell = match meaning {
                    Meaning::Planned(_) => Cell { plan: Some(Some(day)), ..plain },
                    Meaning::Level(..) | Meaning::Full | Meaning::Applicability(_) => {
                        Cell { since: Some(day), ..plain }
                    }
                    _ => plain,
                };
                Ok(Read { cell, mark: ANY_DAY.to_owned(), numbered: false })
            }
        })
    }

    /// Takes the cell apart.
    fn parted(&self, raw: &str, folded: &str) -> Option<Result<Read, Unread>> {
        if folded.len() > LONGEST {
            return None;
        }
        let mut addresses = Vec::new();
        let words: Vec<&str> =
            folded.split_whitespace().filter(|word| !is_address(word, &mut addresses)).collect();
        let mut parts = Parts { raw, url: None, notes: Vec::new() };
        if let Err(refusal) = parts.addresses(&addresses) {
            return Some(Err(Unread::Refused(refusal)));
        }
        if words.is_empty() {
            let online = self.scale != Some(Scale::Counter);
            let usual = online.then_some(Meaning::Level(Level::THREE, true));
            let Some(meaning) = self.profile.said(ANY_ADDRESS, self.scale).or(usual) else {
                return Some(Err(Unread::Address));
            };
            let cell = Cell { url: parts.url, note: parts.notes.into_iter().next(), ..Cell::plain(meaning) };
            return Some(Ok(Read { cell, mark: ANY_ADDRESS.to_owned(), numbered: false }));
        }
        let text = words.join(" ");
        if words::level(&text).is_none() && has_two_marks(&text) {
            return Some(Err(Unread::TwoMarks));
        }
        let split = self.split(&text)?;
        Some(self.join(split, parts))
    }

    /// The mark of a text, and what stands around it.
    fn split<'t>(&self, text: &'t str) -> Option<Split<'t>> {
        let (head, mut rests) = without_groups(text);
        let (mut number, mut head) = (None, head);
        if let Some((before, rest)) = numbered(head) {
            // 「5 R9.4予定」
            if self.profile.is_open() && self.known(rest).is_none() && plan(rest).is_some() {
                return Some(Split { number: Some(before), mark: rest, rests });
            }
            // 「3（R6.4）」 is a level; so is 「3 R6.4」.
            if self.head(rest).is_some_and(|inner| words::level(inner.mark).is_none()) {
                (number, head) = (Some(before), rest);
            }
        }
        let inner = self.head(head)?;
        rests.splice(0..0, inner.rests);
        Some(Split { number, mark: inner.mark, rests })
    }

    /// The mark of a text without brackets.
    fn head<'t>(&self, text: &'t str) -> Option<Split<'t>> {
        let split = |mark, rests: &[&'t str]| Some(Split { number: None, mark, rests: rests.to_vec() });
        let known = |text: &str| !text.is_empty() && self.known(text).is_some();
        if known(text) {
            return split(text, &[]);
        }
        // A bare number beside another one is part of a day or of something else.
        let separators = |c: char| matches!(c, ' ' | '、' | ',' | ';' | ':' | '/' | '・' | '→');
        if let Some(at) = text.find(separators)
            && known(&text[..at])
            && (text[at..].starts_with([' ', ':']) || words::level(&text[..at]).is_none())
        {
            return split(&text[..at], &[&text[at..]]);
        }
        if let Some((rest, last)) = text.rsplit_once(separators)
            && known(last)
            && words::level(last).is_none()
        {
            return split(last, &[rest]);
        }
        let first = text.chars().next()?;
        if is_symbol(first) && known(&text[..first.len_utf8()]) {
            return split(&text[..first.len_utf8()], &[&text[first.len_utf8()..]]);
        }
        let last = text.chars().next_back()?;
        let at = text.len() - last.len_utf8();
        if is_symbol(last) && known(&text[at..]) {
            return split(&text[at..], &[&text[..at]]);
        }
        if let Some(at) = text.find(['※', '*', '†', '注'])
            && known(&text[..at])
        {
            return split(&text[..at], &[&text[at..]]);
        }
        // 「実施済R5.4」, 「R5.4から実施」
        let mut cuts = text.char_indices().map(|(at, _)| at).skip(1);
        cuts.find_map(|at| {
            let (before, behind) = text.split_at(at);
            match (known(before) && dates(behind), self.is_done(before, behind)) {
                (true, _) => split(before, &[behind]),
                (_, true) => split(behind, &[before]),
                _ => None,
            }
        })
    }

    /// Whether a text is a day and the word for what was done then: 「R5.10から｜実施」.
    fn is_done(&self, day: &str, word: &str) -> bool {
        words::level(word).is_none() && self.known(word).is_some() && since(trimmed(day)).is_some()
    }

    /// Puts mark and rest together to what the cell says.
    fn join(&self, split: Split<'_>, mut parts: Parts<'_>) -> Result<Read, Unread> {
        let Split { number, mark, rests } = split;
        let mut cell = match (self.known(mark), plan(mark)) {
            (Some(meaning), _) => Cell::plain(meaning),
            (None, Some(plan)) => Cell::plain(Meaning::Planned(plan.on)).planned(&plan),
            (None, None) => return Err(Unread::Unknown),
        };
        cell.state = cell.state.or(in_force(mark, cell.meaning));
        let numbered = match number {
            Some(number) => !self.takes_number(&mut cell, mark, number)?,
            None => false,
        };
        for rest in &rests {
            if let Some(all) = self.piece(rest) {
                self.add(&mut cell, mark, &all, &mut parts)?;
                continue;
            }
            // Piece by piece, if each of them is understood; else all of it is one text.
            let pieces = rest.split([' ', '、', ',', ';']).filter(|piece| !trimmed(piece).is_empty());
            match pieces.map(|piece| self.piece(piece)).collect::<Option<Vec<Piece<'_>>>>() {
                Some(pieces) => {
                    for piece in &pieces {
                        self.add(&mut cell, mark, piece, &mut parts)?;
                    }
                }
                None if trimmed(rest).starts_with("一部") => {
                    self.add(&mut cell, mark, &Piece::Partly(trimmed(rest)), &mut parts)?;
                }
                None => self.add(&mut cell, mark, &Piece::Text(trimmed(rest)), &mut parts)?,
            }
        }
        cell.url = parts.url;
        cell.note = joined(&parts.notes).map_err(Unread::Refused)?;
        Ok(Read { cell, mark: mark.to_owned(), numbered })
    }

    /// Takes the number before a word for a level where the word leaves that open; says whether it did.
    fn takes_number(&self, cell: &mut Cell, mark: &str, number: Number) -> Result<bool, Unread> {
        // 0 is no level that could be planned or out of force.
        let level = || Level::new(number.value).filter(|level| *level > Level::ZERO).ok_or(Unread::Unknown);
        let is_level = number.plain && !self.choices && !self.legend.speaks_of(&number.value.to_string());
        match (cell.meaning, self.scale) {
            (Meaning::Level(level, _), Some(scale)) if words::is_label(mark, scale) => {
                if number.value != level.number() {
                    return Err(Unread::Disagreement(number.value, level));
                }
            }
            (Meaning::State(_), _) if is_level => cell.meaning = Meaning::Level(level()?, false),
            (Meaning::Planned(_), _) if is_level => cell.target = level()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What a text beside a mark is, if it is more than a text.
    fn piece<'t>(&self, text: &'t str) -> Option<Piece<'t>> {
        let text = trimmed(text);
        if text.is_empty() {
            return Some(Piece::Text(""));
        }
        if let Some(label) = footnote(text) {
            return Some(Piece::Footnote(label));
        }
        // 「○※令和8年度から」
        let bare = text.trim_start_matches(['※', '*', '†']).trim_start();
        if let Some(meaning) = self.known(bare).filter(|_| !bare.is_empty()) {
            return Some(Piece::Mark(bare, meaning));
        }
        if let Some(day) = since(bare) {
            return Some(Piece::Since(day));
        }
        if let Some(plan) = plan(bare) {
            return Some(Piece::Planned(plan));
        }
        let one = !text.contains([' ', '、', ',', ';']);
        (one && text.starts_with("一部")).then_some(Piece::Partly(text))
    }

    /// Whether words beside a mark for what is not offered speak of something that is.
    fn tells_offered(&self, text: &str) -> bool {
        let offers = |c: char| {
            let meaning = self.known(c.encode_utf8(&mut [0; 4]));
            match meaning.filter(|_| is_symbol(c)) {
                Some(Meaning::Level(level, _)) => level > Level::ZERO,
                other => other == Some(Meaning::Full),
            }
        };
        text.chars().any(offers) || tells_done(text)
    }

    /// Adds what stands beside the mark.
    fn add(
        &self,
        cell: &mut Cell,
        mark: &str,
        piece: &Piece<'_>,
        parts: &mut Parts<'_>,
    ) -> Result<(), Unread> {
        let offered = match cell.meaning {
            Meaning::Level(level, _) => level > Level::ZERO,
            Meaning::Full => true,
            _ => false,
        };
        let not_offered = matches!(cell.meaning, Meaning::Level(Level::ZERO, _));
        match (piece, cell.meaning) {
            (Piece::Text(""), _) => {}
            (Piece::Footnote(label), _) if self.footnote_turns(label, (offered, not_offered)) => {
                return Err(Unread::Unknown);
            }
            (Piece::Footnote(label), _) => parts.footnote(label, self.legend),
            (_, Meaning::Nothing) => return Err(Unread::Unknown),
            // All of the cell becomes the note.
            (_, Meaning::Note) => {}
            (Piece::Mark(word, _), _) if offered && State::said_by(word).is_some() => {
                cell.state = State::said_by(word);
            }
            (Piece::Mark(_, Meaning::Level(level, at_least)), Meaning::State(_)) if *level > Level::ZERO => {
                cell.meaning = Meaning::Level(*level, *at_least);
            }
            (Piece::Mark(word, Meaning::State(_)), _) if !matches!(cell.meaning, Meaning::State(_)) => {
                parts.note(word);
            }
            (Piece::Mark(word, same), meaning) if *same == meaning => {
                // ○○ may be more than ○.
                if word.chars().all(is_symbol) {
                    return Err(Unread::Unknown);
                }
            }
            (Piece::Mark(word, Meaning::Level(level, exact)), Meaning::Level(held, _)) => {
                // 「○（全部）」 says more exactly what ○ says; 「3 予約」 says two things.
                let symbol = word.chars().all(is_symbol);
                let bare = words::level(mark).is_none() && held == Level::THREE;
                match (level.cmp(&held), bare) {
                    _ if symbol => return Err(Unread::TwoMarks),
                    (std::cmp::Ordering::Equal, true) => cell.meaning = Meaning::Level(*level, *exact),
                    (std::cmp::Ordering::Equal, false) => {}
                    (std::cmp::Ordering::Greater, true) if words::level(word).is_none() => {
                        cell.meaning = Meaning::Level(*level, *exact);
                    }
                    _ if words::level(mark).is_some() && words::level(word).is_none() => {
                        return Err(Unread::Disagreement(held.number(), *level));
                    }
                    _ => return Err(Unread::Unknown),
                }
            }
            (Piece::Mark(_, Meaning::Planned(on)), Meaning::Level(Level::ZERO, _)) => cell.plan = Some(*on),
            (Piece::Mark(word, Meaning::Note), Meaning::Level(Level::ZERO, _) | Meaning::Planned(_)) => {
                parts.note(word)
            }
            (Piece::Planned(plan), _) if not_offered || matches!(cell.meaning, Meaning::Planned(_)) => {
                *cell = cell.clone().planned(plan);
            }
            (Piece::Since(day), Meaning::Planned(_)) => cell.plan = Some(Some(*day)),
            (Piece::Since(day), Meaning::Applicability(_) | Meaning::State(_)) => cell.since = Some(*day),
            // 「R8年度中に実施」: what is done on a day that has not come is planned.
            (Piece::Since(day), Meaning::Level(Level::THREE, true))
                if day.on > self.today && is_what_is_done(mark) =>
            {
                *cell = Cell::plain(Meaning::Planned(Some(*day)));
            }
            (Piece::Since(day), _) if offered && cell.since.is_none() => cell.since = Some(*day),
            (Piece::Partly(text), Meaning::Level(Level::THREE, _)) if self.scale != Some(Scale::Counter) => {
                let turning = text.chars().any(is_turning_char) || is_turning(text, self.scale);
                if turning || is_another_time(text, self.today) {
                    return Err(Unread::Unknown);
                }
                cell.meaning = Meaning::Level(Level::THREE, false);
                parts.note(text);
            }
            (Piece::Text(text), Meaning::Planned(_)) if cell.plan.flatten().is_none() => match until(text) {
                Some(plan) => *cell = cell.clone().planned(&plan),
                None => parts.note(text),
            },
            // What is so from another day is not to be said of today.
            (Piece::Text(text), meaning)
                if (offered || matches!(meaning, Meaning::Applicability(_) | Meaning::State(_)))
                    && is_another_time(text, self.today) =>
            {
                return Err(Unread::Unknown);
            }
            // 「×（R8.4から○）」 may be ○ by now.
            (Piece::Text(text), _) if not_offered && self.tells_offered(text) => return Err(Unread::Unknown),
            (Piece::Text(text), _) if !offered || !is_turning(text, self.scale) => parts.note(text),
            _ => return Err(Unread::Unknown),
        }
        Ok(())
    }
}

/// That something is in force, where the word for it says so.
fn in_force(mark: &str, meaning: Meaning) -> Option<State> {
    let offered = matches!(meaning, Meaning::Level(level, _) if level > Level::ZERO);
    State::said_by(mark).filter(|state| offered && *state == State::Live)
}

/// A mark and what stands around it.
struct Split<'t> {
    /// The number before it.
    number: Option<Number>,
    mark: &'t str,
    rests: Vec<&'t str>,
}

/// Something that stands beside a mark.
enum Piece<'t> {
    Footnote(&'t str),
    Mark(&'t str, Meaning),
    Since(Dated),
    Planned(Plan),
    /// 一部…, with more words than the mark has.
    Partly(&'t str),
    Text(&'t str),
}

/// What is kept of a cell beside its mark.
struct Parts<'r> {
    raw: &'r str,
    url: Option<SharedText>,
    notes: Vec<SharedText>,
}

impl Parts<'_> {
    /// The first address is the address; others are kept as words.
    fn addresses(&mut self, found: &[&str]) -> Result<(), Refusal> {
        for address in found {
            let address = as_written(self.raw, address);
            check_address(&address)?;
            let address = clean(&address, limits::URL)?.unwrap_or_default();
            match self.url {
                None => self.url = Some(address.into()),
                Some(_) => self.notes.push(address.into()),
            }
        }
        Ok(())
    }

    fn note(&mut self, text: &str) {
        self.notes.push(as_written(self.raw, text).into());
    }

    /// The text of a footnote, or its sign where the file has no text for it.
    fn footnote(&mut self, label: &str, legend: &Legend) {
        match legend.footnote(label) {
            Some(text) => self.notes.push(text.into()),
            None => self.note(label),
        }
    }
}

fn joined(notes: &[SharedText]) -> Result<Option<SharedText>, Refusal> {
    let mut told: Vec<&str> = Vec::new();
    for note in notes {
        if !told.contains(&note.as_ref()) {
            told.push(note);
        }
    }
    Ok(clean(&told.join("、"), limits::NOTE)?.map(SharedText::from))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_on(scale: Scale, raw: &str) -> Result<Read, Unread> {
        let (profile, legend) = (Profile::default_marks(), Legend::read(["※1 本人申請に限る"]));
        let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        let (profile, legend) = (&profile, &legend);
        let scale = Some(scale);
        CellContext { profile, legend, scale, counters: true, ours: false, choices: false, today }.read(raw)
    }

    fn label(raw: &str) -> String {
        match read_on(Scale::Online, raw) {
            Ok(read) => read.cell.label(Some(Scale::Online)),
            Err(unread) => format!("{unread:?}"),
        }
    }

    #[test]
    fn mark_and_rest_are_taken_apart() {
        for (raw, expected) in [
            ("○※1", "オンライン可（範囲未確認）、備考「本人申請に限る」"),
            ("○（※１）", "オンライン可（範囲未確認）、備考「本人申請に限る」"),
            ("○※2", "オンライン可（範囲未確認）、備考「※2」"),
            ("○＊", "オンライン可（範囲未確認）、備考「＊」"),
            ("済 注3）", "オンライン可（範囲未確認）、備考「注3）」"),
            ("○(一部)", "段階3（一部オンライン）"),
            ("○一部", "段階3（一部オンライン）"),
            ("一部○", "段階3（一部オンライン）"),
            ("（一部）○", "段階3（一部オンライン）"),
            ("○（一部、R6.4～）", "段階3（一部オンライン）、適用日 2024年4月"),
            ("○（一部の手続、本人のみ）", "段階3（一部オンライン）、備考「一部の手続、本人のみ」"),
            ("済（一部の手続）", "段階3（一部オンライン）、備考「一部の手続」"),
            ("○（全部）", "段階4（オンライン申請可）"),
            ("可（一部オンライン）", "段階3（一部オンライン）"),
            ("○(R6.4～)", "オンライン可（範囲未確認）、適用日 2024年4月"),
            ("○ R7.4～", "オンライン可（範囲未確認）、適用日 2025年4月"),
            ("R7.4～○", "オンライン可（範囲未確認）、適用日 2025年4月"),
            ("○\n令和6年4月から", "オンライン可（範囲未確認）、適用日 2024年4月"),
            ("2025/4/1 実施", "オンライン可（範囲未確認）、適用日 2025-04-01"),
            ("R5.10から実施", "オンライン可（範囲未確認）、適用日 2023年10月"),
            ("実施済R5.4", "オンライン可（範囲未確認）、適用日 2023年4月"),
            ("4（R6.4～）", "段階4（オンライン申請可）、適用日 2024年4月"),
            ("R8年度中に実施", "予定（目標段階3、2026年度。段階は今のまま、どこにもなければ0）"),
            ("R9.4から運用", "予定（目標段階3、2027年4月。段階は今のまま、どこにもなければ0）"),
            ("停止中", "停止中（段階はそのまま）"),
            ("備", "発災時に公開（段階はそのまま）"),
            ("受付期間外（R8.4～）", "受付期間外（段階はそのまま）、適用日 2026年4月"),
            ("備○", "オンライン可（範囲未確認）、発災時に公開"),
            ("4（停止中）", "段階4（オンライン申請可）、停止中"),
            ("4停止中", "段階4（オンライン申請可）、停止中"),
            ("4 停止中", "段階4（オンライン申請可）、停止中"),
            ("4：停止中（R8.4～）", "段階4（オンライン申請可）、停止中、適用日 2026年4月"),
            ("4予定", "予定（目標段階4。段階は今のまま、どこにもなければ0）"),
            ("4 準備中", "予定（目標段階4。段階は今のまま、どこにもなければ0）"),
            ("5 R9.4予定", "予定（目標段階5、2027年4月。段階は今のまま、どこにもなければ0）"),
            ("4:実施予定（R8）", "予定（目標段階4、2026年12月。段階は今のまま、どこにもなければ0）"),
            ("準備中（令和9年）", "予定（目標段階3、2027年12月。段階は今のまま、どこにもなければ0）"),
            (
                "予定（庁内調整中）",
                "予定（目標段階3。段階は今のまま、どこにもなければ0）、備考「庁内調整中」",
            ),
            ("④予定", "予定（目標段階3。段階は今のまま、どこにもなければ0）"),
            ("停止中（4）", "段階4（オンライン申請可）、停止中"),
            ("4（実施中）", "段階4（オンライン申請可）、実施中"),
            ("実施中", "オンライン可（範囲未確認）、実施中"),
            ("休止中（システム更改のため）", "停止中（段階はそのまま）、備考「システム更改のため」"),
            ("×（停止中）", "段階0（未対応）、備考「停止中」"),
            ("×（R8予定）", "段階0（未対応）、予定（目標段階3、2026年12月）"),
            ("未対応（令和8年度予定）", "段階0（未対応）、予定（目標段階3、2026年度）"),
            ("未（予定）", "段階0（未対応）、予定（目標段階3）"),
            ("○（R5～）", "オンライン可（範囲未確認）、備考「R5～」"),
            ("〇※令和8年度から", "オンライン可（範囲未確認）、適用日 2026年度"),
            ("×（R9更改時に対応）", "段階0（未対応）、備考「R9更改時に対応」"),
            ("×(検討中)", "段階0（未対応）、備考「検討中」"),
            ("×（窓口のみ）", "段階0（未対応）、備考「窓口のみ」"),
            ("令和8年度予定", "予定（目標段階3、2026年度。段階は今のまま、どこにもなければ0）"),
            ("1 実施済", "オンライン可（範囲未確認）"),
            ("①済", "オンライン可（範囲未確認）"),
            ("２：未実施", "段階0（未対応）"),
            ("3 一部オンライン", "段階3（一部オンライン）"),
            ("3：一部オンライン", "段階3（一部オンライン）"),
            ("段階4（オンライン申請可）", "段階4（オンライン申請可）"),
            ("○（LINE連携）", "オンライン可（範囲未確認）、備考「LINE連携」"),
            ("○（ＬＩＮＥ連携）", "オンライン可（範囲未確認）、備考「ＬＩＮＥ連携」"),
            ("○：対応済", "オンライン可（範囲未確認）"),
            ("対象外（県の事務）", "制度なし・該当なし、理由「県の事務」"),
            ("https://a.example.jp/1", "オンライン可（範囲未確認）、アドレスはURL欄へ"),
            ("○ https://a.example.jp/1", "オンライン可（範囲未確認）、アドレスはURL欄へ"),
            ("×\nhttps://a.example.jp/1", "段階0（未対応）、アドレスはURL欄へ"),
        ] {
            assert_eq!(label(raw), expected, "{raw}");
        }
    }

    #[test]
    fn what_could_be_something_else_stays_open() {
        for raw in [
            "○（来庁要）",
            "○（目標）",
            "○（計画）",
            "○（想定）",
            "○（開始前）",
            "○ 構築中",
            "済（調整中）",
            "4（見込み）",
            "4（予定）",
            "0予定",
            "0 停止中",
            "9予定",
            "○ 窓口のみ",
            "○（R9予定）",
            "○（R9～）",
            "○（2027年～）",
            "○（令和9年から）",
            "○ R9",
            "○（来年度から）",
            "○（R9.4～R10.3）",
            "4（R9～）",
            "○（一部、R9～）",
            "廃止（R9～）",
            "R9～○",
            "○（R5.3まで）",
            "○（~R5.3）",
            "×（R8.4～）",
            "×（制度なし）",
            "◎（一部）",
            "R8予定なし",
            "実施予定なし",
            "廃止予定",
            "Online",
            "XX",
            "○○",
            "1/2",
            "3/5",
            "5 3",
            "(○)",
            "○？",
            "対応について検討したい",
        ] {
            assert_eq!(label(raw), "Unknown", "{raw}");
        }
        for raw in ["R7.4.1", "2025/4/1", "R8年度開始", "令和7年4月から"] {
            assert_eq!(label(raw), "Day", "{raw}");
        }
        for raw in ["廃止", "廃止（R6.4.1）"] {
            assert_eq!(label(raw), "WhichAbsence", "{raw}");
        }
        for raw in ["○×", "○→×", "△/○", "×(○)", "○（△）"] {
            assert_eq!(label(raw), "TwoMarks", "{raw}");
        }
        assert_eq!(label("4 一部オンライン"), "Disagreement(4, Level(3))");
        assert!(label("0+").starts_with("Refused"), "{}", label("0+"));
    }

    #[test]
    fn a_counter_has_its_own_words() {
        let label = |raw: &str| match read_on(Scale::Counter, raw) {
            Ok(read) => read.cell.label(Some(Scale::Counter)),
            Err(unread) => format!("{unread:?}"),
        };
        for (raw, expected) in [
            ("書かない", "段階3（書かない）"),
            ("○（書かない）", "段階3（書かない）"),
            ("○", "段階3以上（書かない以上）"),
            ("一か所", "段階5（書かないワンストップ）"),
            ("2 端末入力", "段階2（端末入力）"),
            ("△", "Unknown"),
            ("○（一部）", "Unknown"),
            ("一部オンライン", "Unknown"),
            ("対象外", "WhichAbsence"),
            ("対象外（県の事務）", "WhichAbsence"),
            ("廃止", "WhichAbsence"),
            ("廃止（R6.4.1）", "WhichAbsence"),
            ("組合", "WhichAbsence"),
            ("制度なし", "WhichAbsence"),
            ("否", "段階0（紙に手書き）"),
            ("https://a.example.jp/1", "Address"),
        ] {
            assert_eq!(label(raw), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn no_cell_panics(raw in "[○×△◎一部予定実施済R0-9.～()（）※ 　、/:済未なしhttps\\PC]{0,24}") {
            for scale in Scale::ALL {
                let _ = read_on(*scale, &raw);
            }
        }

        /// Whatever stands in brackets beside ○ is kept, told or asked about.
        #[test]
        fn nothing_beside_a_mark_is_lost(beside in "[ぁ-んァ-ヶ一-龠a-zA-Z]{1,8}") {
            if let Ok(read) = read_on(Scale::Online, &format!("○（{beside}）")) {
                let cell = read.cell;
                let kept = cell.note.as_deref() == Some(beside.as_str());
                prop_assert!(kept || cell.meaning != Meaning::Level(Level::THREE, true) || words::usual(&beside, Scale::Online).is_some(), "{beside} {cell:?}");
            }
        }
    }
}
