//! What is told of a name that is no body's, and what may have been meant by it.

use super::bodies::{Bodies, REMEMBERED};
use super::told::Told;
use crate::domain::catalogue::BodyIx;
use crate::domain::municipality::PrefectureCode;
use crate::domain::text::nearest;
use crate::import::Fault;
use crate::import::marks::Question;
use crate::import::options::IGNORED;

impl Bodies<'_> {
    /// The fault of a name that is none.
    pub(super) fn no_name(&self, told: Told<'_>) -> Fault {
        let names = self.catalogue.names();
        let known = names.prefecture(told.prefecture).is_some();
        if !known && !told.prefecture.trim().is_empty() {
            let all = self.catalogue.prefectures().map(|row| row.name.as_str());
            if let Some(near) = nearest(told.prefecture.trim(), all) {
                return Fault::whole("unknown_prefecture", "都道府県名がどの都道府県にも一致しません")
                    .found(told.prefecture)
                    .allowing("茨城県 のような正式な名前")
                    .suggesting(near);
            }
        }
        let elsewhere = self.elsewhere(told);
        let beside = state_beside(told.name);
        let message = match beside {
            None => self.not_there(told, &elsewhere),
            Some(state) => format!(
                "団体名のセルに「{state}」とあります。団体名だけを書き、状況は状況の列に書いてください"
            ),
        };
        let fault = Fault::whole("unknown_name", message)
            .found(told.name)
            .allowing("団体コード（6桁）、または 茨城県行方市 のような正式な名前");
        if !elsewhere.is_empty() {
            return fault
                .suggesting(self.list(&elsewhere))
                .asking(self.which(&told.whole_name(), &elsewhere));
        }
        /// Where more names are none it is no column of bodies, and one question each would not help.
        const ASKED: usize = 100;
        let before = self.before.borrow().len();
        let near = if before < REMEMBERED {
            names.near(told.name, names.prefecture(told.prefecture))
        } else {
            Vec::new()
        };
        if let Some(state) = beside {
            return fault.asking(self.which_with_state(&told.whole_name(), state, &near));
        }
        match near.is_empty() {
            true if before >= ASKED => fault,
            true => fault.asking(self.which(&told.whole_name(), &near)),
            false => fault.suggesting(self.list(&near)).asking(self.which(&told.whole_name(), &near)),
        }
    }

    /// The fault of a row that names nothing but a prefecture, which may be what it is about.
    pub(super) fn of_prefecture(&self, told: Told<'_>, fault: Fault) -> Fault {
        let prefecture = self.catalogue.names().prefecture(told.prefecture);
        let own = self.catalogue.names().find(told.prefecture, None).bodies;
        match (prefecture, own.as_slice()) {
            (Some(_), [only]) if told.district.trim().is_empty() => {
                fault.asking(self.which(told.prefecture, &[*only]))
            }
            _ => fault,
        }
    }

    /// The prefecture that a row says, beside the name or in it, and the name without it.
    fn said_prefecture<'n>(&self, told: Told<'n>) -> (Option<PrefectureCode>, &'n str) {
        let names = self.catalogue.names();
        let (ahead, rest) = names.without_prefecture(told.name.trim());
        (names.prefecture(told.prefecture).or(ahead), rest.trim())
    }

    /// The bodies of a name that lie in other prefectures than the row says.
    fn elsewhere(&self, told: Told<'_>) -> Vec<BodyIx> {
        /// More are no help.
        const MOST: usize = 4;
        let (prefecture, rest) = self.said_prefecture(told);
        let found = prefecture.map(|_| self.catalogue.names().find(rest, None)).unwrap_or_default();
        if found.literal && found.bodies.len() <= MOST { found.bodies } else { Vec::new() }
    }

    /// What is told of a name that is none.
    fn not_there(&self, told: Told<'_>, elsewhere: &[BodyIx]) -> String {
        let (prefecture, rest) = self.said_prefecture(told);
        let prefecture = prefecture.and_then(|code| self.catalogue.prefecture(code));
        // What does not end as a name of a body does is a slip of another kind.
        let named = rest.ends_with(['市', '町', '村', '区']) && rest.chars().count() <= 20;
        const ANOTHER: &str = "合併などで変わった名前なら、今の団体名か団体コードを書いてください";
        match prefecture {
            Some(row) if !elsewhere.is_empty() => {
                format!("{}に{rest}はありません。{} のことですか", row.prefecture_name, self.list(elsewhere))
            }
            Some(row) if named => {
                format!("{}に、今この名前の団体はありません。{ANOTHER}", row.prefecture_name)
            }
            None if named => format!("今この名前の団体はありません。{ANOTHER}"),
            _ if is_of_several(rest) => {
                "市区町村でも都道府県でもない団体は記録できません。この行は取り込まないと指定してください"
                    .to_owned()
            }
            _ => "団体名がどの団体にも一致しません".to_owned(),
        }
    }

    /// The same of a name with a state beside it, which is not recorded: leaving the row out goes first.
    fn which_with_state(&self, name: &str, state: &str, bodies: &[BodyIx]) -> Question {
        let mut question = self.which(name, bodies);
        for choice in question.choices.iter_mut().filter(|one| !one.value.ends_with(IGNORED)) {
            choice.label.push_str(&format!("（「{state}」は記録せず、今の状況として取り込む）"));
        }
        question.choices.rotate_right(1);
        question
    }
}

/// What stands in brackets behind a name and speaks of how far somebody is: 出雲市（予定）, 江津市（解約）.
fn state_beside(name: &str) -> Option<&str> {
    const STATES: [&str; 14] = [
        "予定", "準備", "検討", "調整", "未", "試行", "実証", "終了", "廃止", "休止", "停止", "中止", "解約",
        "撤退",
    ];
    let (_, inner) = name.trim().strip_suffix([')', '）', ']', '］'])?.rsplit_once(['(', '（', '[', '［'])?;
    STATES.iter().any(|state| inner.contains(state)).then_some(inner)
}

/// Whether a name is that of a body made by several: 広域事務組合, 後期高齢者医療広域連合.
fn is_of_several(name: &str) -> bool {
    ["組合", "連合", "企業団", "協議会"].iter().any(|end| name.ends_with(end))
}
