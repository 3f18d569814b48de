//! Requests that clients and proxies change on the way.

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "56-weak-if-match.http",
    "57-plus-in-time.http",
    "59-raw-utf8-query.http",
    "60-gzip-body.http",
    "61-form-field-beside-file.http",
];
