//! Names and codes that are no longer in use.

use super::bodies::Bodies;
use super::told::{FoundBody, Told};
use crate::domain::Refusal;
use crate::domain::catalogue::BodyIx;
use crate::domain::municipality::{FormerName, LgCode};
use crate::import::Fault;

impl<'a> Bodies<'a> {
    /// The body of today whose name or code a former one is, if it is the same body.
    fn renamed(&self, former: &FormerName) -> Option<BodyIx> {
        self.catalogue.body_ix(former.successor).filter(|_| !former.merged)
    }

    pub(super) fn former_code(&self, digits: &str) -> Option<&'a FormerName> {
        let of = |digits: &str| {
            let code: LgCode = digits.parse().ok()?;
            self.catalogue.places().former.iter().find(|row| row.code == Some(code))
        };
        of(digits).or_else(|| of(&format!("0{digits}")))
    }

    /// The former name of a body that stands beside its code.
    pub(super) fn former_name(&self, body: BodyIx, told: Told<'_>) -> Option<&'a FormerName> {
        let row = self.catalogue.body(body);
        let at = self.catalogue.names().find(told.name, Some(row.prefecture())).former?;
        let former = &self.catalogue.places().former[at];
        (former.successor == row.code && !former.merged).then_some(former)
    }

    /// A code that is no longer in use.
    pub(super) fn formerly(&self, former: &FormerName, told: Told<'_>) -> Result<FoundBody, Fault> {
        let names = self.catalogue.names();
        let named = names.find(told.name, Some(former.successor.prefecture()));
        let same = named.former.is_some_and(|at| self.catalogue.places().former[at].name == former.name)
            || named.bodies.iter().any(|body| self.catalogue.body(*body).code == former.successor);
        if !told.name.trim().is_empty() && !same {
            let today = self.catalogue.body_ix(former.successor).into_iter().collect::<Vec<_>>();
            return Err(self.disagreement(&today, &named, told));
        }
        match self.renamed(former) {
            Some(body) => Ok(FoundBody {
                until: Some((former.changed_on, self.outdated(former, told.code))),
                ..FoundBody::plain(body, Some(self.changed("former_code", former, told.code)))
            }),
            None => Err(Fault::of(self.gone("former_code", former, told.code))),
        }
    }

    /// A name that is no longer in use. A town that goes on under another name is the same town.
    pub(super) fn by_former_name(&self, former: &FormerName, name: &str) -> Result<FoundBody, Fault> {
        match self.renamed(former) {
            Some(body) => Ok(FoundBody::plain(body, Some(self.changed("former_name", former, name)))),
            None => {
                let today = self.catalogue.body_ix(former.successor);
                let fault = Fault::of(self.gone("former_name", former, name));
                Err(fault.asking(self.which(name, today.as_slice())))
            }
        }
    }

    /// Name, day and body of today of a former name.
    fn then_and_now(&self, former: &FormerName) -> (String, String) {
        let today = self.catalogue.body_ix(former.successor);
        let shown = today.map_or_else(|| former.successor.to_string(), |body| self.list(&[body]));
        (format!("「{}」は{}", former.name, former.changed_on.format("%Y年%-m月%-d日")), shown)
    }

    pub(super) fn changed(&self, code: &'static str, former: &FormerName, found: &str) -> Refusal {
        let (then, now) = self.then_and_now(former);
        let message = format!("{then}から {now} です。{now} と読みました");
        Refusal::new(code, found, message, "a body under its former name").suggest(now)
    }

    fn outdated(&self, former: &FormerName, found: &str) -> Refusal {
        let (then, now) = self.then_and_now(former);
        let message = format!(
            "{then}から {now} です。この団体コードはその日より前の適用日にしか使えません。いまの団体コードを書いてください"
        );
        Refusal::new("former_code", found, message, "a code that is no longer in use").suggest(now)
    }

    fn gone(&self, code: &'static str, former: &FormerName, found: &str) -> Refusal {
        let (then, now) = self.then_and_now(former);
        let message = format!(
            "{then}に合併してなくなりました。いまの団体は {now} です。その団体としてまとめた値を書いてください"
        );
        Refusal::new(code, found, message, "a body that is part of another one").suggest(now)
    }
}
