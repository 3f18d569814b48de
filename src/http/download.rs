//! Answers that are files to be saved.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpResponse, HttpResponseBuilder};
use chrono::NaiveDate;
use futures_util::stream;

use super::ctx::{Answer, blocked};
use super::middleware::AS_IT_IS;
use super::problem::Problem;
use super::reply::Edition;
use crate::domain::text::cut;
use crate::error::Error;
use crate::query::format::FileFormat;
use crate::service::files::BuiltFile;

/// How many characters an encoding could not hold.
pub(crate) const REPLACED: &str = "X-Todoke-Replaced";

/// A file as its reader sees it.
pub(crate) struct Named<'a> {
    pub(crate) format: FileFormat,
    /// The media type, with its charset.
    pub(crate) media_type: &'a str,
    /// Its name.
    pub(crate) name: &'a str,
}

impl<'a> Named<'a> {
    /// A file of this name.
    pub(crate) fn new(format: FileFormat, media_type: &'a str, name: &'a str) -> Self {
        Self { format, media_type, name }
    }

    fn head(&self, edition: &Edition<'_>) -> HttpResponseBuilder {
        let mut response = edition.head(HttpResponse::Ok(), self.format);
        response.insert_header((header::CONTENT_DISPOSITION, both(self.name)));
        response.content_type(self.media_type);
        if self.format == FileFormat::Xlsx {
            // A workbook is compressed already.
            response.insert_header((header::CONTENT_ENCODING, AS_IT_IS));
        }
        response
    }
}

/// The two writings of a name.
fn both(name: &str) -> String {
    let ascii = in_ascii(name);
    disposition(&ascii, (ascii != name).then_some(name))
}

/// RFC 6266: the plain name for old programs, the other one in UTF-8.
pub(crate) fn disposition(ascii: &str, name: Option<&str>) -> String {
    let plain = format!("attachment; filename=\"{ascii}\"");
    let Some(name) = name else { return plain };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded: String = name
        .bytes()
        .map(|byte| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{plain}; filename*=UTF-8''{encoded}")
}

/// A name in ASCII for programs that know no other.
fn in_ascii(name: &str) -> String {
    let known = name.replace("様式", "form").replace("ほか", "and");
    let mut ascii = String::with_capacity(known.len());
    for c in known.chars() {
        match c {
            c if c.is_ascii() => ascii.push(c),
            _ if ascii.ends_with('~') => {}
            _ => ascii.push('~'),
        }
    }
    ascii
}

/// Parameters that say how an answer is written and not what it is about.
const ABOUT_WRITING: [&str; 6] = ["format", "encoding", "limit", "offset", "sort", "fields"];
/// Parameters whose values say by themselves what they are.
const PLAIN: [&str; 7] = ["municipality", "prefecture", "procedure", "category", "list", "channel", "kind"];

/// The name of an answer as a file, without its ending: the resource, what was chosen, the day.
pub(crate) fn selection_name(path: &str, query: &str, as_of: NaiveDate) -> String {
    /// Longest name of a selection, in characters.
    const LONGEST: usize = 80;
    let path = path.rsplit_once("/v1/").map_or(path, |(_, path)| path);
    let mut steps: Vec<&str> = path.split('/').map(|step| step.split('.').next().unwrap_or(step)).collect();
    if let ["municipalities", _, _, ..] = steps[..] {
        // What it is goes before whose it is.
        steps[..3].rotate_left(2);
        steps[..2].reverse();
    }
    // What only says where in the API a thing is found.
    let place = |step: &&str| !["figures", "exports", "municipalities"].contains(step);
    let known: Vec<&str> = steps.iter().copied().filter(place).collect();
    let steps = if known.is_empty() { steps } else { known };
    let mut parts: Vec<String> = steps.iter().map(plain).collect();
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query).map(web::Query::into_inner);
    for (name, value) in pairs.unwrap_or_default() {
        if ABOUT_WRITING.contains(&name.as_str()) {
            continue;
        }
        let value = chosen(&value);
        parts.push(if PLAIN.contains(&name.as_str()) { value } else { format!("{}-{value}", plain(&name)) });
    }
    format!("{}_{as_of}", cut(&parts.join("_"), LONGEST))
}

/// Values of a parameter: the first ones, and how many more.
fn chosen(value: &str) -> String {
    const SHOWN: usize = 3;
    let all: Vec<&str> = value.split(',').collect();
    let mut shown: Vec<String> = all.iter().take(SHOWN).map(plain).collect();
    if all.len() > SHOWN {
        shown.push(format!("ほか{}", all.len() - SHOWN));
    }
    shown.join("-")
}

/// A text as part of a file's name: what a path or a header could stumble over becomes a hyphen.
fn plain(text: impl AsRef<str>) -> String {
    let mut name = String::new();
    for c in text.as_ref().chars() {
        if c.is_alphanumeric() || matches!(c, '_' | '-') {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    name
}

impl Edition<'_> {
    /// Answers with a stream of ready-made pieces.
    pub(crate) fn stream<S>(&self, named: &Named<'_>, pieces: S) -> HttpResponse
    where
        S: stream::Stream<Item = Result<Bytes, Problem>> + 'static,
    {
        named.head(self).streaming(Box::pin(pieces))
    }

    /// Answers with what is ready.
    pub(crate) fn bytes(&self, named: &Named<'_>, bytes: Vec<u8>) -> HttpResponse {
        named.head(self).body(bytes)
    }

    /// Answers with a file that is built, unless an earlier request had the same built. It tells how much
    /// the encoding could not hold.
    ///
    /// # Errors
    ///
    /// What `build` answers, and a disk that takes no more.
    pub(crate) async fn built(
        &self,
        named: &Named<'_>,
        build: impl FnOnce(&mut BufWriter<File>) -> Result<Option<u64>, Error> + Send + 'static,
    ) -> Answer {
        let key = self.key();
        let file: Arc<BuiltFile> =
            self.ctx.wait(move |service| service.built_files().get(&key, build)).await?;
        let mut response = named.head(self);
        if let Some(replaced) = file.replaced() {
            response.insert_header((REPLACED, replaced));
        }
        let length = file.length();
        let pieces = stream::unfold(Some((file, 0)), |state| async move {
            let (file, at) = state?;
            let reader = Arc::clone(&file);
            let piece = match web::block(move || reader.piece(at)).await {
                Ok(Ok(piece)) => piece,
                Ok(Err(error)) => return Some((Err(Problem::from(error)), None)),
                Err(cause) => return Some((Err(blocked(cause)), None)),
            };
            let next = at + piece.len() as u64;
            (!piece.is_empty()).then(|| (Ok(Bytes::from(piece)), Some((file, next))))
        });
        Ok(response.body(SizedStream::new(length, Box::pin(pieces))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_was_chosen() {
        let day = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        for (path, query, expected) in [
            ("figures/online_rate", "prefecture=08&format=csv", "online_rate_08_2026-11-26"),
            ("figures/online_rate", "", "online_rate_2026-11-26"),
            (
                "figures/da26_rate/explain",
                "municipality=082333&encoding=utf-8-bom&limit=5",
                "da26_rate_explain_082333_2026-11-26",
            ),
            (
                "figures/online_rate",
                "by=municipality&threshold=4&kind=city,town",
                "online_rate_by-municipality_threshold-4_city-town_2026-11-26",
            ),
            ("matrix", "prefecture=08,09,10,11,12", "matrix_08-09-10-ほか2_2026-11-26"),
            ("municipalities/082333/readiness", "", "readiness_082333_2026-11-26"),
            ("exports/readiness.csv", "layout=wide&channel=eapp", "readiness_layout-wide_eapp_2026-11-26"),
            (
                "readiness",
                "system=%E3%81%B4%E3%81%A3%E3%81%9F%E3%82%8A%2F..%22%0A",
                "readiness_system-ぴったり-_2026-11-26",
            ),
        ] {
            assert_eq!(selection_name(&format!("/api/v1/{path}"), query, day), expected);
        }
        let long = format!("q={}", "あ".repeat(900));
        assert!(selection_name("/api/v1/procedures", &long, day).chars().count() < 120);
    }

    #[test]
    fn names_come_in_both_writings() {
        assert_eq!(both("a.csv"), "attachment; filename=\"a.csv\"");
        assert_eq!(
            both("様式_082333.xlsx"),
            "attachment; filename=\"form_082333.xlsx\"; filename*=UTF-8''%E6%A7%98%E5%BC%8F_082333.xlsx"
        );
    }
}
