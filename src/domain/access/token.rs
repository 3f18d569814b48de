//! Keys: what they look like, and how a slip is told from a stranger.
//!
//! `tdk_`, 30 random letters and digits, and 6 that check the rest (CRC-32): scanners for leaked
//! secrets know the prefix, and a mistyped key is refused without asking the database.

use std::fmt;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::Grant;
use crate::domain::Refusal;

const PREFIX: &str = "tdk_";
const RANDOM: usize = 30;
const CHECK: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Days a key lives unless said otherwise.
pub const DEFAULT_DAYS: u32 = 90;
/// Most days a key may live.
pub const MAX_DAYS: u32 = 366;

/// A key as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: i64,
    /// The name it was given.
    pub name: String,
    /// Its first random letters.
    pub hint: String,
    /// What it grants.
    pub grant: Grant,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it.
    pub created_by: String,
    /// From when on it does not hold.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Who revoked it.
    pub revoked_by: Option<String>,
}

/// A key in clear text. It is shown once when it is made and never stored; nothing prints it but
/// [`Secret::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new key from random bytes, of which as many are asked for as are needed.
    ///
    /// # Errors
    ///
    /// What the source of randomness answers.
    pub fn generate<E>(mut random: impl FnMut(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut text = String::from(PREFIX);
        while text.len() < PREFIX.len() + RANDOM {
            let mut bytes = [0; RANDOM];
            random(&mut bytes)?;
            // 248 is four times 62: what lies above would make some letters likelier.
            let letters =
                bytes.into_iter().filter(|byte| *byte < 248).map(|byte| ALPHABET[usize::from(byte) % 62]);
            let wanted = PREFIX.len() + RANDOM - text.len();
            text.extend(letters.take(wanted).map(char::from));
        }
        let check = check_letters(&text);
        text.push_str(&check);
        Ok(Self(text))
    }

    /// Reads a key.
    ///
    /// # Errors
    ///
    /// Anything that cannot be a key. The refusal does not repeat the text.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let refusal = || {
            Refusal::new(
                "token_format",
                "",
                "鍵の形式が正しくありません。コピー漏れや打ち間違いがないか確かめてください",
                "this is no key; see whether a letter was lost or mistyped",
            )
            .allowed("tdk_ で始まる40文字")
        };
        let (body, check) = text.split_at_checked(PREFIX.len() + RANDOM).ok_or_else(refusal)?;
        let letters = body.strip_prefix(PREFIX).ok_or_else(refusal)?;
        if !letters.bytes().all(|byte| byte.is_ascii_alphanumeric()) || check != check_letters(body) {
            return Err(refusal());
        }
        Ok(Self(text.to_owned()))
    }

    /// What is stored: SHA-256 of the whole text. A slow hash would add nothing to 178 random bits.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(&self.0).into()
    }

    /// The first four random letters, by which people tell their keys apart.
    pub fn hint(&self) -> &str {
        &self.0[PREFIX.len()..PREFIX.len() + 4]
    }

    /// The text, to be shown once.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// CRC-32 of a text in six letters and digits.
fn check_letters(text: &str) -> String {
    let mut rest = u64::from(crc32fast::hash(text.as_bytes()));
    let mut letters = [b'0'; CHECK];
    for letter in letters.iter_mut().rev() {
        *letter = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    letters.iter().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn generate(seed: u64) -> Secret {
        let mut state = seed | 1;
        let random = |bytes: &mut [u8]| {
            for byte in bytes {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (state >> 56) as u8;
            }
            Ok::<_, ()>(())
        };
        Secret::generate(random).unwrap()
    }

    #[test]
    fn nothing_prints_a_key() {
        let secret = generate(1);
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        let wrong = format!("{}x", secret.reveal());
        let refusal = Secret::parse(&wrong).unwrap_err();
        assert!(!format!("{refusal} {refusal:?} {}", refusal.ja).contains(&secret.reveal()[4..20]));
    }

    #[test]
    fn text_that_is_no_key_is_refused() {
        for text in
            ["", "tdk_", "Bearer", &"tdk_あ".repeat(8), &"t".repeat(40), &format!("xdk_{}", "0".repeat(36))]
        {
            assert_eq!(Secret::parse(text).unwrap_err().code, "token_format", "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_key_is_read_back_and_a_slip_is_found(seed in any::<u64>(), at in 4usize..40, other in 0usize..62) {
            let secret = generate(seed);
            prop_assert_eq!(secret.reveal().len(), 40);
            prop_assert_eq!(&Secret::parse(secret.reveal()).unwrap(), &secret);
            let mut slip = secret.reveal().as_bytes().to_vec();
            if slip[at] != ALPHABET[other] {
                slip[at] = ALPHABET[other];
                prop_assert!(Secret::parse(std::str::from_utf8(&slip).unwrap()).is_err());
            }
        }

        #[test]
        fn random_text_passes_the_check_hardly_ever(letters in "[0-9A-Za-z]{36}") {
            // The chance is 2^-32 for each.
            let text = format!("tdk_{letters}");
            prop_assert!(Secret::parse(&text).is_err());
        }
    }
}
