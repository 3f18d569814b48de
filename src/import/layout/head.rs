//! Where things stand in a table of each layout, and how a table's layout is found.

use super::sheet::{Place, column};
use super::{
    Layout, adopters, dashboard, digital_agency_2026_01, form, long, mic_online_use, nameless, place, sheet,
    usage, wide,
};
use crate::domain::catalogue::Catalogue;
use crate::domain::text::cut;
use crate::import::cells::Naming;
use crate::import::headings::{Candidates, Headings, PROCEDURE_ID, PROCEDURE_NAME};
use crate::import::resolve::{Bodies, LostZeros, Procedures};
use crate::import::rows::Speaks;
use crate::import::table::Table;
use crate::import::{Fault, Options, Reading};

/// Where things stand in a table of some layout.
pub(super) enum Head {
    DigitalAgency202601(digital_agency_2026_01::Head),
    Dashboard202407(dashboard::Head),
    MicOnlineUse(mic_online_use::Head),
    Usage(usage::Head),
    Form(form::Head),
    Long(long::Head),
    WideMunicipalities(wide::BodyRows),
    WideProcedures(wide::ProcedureRows),
    Adopters(adopters::Head),
}

pub(super) type Found = Result<Head, Vec<Fault>>;

impl Head {
    pub(super) fn headings(&self) -> &Headings {
        match self {
            Self::DigitalAgency202601(head) => &head.headings,
            Self::Dashboard202407(head) => &head.headings,
            Self::MicOnlineUse(head) => &head.headings,
            Self::Usage(head) => &head.headings,
            Self::Form(head) => &head.headings,
            Self::Long(head) => &head.headings,
            Self::WideMunicipalities(head) => &head.headings,
            Self::WideProcedures(head) => &head.headings,
            Self::Adopters(head) => &head.headings,
        }
    }

    /// The columns that name what a row is about.
    pub(super) fn naming(&self) -> Naming {
        let headings = match self {
            // Its columns are bodies.
            Self::Dashboard202407(_) => return Naming::default(),
            _ => self.headings(),
        };
        let Place { code, name, prefecture, district, .. } = self.place();
        let procedure = [column(headings, PROCEDURE_ID), column(headings, PROCEDURE_NAME)];
        Naming {
            prefecture,
            district,
            body: [code, name].into_iter().flatten().collect(),
            procedure: procedure.into_iter().flatten().collect(),
        }
    }

    /// The columns that name a body.
    pub(super) fn place(&self) -> Place {
        match self {
            Self::MicOnlineUse(head) => head.place(),
            Self::Form(head) => head.place,
            Self::Usage(head) => head.place,
            Self::WideMunicipalities(head) => head.place,
            Self::Long(head) => head.place(),
            _ => Place::find(self.headings()),
        }
    }

    /// Finds the names of bodies under a heading that does not say so: beside codes, and in tables that do
    /// not say whose they are, they may contradict what is said otherwise. What is told of it.
    pub(super) fn learn_names(&mut self, table: &Table, catalogue: &Catalogue) -> Option<String> {
        let place = self.place();
        let readable =
            matches!(self, Self::Form(_) | Self::Usage(_) | Self::WideMunicipalities(_) | Self::Long(_));
        if !readable || place.name.is_some() {
            return None;
        }
        let headings = self.headings().clone();
        let open = |at: usize| {
            let heading = headings.meaning(at);
            !place.columns().contains(&Some(at))
                && long::Column::of_heading(heading).is_none()
                && sheet::channel_of(catalogue, heading).is_none()
        };
        let at = place::column_of_names(table, &headings, catalogue, open)?;
        match self {
            Self::Form(head) => head.place.name = Some(at),
            Self::Usage(head) => head.place.name = Some(at),
            Self::WideMunicipalities(head) => head.place.name = Some(at),
            Self::Long(head) => head.name_at(at),
            _ => {}
        }
        let name = headings.name(at);
        Some(format!(
            "「{0}」列は団体名と見て読みました（団体名でなければ ignore='{0}' を指定してください）。",
            cut(&name, 60)
        ))
    }

    /// Columns that are compared with others and not stored, so that an error of a formula in them
    /// does not matter: a rate of nothing is one.
    pub(super) fn compared(&self) -> Vec<usize> {
        match self {
            Self::MicOnlineUse(head) => head.compared().collect(),
            Self::Usage(head) => head.compared().collect(),
            _ => Vec::new(),
        }
    }

    /// What it takes for a statement besides marks.
    pub(super) fn speaks(&self) -> Speaks {
        Speaks {
            empty: matches!(self, Self::DigitalAgency202601(_) | Self::Adopters(_)),
            numbers: matches!(self, Self::Usage(_)),
        }
    }

    pub(super) fn read(
        &self,
        table: &Table,
        catalogue: &Catalogue,
        options: &Options,
    ) -> Result<Reading, Vec<Fault>> {
        match self {
            Self::DigitalAgency202601(head) => digital_agency_2026_01::read(table, head, catalogue, options),
            Self::Dashboard202407(head) => dashboard::read(table, head, catalogue, options),
            Self::MicOnlineUse(head) => mic_online_use::read(table, head, catalogue, options),
            Self::Usage(head) => usage::read(table, head, catalogue, options),
            Self::Form(head) => form::read(table, head, catalogue, options),
            Self::Long(head) => long::read(table, head, catalogue, options),
            Self::WideMunicipalities(head) => wide::read_bodies(table, head, catalogue, options),
            Self::WideProcedures(head) => wide::read_procedures(table, head, catalogue, options),
            Self::Adopters(head) => adopters::read(table, head, catalogue, options),
        }
    }
}

/// Looks for the head of a layout in a table.
pub(super) struct Finder<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) options: &'a Options,
}

impl Finder<'_> {
    /// The head of a table, if its headings are those of a layout that is wanted. Layouts with
    /// more particular headings go first.
    pub(super) fn find(&self, table: &Table) -> Option<Found> {
        const ORDER: [Layout; 9] = [
            Layout::DigitalAgency202601,
            Layout::Dashboard202407,
            Layout::MicOnlineUse,
            Layout::Usage,
            Layout::Form,
            Layout::Long,
            Layout::WideMunicipalities,
            Layout::WideProcedures,
            Layout::Adopters,
        ];
        let candidates = Candidates::new(table, self.options);
        ORDER
            .into_iter()
            .filter(|layout| self.options.layout.is_none_or(|named| named == *layout))
            .find_map(|layout| self.head(&candidates, layout))
            .or_else(|| self.one_body(&candidates))
    }

    /// The head of a list of one body that does not name it: what else has the same headings goes first.
    pub(super) fn one_body(&self, candidates: &Candidates<'_>) -> Option<Found> {
        let wanted = self.options.layout.is_none_or(|named| named == Layout::Long);
        let head = wanted.then(|| long::find_head(candidates, true)).flatten()?;
        Some(head.map(Head::Long))
    }

    pub(super) fn head(&self, candidates: &Candidates<'_>, layout: Layout) -> Option<Found> {
        let (catalogue, options) = (self.catalogue, self.options);
        let table = candidates.table;
        match layout {
            Layout::DigitalAgency202601 => {
                digital_agency_2026_01::find_head(table, catalogue, options, options.layout == Some(layout))
                    .map(|head| Ok(Head::DigitalAgency202601(head)))
            }
            Layout::Dashboard202407 => {
                dashboard::find_head(table).map(|head| Ok(Head::Dashboard202407(head)))
            }
            Layout::MicOnlineUse => {
                mic_online_use::find_head(table, catalogue, options).map(|head| Ok(Head::MicOnlineUse(head)))
            }
            Layout::Usage => {
                usage::find_head(candidates, catalogue, options).map(|head| Ok(Head::Usage(head)))
            }
            Layout::Long => long::find_head(candidates, false).map(|head| head.map(Head::Long)),
            Layout::Form => form::find_head(candidates, catalogue, options).map(|head| Ok(Head::Form(head))),
            Layout::WideMunicipalities => {
                wide::find_bodies(candidates, catalogue, &Procedures::new(catalogue, &options.names))
                    .map(|head| Ok(Head::WideMunicipalities(head)))
            }
            Layout::WideProcedures => wide::find_procedures(
                candidates,
                catalogue,
                options,
                (
                    &Bodies::new(catalogue, &options.names, LostZeros::Judged),
                    &Procedures::new(catalogue, &options.names),
                ),
            )
            .map(|head| Ok(Head::WideProcedures(head))),
            Layout::Adopters => adopters::find_head(candidates, options).map(|head| Ok(Head::Adopters(head))),
        }
    }
}

pub(super) fn no_layout(tables: &[Table], catalogue: &Catalogue, options: &Options) -> Fault {
    let seen = nameless::Seen::find(tables, catalogue);
    let message = match options.layout {
        Some(layout) => format!("レイアウト「{}」の見出しが見つかりません。", layout.label()),
        None => "見出しから表の形が分かりません。".to_owned(),
    };
    let known: Vec<String> =
        Layout::ALL.iter().map(|layout| format!("{}（{}）", layout.code(), layout.label())).collect();
    let fault = Fault::whole("unknown_layout", message + &seen.told()).found(&seen.texts().join("、"));
    let fault = fault.allowing(format!(
        "{}。縦長の表には「団体コード」「手続ID」「接点」、様式には「手続ID」と接点の名前の見出しが要ります",
        known.join("、")
    ));
    seen.questions().into_iter().fold(fault, Fault::asking)
}
