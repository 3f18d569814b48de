//! The one way in which a question is carried out: parameters, format, the country of that moment,
//! whether anything changed, the answer, its bytes.

use std::sync::{Arc, LazyLock};

use actix_web::{HttpResponse, web};

use super::ctx::{Answer, Ctx};
use super::edition::Edition;
use super::problem::{Kind, Problem};
use super::reply::words;
use super::routes;
use crate::export::encoding::Encoding;
use crate::query::format::{FileFormat, Format, Medium};
use crate::query::list::{List, Words};
use crate::query::moment::{Moment, MomentQuery};
use crate::query::parameters::{FormatQuery, Page, PageQuery, Query, names};
use crate::query::question::{Address, Country, Needs, Object, Parts, Question, Rows, Said, Shape};
use crate::service::Service;

/// A question that was read, with how it is to be answered.
pub(crate) struct Asked<'c, Q, M> {
    pub(crate) question: Q,
    pub(crate) format: M,
    /// The country that it is asked of.
    pub(crate) edition: Edition<'c>,
    page: Page,
}

impl Ctx {
    /// Reads a question, which may be answered in these formats.
    ///
    /// # Errors
    ///
    /// Every parameter in which something is wrong; without any, a part of the path. An `Accept` that
    /// nothing fits.
    pub(crate) async fn ask<Q: Question, M: Medium>(
        &self,
        formats: &[M],
    ) -> Result<Asked<'_, Q, M>, Problem> {
        let query = self.query(&[names::<Q>()]);
        let mut checks = query.checks();
        let moment = if Q::OF_ANY_MOMENT {
            query.part::<MomentQuery>().read(&mut checks, self.service().now())
        } else {
            Moment::default()
        };
        let grid = self.country_of(moment).await?;
        let address = Address { path: &self.named, query: &query };
        let question = Q::read(Q::Parts::of(&query), &address, &mut checks, &grid);
        let page = query.part::<PageQuery>().read(&mut checks);
        let format = self.format(&query, &mut checks, formats)?;
        checks.finish()?;
        let question = question.ok_or(Problem::plain(Kind::INTERNAL))?;
        let encoding = query.part::<FormatQuery>().encoding().unwrap_or(Encoding::Utf8);
        Ok(Asked { question, format, edition: Edition { ctx: self, grid, encoding }, page })
    }

    /// Answers a question with rows: a page of JSON, or all of them as CSV or NDJSON.
    pub(crate) async fn rows<Q: Rows>(&self) -> Answer {
        let Asked { question, format, edition, page } = self.ask::<Q, Format>(Format::ALL).await?;
        if let Some(response) = edition.not_modified(format) {
            return Ok(response);
        }
        let in_json = format == Format::Json;
        let needs = question.needs();
        let needs = Needs { updated_until: needs.updated_until && in_json, ..needs };
        let country = edition.country::<Q>(needs).await?;
        let (list, ready) = self
            .think::<Q, _>(move || {
                let list = question.answer(&country);
                let at_once = in_json && !list.wants_words();
                let ready = at_once.then(|| list.page(page, &country.grid, &Words::default()));
                (list, ready)
            })
            .await?;
        let text = match (format, ready) {
            (Format::Csv, _) => return edition.file(FileFormat::Csv, page, list).await,
            (Format::Ndjson, _) => return edition.file(FileFormat::Ndjson, page, list).await,
            (Format::Json, Some(text)) => text,
            (Format::Json, None) => {
                let grid = Arc::clone(&edition.grid);
                let with_words = move |service: &Arc<Service>| {
                    let words = words(service, list.wanted_of(page))?;
                    Ok(list.page(page, &grid, &words))
                };
                self.wait(with_words).await?
            }
        };
        Ok(edition.page(page, text))
    }

    /// Answers a question to which the body of the request says more, with all rows as JSON.
    pub(crate) async fn rows_of<Q: Said>(&self, body: Q::Body) -> Answer {
        let Asked { mut question, edition, page, .. } = self.ask::<Q, Format>(&[Format::Json]).await?;
        question.take(body, &edition.grid).map_err(Problem::of_body)?;
        let country = edition.country::<Q>(question.needs()).await?;
        let text = self
            .think::<Q, _>(move || {
                let grid = Arc::clone(&country.grid);
                question.answer(&country).page(page, &grid, &Words::default())
            })
            .await?;
        Ok(HttpResponse::Ok().content_type("application/json").body(text.json))
    }

    /// Answers a question with one object.
    pub(crate) async fn object<Q: Object>(&self) -> Answer {
        let Asked { question, format, edition, .. } = self.ask::<Q, Format>(&[Format::Json]).await?;
        if let Some(response) = edition.not_modified(format) {
            return Ok(response);
        }
        let country = edition.country::<Q>(question.needs()).await?;
        let text = self
            .think::<Q, _>(move || serde_json::to_vec(&question.answer(&country)).unwrap_or_default())
            .await?;
        Ok(edition.json(text))
    }

    /// Answers with a text of JSON that is the same as long as the program is. Writing it for the first time
    /// takes a while.
    pub(crate) async fn document(&self, text: &'static LazyLock<String>) -> Answer {
        self.no_parameters()?;
        let edition = Edition { ctx: self, grid: self.grid(), encoding: Encoding::Utf8 };
        if let Some(response) = edition.not_modified(Format::Json) {
            return Ok(response);
        }
        let text: &'static str = web::block(|| LazyLock::force(text).as_str()).await?;
        Ok(edition.json(text))
    }

    /// Works an answer out, which may count as several reads. What may take long is done off the threads that
    /// serve, a few at a time, with each sender in turn.
    ///
    /// # Errors
    ///
    /// Too much that waits already.
    pub(crate) async fn think<Q: Question, T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        if Q::MORE_READS > 0 {
            self.state.limiter.charge(self.sender, Q::MORE_READS)?;
        }
        if Q::LONG { self.state.desk.run(self.sender, work).await } else { Ok(work()) }
    }
}

impl Edition<'_> {
    /// Answers a question that a page asks by its address in the API: the rows of one page, and how many there are.
    ///
    /// # Errors
    ///
    /// What the API would refuse at that address.
    pub(crate) async fn told<Q: Rows>(
        &self,
        path: &str,
        query: &str,
    ) -> Result<(Vec<Q::Row>, usize), Problem> {
        let (question, page) = self.read::<Q>(path, query)?;
        let country = self.country::<Q>(question.needs()).await?;
        let range = move |list: &List<Q::Row>| match Q::SHAPE {
            Shape::Pages => list.range(page),
            Shape::Whole | Shape::One => 0..list.count(),
        };
        let ready = self.ctx.think::<Q, _>(move || {
            let list = question.answer(&country);
            let rows = (!list.wants_words()).then(|| list.rows(range(&list), &Words::default()));
            (list, rows)
        });
        let (list, rows) = ready.await?;
        let count = list.count();
        if let Some(rows) = rows {
            return Ok((rows, count));
        }
        let with_words = move |service: &Arc<Service>| {
            let words = words(service, list.wanted(range(&list)))?;
            Ok(list.rows(range(&list), &words))
        };
        Ok((self.ctx.wait(with_words).await?, count))
    }

    /// The same for a question that is answered with one object.
    ///
    /// # Errors
    ///
    /// What the API would refuse at that address.
    pub(crate) async fn told_one<Q: Object>(&self, path: &str, query: &str) -> Result<Q::View, Problem>
    where
        Q::View: Send + 'static,
    {
        let (question, _) = self.read::<Q>(path, query)?;
        let country = self.country::<Q>(question.needs()).await?;
        self.ctx.think::<Q, _>(move || question.answer(&country)).await
    }

    /// Reads a question of a page. Each counts as the same request at the API does.
    fn read<Q: Question>(&self, path: &str, query: &str) -> Result<(Q, Page), Problem> {
        self.ctx.state.limiter.charge(self.ctx.sender, 1)?;
        let named = routes::named(path);
        let query = Query::new(query, &[names::<Q>(), names::<FormatQuery>()]);
        let mut checks = query.checks();
        let address = Address { path: &named, query: &query };
        let question = Q::read(Q::Parts::of(&query), &address, &mut checks, &self.grid);
        let page = query.part::<PageQuery>().read(&mut checks);
        checks.finish()?;
        Ok((question.ok_or(Problem::plain(Kind::INTERNAL))?, page))
    }

    /// What a question is answered from, with what it needs beside the grid.
    ///
    /// # Errors
    ///
    /// A database that does not answer, and too much that waits already.
    pub(crate) async fn country<Q: Question>(&self, needs: Needs) -> Result<Country, Problem> {
        let changed = match needs.changed_since {
            None => None,
            Some(since) => {
                let (service, grid) = (Arc::clone(self.ctx.service()), Arc::clone(&self.grid));
                let changed = self.ctx.think::<Q, _>(move || service.changed_since(&grid, since)).await?;
                Some(Arc::new(changed))
            }
        };
        let past = match needs.past_of {
            None => Arc::default(),
            Some(spot) => self.ctx.wait(move |service| service.row_history(spot)).await?.into(),
        };
        let material = match needs.material {
            None => Arc::default(),
            Some((kind, whose)) => {
                let (grid, bodies) = (Arc::clone(&self.grid), whose.bodies(&self.grid));
                self.ctx.wait(move |service| service.materials(&grid, kind, bodies)).await?
            }
        };
        let earlier = match needs.earlier {
            None => None,
            Some(moment) => Some(self.ctx.country_of(moment).await?),
        };
        let history = needs.history.then(|| self.ctx.service().history_of(&self.grid));
        let until = needs.updated_until.then(|| self.ctx.service().updated_until(&self.grid));
        Ok(Country {
            grid: Arc::clone(&self.grid),
            changed,
            updated_until: until.flatten(),
            past,
            earlier,
            material,
            history,
        })
    }
}
