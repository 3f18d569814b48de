//! Who did something, in words for those who are signed in: the name that a key was given, beside the number under
//! which the record has it.

use std::collections::HashMap;

use crate::service::Service;
use crate::service::error::Error;

/// The keys that there are or were, by the names under which their doings are recorded.
#[derive(Debug, Default)]
pub(super) struct Keys(HashMap<String, String>);

impl Keys {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub(super) fn read(service: &Service) -> Result<Self, Error> {
        service.names_of_keys().map(Self)
    }

    /// Whoever acted under a name: `token:12`, or `cli:suzuki`.
    pub(super) fn who(&self, actor: &str) -> String {
        match (actor.split_once(':'), self.0.get(actor)) {
            (Some((_, number)), Some(name)) => format!("{name}（鍵 {number}）"),
            (Some(("cli", user)), None) => format!("サーバーのコマンド（{user}）"),
            _ => actor.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_by_its_name_and_number() {
        let keys = Keys(HashMap::from([("token:12".to_owned(), "防災課の更新".to_owned())]));
        assert_eq!(keys.who("token:12"), "防災課の更新（鍵 12）");
        assert_eq!(keys.who("cli:suzuki"), "サーバーのコマンド（suzuki）");
        assert_eq!(keys.who("anonymous"), "anonymous");
    }
}
