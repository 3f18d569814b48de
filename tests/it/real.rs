//! The published national file, read from beside the project and never copied into it.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::app::{Backend, TestApp, TestService, skipped};

/// Bytes of a published file, if the folder is there.
pub(crate) fn file(name: &str) -> Option<Vec<u8>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/real").join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(bytes),
        Err(_) => {
            skipped("../shared/real is not there");
            None
        }
    }
}

/// Another reader of workbooks sees the same cells in the real file, and in the same saved again by
/// another program.
#[test]
fn the_workbook_is_read_as_another_reader_reads_it() {
    let mut counted = Vec::new();
    for name in [WORKBOOK, SAVED_AGAIN] {
        let Some(bytes) = file(name) else { return };
        counted.push(compare_with_another_reader(&bytes));
    }
    assert_eq!(counted, [[53_840, 11, 2_100]; 2]);
}

/// Compares cell by cell; how many ○, 〇 and ー stand below the headings.
fn compare_with_another_reader(bytes: &[u8]) -> [usize; 3] {
    use calamine::{Data, Reader, Xlsx};
    use todoke::import::workbook::{self, CellValue, Limits};
    let ours = workbook::read(bytes, &Limits::default()).unwrap();
    let mut other: Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let range = other.worksheet_range(&ours.sheets[0].name).unwrap();
    let mut compared = 0;
    let mut marks = [0; 3];
    for row in &ours.sheets[0].rows {
        for cell in &row.cells {
            let text = match &cell.value {
                CellValue::Text(text) => text.clone(),
                CellValue::Number(raw) => raw.parse::<f64>().unwrap().to_string(),
                other => panic!("{other:?}"),
            };
            let theirs = match range.get_value((row.number - 1, cell.column)).unwrap() {
                Data::String(text) => text.clone(),
                Data::Float(number) => number.to_string(),
                Data::Int(number) => number.to_string(),
                other => panic!("{other:?}"),
            };
            assert_eq!(text, theirs, "row {} column {}", row.number, cell.column);
            compared += 1;
            if let Some(mark) = ["○", "〇", "ー"].iter().position(|mark| *mark == text && row.number > 11)
            {
                marks[mark] += 1;
            }
        }
    }
    let theirs =
        range.used_cells().filter(|(_, _, value)| !matches!(value, Data::Empty) && **value != "").count();
    assert!(compared > 60_000 && compared == theirs, "{compared} {theirs}");
    marks
}

/// The national workbook as it was published.
pub(crate) const WORKBOOK: &str = "digital-agency-online-status-2026-01.original.xlsx";
/// The same content, saved again by another program.
pub(crate) const SAVED_AGAIN: &str = "digital-agency-online-status-2026-01.xlsx";
pub(crate) const CSV: &str = "digital-agency-online-status-2026-01.csv";

/// The whole country with the national file applied.
pub(crate) struct Country {
    pub(crate) app: TestApp,
    pub(crate) report: todoke::import::report::Report,
    /// What the export was before anything was applied.
    pub(crate) empty_export: String,
    _backend: Backend,
}

/// The country on a backend, made once for all tests that only read it.
pub(crate) fn country(backend: &Backend) -> Option<&'static Country> {
    static SQLITE: OnceLock<Option<Country>> = OnceLock::new();
    static POSTGRES: OnceLock<Option<Country>> = OnceLock::new();
    let made = if backend.is_sqlite() { &SQLITE } else { &POSTGRES };
    let sqlite = backend.is_sqlite();
    made.get_or_init(|| {
        let bytes = file(WORKBOOK)?;
        let backend = if sqlite { Backend::sqlite() } else { Backend::postgres()? };
        let service = TestService::new(&backend);
        let empty_export = service.export();
        let report = service.import(WORKBOOK, &bytes);
        Some(Country { app: TestApp::over(service), report, empty_export, _backend: backend })
    })
    .as_ref()
}
