//! The code lists: every code with its label and what it means.

use super::format::Format;
use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::access::{Role, Scope};
use crate::domain::applicability::Applicability;
use crate::domain::assertion::AssertionKind;
use crate::domain::audit::AuditAction;
use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue_change::CatalogueChange;
use crate::domain::dates::Precision;
use crate::domain::imports::{ImportStatus, RowOutcome};
use crate::domain::level_words::AT_LEAST_THREE;
use crate::domain::material::MaterialKind;
use crate::domain::material::codes::{Certainty, CheckAnswer, Grade, Step};
use crate::domain::municipality::{MunicipalityKind, PopulationBand};
use crate::domain::procedure::{Audience, Category, Target};
use crate::domain::readiness::{Evidence, Level, Place, Scale, Source, State};
use crate::domain::usage::ChannelGroup;
use crate::export::encoding::Encoding;
use crate::export::table::TableLayout;
use crate::grid::Grid;
use crate::grid::changes::ChangeKind;
use crate::grid::definition::{Basis, By, NotApplicable, Principle, Reason};
use crate::grid::distribution::Dimension;
use crate::grid::explain::Included;
use crate::grid::figure::SortKey;
use crate::grid::gaps::GapKind;
use crate::grid::later::When;
use crate::grid::matrix::CELL_CODES;
use crate::grid::measure::Warning;
use crate::grid::peers::PeerRule;
use crate::grid::plans::Course;
use crate::grid::prefecture::Support;
use crate::grid::question::{Against, Base};
use crate::grid::search::Hit;
use crate::grid::tally::{NoSpread, NoValue};
use crate::grid::trend::{Edition, Period};
use crate::import::layout::Layout;
use crate::import::marks::{Binary, DefaultMark, default_marks};
use crate::import::{self, Blank, OnError};

view! {
    /// コード
    CodeView {
        /// どのコード一覧か
        #[schema(example = "level_online")]
        list: &'static str,
        /// コード
        #[schema(example = "3")]
        code: String,
        /// 名前
        #[schema(example = "一部オンライン")]
        label: String,
        /// セルに書く短い名前（あるものだけ）
        #[schema(example = "一部")]
        short_label: Option<&'static str>,
        /// いちばん小さなセルに書く1文字（あるものだけ）
        #[schema(example = "一")]
        letter: Option<&'static str>,
        /// 印の意味（取込の印の一覧だけ。記号の定義に書くコード。取込で尋ねる印は null）
        #[schema(example = json!(null))]
        means: Option<String>,
        /// 意味（日本語）
        #[schema(example = "一部の人や様式だけ、または必要な一部が紙・来庁")]
        meaning_ja: String,
        /// 意味（英語）
        #[schema(example = "accepted online, but only for some persons or forms")]
        meaning: String,
    }
}

impl CodeView {
    fn new(
        list: &'static str,
        code: impl ToString,
        label: impl ToString,
        (meaning_ja, meaning): (impl ToString, impl ToString),
    ) -> Self {
        Self {
            list,
            code: code.to_string(),
            label: label.to_string(),
            short_label: None,
            letter: None,
            means: None,
            meaning_ja: meaning_ja.to_string(),
            meaning: meaning.to_string(),
        }
    }

    /// With its words for cells.
    fn with_words(self, short_label: Option<&'static str>, letter: Option<&'static str>) -> Self {
        Self { short_label, letter, ..self }
    }
}

macro_rules! code_rows {
    ($rows:ident, $($name:literal: $list:ty),+ $(,)?) => {
        $(for value in <$list>::ALL {
            let meanings = (value.meaning_ja(), value.meaning());
            $rows.push(CodeView::new($name, value.code(), value.label(), meanings));
        })+
    };
}

/// Rows of the lists whose codes have words for cells.
fn cell_words(rows: &mut Vec<CodeView>) {
    for (name, scale) in [("level_online", Scale::Online), ("level_counter", Scale::Counter)] {
        rows.extend(Level::all().map(|level| {
            let meanings = (level.meaning_ja(scale), level.meaning(scale));
            CodeView::new(name, level, level.label(scale), meanings)
                .with_words(Some(level.short_label(scale)), Some(level.letter(scale)))
        }));
    }
    rows.extend(State::ALL.iter().map(|state| {
        CodeView::new("state", state.code(), state.label(), (state.meaning_ja(), state.meaning()))
            .with_words(state.short_label(), state.letter())
    }));
    rows.extend(Applicability::ALL.iter().map(|value| {
        CodeView::new("applicability", value.code(), value.label(), (value.meaning_ja(), value.meaning()))
            .with_words(value.short_label(), value.letter())
    }));
    let at_least = (
        "オンラインで受け付けているが、全部か一部かは確かめられていない（段階3以上）",
        "level 3 of which only at least is known",
    );
    let no_answer = (
        "誰も何も述べていない。段階0（未対応）ではない",
        "nobody has stated anything; not the same as level 0",
    );
    rows.push(
        CodeView::new("answer", "at_least", AT_LEAST_THREE, at_least).with_words(Some("可"), Some("可")),
    );
    rows.push(CodeView::new("answer", "no_answer", "未回答", no_answer).with_words(Some("…"), Some("…")));
}

/// Rows of the channels, which are data.
fn channels(catalogue: &Catalogue) -> impl Iterator<Item = CodeView> {
    catalogue.channels().iter().map(|channel| {
        let (place, scale) = (channel.place, channel.scale);
        let meaning_ja = format!("{}で手続する接点。段階の尺度は{}", place.label(), scale.label());
        let meaning = format!("{} (scale {scale}, place {place})", channel.label_en);
        CodeView::new("channel", &channel.id, &channel.label_ja, (meaning_ja, meaning))
    })
}

/// Rows of the marks that files have, with what they mean where the sender says nothing.
fn marks() -> impl Iterator<Item = CodeView> {
    default_marks().into_iter().map(|told| {
        let DefaultMark { mark, scale, meaning, looks_like } = told;
        let list = match scale {
            None => "mark",
            Some(Scale::Online) => "mark_online",
            Some(Scale::Counter) => "mark_counter",
        };
        let Some(meaning) = meaning else {
            let asked = (
                "団体ごとに意味が違うため、決めて読むことはしない。取込のときに質問する",
                "has no meaning of its own: an import asks for it",
            );
            return CodeView::new(list, mark, "意味を質問する", asked);
        };
        let label = meaning.label(scale);
        let (told_ja, told) = match looks_like {
            Some(other) => (
                format!("{label}。{other} とみなし、そのことを知らせる"),
                format!("{}; taken for {other}, and that is told", meaning.english(scale)),
            ),
            None => (label.clone(), meaning.english(scale)),
        };
        CodeView { means: Some(meaning.code()), ..CodeView::new(list, mark, label, (told_ja, told)) }
    })
}

fn codes(catalogue: &Catalogue) -> Vec<CodeView> {
    let mut rows = Vec::new();
    cell_words(&mut rows);
    rows.extend(channels(catalogue));
    code_rows!(rows,
        "scale": Scale, "place": Place, "evidence": Evidence, "source": Source,
        "category": Category, "target": Target, "audience": Audience,
        "kind": MunicipalityKind, "population_band": PopulationBand, "precision": Precision,
        "assertion_kind": AssertionKind, "basis": Basis, "by": By, "dimension": Dimension,
        "not_applicable": NotApplicable, "reason": Reason, "included": Included, "gap": GapKind, "support": Support, "course": Course, "peer_rule": PeerRule,
        "principle": Principle, "usage_base": Base, "against": Against, "warning": Warning, "change": ChangeKind, "catalogue_change": CatalogueChange, "hit": Hit, "period": Period, "edition": Edition,
        "no_value": NoValue, "no_spread": NoSpread, "figure_sort": SortKey,
        "format": Format, "layout": Layout,
        "export_layout": TableLayout, "encoding": Encoding, "file_encoding": import::Encoding,
        "import_status": ImportStatus, "row_outcome": RowOutcome, "on_error": OnError, "blank": Blank,
        "hidden": import::Hidden, "binary": Binary, "on_stale": import::OnStale,
        "channel_group": ChannelGroup, "material": MaterialKind, "answer": CheckAnswer, "grade": Grade, "certainty": Certainty, "step": Step, "when": When, "role": Role, "scope": Scope, "action": AuditAction,
    );
    rows.extend(CELL_CODES.iter().map(|part| {
        CodeView::new("matrix_cell", part.code, part.label, (part.meaning_ja, part.meaning))
            .with_words(part.short_label, part.letter)
    }));
    rows.extend(marks());
    rows
}

documented!(Codes);

/// Which codes there are.
pub(crate) struct Codes;

impl Question for Codes {
    type Parts = ();
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;

    fn read(_: (), _: &Address<'_>, _: &mut Checks, _: &Grid) -> Option<Self> {
        Some(Self)
    }
}

impl Rows for Codes {
    type Row = CodeView;

    fn answer(self, country: &Country) -> List<CodeView> {
        List::each(codes(country.grid.catalogue()), CodeView::clone)
    }
}
