//! Percent-encoding: what an address may not hold as it is (RFC 3986, and the forms of HTML in a
//! query, where + is a blank).

use std::fmt::Write;

/// The bytes of a name or value in a query.
pub(crate) fn decode_query(text: &str) -> Vec<u8> {
    decode(&text.replace('+', " "))
}

/// The bytes that escapes stand for; what is no escape stands for itself.
pub(crate) fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes.get(at..at + 3).and_then(escaped) {
            Some(byte) => {
                decoded.push(byte);
                at += 3;
            }
            None => {
                decoded.push(bytes[at]);
                at += 1;
            }
        }
    }
    decoded
}

fn escaped(triple: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    match triple {
        [b'%', high, low] => u8::try_from(digit(*high)? * 16 + digit(*low)?).ok(),
        _ => None,
    }
}

/// A value as it must stand in a query.
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,:/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_and_what_only_looks_like_one() {
        assert_eq!(decode("%E8%A1%8C%e6%96%b9"), "行方".as_bytes());
        for text in ["100%", "%", "%4", "%zz", "%+1", "a%é"] {
            assert_eq!(decode(text), text.as_bytes(), "{text}");
        }
        assert_eq!(decode_query("a+b%2Bc"), b"a b+c");
        assert_eq!(encode("行 +3"), "%E8%A1%8C%20%2B3");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_read_back(text in any::<String>()) {
            prop_assert_eq!(decode(&encode(&text)), text.as_bytes());
            prop_assert_eq!(decode_query(&encode(&text)), text.as_bytes());
        }
    }
}
