//! A connection under watch.
//!
//! What the protocol layer below the application answers by itself (a request that is no HTTP,
//! headers over its bound, a head that does not arrive in time) has no body. Here such a bare
//! answer gets the problem document that every other error has, with what can be seen of the request. A client that does not take what
//! it asked for is let go, and one address may hold only so many connections.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::rt::net::TcpStream;
use actix_web::web::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::middleware;
use super::problem::{Kind, Problem};
use super::request_line::RequestLines;
use crate::domain::Refusal;

/// How long a client may take nothing of an answer that is ready for it.
const LONGEST_STALL: Duration = Duration::from_secs(30);
/// Most connections of one address at a time, unless it is a trusted proxy.
const MAX_PER_ADDRESS: usize = 1_000;

/// How many connections each address holds.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<IpAddr, usize>>);

impl Places {
    /// A place for one more connection, if the address has one left.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(address).or_default();
        if *count >= MAX_PER_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Place { places: Arc::clone(self), address })
    }
}

/// One connection's place, given back when it ends.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                held.remove(&self.address);
            }
        }
    }
}

/// A stream of bytes to a client.
pub(crate) struct Connection {
    stream: TcpStream,
    /// Until when the client must take something, while it takes nothing.
    patience: Option<Pin<Box<Sleep>>>,
    _place: Option<Place>,
    /// An answer that stands in for a bare one, and how much of it was sent.
    standing_in: Option<(Vec<u8>, usize)>,
    requests: RequestLines,
    /// What came and was not handed on yet: an escaped line is longer than it was.
    came: BytesMut,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream, place: Option<Place>) -> Self {
        Self {
            stream,
            patience: None,
            _place: place,
            standing_in: None,
            requests: RequestLines::default(),
            came: BytesMut::new(),
        }
    }

    /// Sends bytes, unless the client has not taken any for too long.
    fn send(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        if sent.is_ready() {
            self.patience = None;
            return sent;
        }
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(LONGEST_STALL)));
        patience.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Sends what stands in for a bare answer.
    fn send_stand_in(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some((bytes, mut sent)) = self.standing_in.take() {
            let result = self.send(context, &bytes[sent..]);
            match result {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(count)) => sent += count,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => {}
            }
            if sent < bytes.len() {
                self.standing_in = Some((bytes, sent));
            }
            if result.is_pending() {
                return Poll::Pending;
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.came.is_empty() {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
            let Cow::Owned(escaped) = this.requests.read(&buffer.filled()[before..]) else {
                return Poll::Ready(Ok(()));
            };
            buffer.set_filled(before);
            this.came.extend_from_slice(&escaped);
        }
        let next = this.came.split_to(this.came.len().min(buffer.remaining()));
        buffer.put_slice(&next);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.send_stand_in(context))?;
        match bare_answer(bytes) {
            Some((0, status)) => {
                this.standing_in = Some((whole_answer(status, &this.requests), 0));
                // Taken: it is sent now or with the next flush.
                if let Poll::Ready(Err(error)) = this.send_stand_in(context) {
                    return Poll::Ready(Err(error));
                }
                Poll::Ready(Ok(bytes.len()))
            }
            // First what stands before it.
            Some((at, _)) => this.send(context, &bytes[..at]),
            None => this.send(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.send_stand_in(context))?;
        Pin::new(&mut this.stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.send_stand_in(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

/// Where an error answer without body that is not the application's begins. It is the last thing
/// that is written, and exactly a head of these few lines: nothing that anyone could store and read
/// back can stand for it, because a body never ends in such a head.
fn bare_answer(bytes: &[u8]) -> Option<(usize, StatusCode)> {
    const VERSION: &[u8] = b"HTTP/1.";
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let at = bytes.windows(VERSION.len()).rposition(|window| window == VERSION)?;
    let head = std::str::from_utf8(&bytes[at..]).ok()?.strip_suffix("\r\n\r\n")?;
    let (line, headers) = head.split_once("\r\n")?;
    let status = line.split(' ').nth(1)?.parse::<u16>().ok()?;
    let mut empty = false;
    for header in headers.split("\r\n") {
        let (name, value) = header.split_once(": ")?;
        match name {
            "content-length" => empty = value == "0",
            "connection" | "date" => {}
            _ => return None,
        }
    }
    (status >= 400 && empty).then_some(())?;
    Some((at, StatusCode::from_u16(status).ok()?))
}

/// What the protocol layer refused, as far as can be seen of the request.
fn problem(status: StatusCode, target: Option<&str>) -> Problem {
    let kind = Kind::of_status(status);
    if status != StatusCode::BAD_REQUEST {
        return Problem::plain(kind);
    }
    if let Some(target) = target.filter(|target| target.contains(' ')) {
        let refusal = Refusal::new(
            "blank_in_address",
            target,
            "アドレスに空白があります。空白は %20 と書いてください",
            "the address holds a blank; write it as %20",
        );
        return Problem::of(kind, "/path", refusal.suggest(target.replace(' ', "%20")));
    }
    let refusal = Refusal::new(
        "http_syntax",
        target.unwrap_or_default(),
        "HTTP のリクエストとして読めません（最初の行、ヘッダー、本文の長さのどれかが正しくありません）",
        "this is no HTTP request: its first line, a header or the length of its body is wrong",
    );
    Problem::of(kind, "", refusal)
}

/// The same answer with a problem document and what every answer carries.
fn whole_answer(status: StatusCode, requests: &RequestLines) -> Vec<u8> {
    let english = requests.language().is_some_and(middleware::prefers_english);
    let target = requests.target();
    let problem = problem(status, target.as_deref());
    let instance = target.as_deref().and_then(|target| target.split('?').next()).unwrap_or_default();
    let body = serde_json::to_vec(&problem.document(english, instance)).unwrap_or_default();
    let date = httpdate::fmt_http_date(std::time::SystemTime::now());
    let mut head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-language: {}\r\n\
         cache-control: no-store\r\ncontent-length: {}\r\nconnection: close\r\ndate: {date}\r\n",
        if english { "en" } else { "ja" },
        body.len()
    );
    for (name, value) in middleware::common_headers(None, super::client::request_id()) {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    let mut answer = head.into_bytes();
    answer.extend(body);
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_places() {
        let places = Arc::new(Places::default());
        let address = "192.0.2.1".parse().unwrap();
        let mut held: Vec<Place> = (0..MAX_PER_ADDRESS).map(|_| places.take(address).unwrap()).collect();
        assert!(places.take(address).is_none());
        assert!(places.take("192.0.2.2".parse().unwrap()).is_some());
        held.pop();
        assert!(places.take(address).is_some());
        drop(held);
        assert!(places.0.lock().unwrap().is_empty());
    }

    #[test]
    fn only_a_bare_error_is_found() {
        let bare =
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        assert_eq!(bare_answer(bare), Some((0, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)));
        let before = b"HTTP/1.1 200 OK\r\nx-request-id: 1\r\ncontent-length: 2\r\n\r\nok";
        let both = [&before[..], &bare[..]].concat();
        assert_eq!(bare_answer(&both), Some((before.len(), StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)));
        assert_eq!(bare_answer(before), None);
        let ours = b"HTTP/1.1 404 Not Found\r\nX-Request-Id: 1\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(bare_answer(ours), None);
        assert_eq!(bare_answer(b"HTTP/1.1 100 Continue\r\n\r\n"), None);
        assert_eq!(bare_answer(b"a,b\r\n\r\n"), None);
        // Stored text at the end of a chunked body.
        let stored = b"1f\r\n\"HTTP/1.1 500 x\r\ncontent-length: 0\r\n\",a\n\r\n0\r\n\r\n";
        assert_eq!(bare_answer(stored), None);
    }
}
