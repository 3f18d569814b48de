//! What the sender says about a file, understood.

use chrono::NaiveDate;

use crate::domain::catalogue::{BodyIx, ChannelIx};
use crate::domain::codes::codes;
use crate::domain::dates::{Dated, FiscalYear};
use crate::import::decode::Encoding;
use crate::import::layout::Layout;
use crate::import::marks::{Binary, Meaning, Profile};

codes! {
    /// What to do with good rows while others are wrong.
    OnError, "誤りのある行の扱い", "treatment of wrong rows" {
        Reject = "reject", "1行でも誤りがあれば何も取り込まない", "nothing is applied while one row is wrong";
        Skip = "skip", "正しい行だけ取り込む", "good rows are applied";
    }
}

codes! {
    /// What an empty cell of a stated row does.
    Blank, "空欄の扱い", "treatment of blanks" {
        Keep = "keep", "今の値を残す", "what was known stays", "空欄の項目は、今の値のまま変えない";
        Clear = "clear", "消す", "what was known is taken out", "空欄の項目は、今の値を消す";
    }
}

codes! {
    /// What becomes of the rows and columns that a workbook does not show.
    Hidden, "非表示の行と列の扱い", "treatment of hidden rows and columns" {
        All = "all", "非表示のものも読む", "what is hidden is read too";
        Visible = "visible", "見えているものだけ読む", "only what shows is read";
    }
}

codes! {
    /// What becomes of rows of an export that somebody changed since it was written.
    OnStale, "書き出しの後に変わった行の扱い", "treatment of rows changed since the export" {
        Warn = "warn", "知らせて、ファイルの値にする", "a warning; the file's value is taken", "書き出しの後に変わった行は警告し、ファイルの値を取り込む";
        Reject = "reject", "誤りとする", "a fault", "書き出しの後に変わった行は、誤りとして取り込まない";
    }
}

/// What the sender says, understood.
#[derive(Clone, Debug)]
pub struct Options {
    /// The layout, where it is not to be found by the headings.
    pub layout: Option<Layout>,
    /// The sheet, where several have a table.
    pub sheet: Option<String>,
    /// The encoding, where it is not to be found by the bytes.
    pub encoding: Option<Encoding>,
    /// What marks mean, where it is not the layout's own profile.
    pub profile: Option<Profile>,
    /// What single marks of this file mean.
    pub marks: Vec<(String, Meaning)>,
    /// What a column of 0 and 1 means.
    pub binary: Option<Binary>,
    /// The channel of a table that is about one channel.
    pub channel: Option<ChannelIx>,
    /// The body of a form that does not name it.
    pub municipality: Option<BodyIx>,
    /// The fiscal year of a file that does not name it.
    pub fiscal_year: Option<FiscalYear>,
    /// Whether 同上 and empty naming cells are filled with what stands above.
    pub fill: bool,
    /// From which day the statements are true, for files that carry no date.
    pub effective: Option<Dated>,
    /// What an empty cell of a stated row does.
    pub blank: Blank,
    /// Headings (folded) of columns that are left out with the sender's consent.
    pub ignore: Vec<String>,
    /// Headings (folded) of the sender's own, and what each means: a field, a procedure, a channel, a body.
    pub columns: Vec<(String, String)>,
    /// Names (folded) of the sender's own, and the code or id that each stands for.
    pub names: Vec<(String, String)>,
    /// What becomes of hidden rows and columns, once somebody said it.
    pub hidden: Option<Hidden>,
    /// What becomes of rows of an export that were changed since it was written.
    pub on_stale: OnStale,
    /// Whether text is read whatever its size: on the machine itself nobody else waits for it.
    pub unbounded: bool,
    /// Name of the file, which may say of which day it is; none where it has none.
    pub file_name: Option<String>,
    /// The day it is in Japan.
    pub today: NaiveDate,
}

impl Options {
    /// Nothing said.
    pub fn new(today: NaiveDate) -> Self {
        Self {
            layout: None,
            sheet: None,
            encoding: None,
            profile: None,
            marks: Vec::new(),
            binary: None,
            channel: None,
            municipality: None,
            fiscal_year: None,
            fill: false,
            effective: None,
            blank: Blank::Keep,
            ignore: Vec::new(),
            columns: Vec::new(),
            names: Vec::new(),
            hidden: None,
            on_stale: OnStale::Warn,
            unbounded: false,
            file_name: None,
            today,
        }
    }

    /// What marks mean: what is said of this file, over the named profile, over the layout's own.
    pub(in crate::import) fn profile_over(&self, own: Profile) -> Profile {
        self.profile.clone().unwrap_or(own).with(&self.marks, self.binary)
    }
}

/// What is said of a column, or of the rows of a name, that are left out.
pub const IGNORED: &str = "ignore";

/// What is said of rows below a title that are read as those above it.
pub const INCLUDED: &str = "include";
