//! A visit to a page: of which moment, in which language, and from whose place one looks. All of it stands in the
//! address and rides along in every link, so that a link that was sent shows the same.

use std::ops::Deref;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header;
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

use super::lang::Lang;
use super::passed::Passed;
use crate::domain::catalogue::BodyIx;
use crate::domain::dates::in_japan;
use crate::domain::municipality::{Municipality, PrefectureCode};
use crate::domain::readiness::Scale;
use crate::http::ctx::{Answer, Ctx};
use crate::http::edition::Edition;
use crate::http::problem::Problem;
use crate::query::changes::a_year_before;
use crate::query::definitions::{name_of, rule_of};
use crate::query::format::PageFormat;
use crate::query::moment::{Moment, MomentQuery};
use crate::query::parameters::{Parameters, Query, names};
use crate::query::percent;
use crate::query::question::{Grid, Object, Question, Rows};
use crate::query::search::named;

/// Under which terms data are given unless the operator says otherwise.
const LICENCE_JA: &str = "出典を示せば利用できます";
const LICENCE_EN: &str = "free to use when the source is named";

/// What every page may be asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FrameQuery {
    /// The body from whose place one looks.
    #[param(max_length = 6)]
    focus: Option<String>,
    /// The language.
    #[param(max_length = 2)]
    lang: Option<String>,
    /// `bare` for a page without its frame.
    #[param(max_length = 4)]
    view: Option<String>,
}

/// A page that takes nothing of its own.
#[derive(Debug, Default, Deserialize)]
pub(super) struct NothingAsked {}

impl IntoParams for NothingAsked {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        Vec::new()
    }
}

/// The rows of a block, and where the same is found as data.
pub(super) struct Told<V> {
    /// The rows.
    pub(super) rows: Vec<V>,
    /// How many there are in all.
    pub(super) count: usize,
    /// Where.
    pub(super) source: Data,
}

/// Whether a parameter says how an answer is written and not what it says.
fn of_format(name: &str) -> bool {
    ["format", "encoding", "fields"].contains(&name)
}

/// Where the rows of a block are found as data.
#[derive(Clone, Debug)]
pub(super) struct Data {
    address: String,
}

impl Data {
    /// The address of the JSON.
    pub(super) fn json(&self) -> &str {
        &self.address
    }

    /// The address of the CSV.
    pub(super) fn csv(&self) -> String {
        let sign = if self.address.contains('?') { '&' } else { '?' };
        format!("{}{sign}format=csv", self.address)
    }
}

/// A visit to a page: what is seen of it, and whom to ask.
pub(super) struct Visit<'c> {
    edition: Edition<'c>,
    seen: Arc<Seen>,
}

impl Deref for Visit<'_> {
    type Target = Seen;

    fn deref(&self) -> &Seen {
        &self.seen
    }
}

/// A page as it is written, off the threads that serve.
pub(super) struct Written {
    /// The HTML.
    pub(super) html: String,
    /// What stands in its `Link` headers.
    pub(super) links: Vec<String>,
}

/// From where a page is looked at: the country of a moment, the language, the body from whose place one looks.
pub(super) struct Seen {
    grid: Arc<Grid>,
    data_licence: Option<String>,
    /// Whether everything that is shown is made up.
    pub(super) demo: bool,
    /// The language.
    pub(super) lang: Lang,
    /// The body from whose place one looks.
    pub(super) focus: Option<BodyIx>,
    /// Whether the page is to stand inside another.
    pub(super) bare: bool,
    moment: Moment,
    /// When what it shows was last added to, where it shows what is known now.
    updated: Option<DateTime<Utc>>,
    today: NaiveDate,
    path: String,
    query: String,
}

impl<'c> Visit<'c> {
    /// Begins a visit, with what the page takes of its own.
    ///
    /// # Errors
    ///
    /// Every parameter in which something is wrong, and a moment that cannot be had now.
    pub(super) async fn begin<P>(ctx: &'c Ctx) -> Result<(Self, P), Problem>
    where
        P: IntoParams + DeserializeOwned + Default + 'static,
    {
        let filled_in = ctx.filled_in();
        let query = Query::new(&filled_in, &[names::<FrameQuery>(), names::<MomentQuery>(), names::<P>()]);
        Ok((Self::of(ctx, &query, &filled_in).await?, query.part()))
    }

    /// Begins a visit to a page that shows the answer to one question: what the question takes is what the page
    /// takes, but for the format, and the page takes something of its own.
    ///
    /// # Errors
    ///
    /// As [`Self::begin`]. What the question takes is looked at when it is asked.
    pub(super) async fn over<Q, P>(ctx: &'c Ctx) -> Result<(Self, Passed, P), Problem>
    where
        Q: Question,
        P: IntoParams + DeserializeOwned + Default + 'static,
    {
        let filled_in = ctx.filled_in();
        let own = [names::<FrameQuery>(), names::<MomentQuery>(), names::<P>()];
        let is_own = |name: &str| own.iter().any(|part| part.iter().any(|known| known.name() == name));
        let asked: Parameters =
            names::<Q>().iter().filter(|known| !of_format(known.name())).cloned().collect();
        let known: Vec<Parameters> = own.iter().cloned().chain([asked]).collect();
        let query = Query::new(&filled_in, &known);
        let visit = Self::of(ctx, &query, &filled_in).await?;
        let mut pairs = query.pairs();
        pairs.retain(|(name, _)| !is_own(name));
        Ok((visit, Passed { pairs }, query.part()))
    }

    async fn of(ctx: &'c Ctx, query: &Query<'_>, filled_in: &str) -> Result<Self, Problem> {
        let mut checks = query.checks();
        let frame: FrameQuery = query.part();
        let moment = query.part::<MomentQuery>().read(&mut checks, ctx.service().now());
        let catalogue = ctx.service().catalogue();
        let focus = checks.one("focus", &frame.focus, |text| catalogue.find_body(text));
        let lang = checks.one("lang", &frame.lang, Lang::parse).unwrap_or_default();
        let bare = checks.one("view", &frame.view, |text| match text {
            "bare" => Ok(true),
            _ => Err(crate::domain::text::unknown_code(text, "表示", "view", &["bare"])),
        });
        checks.finish()?;
        let edition = ctx.edition(moment).await?;
        let of_now = moment.known_at.is_none();
        let updated = of_now.then(|| ctx.service().written_at(&edition.grid)).flatten();
        let seen = Seen {
            updated,
            grid: Arc::clone(&edition.grid),
            data_licence: edition.data_licence().map(str::to_owned),
            demo: edition.is_demo(),
            lang,
            focus,
            bare: bare.unwrap_or(false),
            moment,
            today: ctx.service().today(),
            path: ctx.path().to_owned(),
            query: filled_in.to_owned(),
        };
        Ok(Self { edition, seen: Arc::new(seen) })
    }

    /// What this page would answer where the reader has it already.
    pub(super) fn not_modified(&self) -> Option<HttpResponse> {
        self.edition.not_modified(PageFormat::Html)
    }

    /// Writes the page and answers with it. A large one takes longer than a thread that serves others has time for.
    ///
    /// # Errors
    ///
    /// Too much that waits already.
    pub(super) async fn show(&self, write: impl FnOnce(&Seen) -> Written + Send + 'static) -> Answer {
        let seen = Arc::clone(&self.seen);
        let write = move || {
            let Written { html, links } = write(&seen);
            (html, links)
        };
        let (text, links) = self.edition.make_text(write).await?;
        let mut response = self.edition.head(HttpResponse::Ok(), PageFormat::Html);
        response.insert_header((header::CONTENT_LANGUAGE, self.lang.tag()));
        for link in links {
            response.append_header((header::LINK, link));
        }
        response.content_type("text/html; charset=utf-8");
        Ok(text.into(response))
    }

    /// Asks a question by its address in the API, without `/api/v1`.
    ///
    /// # Errors
    ///
    /// What the API would refuse there.
    pub(super) async fn rows<Q: Rows>(&self, path: &str, query: &str) -> Result<Told<Q::Row>, Problem> {
        let (rows, count) = self.edition.told::<Q>(&format!("/api/v1{path}"), query).await?;
        Ok(Told { rows, count, source: self.data(path, query) })
    }

    /// Asks a question that is answered with one object.
    ///
    /// # Errors
    ///
    /// What the API would refuse there.
    pub(super) async fn one<Q: Object>(&self, path: &str, query: &str) -> Result<Q::View, Problem>
    where
        Q::View: Send + 'static,
    {
        self.edition.told_one::<Q>(&format!("/api/v1{path}"), query).await
    }
}

impl Seen {
    /// A body.
    pub(super) fn body(&self, body: BodyIx) -> &Municipality {
        self.grid.catalogue().body(body)
    }

    /// The name of a body, with its prefecture.
    pub(super) fn name_of(&self, code: &str) -> String {
        let body = self.grid.catalogue().find_body(code).map(|body| self.body(body));
        body.map_or_else(|_unknown| code.to_owned(), |body| format!("{}{}", body.prefecture_name, body.name))
    }

    /// Every prefecture with its name, in order of their codes.
    pub(super) fn prefectures(&self) -> impl Iterator<Item = (PrefectureCode, &str)> {
        let bodies = self.grid.catalogue().municipalities().iter().filter(|body| body.is_prefecture());
        bodies.map(|body| (body.prefecture(), body.name.as_str()))
    }

    /// The name of a prefecture.
    pub(super) fn prefecture_name(&self, code: PrefectureCode) -> Option<String> {
        self.prefectures().find(|(known, _)| *known == code).map(|(_, name)| name.to_owned())
    }

    /// Every procedure of today's lists by its id and short name.
    pub(super) fn procedures(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.grid.catalogue().procedures().iter();
        all.map(|procedure| (procedure.id.as_str(), procedure.short_ja.as_str()))
    }

    /// Where this page is, without what was asked.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// A procedure's short name, or its id where there is none such.
    pub(super) fn short_name<'s>(&'s self, id: &'s str) -> &'s str {
        let catalogue = self.grid.catalogue();
        catalogue.procedure_ix(id).map_or(id, |ix| catalogue.procedure(ix).short_ja.as_str())
    }

    /// The code of the body that a text means, be it a code or a name; else those of the first that it may mean.
    pub(super) fn meant_body(&self, text: &str) -> Result<String, Vec<String>> {
        named(self.grid.catalogue(), text, self.grid.as_of())
    }

    /// The ids of all channels.
    pub(super) fn channels(&self) -> impl Iterator<Item = &str> {
        self.grid.catalogue().channels().iter().map(|channel| channel.id.as_str())
    }

    /// The name of a channel.
    pub(super) fn channel_name<'s>(&'s self, id: &'s str) -> &'s str {
        let catalogue = self.grid.catalogue();
        catalogue.channel_ix(id).map_or(id, |ix| {
            let channel = catalogue.channel(ix);
            self.lang.say(channel.label_ja.as_str(), channel.label_en.as_str())
        })
    }

    /// The scale of a channel.
    pub(super) fn scale_of(&self, id: &str) -> Scale {
        let catalogue = self.grid.catalogue();
        catalogue.channel_ix(id).map_or(Scale::Online, |ix| catalogue.channel(ix).scale)
    }

    /// The name of a definition.
    pub(super) fn definition_name<'s>(&self, id: &'s str) -> &'s str {
        name_of(id, self.lang == Lang::En)
    }

    /// The rule of a definition in a sentence.
    pub(super) fn definition_rule(&self, id: &str) -> &'static str {
        rule_of(id, self.lang == Lang::En)
    }

    /// The day that the page is about.
    pub(super) fn as_of(&self) -> chrono::NaiveDate {
        self.grid.as_of()
    }

    /// Number of the last row of the log that it knows.
    pub(super) fn revision(&self) -> i64 {
        self.grid.revision()
    }

    /// The revision, and when it was written where that is known without a search.
    pub(super) fn revision_in_words(&self) -> String {
        let at = self.updated.map(|at| in_japan(at).format("%Y-%m-%d %H:%M").to_string());
        match at {
            Some(at) => format!(
                "{}{}{at}{}",
                self.revision(),
                self.lang.say("（更新 ", " (updated "),
                self.lang.say("）", ")")
            ),
            None => self.revision().to_string(),
        }
    }

    /// The day with which changes are compared unless another is said.
    pub(super) fn a_year_before(&self) -> NaiveDate {
        a_year_before(self.as_of())
    }

    /// Whether its day has not come: it shows what is planned.
    pub(super) fn is_ahead(&self) -> bool {
        self.as_of() > self.today
    }

    /// Whether it is about another day or what was known before.
    pub(super) fn is_past(&self) -> bool {
        !self.moment.is_now()
    }

    /// What rides along.
    fn carried(&self) -> Vec<(&'static str, String)> {
        let mut pairs = self.of_moment();
        let focus = self.focus.map(|body| self.body(body).code.to_string());
        pairs.extend(focus.map(|code| ("focus", code)));
        if self.lang == Lang::En {
            pairs.push(("lang", "en".to_owned()));
        }
        if self.bare {
            pairs.push(("view", "bare".to_owned()));
        }
        pairs
    }

    fn of_moment(&self) -> Vec<(&'static str, String)> {
        let as_of = self.moment.as_of.map(|day| ("as_of", day.to_string()));
        let known_at = self.moment.known_at.map(|at| ("known_at", at.to_rfc3339()));
        as_of.into_iter().chain(known_at).collect()
    }

    /// The address of another page, of the same moment, language and place.
    pub(super) fn link(&self, path: &str) -> String {
        with_pairs(path, &self.carried())
    }

    /// The address of this page, its own conditions too, without some names and with a value of one.
    pub(super) fn here(&self, without: &[&str], with: &[(&'static str, &str)]) -> String {
        let name = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
        let kept: Vec<&str> = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !without.contains(&name(pair).as_str()))
            .collect();
        let address = match kept.as_slice() {
            [] => self.path.clone(),
            kept => format!("{}?{}", self.path, kept.join("&")),
        };
        let pairs: Vec<(&'static str, String)> =
            with.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        with_pairs(&address, &pairs)
    }

    /// The address of this page that shows the same whenever it is opened: of its day, and of what is known now.
    pub(super) fn link_of_now(&self) -> String {
        let known_at = self.moment.known_at.unwrap_or(self.grid.known_at());
        let known_at = in_japan(known_at).to_rfc3339_opts(SecondsFormat::Millis, false);
        let pairs = [("as_of", self.as_of().to_string()), ("known_at", known_at)];
        with_pairs(&self.path, &pairs)
    }

    /// Under which terms data are given.
    pub(super) fn terms(&self) -> &str {
        self.data_licence.as_deref().unwrap_or(self.lang.say(LICENCE_JA, LICENCE_EN))
    }

    /// The codes of all bodies that there are on the day of the page, but for prefectures.
    pub(super) fn standing_bodies(&self) -> impl Iterator<Item = String> {
        let all = self.grid.catalogue().municipalities().iter();
        let day = self.as_of();
        all.filter(move |body| !body.is_prefecture() && body.ended_on.is_none_or(|ended| ended > day))
            .map(|body| body.code.to_string())
    }

    /// What rides along as hidden fields of a form.
    pub(super) fn hidden(&self, but: &[&str]) -> Vec<(&'static str, String)> {
        let mut pairs = self.carried();
        pairs.retain(|(name, _)| !but.contains(name));
        pairs
    }

    /// Where something is found as data, of the same moment.
    pub(super) fn data(&self, path: &str, query: &str) -> Data {
        let address = match query {
            "" => format!("/api/v1{path}"),
            query => format!("/api/v1{path}?{query}"),
        };
        Data { address: with_pairs(&address, &self.of_moment()) }
    }
}

/// An address with parameters more.
fn with_pairs(address: &str, pairs: &[(&'static str, String)]) -> String {
    let (before, fragment) = address.split_once('#').map_or((address, None), |(one, two)| (one, Some(two)));
    let mut text = before.to_owned();
    for (name, value) in pairs {
        text.push(if text.contains('?') { '&' } else { '?' });
        text.push_str(name);
        text.push('=');
        text.push_str(&percent::encode(value));
    }
    if let Some(fragment) = fragment {
        text.push('#');
        text.push_str(fragment);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_added_before_the_fragment() {
        let pairs = [("lang", "en".to_owned()), ("known_at", "2026-01-01T00:00:00+00:00".to_owned())];
        let address = with_pairs("/a?b=c#d", &pairs);
        assert_eq!(address, "/a?b=c&lang=en&known_at=2026-01-01T00:00:00%2B00:00#d");
        assert_eq!(with_pairs("/a", &[]), "/a");
    }
}
