//! Answers to the questions about a file that was sent: it is read and planned anew, under the same
//! number.

use std::sync::Arc;

use serde_json::json;

use super::super::access::Origin;
use super::super::profiles::Words;
use super::{Import, no_import, not_ready, seen};
use crate::domain::Refusal;
use crate::domain::access::Action;
use crate::domain::audit::{AuditAction, Entry};
use crate::domain::imports::ImportStatus;
use crate::domain::municipality::LgCode;
use crate::domain::text::fold_for_match;
use crate::import::marks::is_on_one_scale;
use crate::import::options::{Asked, IGNORED, Refused};
use crate::service::Service;
use crate::service::error::Error;
use crate::store::imports as store;
use crate::store::{Document, audit};

/// Longest record of what was said of a file, in bytes.
const MAX_ASKED: usize = 20_000;

impl Service {
    /// Takes answers to the questions about a file and plans it anew. While it is still being looked
    /// at, what is under way begins again with them. With a name for it, what was said of the marks,
    /// headings and names of the file is kept as a profile of the body that its sender speaks for, or of
    /// the one the file is about; what the profile said of others stays. The inner error is every
    /// answer that makes no sense, with the name it has. Nothing is kept of what is refused.
    ///
    /// # Errors
    ///
    /// No such import, one that is past questions ([`Error::Conflict`]), one whose file was not kept,
    /// too many answers, a name that cannot be taken, and [`Error::BadFile`] for answers by which it cannot be
    /// read.
    pub fn answer_import(
        self: &Arc<Self>,
        origin: &Origin,
        id: i64,
        answers: Asked,
        keep: Option<&str>,
    ) -> Result<Result<Import, Refused>, Error> {
        self.guard(origin, Action::Import, None)?;
        let row = self.db.read(|conn| seen(origin, store::find(conn, id)?, id))?;
        may_be_answered(&row)?;
        let profile = answers.profile.is_some();
        let before: Asked = row.asked.read();
        let mut asked = before.clone().answered(answers.clone());
        let checked = if profile || asked.meant.is_none() {
            self.options(origin, &asked)?
        } else {
            asked.read_again(&self.catalogue, self.today())
        };
        let options = match checked {
            Ok(options) => options,
            Err(refused) => return Ok(Err(refused)),
        };
        if profile {
            asked = asked.resolved(&options, &self.catalogue);
        }
        let kept = keep.map(|name| self.to_keep(origin, &asked, name)).transpose()?;
        let turn = self.jobs.turn()?;
        // An answer by which it could not be read any more would leave nothing to apply or to answer.
        let file = self.read_again(&store::Import { asked: Document::of(&asked), ..row.clone() })?;
        if let Err(faults) = file.reading {
            return Err(Error::BadFile(faults));
        }
        let row = self.take_answers(origin, &row, &asked, &answers)?;
        if let (Some((owner, words)), Some(name)) = (kept, keep) {
            self.put_profile(origin, name, owner, &words)?;
        }
        if row.status == ImportStatus::Checking && self.jobs.progress(id).is_some() {
            // Whoever is at it sees that something was answered, and begins again.
            return self.import(origin, id).map(Ok);
        }
        self.bring_on(origin, id, file, None, Some(turn))?;
        self.import(origin, id).map(Ok)
    }

    /// Records what was answered; the import is looked at again from here on.
    fn take_answers(
        &self,
        origin: &Origin,
        row: &store::Import,
        asked: &Asked,
        answers: &Asked,
    ) -> Result<store::Import, Error> {
        if serde_json::to_string(asked).is_ok_and(|text| text.len() > MAX_ASKED) {
            return Err(Error::Unprocessable(too_many_answers()));
        }
        let said = serde_json::to_string(answers).unwrap_or_default();
        self.db.write(|conn| {
            let now = store::find(conn, row.id)?.ok_or_else(|| no_import(row.id))?;
            may_be_answered(&now)?;
            if now.asked != row.asked {
                return Err(Error::Conflict(answered_elsewhere()));
            }
            let row = store::Import {
                status: ImportStatus::Checking,
                asked: Document::of(asked),
                started_at: Some(self.now()),
                reason: asked.reason.clone().or(now.reason.clone()),
                ..now
            };
            store::update(conn, &row)?;
            let entry = Entry {
                after: Some(json!({ "answers": said }).to_string()),
                ..origin.entry(self.now(), AuditAction::ImportAnswered, format!("import/{}", row.id))
            };
            audit::append(conn, entry)?;
            Ok(row)
        })
    }

    /// Keeps what was said of a file as a profile, as [`Service::answer_import`] does.
    ///
    /// # Errors
    ///
    /// A name that cannot be taken, and someone who may not.
    pub fn keep_said(&self, origin: &Origin, asked: &Asked, name: &str) -> Result<(), Error> {
        let (owner, words) = self.to_keep(origin, asked, name)?;
        self.put_profile(origin, name, owner, &words).map(|_| ())
    }

    /// What a profile would say with what was said of a file, and whose it would be.
    ///
    /// # Errors
    ///
    /// What [`Service::put_profile`] refuses.
    fn to_keep(&self, origin: &Origin, asked: &Asked, name: &str) -> Result<(Option<LgCode>, Words), Error> {
        let owner = asked.municipality.as_deref().and_then(|code| code.parse().ok());
        let mut words = match self.profile(origin, name, owner) {
            Ok(known) => Words::of(&known.profile),
            Err(Error::NotFound(_)) => Words::default(),
            Err(error) => return Err(error),
        };
        let (options, _) = asked.words(self.today());
        for (mark, _) in &options.marks {
            words.marks.retain(|known, _| !is_on_one_scale(known, mark));
        }
        words.marks.extend(options.marks.iter().map(|(mark, meaning)| (mark.clone(), meaning.code())));
        words.binary = options.binary.or(words.binary);
        // That a heading means what it says need not be kept.
        words.columns.extend(options.columns.into_iter().filter(|(key, said)| fold_for_match(said) != *key));
        words.columns.extend(options.ignore.into_iter().map(|heading| (heading, IGNORED.to_owned())));
        words.names.extend(options.names);
        words.profile(name).map_err(Error::Unprocessable)?;
        Ok((owner, words))
    }
}

fn may_be_answered(row: &store::Import) -> Result<(), Error> {
    match row.status {
        ImportStatus::Planned | ImportStatus::Checking => Ok(()),
        status => Err(not_ready(row.id, status)),
    }
}

fn answered_elsewhere() -> Refusal {
    Refusal::new(
        "answered_elsewhere",
        "",
        "ほかの画面で答えが変わりました。いまの内容を確かめてから、もう一度答えてください",
        "something else was answered meanwhile; look at it and answer again",
    )
}

fn too_many_answers() -> Refusal {
    Refusal::new(
        "too_many_values",
        "",
        "答えが多すぎます。表の見出しや名前を直して送り直すか、定義（profile）に分けてください",
        "too many answers for one file",
    )
    .allowed(format!("合わせて{MAX_ASKED}バイトまで"))
}
