//! The first line of each request, before the protocol layer sees it.
//!
//! Some clients send an address as it was typed, and the protocol layer answers Japanese in it with
//! an error that says nothing. Nothing but its percent-encoding can be meant by such bytes, so they
//! are encoded here. Where a line begins is certain only as long as no request has a body: after the
//! first that may have one, nothing more is changed on the connection.

use std::borrow::Cow;

/// Longest first line that is kept for messages, in bytes.
const KEPT: usize = 4 * 1024;
/// As much of a header is looked at.
const LOOKED_AT: usize = 256;

/// A reader of the bytes that a client sends.
#[derive(Debug, Default)]
pub(crate) struct RequestLines {
    place: Place,
    /// The line that is read, or was read last, as it came.
    line: Vec<u8>,
    header: Vec<u8>,
    has_body: bool,
    /// What the client says of languages.
    language: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// In the first line of a request, or before it.
    #[default]
    Line,
    /// In its headers.
    Headers,
    /// In or behind a body.
    Beyond,
}

impl RequestLines {
    /// Takes the next bytes as they came and gives them as they are to be read.
    pub(crate) fn read<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut read = Cow::Borrowed(bytes);
        let mut at = 0;
        while at < bytes.len() && self.place != Place::Beyond {
            let rest = &bytes[at..];
            let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
            let (piece, whole) = (&rest[..end], rest[end - 1] == b'\n');
            match self.place {
                Place::Line => {
                    if piece.iter().any(|byte| must_be_escaped(*byte)) && matches!(read, Cow::Borrowed(_)) {
                        read = Cow::Owned(bytes[..at].to_vec());
                    }
                    if let Cow::Owned(read) = &mut read {
                        piece.iter().for_each(|byte| escape(*byte, read));
                    }
                    self.line_goes_on(piece, whole);
                }
                Place::Headers | Place::Beyond => {
                    if let Cow::Owned(read) = &mut read {
                        read.extend_from_slice(piece);
                    }
                    self.header_goes_on(piece, whole);
                }
            }
            at += end;
        }
        if let Cow::Owned(read) = &mut read {
            read.extend_from_slice(&bytes[at..]);
        }
        read
    }

    fn line_goes_on(&mut self, piece: &[u8], whole: bool) {
        if self.line.ends_with(b"\n") {
            self.line.clear();
        }
        let room = KEPT.saturating_sub(self.line.len());
        self.line.extend_from_slice(&piece[..piece.len().min(room)]);
        // Empty lines may stand before a request.
        if whole && !self.line.trim_ascii().is_empty() {
            self.place = Place::Headers;
            self.has_body = false;
            self.language = None;
        }
    }

    fn header_goes_on(&mut self, piece: &[u8], whole: bool) {
        let room = LOOKED_AT.saturating_sub(self.header.len());
        self.header.extend_from_slice(&piece[..piece.len().min(room)]);
        if !whole {
            return;
        }
        let header = std::mem::take(&mut self.header);
        let header = header.trim_ascii_end();
        if header.is_empty() {
            self.place = if self.has_body { Place::Beyond } else { Place::Line };
            if self.place == Place::Line && !self.line.ends_with(b"\n") {
                self.line.push(b'\n');
            }
            return;
        }
        let is = |name: &[u8]| header.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        self.has_body |= [&b"content-length"[..], b"transfer-encoding", b"upgrade"].into_iter().any(is);
        if is(b"accept-language:") {
            self.language = std::str::from_utf8(&header[16..]).ok().map(|text| text.trim().to_owned());
        }
    }

    /// What the client says of languages in the request that is read.
    pub(crate) fn language(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// The address in the first line of the request that is read, as it came, with whatever stands
    /// between its method and its version.
    pub(crate) fn target(&self) -> Option<Cow<'_, str>> {
        let line = self.line.trim_ascii();
        let begin = line.iter().position(|byte| *byte == b' ')?;
        let end = line.windows(6).rposition(|window| window == b" HTTP/")?;
        let target = line.get(begin + 1..end).filter(|target| target.starts_with(b"/"))?;
        Some(String::from_utf8_lossy(target))
    }
}

/// What no address may hold and clients send all the same.
fn must_be_escaped(byte: u8) -> bool {
    !byte.is_ascii() || b"\"<>".contains(&byte)
}

fn escape(byte: u8, into: &mut Vec<u8>) {
    if must_be_escaped(byte) {
        into.extend_from_slice(format!("%{byte:02X}").as_bytes());
    } else {
        into.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What becomes of bytes that come in pieces of this size.
    fn read(bytes: &[u8], size: usize) -> String {
        let mut lines = RequestLines::default();
        let read: Vec<u8> = bytes.chunks(size).flat_map(|piece| lines.read(piece).into_owned()).collect();
        String::from_utf8_lossy(&read).into_owned()
    }

    #[test]
    fn addresses_are_escaped_and_nothing_else_is() {
        let typed = "GET /a?q=行&r=\"<x>\" HTTP/1.1\r\nX-Name: 行方\r\n\r\n";
        let expected = "GET /a?q=%E8%A1%8C&r=%22%3Cx%3E%22 HTTP/1.1\r\nX-Name: 行方\r\n\r\n";
        // One after the other, with empty lines and bare line feeds between them.
        let both = format!("\r\n{typed}\r\n{}", typed.replace("\r\n", "\n"));
        let both_expected = format!("\r\n{expected}\r\n{}", expected.replace("\r\n", "\n"));
        for size in 1..both.len() {
            assert_eq!(read(both.as_bytes(), size), both_expected, "{size}");
        }
    }

    #[test]
    fn nothing_behind_a_body_is_touched() {
        let body = "POST /行 HTTP/1.1\r\nContent-Length: 9\r\n\r\n行\n方\nGET /行 HTTP/1.1\r\n\r\n";
        let chunked = body.replace("Content-Length: 9", "transfer-ENCODING: chunked");
        for (text, size) in
            [body, &chunked].into_iter().flat_map(|text| (1..90).map(move |size| (text, size)))
        {
            let expected = text.replacen("/行", "/%E8%A1%8C", 1);
            assert_eq!(read(text.as_bytes(), size), expected, "{size}");
        }
    }

    #[test]
    fn the_line_and_the_language_are_kept_for_messages() {
        let mut lines = RequestLines::default();
        lines.read(b"GET /old HTTP/1.1\r\nAccept-Language: fr\r\n\r\n");
        lines.read("GET /a?q=行 方 HTTP/1.1\r\naccept-language: en-GB\r\n".as_bytes());
        assert_eq!(lines.target().as_deref(), Some("/a?q=行 方"));
        assert_eq!(lines.language(), Some("en-GB"));
        let mut none = RequestLines::default();
        none.read(b"\x16\x03\x01 hello\r\n");
        assert_eq!((none.target(), none.language()), (None, None));
    }

    proptest! {
        #[test]
        fn ascii_is_never_changed(
            text in "[ -!#-;=?-~\r\n]{0,200}", size in 1usize..50,
        ) {
            prop_assert_eq!(read(text.as_bytes(), size), text);
        }

        #[test]
        fn the_pieces_do_not_matter(bytes in proptest::collection::vec(any::<u8>(), 0..200), size in 1usize..50) {
            prop_assert_eq!(read(&bytes, size), read(&bytes, bytes.len().max(1)));
        }
    }
}
