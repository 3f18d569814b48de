//! The audit log: who did what, in a chain in which a bent link shows.
//!
//! Each entry carries the hash of the one before. Whoever alters, removes, inserts or swaps an
//! entry breaks the chain there; whoever cuts its end off is found by those who kept an older head.

use chrono::{DateTime, SecondsFormat, Utc};
use sha2::{Digest, Sha256};

use super::Refusal;
use super::codes::codes;

codes! {
    /// What was done.
    AuditAction, "操作", "action" {
        ReadinessStated = "readiness.state", "対応状況の申告", "readiness was stated";
        ReadinessWithdrawn = "readiness.withdraw", "対応状況の取下げ", "readiness was withdrawn";
        ApplicabilityStated = "applicability.state", "該当性の申告", "applicability was stated";
        ApplicabilityWithdrawn = "applicability.withdraw", "該当性の取下げ", "applicability was withdrawn";
        ImportSent = "import.send", "ファイルの送信", "a file was sent, and nothing of it applied yet";
        ImportAnswered = "import.answer", "取込の質問への回答", "questions about a file were answered, and it was looked at again";
        ImportApplied = "import.apply", "取込", "a file was applied";
        ImportCancelled = "import.cancel", "取込の中止", "a file that was sent was given up";
        ImportReverted = "import.revert", "取込の取消し", "an import was taken back";
        ProfileWritten = "profile.write", "記号の定義の保存", "a profile of marks was written";
        ProfileRemoved = "profile.remove", "記号の定義の削除", "a profile of marks was removed";
        TokenCreated = "token.create", "鍵の作成", "a key was made";
        TokenRevoked = "token.revoke", "鍵の失効", "a key was revoked";
        SessionOpened = "session.open", "サインイン", "someone signed in";
        SessionEnded = "session.end", "サインアウト", "a session was ended";
        Refused = "refused", "拒否", "a known key was refused";
    }
}

/// SHA-256.
pub type Hash = [u8; 32];

/// A hash as it is shown: 64 hexadecimal digits.
pub fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash as it is shown, read back.
///
/// # Errors
///
/// Anything but 64 hexadecimal digits.
pub fn parse_hash(text: &str) -> Result<Hash, Refusal> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let read = || {
        let mut hash = GENESIS;
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?;
        }
        (text.len() == 64).then_some(hash)
    };
    read().ok_or_else(|| {
        Refusal::new("hash_format", text, "ハッシュは64桁の16進数です", "a hash is 64 hexadecimal digits")
            .allowed("0-9, a-f")
    })
}

/// What the first entry is chained to.
pub const GENESIS: Hash = [0; 32];

/// One entry, but for its place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, UTC; the order is that of the numbers, not of the clock.
    pub at: DateTime<Utc>,
    /// Who: `token:12` or `cli:suzuki`.
    pub actor: String,
    /// From where, if it came over the network.
    pub address: Option<String>,
    /// The request.
    pub request_id: Option<String>,
    /// What was done.
    pub action: AuditAction,
    /// To what: `readiness/082333/kosodate-01/mynaportal`, `import/7`, `token/12`.
    pub object: String,
    /// What was before, as JSON.
    pub before: Option<String>,
    /// What is now, as JSON.
    pub after: Option<String>,
    /// Name of the file it came from.
    pub file: Option<String>,
    /// Line of that file, where it is about one.
    pub line: Option<i64>,
}

/// An entry in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Running number from 1, without gaps.
    pub seq: i64,
    /// The entry.
    pub entry: Entry,
    /// Hash of the entry before.
    pub previous: Hash,
    /// Hash of this one.
    pub hash: Hash,
}

impl Link {
    /// Chains an entry to the head of the log.
    pub fn after(head: Head, entry: Entry) -> Self {
        let seq = head.seq + 1;
        Self { seq, hash: hash(seq, &entry, &head.hash), previous: head.hash, entry }
    }
}

/// The end of the chain. Kept elsewhere, it proves that nothing before it was bent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last entry; 0 is an empty log.
    pub seq: i64,
    /// Its hash.
    pub hash: Hash,
}

impl Head {
    /// The head of an empty log.
    pub const EMPTY: Self = Self { seq: 0, hash: GENESIS };
}

/// SHA-256 over the number, the hash before, and every field with its length, so that no two
/// entries have the same bytes.
fn hash(seq: i64, entry: &Entry, previous: &Hash) -> Hash {
    let mut sha = Sha256::new();
    sha.update(previous);
    let at = entry.at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let (seq, line) = (seq.to_string(), entry.line.map(|line| line.to_string()));
    for field in [
        Some(seq.as_str()),
        Some(&at),
        Some(&entry.actor),
        entry.address.as_deref(),
        entry.request_id.as_deref(),
        Some(entry.action.code()),
        Some(&entry.object),
        entry.before.as_deref(),
        entry.after.as_deref(),
        entry.file.as_deref(),
        line.as_deref(),
    ] {
        match field {
            None => sha.update([0]),
            Some(text) => {
                sha.update([1]);
                sha.update((text.len() as u64).to_be_bytes());
                sha.update(text);
            }
        }
    }
    sha.finalize().into()
}

/// What is wrong with a chain, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A number is missing, repeated or out of order; this one was expected.
    Number(i64),
    /// The entry does not follow the one before.
    Link(i64),
    /// The entry is not what was hashed.
    Entry(i64),
    /// The head that was kept is not in the chain: the end was cut off or rewritten.
    HeadNotFound,
}

/// Follows the chain and answers where it ends.
///
/// # Errors
///
/// The first fault; and, where a head was kept, that it is not in the chain.
pub fn verify<E: From<Fault>>(
    links: impl IntoIterator<Item = Result<Link, E>>,
    kept: Option<Hash>,
) -> Result<Head, E> {
    let mut head = Head::EMPTY;
    let mut found = kept.is_none_or(|kept| kept == GENESIS);
    for link in links {
        let link = link?;
        if link.seq != head.seq + 1 {
            return Err(Fault::Number(head.seq + 1).into());
        }
        if link.previous != head.hash {
            return Err(Fault::Link(link.seq).into());
        }
        if link.hash != hash(link.seq, &link.entry, &link.previous) {
            return Err(Fault::Entry(link.seq).into());
        }
        found |= kept == Some(link.hash);
        head = Head { seq: link.seq, hash: link.hash };
    }
    if found { Ok(head) } else { Err(Fault::HeadNotFound.into()) }
}

/// What of the log is asked for.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Entries of this actor only.
    pub actor: Option<String>,
    /// Entries with this action only.
    pub action: Option<AuditAction>,
    /// Entries with a number above this only.
    pub after: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(number: i64) -> Entry {
        Entry {
            at: DateTime::from_timestamp(number, 0).unwrap(),
            actor: "token:1".into(),
            address: Some("192.0.2.1".into()),
            request_id: None,
            action: AuditAction::ReadinessStated,
            object: format!("readiness/082333/kosodate-{number:02}/online"),
            before: None,
            after: Some("{}".into()),
            file: None,
            line: None,
        }
    }

    fn chain(length: i64) -> Vec<Link> {
        let mut head = Head::EMPTY;
        (0..length)
            .map(|number| {
                let link = Link::after(head, entry(number));
                head = Head { seq: link.seq, hash: link.hash };
                link
            })
            .collect()
    }

    fn check(links: &[Link], kept: Option<Hash>) -> Result<Head, Fault> {
        verify(links.iter().cloned().map(Ok), kept)
    }

    #[test]
    fn a_whole_chain_is_followed_to_its_head() {
        let links = chain(5);
        assert_eq!(check(&links, None).unwrap().seq, 5);
        assert_eq!(check(&links, Some(links[2].hash)).unwrap().seq, 5);
        assert_eq!(check(&[], None), Ok(Head::EMPTY));
    }

    #[test]
    fn hashes_are_read_back() {
        let hash = chain(1)[0].hash;
        assert_eq!(parse_hash(&hex(&hash)), Ok(hash));
        for text in ["", "ab", &"g".repeat(64), &"a".repeat(66), &"あ".repeat(22)] {
            assert!(parse_hash(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_cut_end_is_found_by_a_kept_head() {
        let links = chain(5);
        assert_eq!(check(&links[..4], Some(links[4].hash)), Err(Fault::HeadNotFound));
    }

    #[test]
    fn fields_do_not_run_into_each_other() {
        let (mut one, mut two) = (entry(1), entry(1));
        (one.before, one.after) = (Some("ab".into()), Some("c".into()));
        (two.before, two.after) = (Some("a".into()), Some("bc".into()));
        assert_ne!(hash(1, &one, &GENESIS), hash(1, &two, &GENESIS));
        two.before = None;
        one.before = Some(String::new());
        one.after.clone_from(&two.after);
        assert_ne!(hash(1, &one, &GENESIS), hash(1, &two, &GENESIS));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn every_bend_is_found(length in 2i64..30, at in any::<prop::sample::Index>(), how in 0u8..9) {
            let links = chain(length);
            let at = at.index(links.len());
            let kept = Some(links[links.len() - 1].hash);
            let mut bent = links.clone();
            match how {
                0 => { bent.remove(at); }
                1 => { let copy = bent[at].clone(); bent.insert(at, copy); }
                2 => { let other = (at + 1) % bent.len(); bent.swap(at, other); }
                3 => bent[at].entry.after = Some("{\"level\":5}".into()),
                4 => bent[at].entry.actor = "token:2".into(),
                5 => bent[at].entry.address = None,
                6 => bent[at].hash[7] ^= 1,
                7 => {
                    // Rewritten with a hash that fits, but those after do not.
                    let head = Head { seq: bent[at].seq - 1, hash: bent[at].previous };
                    bent[at] = Link::after(head, Entry { object: "import/9".into(), ..bent[at].entry.clone() });
                }
                _ => { bent.truncate(at); }
            }
            prop_assert!(check(&bent, kept).is_err());
        }
    }
}
