//! What no cell may hold, whatever its column means, and cells that mean "as above".

use std::collections::{BTreeMap, HashSet};

use super::headings::{Headings, is_for_people};
use super::marks::is_dash;
use super::table::{Row, Table, check_text};
use super::workbook::NO_RESULT;
use super::{Fault, FaultKind};
use crate::domain::radicals::is_radical;
use crate::domain::text::{clean, cut, fold_width, is_forbidden, stands_for_nothing};

/// Longest text of one cell, in characters: far more than any column takes.
const MAX_CHARACTERS: usize = 5_000;
/// Most faults that are told of one file, and of one row.
pub(super) const MAX_FAULTS: usize = 100_000;
const MAX_FAULTS_OF_ROW: usize = 100;

/// What the cells below the headings hold, whatever their columns mean.
#[derive(Default)]
pub(super) struct Found {
    /// Broken text, characters that cannot be stored, errors of formulas, and "as above" where it was
    /// not filled.
    pub faults: Vec<Fault>,
    /// One for each column with radicals in place of ideographs.
    pub warnings: Vec<Fault>,
}

/// Whether a cell of a column of texts holds what people write where there is nothing to say.
pub(super) fn is_no_text(cell: &str) -> bool {
    const WORDS: [&str; 7] = ["なし", "無し", "ナシ", "特になし", "特に無し", "特記なし", "特記事項なし"];
    stands_for_nothing(cell) || is_dash(&fold_width(cell)) || WORDS.contains(&cell)
}

/// Looks at every cell below the headings; `filled` says whether those that mean "as above" were filled.
pub(super) fn look(table: &Table, headings: &Headings, filled: bool) -> Found {
    let mut radicals = Radicals::default();
    let faults = faults(table, headings, filled, &mut radicals);
    Found { faults, warnings: radicals.warnings(headings) }
}

/// Columns with radicals: where the first one stands, how it reads, and how many cells have some.
#[derive(Default)]
struct Radicals(BTreeMap<usize, (u32, String, usize)>);

impl Radicals {
    fn see(&mut self, line: u32, column: usize, cell: &str) {
        // The first byte of all of them; few other letters begin so.
        if cell.bytes().any(|byte| byte == 0xE2) && cell.contains(is_radical) {
            self.0.entry(column).or_insert_with(|| (line, cell.to_owned(), 0)).2 += 1;
        }
    }

    fn warnings(self, headings: &Headings) -> Vec<Fault> {
        let warning = |(column, (line, cell, count)): (usize, (u32, String, usize))| {
            let read = clean(&cell, usize::MAX).ok().flatten().unwrap_or_default();
            let message = format!(
                "漢字の代わりに部首の文字が使われています（{count}か所）。同じ形の漢字として読みました"
            );
            Fault::whole("radical", message)
                .at_line(line)
                .in_column(column, headings.text(column))
                .found(&cell)
                .suggesting(cut(&read, 100))
        };
        self.0.into_iter().map(warning).collect()
    }
}

fn faults(table: &Table, headings: &Headings, filled: bool, radicals: &mut Radicals) -> Vec<Fault> {
    let not_read: Vec<usize> = (0..=headings.last())
        .filter(|column| headings.is_left_out(*column) || is_for_people(headings.text(*column)))
        .collect();
    let mut faults = forbidden_headings(headings);
    for (at, row) in table.rows.get(headings.next..).unwrap_or_default().iter().enumerate() {
        let before = faults.len();
        for (column, cell) in row.cells().enumerate().filter(|(column, _)| !not_read.contains(column)) {
            if faults.len() - before >= MAX_FAULTS_OF_ROW || faults.len() >= MAX_FAULTS {
                break;
            }
            radicals.see(row.line, column, cell);
            if let Some(fault) = fault(cell) {
                let fault = if filled || at == 0 { without_fill(fault) } else { fault };
                faults.push(
                    fault.at_line(row.line).in_column(column, headings.text(column)).found(&shown(cell)),
                );
            }
        }
    }
    faults
}

/// The same of a cell above which there is nothing to fill it with.
fn without_fill(fault: Fault) -> Fault {
    match fault.kind {
        FaultKind::Ditto => {
            let message = "「同上」などとありますが、上に値がありません。値を書いてください".to_owned();
            Fault { message, ..fault }
        }
        _ => fault,
    }
}

fn forbidden_headings(headings: &Headings) -> Vec<Fault> {
    let fault = |(column, text): (usize, &str)| {
        let bad = text.chars().find(|c| is_forbidden(*c))?;
        Some(forbidden(bad).at_line(headings.line).in_column(column, &shown(text)).found(&shown(text)))
    };
    headings.all().filter_map(fault).collect()
}

fn shown(cell: &str) -> String {
    cell.chars().take(100).map(|c| if is_forbidden(c) { '\u{FFFD}' } else { c }).collect()
}

/// Whether a cell is wrong whatever its column means; nobody is asked what it means.
pub(super) fn is_broken(cell: &str) -> bool {
    fault(cell).is_some()
}

fn fault(cell: &str) -> Option<Fault> {
    // Nearly every cell is short and plain.
    if cell.is_empty() || cell.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    if let Some(bad) = cell.chars().find(|c| is_forbidden(*c)) {
        return Some(forbidden(bad));
    }
    if is_mojibake(cell) {
        return Some(
            Fault::whole(
                "mojibake",
                "文字化けの疑いがあります。元のファイルの文字コードを確かめて書き出し直してください",
            )
            .allowing("読める日本語"),
        );
    }
    if is_formula_error(cell.trim()) {
        let message = "数式エラーです。Excel で値を直してください";
        return Some(Fault::whole("formula_error", message).of_kind(FaultKind::FormulaError));
    }
    if cell == NO_RESULT {
        return Some(Fault::whole(
            "formula_without_result",
            "数式の結果がファイルに入っていません。Excel で開いて保存し直してください",
        ));
    }
    if is_ditto(cell) {
        return Some(
            Fault::whole(
                "ditto",
                "「同上」などは使えません。値を書くか、「上の値で埋める」（fill）を選んでください",
            )
            .of_kind(FaultKind::Ditto)
            .allowing("値そのもの"),
        );
    }
    (cell.len() > MAX_CHARACTERS && cell.chars().count() > MAX_CHARACTERS).then(|| {
        Fault::whole("too_long", "1つのセルが長すぎます").allowing(format!("{MAX_CHARACTERS}文字以内"))
    })
}

fn forbidden(bad: char) -> Fault {
    let point = format!("U+{:04X}", u32::from(bad));
    match bad {
        '\u{E000}'..='\u{F8FF}' => {
            Fault::whole("private_use_character", format!("外字は使えません（{point}）"))
                .allowing("JIS X 0213 の文字")
        }
        _ => Fault::whole("control_character", format!("制御文字は使えません（{point}）"))
            .allowing("制御文字を含まない文字列"),
    }
}

/// Traces of UTF-8 that was once read as Shift_JIS or as a Western code page, and of characters
/// that were lost for good.
fn is_mojibake(cell: &str) -> bool {
    if cell.is_ascii() {
        return false;
    }
    has_traces(cell) || is_utf8_in_disguise(cell) || is_read_as_western(cell) || is_euc_in_disguise(cell)
}

fn has_traces(cell: &str) -> bool {
    // 縺, 繧 and 繝 stand in real words (縺れ, 繧繝錦), but hardly twice in one cell.
    const TRACES: [&str; 5] = ["縺", "繧", "繝", "ã\u{81}", "Ã"];
    // One look at each letter finds that there is nothing to count, as in nearly every cell.
    if !cell.contains(['縺', '繧', '繝', 'ã', 'Ã', '\u{FFFD}', 'ï']) {
        return false;
    }
    let found: usize = TRACES.iter().map(|trace| cell.matches(trace).count()).sum();
    found >= 2
        // 縺れ is a word; nothing else begins so.
        || cell.match_indices('縺').any(|(at, one)| !cell[at + one.len()..].starts_with(['れ', 'ら', 'り', 'る']))
        || ["\u{FFFD}", "ï¿½"].iter().any(|trace| cell.contains(trace))
}

/// Whether the bytes of a text in Shift_JIS are UTF-8, perhaps cut off in the last character:
/// kanji that people write begin with bytes that UTF-8 never begins with.
fn is_utf8_in_disguise(cell: &str) -> bool {
    /// Fewer may be chance.
    const ENOUGH: usize = 2;
    // What is no ASCII begins with the first byte of a character of UTF-8, which no kana and few kanji do.
    let begins = |c: char| {
        let mut letter = [0; 4];
        let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut letter));
        matches!(bytes.first(), Some(0xC2..=0xF4))
    };
    let first = cell.chars().find(|c| !c.is_ascii());
    if first.is_none_or(|c| ('\u{3000}'..='\u{30FF}').contains(&c) || !begins(c)) {
        return false;
    }
    let (bytes, _, unmappable) = encoding_rs::SHIFT_JIS.encode(cell);
    if unmappable {
        return false;
    }
    let good = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    good.chars().filter(|c| c.len_utf8() == 3).count() >= ENOUGH
}

/// Whether a text is Japanese that was read as a Western code page: its bytes there are UTF-8 of kana
/// or kanji (å¸‚æ°‘), or Shift_JIS of katakana (ƒVƒXƒe).
fn is_read_as_western(cell: &str) -> bool {
    /// The last letter of that code page, in order of Unicode.
    const LAST: char = '™';
    if cell.chars().any(|c| c > LAST) {
        return false;
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(cell);
    if unmappable {
        return false;
    }
    let good = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    };
    if good.chars().any(|c| c.len_utf8() == 3) {
        return true;
    }
    // Both stand for the first byte of kana and for hardly anything else that is written twice.
    let kana = cell.matches(['ƒ', '‚']).count() >= 2;
    kana && encoding_rs::SHIFT_JIS.decode_without_bom_handling_and_without_replacement(&bytes).is_some()
}

/// Whether a text is katakana of EUC-JP that was read as Shift_JIS: each becomes a dot and a letter.
fn is_euc_in_disguise(cell: &str) -> bool {
    /// Fewer may be a list.
    const ENOUGH: usize = 3;
    let mut run = 0;
    let mut chars = cell.chars().peekable();
    while let Some(c) = chars.next() {
        let pair = c == '･' && chars.peek().is_some_and(|next| ('\u{FF66}'..='\u{FF9F}').contains(next));
        if !pair {
            run = 0;
            continue;
        }
        chars.next();
        run += 1;
        if run >= ENOUGH {
            return true;
        }
    }
    false
}

pub(super) fn is_formula_error(cell: &str) -> bool {
    matches!(
        cell,
        "#N/A"
            | "#REF!"
            | "#VALUE!"
            | "#DIV/0!"
            | "#NAME?"
            | "#NUM!"
            | "#NULL!"
            | "#SPILL!"
            | "#CALC!"
            | "#GETTING_DATA"
    )
}

/// Whether a cell says that it is as the one above.
pub(super) fn is_ditto(cell: &str) -> bool {
    matches!(fold_width(cell).as_str(), "同上" | "〃" | "々" | "仝")
}

/// The columns that name what a row is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Naming {
    pub prefecture: Option<usize>,
    /// The city of a ward, or a county: never filled, for it stands empty beside a city of its own.
    pub district: Option<usize>,
    /// Code and name of the body.
    pub body: Vec<usize>,
    /// Id and name of the procedure.
    pub procedure: Vec<usize>,
    /// The channel, where each row names its own: never filled, and no row is about it alone.
    pub channel: Option<usize>,
}

impl Naming {
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        self.prefecture.iter().chain(&self.body).chain(&self.procedure).copied()
    }

    /// Takes what a row names that names nothing else: what stood above of a body or a procedure ends with it.
    fn begin(&self, row: &Row, above: &mut [String]) {
        let is_filled = |columns: &[usize]| columns.iter().any(|at| !row.cell(*at).trim().is_empty());
        let place: Vec<usize> = self.prefecture.into_iter().filter(|at| is_filled(&[*at])).collect();
        for column in self.body.iter().chain(&self.procedure).chain(&place) {
            let cell = row.cell(*column);
            if !is_ditto(cell) {
                cell.clone_into(&mut above[*column]);
            }
        }
    }

    /// The columns that are filled in a row where they are empty. A row that names its body or its
    /// procedure in one way is not given the name of another one in the other way.
    fn open(&self, row: &Row, above: &[String]) -> Vec<usize> {
        // What stands above once more names nothing new, nor does a running number.
        let names = |at: &usize| {
            let cell = row.cell(*at).trim();
            let repeated = above.get(*at).is_some_and(|above| above.trim() == cell);
            let number = self.procedure.contains(at) && cell.bytes().all(|byte| byte.is_ascii_digit());
            !(cell.is_empty() || is_ditto(cell) || repeated || number)
        };
        let silent = |columns: &[usize]| !columns.iter().any(names);
        let prefecture: Vec<usize> = self.prefecture.into_iter().collect();
        let mut open = prefecture.clone();
        let district: Vec<usize> = self.district.into_iter().collect();
        if silent(&self.body) && silent(&prefecture) && silent(&district) {
            open.extend(&self.body);
        }
        if silent(&self.procedure) {
            open.extend(&self.procedure);
        }
        open
    }
}

/// Fills cells that say "as above", and empty cells of the columns that name something, with what
/// stands above them. Only the sender can say that this is what was meant. Totals, hidden rows
/// and footnotes are left out, as they are when the table is read. The rows of the lines `heads` hold nothing
/// but the name of what follows.
///
/// # Errors
///
/// More text than a file may have.
pub(super) fn fill_down(
    table: &mut Table,
    headings: &Headings,
    naming: &Naming,
    heads: &HashSet<u32>,
) -> Result<usize, Vec<Fault>> {
    let mut above: Vec<String> = Vec::new();
    let (mut filled, mut bytes) = (0, 0);
    for row in table.rows.iter_mut().skip(headings.next) {
        let width = row.len().max(naming.columns().map(|column| column + 1).max().unwrap_or(0));
        let mut cells: Vec<String> = (0..width).map(|column| row.cell(column).to_owned()).collect();
        above.resize(above.len().max(width), String::new());
        let open = naming.open(row, &above);
        // What names another body or procedure ends what stood above, in each way of naming it.
        for column in naming.columns().filter(|column| !open.contains(column)) {
            above[column].clear();
        }
        if heads.contains(&row.line) {
            naming.begin(row, &mut above);
            continue;
        }
        let mut changed = 0;
        for (column, cell) in cells.iter_mut().enumerate() {
            let empty = cell.trim().is_empty();
            if (is_ditto(cell) || (empty && open.contains(&column))) && !above[column].is_empty() {
                cell.clone_from(&above[column]);
                bytes += cell.len();
                check_text(bytes)?;
                changed += 1;
            } else if !empty {
                above[column].clone_from(cell);
            }
        }
        if changed > 0 {
            *row = row.with_cells(cells);
            filled += changed;
        }
    }
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(cell: &str) -> Option<String> {
        fault(cell).map(|fault| fault.code)
    }

    #[test]
    fn broken_text_is_seen_and_good_text_is_not() {
        for cell in [
            "蜷咲┌縺励",
            "ï¿½",
            "縺",
            "繝｡繝｢",
            "a\u{FFFD}",
            "陦梧婿蟶",
            "å¸‚æ°‘èª²",
            "â—‹",
            "ƒVƒXƒeƒ€",
            "･ｷ･ｹ･ﾆ･猯ｾ",
        ] {
            assert_eq!(code(cell).as_deref(), Some("mojibake"), "{cell}");
        }
        for cell in [
            "髙﨑",
            "葛\u{E0100}城市",
            "①㈱",
            "縺れ",
            "Ã",
            "対応済（一部）",
            "https://例.jp/",
            "café",
            "“a”",
            "ｺﾝﾋﾞﾆ･ｽﾏﾎ･窓口",
            "備考･･････",
        ] {
            assert_eq!(code(cell), None, "{cell}");
        }
    }

    #[test]
    fn what_cannot_be_stored_is_named() {
        for (cell, expected) in [
            ("a\0", "control_character"),
            ("\u{85}", "control_character"),
            ("x\u{202E}y", "control_character"),
            ("\u{2066}", "control_character"),
            ("\u{E000}", "private_use_character"),
            ("#REF!", "formula_error"),
            ("同上", "ditto"),
            ("〃", "ditto"),
        ] {
            assert_eq!(code(cell).as_deref(), Some(expected), "{cell:?}");
        }
    }
}
