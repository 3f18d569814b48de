//! How often somebody may ask: rates, and buckets that fill with time.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::domain::Refusal;

/// Most buckets at a time; beyond them those who come new share one.
const MAX_BUCKETS: usize = 100_000;
/// Looking through all buckets for full ones is done no more often than this.
const CLEANED_EVERY: Duration = Duration::from_secs(1);

/// How often something may happen: one every `every`, with `burst` at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Time in which one more is earned.
    pub every: Duration,
    /// Most at once.
    pub burst: NonZeroU32,
}

impl FromStr for Rate {
    type Err = Refusal;

    /// Reads `NUMBER/UNIT:BURST`, such as `200/s:1000`.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let read = || {
            let (rate, burst) = text.split_once(':')?;
            let (number, unit) = rate.split_once('/')?;
            let unit = match unit {
                "s" => Duration::from_secs(1),
                "min" => Duration::from_secs(60),
                "h" => Duration::from_secs(3600),
                _ => return None,
            };
            let number: NonZeroU32 = number.parse().ok()?;
            Some(Self { every: unit / number.get(), burst: burst.parse().ok()? })
        };
        read().filter(|rate| !rate.every.is_zero()).ok_or_else(|| {
            Refusal::new("rate_format", text, "回数の上限の書き方が正しくありません", "not a rate")
                .allowed("200/s:1000 のような 回数/単位:一度に許す回数（単位は s、min、h）、または off")
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_hour = 3600.0 / self.every.as_secs_f64();
        write!(f, "{per_hour:.0}/h:{}", self.burst)
    }
}

/// A rate or `off`.
///
/// # Errors
///
/// What is neither.
pub fn parse_rate(text: &str) -> Result<Option<Rate>, Refusal> {
    if text == "off" { Ok(None) } else { text.parse().map(Some) }
}

/// How often one client may ask; `None` is without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Reads.
    pub read: Option<Rate>,
    /// Writes of single rows, keys and sessions.
    pub write: Option<Rate>,
    /// Uploads.
    pub import: Option<Rate>,
    /// Tries to sign in.
    pub sign_in: Option<Rate>,
}

impl Rates {
    /// No limits.
    pub const fn unlimited() -> Self {
        Self { read: None, write: None, import: None, sign_in: None }
    }
}

/// A bucket for each key.
pub(crate) struct Buckets<K> {
    rate: Rate,
    table: Mutex<Table<K>>,
}

/// When each bucket that is not full will be.
struct Table<K> {
    full_at: HashMap<K, Instant>,
    cleaned: Option<Instant>,
}

impl<K: Copy + Eq + Hash> Buckets<K> {
    /// Full buckets, which earn at this rate.
    pub(crate) fn new(rate: Rate) -> Self {
        Self { rate, table: Mutex::new(Table { full_at: HashMap::new(), cleaned: None }) }
    }

    /// At which rate they earn.
    pub(crate) fn rate(&self) -> Rate {
        self.rate
    }

    /// Takes one out of the bucket of `key`, or of `shared` where there is no room for another
    /// bucket. Answers whose it was taken from and how many are left.
    ///
    /// # Errors
    ///
    /// How long it takes until there is one.
    pub(crate) fn take(&self, key: K, shared: K, now: Instant) -> Result<(K, u32), Duration> {
        self.take_some(key, shared, 1, now)
    }

    /// Takes several at once, all or none.
    ///
    /// # Errors
    ///
    /// How long it takes until there are as many.
    pub(crate) fn take_some(
        &self,
        key: K,
        shared: K,
        count: u32,
        now: Instant,
    ) -> Result<(K, u32), Duration> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let key = if table.has_room(&key, now) { key } else { shared };
        let cost = self.rate.every.saturating_mul(count);
        let full_at = table.full_at.get(&key).map_or(now, |at| *at.max(&now)) + cost;
        let missing = full_at - now;
        match missing.checked_sub(self.size()) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                table.full_at.insert(key, full_at);
                Ok((key, self.left(missing)))
            }
        }
    }

    /// Puts one back, as if it had never been taken, and answers how many are left.
    pub(crate) fn give_back(&self, key: K, now: Instant) -> u32 {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(full_at) = table.full_at.get_mut(&key) else { return self.rate.burst.get() };
        *full_at = full_at.checked_sub(self.rate.every).unwrap_or(now);
        let missing = full_at.saturating_duration_since(now);
        self.left(missing)
    }

    /// Time in which an empty bucket fills.
    fn size(&self) -> Duration {
        self.rate.every.saturating_mul(self.rate.burst.get())
    }

    /// How many are in a bucket that will be full in so long.
    fn left(&self, missing: Duration) -> u32 {
        let there = self.size().saturating_sub(missing).as_nanos() / self.rate.every.as_nanos().max(1);
        u32::try_from(there).unwrap_or(u32::MAX)
    }
}

impl<K: Copy + Eq + Hash> Table<K> {
    fn has_room(&mut self, key: &K, now: Instant) -> bool {
        if self.full_at.len() < MAX_BUCKETS || self.full_at.contains_key(key) {
            return true;
        }
        if self.cleaned.is_none_or(|last| now.saturating_duration_since(last) >= CLEANED_EVERY) {
            self.full_at.retain(|_, full_at| *full_at > now);
            self.cleaned = Some(now);
        }
        self.full_at.len() < MAX_BUCKETS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_are_read() {
        let rate: Rate = "200/s:1000".parse().unwrap();
        assert_eq!((rate.every, rate.burst.get()), (Duration::from_millis(5), 1000));
        assert_eq!("10/h:5".parse::<Rate>().unwrap().every, Duration::from_secs(360));
        assert_eq!(parse_rate("off"), Ok(None));
        for text in ["", "200", "200/s", "0/s:1", "5/d:1", "5/s:0", "-1/s:1", "5000000000/s:1"] {
            assert_eq!(text.parse::<Rate>().unwrap_err().code, "rate_format", "{text}");
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    fn buckets(rate: &str) -> Buckets<u32> {
        Buckets::new(rate.parse().unwrap())
    }

    #[test]
    fn a_bucket_empties_and_fills_with_time() {
        let (buckets, start) = (buckets("1/s:3"), Instant::now());
        for left in [2, 1, 0] {
            assert_eq!(buckets.take(1, 0, start), Ok((1, left)));
        }
        assert_eq!(buckets.take(1, 0, start), Err(SECOND));
        assert_eq!(buckets.take(1, 0, start + SECOND / 4), Err(SECOND * 3 / 4));
        assert_eq!(buckets.take(2, 0, start), Ok((2, 2)));
        assert_eq!(buckets.take(1, 0, start + SECOND), Ok((1, 0)));
        assert_eq!(buckets.take(1, 0, start + SECOND * 100), Ok((1, 2)));
    }

    #[test]
    fn several_are_taken_all_or_none() {
        let (buckets, start) = (buckets("1/s:5"), Instant::now());
        assert_eq!(buckets.take_some(1, 0, 3, start), Ok((1, 2)));
        assert_eq!(buckets.take_some(1, 0, 3, start), Err(SECOND));
        assert_eq!(buckets.take(1, 0, start), Ok((1, 1)));
    }

    #[test]
    fn what_is_given_back_was_never_taken() {
        let (buckets, start) = (buckets("1/h:2"), Instant::now());
        assert_eq!(buckets.take(1, 0, start), Ok((1, 1)));
        for _ in 0..10 {
            assert_eq!(buckets.take(1, 0, start), Ok((1, 0)));
            assert_eq!(buckets.give_back(1, start), 1);
        }
        assert_eq!(buckets.give_back(1, start), 2);
        // Nobody gets more than a full bucket.
        assert_eq!(buckets.give_back(1, start), 2);
        assert_eq!(buckets.take(1, 0, start), Ok((1, 1)));
    }

    #[test]
    fn strangers_share_a_bucket_when_there_are_too_many() {
        let (buckets, start) = (buckets("1/s:1"), Instant::now());
        for key in 1..=u32::try_from(MAX_BUCKETS).unwrap() {
            assert_eq!(buckets.take(key, 0, start), Ok((key, 0)));
        }
        // Of those that were there each keeps its own.
        assert_eq!(buckets.take(7, 0, start), Err(SECOND));
        assert_eq!(buckets.take(1_000_000, 0, start), Ok((0, 0)));
        assert_eq!(buckets.take(1_000_001, 0, start), Err(SECOND));
        // Full buckets make room.
        assert_eq!(buckets.take(1_000_002, 0, start + SECOND * 2), Ok((1_000_002, 0)));
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_what_was_earned(
            every in 1u64..50, burst in 1u32..6, steps in proptest::collection::vec(0u64..40, 1..100),
        ) {
            let rate = Rate { every: Duration::from_millis(every), burst: burst.try_into().unwrap() };
            let (buckets, start) = (Buckets::new(rate), Instant::now());
            let (mut passed, mut taken) = (0, 0);
            for step in steps {
                passed += step;
                taken += u64::from(buckets.take(1, 0, start + Duration::from_millis(passed)).is_ok());
                prop_assert!(taken <= u64::from(burst) + passed / every);
            }
        }
    }
}
