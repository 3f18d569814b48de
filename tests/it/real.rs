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

pub(crate) const WORKBOOK: &str = "digital-agency-online-status-2026-01.xlsx";
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
