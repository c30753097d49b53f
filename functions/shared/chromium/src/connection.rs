//! The DevTools link: commands out, answers and events in, over Chromium's
//! debugging pipe. Messages end with a NUL byte. chromiumoxide gives the types.
//!
//! When the link or a session ends, every call that waits for it fails at once.
//! Deadlines aren't here: a caller that stops waiting drops its future.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chromiumoxide::MethodType;
use chromiumoxide::cdp::browser_protocol::target::{EventDetachedFromTarget, SessionId};
use chromiumoxide::types::{CallId, Command, Error as Refusal, MethodId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::unix::pipe;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// The longest message: the largest piece of a picture, were it all noise, is 128 MB,
/// and a third more in base64. A browser that sends a longer one has lost its mind.
const MAX_MESSAGE_BYTES: u64 = 192 * 1024 * 1024;

/// How much is read at once: what a pipe holds.
const READ_BYTES: usize = 64 * 1024;

/// Why a command has no result.
#[derive(Debug, Error)]
pub(crate) enum CallError {
    /// The link to the browser has ended, or the session with the page.
    #[error("{method}: the link to the browser has ended")]
    Gone {
        /// The command.
        method: MethodId,
    },
    /// The browser answered with an error.
    #[error("{method}: the browser refused: {text}")]
    Refused {
        /// The command.
        method: MethodId,
        /// The browser's words, for the log only.
        text: String,
    },
    /// The command or its answer doesn't fit the protocol's types.
    #[error("{method}: unreadable: {fault}")]
    Unreadable {
        /// The command.
        method: MethodId,
        /// What doesn't fit.
        fault: serde_json::Error,
    },
}

/// An event as it came; typed by whoever is interested.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    method: String,
    #[serde(rename = "sessionId")]
    session: Option<String>,
    #[serde(default)]
    params: Value,
}

impl Event {
    /// Whether it is of this protocol type.
    pub(crate) fn is<T: MethodType>(&self) -> bool {
        self.method == T::method_id()
    }

    /// Its parameters as `T`; none where they don't fit, since a newer browser
    /// may have changed them.
    pub(crate) fn params<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.params)
            .inspect_err(|fault| tracing::debug!(method = self.method, %fault, "unreadable event"))
            .ok()
    }
}

/// One end of the link, speaking to the browser itself or to one session.
#[derive(Clone, Debug)]
pub(crate) struct DevTools {
    desk: Arc<Mutex<Desk>>,
    session: Option<SessionId>,
}

impl DevTools {
    /// Speaks to the browser at the other ends of these pipes. `tasks` gets those
    /// that read and write; the link ends with them.
    pub(crate) fn over(
        input: pipe::Sender,
        output: pipe::Receiver,
        tasks: &mut JoinSet<()>,
    ) -> Self {
        let (outbox, messages) = mpsc::unbounded_channel();
        let desk = Arc::new(Mutex::new(Desk { outbox: Some(outbox), ..Desk::default() }));
        tasks.spawn(write(input, messages));
        tasks.spawn(read(output, Reader(Arc::clone(&desk))));
        Self { desk, session: None }
    }

    /// The same link, speaking to this session.
    pub(crate) fn session(&self, id: SessionId) -> Self {
        Self { desk: Arc::clone(&self.desk), session: Some(id) }
    }

    /// Whether the browser can still be spoken to.
    pub(crate) fn is_open(&self) -> bool {
        lock(&self.desk).outbox.is_some()
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn call<C: Command>(&self, command: C) -> Result<C::Response, CallError> {
        let method = command.identifier();
        let (reply, answer) = oneshot::channel();
        self.submit(&command, Some(reply))?;
        let Ok(answer) = answer.await else {
            return Err(CallError::Gone { method });
        };
        // Read here, not by the task that all others wait for, and straight into
        // its type: a picture is copied once.
        match parsed::<Answer<C::Response>>(&answer) {
            Ok(Answer { result: Some(result), .. }) => Ok(result),
            Ok(Answer { error, .. }) => {
                let text = error.map(|fault| fault.to_string()).unwrap_or_default();
                Err(CallError::Refused { method, text })
            }
            Err(fault) => Err(CallError::Unreadable { method, fault }),
        }
    }

    /// Sends a command whose answer is of no interest. Needs no runtime, so
    /// that it can be called while something is dropped.
    pub(crate) fn post<C: Command>(&self, command: &C) {
        if let Err(fault) = self.submit(command, None) {
            tracing::debug!(%fault, "command not sent");
        }
    }

    /// The events of this session from now on. The channel ends with the session.
    pub(crate) fn events(&self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut desk = lock(&self.desk);
        // If the link has ended, the sender is dropped here and the channel is closed.
        if desk.outbox.is_some() {
            desk.listening.insert(self.session.clone().map(String::from), sender);
        }
        receiver
    }

    fn submit<C: Command>(&self, command: &C, reply: Option<Reply>) -> Result<(), CallError> {
        let method = command.identifier();
        lock(&self.desk).send(&method, self.session.as_ref(), command, reply).map_err(|fault| {
            match fault {
                Some(fault) => CallError::Unreadable { method, fault },
                None => CallError::Gone { method },
            }
        })
    }
}

fn lock(desk: &Mutex<Desk>) -> MutexGuard<'_, Desk> {
    desk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A command as it is sent.
#[derive(Serialize)]
struct Order<'a, C> {
    id: CallId,
    method: &'a str,
    #[serde(rename = "sessionId", skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionId>,
    params: &'a C,
}

/// What tells whom a message is for.
#[derive(Deserialize)]
struct Heading {
    id: Option<CallId>,
}

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Detached {
    #[serde(rename = "sessionId")]
    session: String,
}

type Reply = oneshot::Sender<Bytes>;

/// Who waits for which answer, and who listens to which session.
#[derive(Debug, Default)]
struct Desk {
    /// None once the link has ended.
    outbox: Option<mpsc::UnboundedSender<Vec<u8>>>,
    calls: usize,
    waiting: HashMap<CallId, (Option<String>, Reply)>,
    listening: HashMap<Option<String>, mpsc::UnboundedSender<Event>>,
}

impl Desk {
    /// Sends a command, or tells why it can't be written, or nothing if the link
    /// has ended.
    fn send<C: Command>(
        &mut self,
        method: &str,
        session: Option<&SessionId>,
        params: &C,
        reply: Option<Reply>,
    ) -> Result<(), Option<serde_json::Error>> {
        let outbox = self.outbox.as_ref().ok_or(None)?;
        self.calls += 1;
        let id = CallId::new(self.calls);
        let mut message = serde_json::to_vec(&Order { id, method, session, params })?;
        message.push(0);
        outbox.send(message).map_err(|_unsent| None)?;
        if let Some(reply) = reply {
            self.waiting.insert(id, (session.cloned().map(String::from), reply));
        }
        Ok(())
    }

    fn take(&mut self, message: Bytes) -> Result<(), serde_json::Error> {
        let Heading { id: Some(id) } = serde_json::from_slice(&message)? else {
            self.tell(parsed(&message)?);
            return Ok(());
        };
        if let Some((_session, reply)) = self.waiting.remove(&id) {
            // Whoever asked may have stopped waiting.
            let _unwanted = reply.send(message);
        }
        Ok(())
    }

    fn tell(&mut self, event: Event) {
        if event.is::<EventDetachedFromTarget>()
            && let Some(Detached { session }) = event.params()
        {
            self.end_session(&session);
        }
        if let Some(listener) = self.listening.get(&event.session) {
            // It goes with its session.
            let _unwanted = listener.send(event);
        }
    }

    /// What was asked in a session that has ended is never answered.
    fn end_session(&mut self, session: &str) {
        self.listening.remove(&Some(session.to_owned()));
        self.waiting.retain(|_, (of, _)| of.as_deref() != Some(session));
    }
}

/// The reading end. When it goes, all that waits is dropped, which is how the
/// waiting learn of it.
struct Reader(Arc<Mutex<Desk>>);

impl Drop for Reader {
    fn drop(&mut self) {
        *lock(&self.0) = Desk::default();
    }
}

async fn write(mut input: pipe::Sender, mut messages: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(message) = messages.recv().await {
        if let Err(fault) = input.write_all(&message).await {
            tracing::debug!(%fault, "the DevTools link broke");
            return;
        }
    }
}

async fn read(output: pipe::Receiver, reader: Reader) {
    let mut output = BufReader::with_capacity(READ_BYTES, output);
    loop {
        match next_message(&mut output).await {
            Ok(Some(message)) => {
                // One odd message is no reason to give up the browser.
                if let Err(fault) = lock(&reader.0).take(message) {
                    tracing::debug!(%fault, "unreadable DevTools message");
                }
            }
            Ok(None) => return,
            Err(fault) => {
                tracing::warn!(%fault, "the DevTools link broke");
                return;
            }
        }
    }
}

/// The next whole message, without the NUL byte at its end.
async fn next_message(output: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Bytes>> {
    let mut message = Vec::new();
    output.take(MAX_MESSAGE_BYTES).read_until(0, &mut message).await?;
    match message.pop() {
        Some(0) => Ok(Some(message.into())),
        // The rest was left unread, or there is no more.
        Some(_) if output.fill_buf().await?.is_empty() => Ok(None),
        Some(_) => Err(io::ErrorKind::FileTooLarge.into()),
        None => Ok(None),
    }
}

/// What a message says. A script may have cut a letter in half that is told of it, a frame's
/// name or a word on the console: a lone surrogate, which JSON can write and no text can hold.
fn parsed<T: DeserializeOwned>(message: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(message)
        .or_else(|fault| serde_json::from_slice(&well_formed(message)).map_err(|_same| fault))
}

/// With U+FFFD in the place of lone surrogates.
fn well_formed(mut json: &[u8]) -> Vec<u8> {
    let mut mended = Vec::with_capacity(json.len());
    while let Some(first) = json.first() {
        let length = match (escaped_unit(json, 0), escaped_unit(json, 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => 12,
            (Some(0xd800..0xe000), _) => 6,
            _ if *first == b'\\' => 2,
            _ => 1,
        };
        let (token, rest) = json.split_at_checked(length).unwrap_or((json, &[]));
        mended.extend_from_slice(if length == 6 { br"\ufffd" } else { token });
        json = rest;
    }
    mended
}

/// The UTF-16 code unit that is escaped there.
fn escaped_unit(json: &[u8], at: usize) -> Option<u16> {
    let digits = json.get(at..at + 6)?.strip_prefix(br"\u")?;
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_letters_are_replaced() {
        for (json, text) in [
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\ude00b""#, "\u{fffd}b"),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\ud83d\n\ude00""#, "\u{fffd}\n\u{fffd}"),
            (r#""\\ud83d \uD83D""#, "\\ud83d \u{fffd}"),
        ] {
            assert_eq!(parsed::<String>(json.as_bytes()).unwrap(), text, "{json}");
        }
        for broken in [r#""\ud83d"#, r#""\u12""#, "\"\\"] {
            assert!(parsed::<String>(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[tokio::test]
    async fn messages_end_with_a_nul_byte() {
        let mut stream: &[u8] = b"{}\0[]\0half";
        assert_eq!(next_message(&mut stream).await.unwrap().unwrap(), "{}");
        assert_eq!(next_message(&mut stream).await.unwrap().unwrap(), "[]");
        assert!(next_message(&mut stream).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_message_without_end_is_given_up() {
        let mut stream = BufReader::new(tokio::io::repeat(b' '));
        let fault = next_message(&mut stream).await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::FileTooLarge);
    }
}
