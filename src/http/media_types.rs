//! Media types under which files come.

/// Media types under which programs and browsers send tables. What a file is, its bytes say.
pub(super) const MEDIA_TYPES: [&str; 6] = [
    "text/csv",
    "text/tab-separated-values",
    "text/plain",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/octet-stream",
];
/// Others under which the same files come from some programs.
const ALSO_TAKEN: [&str; 7] = [
    "application/csv",
    "application/x-csv",
    "text/x-csv",
    "text/comma-separated-values",
    "text/x-comma-separated-values",
    "application/msexcel",
    "application/x-msexcel",
];
/// A form, with its file in a part.
pub(super) const FORM: &str = "multipart/form-data";

/// Whether files are sent under a media type.
pub(super) fn is_of_a_file(media_type: &str) -> bool {
    MEDIA_TYPES.contains(&media_type) || ALSO_TAKEN.contains(&media_type) || media_type == FORM
}
