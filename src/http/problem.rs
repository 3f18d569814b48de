//! Errors over HTTP: RFC 9457 problem documents, one table of kinds.

use actix_web::error::BlockingError;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::domain::{Refusal, RefusalKind};
use crate::import::report::SHOWN_FAULTS;
use crate::import::{Fault, FaultKind};
use crate::query::parameters::{self, Faults};
use crate::service::error::Error;

/// A sort of problem: the last part of its `type`, its status and its title in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// `urn:todoke:problem:<id>`
    pub id: &'static str,
    /// HTTP status.
    pub status: StatusCode,
    /// Title in Japanese.
    pub ja: &'static str,
    /// Title in English.
    pub en: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $id:literal, $status:ident, $ja:literal, $en:literal;)+) => {
        impl Kind {
            $(#[doc = $en] pub const $name: Self = Self { id: $id, status: StatusCode::$status, ja: $ja, en: $en };)+

            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

kinds! {
    INVALID_PARAMETER = "invalid-parameter", BAD_REQUEST, "パラメータが正しくありません", "Invalid parameter";
    BAD_REQUEST = "bad-request", BAD_REQUEST, "リクエストが正しくありません", "Bad request";
    UNAUTHENTICATED = "unauthenticated", UNAUTHORIZED, "鍵が必要です", "Authentication required";
    FORBIDDEN = "forbidden", FORBIDDEN, "この鍵では行えません", "Forbidden";
    NOT_FOUND = "not-found", NOT_FOUND, "見つかりません", "Not found";
    METHOD_NOT_ALLOWED = "method-not-allowed", METHOD_NOT_ALLOWED, "このメソッドは使えません", "Method not allowed";
    NOT_ACCEPTABLE = "not-acceptable", NOT_ACCEPTABLE, "求められた形式では返せません", "Not acceptable";
    TIMEOUT = "request-timeout", REQUEST_TIMEOUT, "リクエストが時間内に届きませんでした", "Request time-out";
    CONFLICT = "conflict", CONFLICT, "現在のデータと矛盾します", "Conflict";
    PRECONDITION_FAILED = "precondition-failed", PRECONDITION_FAILED, "ほかの人が先に変更しました", "Precondition failed";
    TOO_LARGE = "payload-too-large", PAYLOAD_TOO_LARGE, "大きすぎます", "Payload too large";
    URI_TOO_LONG = "uri-too-long", URI_TOO_LONG, "URL が長すぎます", "URI too long";
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "この形式は受け付けません", "Unsupported media type";
    UNPROCESSABLE = "unprocessable", UNPROCESSABLE_ENTITY, "内容を処理できません", "Unprocessable content";
    PRECONDITION_REQUIRED = "precondition-required", PRECONDITION_REQUIRED, "If-Match が必要です", "Precondition required";
    TOO_MANY_REQUESTS = "too-many-requests", TOO_MANY_REQUESTS, "リクエストが多すぎます", "Too many requests";
    HEADERS_TOO_LARGE = "headers-too-large", REQUEST_HEADER_FIELDS_TOO_LARGE, "ヘッダーが大きすぎます", "Request headers too large";
    INTERNAL = "internal", INTERNAL_SERVER_ERROR, "内部でエラーが起きました", "Internal error";
    INSUFFICIENT_STORAGE = "insufficient-storage", INSUFFICIENT_STORAGE, "保存できません", "Insufficient storage";
    UNAVAILABLE = "unavailable", SERVICE_UNAVAILABLE, "一時的に応答できません", "Temporarily unavailable";
}

impl Kind {
    /// The kind for a status that the framework itself raised.
    pub fn of_status(status: StatusCode) -> Self {
        Self::ALL.iter().copied().rfind(|kind| kind.status == status).unwrap_or(if status.is_server_error() {
            Self::INTERNAL
        } else {
            Self::BAD_REQUEST
        })
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// Where: a JSON pointer such as `/query/limit` or `/path/code`.
    pub pointer: String,
    /// What.
    pub refusal: Refusal,
}

/// A problem on its way to the client. It gets its language and instance when it is rendered.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Its kind.
    pub kind: Kind,
    /// What happened, in Japanese.
    pub ja: String,
    /// What happened, in English.
    pub en: String,
    /// Each thing that is wrong.
    pub errors: Vec<Detail>,
    /// Each thing that is wrong in a file.
    pub faults: Vec<Fault>,
    /// Headers that belong to it, such as `Allow` of a 405.
    pub headers: Vec<(HeaderName, String)>,
    /// Whether the connection is closed after it: the rest of the request was not read.
    pub close: bool,
}

impl Problem {
    /// A problem with its own detail text.
    pub fn new(kind: Kind, ja: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            kind,
            ja: ja.into(),
            en: en.into(),
            errors: Vec::new(),
            faults: Vec::new(),
            headers: Vec::new(),
            close: false,
        }
    }

    /// A problem that is told by its title alone.
    pub fn plain(kind: Kind) -> Self {
        Self::new(kind, format!("{}。", kind.ja), format!("{}.", kind.en))
    }

    /// Adds a header.
    pub fn with_header(mut self, name: HeaderName, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Closes the connection after it.
    pub fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// Parameters that were refused.
    pub fn invalid(errors: Vec<Detail>) -> Self {
        Self::listing(Kind::INVALID_PARAMETER, errors)
    }

    /// Parts of a body that were refused.
    pub fn unprocessable(errors: Vec<Detail>) -> Self {
        Self::listing(Kind::UNPROCESSABLE, errors)
    }

    /// Everything that is wrong with a body, each with its place in it.
    pub(crate) fn of_body(faults: Vec<(String, Refusal)>) -> Self {
        let detail = |(place, refusal)| Detail { pointer: format!("/body/{place}"), refusal };
        Self::unprocessable(faults.into_iter().map(detail).collect())
    }

    /// One refusal, at a place.
    pub fn of(kind: Kind, pointer: &str, refusal: Refusal) -> Self {
        Self::listing(kind, vec![Detail { pointer: pointer.to_owned(), refusal }])
    }

    fn listing(kind: Kind, errors: Vec<Detail>) -> Self {
        /// Faults that the sentence tells; all are in `errors`.
        const TOLD: usize = 5;
        let ja: Vec<&str> =
            errors.iter().take(TOLD).map(|error| error.refusal.ja.trim_end_matches('。')).collect();
        let en: Vec<String> = errors.iter().take(TOLD).map(|error| error.refusal.en.clone()).collect();
        let (ja, en) = (format!("{}。", ja.join("。")), format!("{}.", en.join(". ")));
        Self { errors, ..Self::new(kind, ja, en) }
    }

    /// A file that was refused, with each fault at its line.
    pub fn file(faults: &[Fault]) -> Self {
        let kind = match faults.first().map(|fault| fault.kind) {
            Some(FaultKind::TooLarge) => Kind::TOO_LARGE,
            Some(FaultKind::WrongKind) => Kind::UNSUPPORTED_MEDIA_TYPE,
            _ => Kind::UNPROCESSABLE,
        };
        let ja = Fault::sentence_of_all(faults);
        let codes: Vec<&str> = faults.iter().take(5).map(|fault| fault.code.as_str()).collect();
        let en = format!("the file was refused: {}", codes.join(", "));
        Self { faults: faults.to_vec(), ..Self::new(kind, ja, en) }
    }

    /// A part of the path that was refused: unknown is 404, malformed 400.
    pub fn path(name: &str, refusal: Refusal) -> Self {
        let detail = Detail { pointer: format!("/path/{name}"), refusal };
        match detail.refusal.kind {
            RefusalKind::Unknown => Self::listing(Kind::NOT_FOUND, vec![detail]),
            RefusalKind::Malformed | RefusalKind::WithoutYear => Self::invalid(vec![detail]),
        }
    }

    /// A 401 for a key or a session that was sent and does not hold.
    pub fn unauthenticated(refusal: Refusal) -> Self {
        Self::challenged(refusal, "Bearer realm=\"todoke\", error=\"invalid_token\"")
    }

    /// A 401 with the way to sign in.
    pub fn challenged(refusal: Refusal, challenge: &str) -> Self {
        let en = refusal.en.clone();
        let problem = Self::of(Kind::UNAUTHENTICATED, "/header/authorization", refusal);
        Self { en, ..problem }.with_header(header::WWW_AUTHENTICATE, challenge)
    }

    /// The document.
    pub fn document(&self, english: bool, instance: &str) -> ProblemView {
        ProblemView {
            kind: format!("urn:todoke:problem:{}", self.kind.id),
            title: if english { self.kind.en } else { self.kind.ja }.to_owned(),
            status: self.kind.status.as_u16(),
            detail: if english { &self.en } else { &self.ja }.clone(),
            instance: instance.to_owned(),
            errors: self
                .errors
                .iter()
                .map(|error| ErrorView::new(error, english))
                .chain(self.faults.iter().map(ErrorView::of_file))
                .take(SHOWN_FAULTS)
                .collect(),
        }
    }

    /// The response.
    pub fn render(&self, english: bool, instance: &str) -> HttpResponse {
        let mut response = HttpResponse::build(self.kind.status);
        response.insert_header((header::CONTENT_TYPE, "application/problem+json"));
        response.insert_header((header::CONTENT_LANGUAGE, if english { "en" } else { "ja" }));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.as_str()));
        }
        if self.close {
            response.force_close();
        }
        if self.kind == Kind::UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, "2"));
        }
        let body = serde_json::to_vec(&self.document(english, instance)).unwrap_or_default();
        response.body(body)
    }
}

/// How a problem is told to people, where pages are served: the pages know.
#[derive(Clone, Copy)]
pub(crate) struct ProblemPage(pub(crate) fn(&Problem, bool, bool, &str) -> HttpResponse);

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.id, self.en)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status
    }

    fn error_response(&self) -> HttpResponse {
        self.render(false, "")
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let at = |fault: parameters::Fault| Detail {
            pointer: format!("/query/{}", fault.name),
            refusal: fault.refusal,
        };
        match faults {
            Faults::Parameters(faults) => Self::invalid(faults.into_iter().map(at).collect()),
            Faults::Path(fault) => Self::path(&fault.name, fault.refusal),
        }
    }
}

impl From<BlockingError> for Problem {
    /// A pool that could not run the work: the server is going down.
    fn from(cause: BlockingError) -> Self {
        log::error!("{cause}");
        Self::plain(Kind::UNAVAILABLE)
    }
}

impl From<Error> for Problem {
    /// A 5xx never carries its cause: it is logged here, where it is handled.
    fn from(error: Error) -> Self {
        match &error {
            Error::NotFound(refusal) => Self::of(Kind::NOT_FOUND, "/path", refusal.clone()),
            Error::Conflict(refusal) => Self::of(Kind::CONFLICT, "/path", refusal.clone()),
            Error::BadFile(faults) => Self::file(faults),
            Error::Stopped => Self::new(Kind::CONFLICT, error.ja(), error.to_string()),
            Error::Stale(refusal) => Self::of(Kind::PRECONDITION_FAILED, "/header/if-match", refusal.clone()),
            Error::Unprocessable(refusal) => Self::of(Kind::UNPROCESSABLE, "/body", refusal.clone()),
            Error::Unauthenticated(refusal) => Self::unauthenticated(refusal.clone()),
            Error::Denied(denial) => Self::of(Kind::FORBIDDEN, "/header/authorization", denial.refusal()),
            Error::Unavailable => {
                Self::new(Kind::UNAVAILABLE, Error::Unavailable.ja(), Error::Unavailable.to_string())
            }
            Error::CannotWrite(_) => {
                log::error!("{error}");
                Self::new(Kind::INSUFFICIENT_STORAGE, error.ja(), "nothing can be written; reading goes on")
            }
            _ => {
                log::error!("{error}");
                Self::plain(Kind::INTERNAL)
            }
        }
    }
}

/// 誤りの文書（RFC 9457）
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView {
    /// 誤りの種類
    #[serde(rename = "type")]
    #[schema(example = "urn:todoke:problem:invalid-parameter")]
    pub kind: String,
    /// 種類の名前
    #[schema(example = "パラメータが正しくありません")]
    pub title: String,
    /// HTTP ステータス
    #[schema(example = 400, minimum = 400, maximum = 599)]
    pub status: u16,
    /// 何が起きたか（日本語。Accept-Language: en で英語）
    #[schema(example = "limit は1〜500の整数です。")]
    pub detail: String,
    /// リクエストのパス
    #[schema(example = "/api/v1/procedures")]
    pub instance: String,
    /// 個々の誤り
    #[schema(max_items = 500)]
    pub errors: Vec<ErrorView>,
}

/// 個々の誤り
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = ProblemError)]
pub struct ErrorView {
    /// 規則の名前
    #[schema(example = "out_of_range")]
    pub code: String,
    /// リクエストの中の場所（JSON ポインタ）
    #[schema(example = "/query/limit")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// ファイルの行（1から）
    #[schema(example = json!(null), minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// ファイルの列（1から）
    #[schema(example = json!(null), minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// 列の見出し
    #[schema(example = json!(null))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
    /// 見つかった値
    #[schema(example = "0")]
    pub value: String,
    /// 何が正しくないか
    #[schema(example = "limit は1〜500の整数です")]
    pub message: String,
    /// 使える値
    #[schema(example = "1-500")]
    pub allowed: Option<String>,
    /// 候補
    #[schema(example = json!(null))]
    pub suggestion: Option<String>,
}

impl ErrorView {
    fn new(detail: &Detail, english: bool) -> Self {
        let refusal = &detail.refusal;
        Self {
            code: refusal.code.to_owned(),
            pointer: Some(detail.pointer.clone()),
            line: None,
            column: None,
            heading: None,
            value: refusal.value.clone(),
            message: if english { &refusal.en } else { &refusal.ja }.clone(),
            allowed: refusal.allowed.clone(),
            suggestion: refusal.suggestion.clone(),
        }
    }

    /// A fault of a file. It is told in Japanese: the file is, too.
    fn of_file(fault: &Fault) -> Self {
        Self {
            code: fault.code.clone(),
            pointer: None,
            line: fault.line,
            column: fault.column,
            heading: fault.heading.clone(),
            value: fault.value.clone().unwrap_or_default(),
            message: fault.message.clone(),
            allowed: fault.allowed.clone(),
            suggestion: fault.suggestion.clone(),
        }
    }
}
