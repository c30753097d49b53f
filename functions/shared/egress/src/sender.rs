//! Posts webhooks, and uploads results as their customers signed it: one request on one connection.
//!
//! What counts as an answer: a status line within the answer timer, and after
//! it a body that ends, breaks, or is cut off within the same timer, where
//! 16 KiB of the answer are read. The body is for the delivery log only, so one
//! that breaks costs the receiver nothing; but a receiver that drips past the
//! timer has not answered.
//!
//! What isn't here: retries, signatures, logging. They are the flow's.

mod answer;
mod link;
mod upload;
mod uploading;

use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::address::Reach;
use darkroom_core::artifact::ByteSize;
use darkroom_core::delivery::{
    ANSWER_TIMEOUT, Answer, Attempt, AttemptOutcome, PostFault, post_budget,
};
use darkroom_core::port::{Clock, Post, PostBody, WebhookSender};
use darkroom_core::time::Timestamp;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::client::Resumption;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsConnector;
use url::{Position, Url};

use self::link::{Link, LinkFault};
use self::upload::{Unreadable, Upload, UploadEnd};
use crate::dial::{DialFault, dial};
use crate::resolve::{Gate, Refusal, Resolve};

/// What webhooks say they come from, unless their headers say otherwise.
const USER_AGENT: &str = "Darkroom-Webhooks/1.0";

/// Resolving, connecting and the TLS handshake, together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Giving up takes as long at most, on a busy processor: the whole ends within
/// its budget.
const GIVING_UP: Duration = Duration::from_millis(50);

/// The longest head of an answer, and the largest piece of its body, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// As much of a cause goes into the delivery log, in bytes; a certificate's
/// names can be endless.
const MAX_DETAIL_BYTES: usize = 512;

/// Sends to the addresses that its reach allows.
pub struct HttpSender {
    gate: Gate,
    tls: TlsConnector,
    clock: Arc<dyn Clock>,
    limits: Limits,
    answer_bytes_read: AtomicU64,
}

impl HttpSender {
    /// A sender that trusts Mozilla's certificate authorities. `clock` dates
    /// attempts and is what a `Retry-After` date is counted from.
    ///
    /// # Errors
    ///
    /// The TLS library offers none of TLS 1.2 and 1.3.
    pub fn new(reach: Reach, clock: Arc<dyn Clock>) -> Result<Self, rustls::Error> {
        let roots = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        Ok(Self {
            gate: Gate::new(reach),
            tls: tls_trusting(roots)?,
            clock,
            limits: Limits::CONTRACT,
            answer_bytes_read: AtomicU64::new(0),
        })
    }

    /// The same sender, asking this resolver instead of the machine's own.
    #[must_use]
    pub fn asking(self, resolver: Box<dyn Resolve>) -> Self {
        Self { gate: self.gate.asking(resolver), ..self }
    }

    /// The same sender, trusting these certificate authorities and no others.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn trusting(self, roots: RootCertStore) -> Result<Self, rustls::Error> {
        Ok(Self { tls: tls_trusting(roots)?, ..self })
    }

    /// How many bytes of answers were read in all posts that have ended: heads,
    /// interim answers and what frames a body included, TLS excluded.
    #[must_use]
    pub fn answer_bytes_read(&self) -> u64 {
        self.answer_bytes_read.load(Ordering::Relaxed)
    }
}

impl std::fmt::Debug for HttpSender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpSender").field("gate", &self.gate).finish_non_exhaustive()
    }
}

#[async_trait]
impl WebhookSender for HttpSender {
    async fn post(&self, number: u8, post: Post) -> Option<Attempt> {
        let at = self.clock.now();
        let begun = Instant::now();
        let mut address = None;
        let outgoing = Outgoing {
            method: Method::POST,
            url: post.url.as_url(),
            headers: &post.headers,
            user_agent: USER_AGENT,
            size: post.size,
            body: post.body,
            send_by: Some(post.send_by),
            budget: (self.limits.post)(post.size),
        };
        let outcome = match self.send(outgoing, &mut address).await {
            Ok(Sent { answer, .. }) => AttemptOutcome::Answered(answer),
            Err(SendFault::Late) => return None,
            Err(fault) => AttemptOutcome::Unanswered {
                class: fault.class(),
                detail: answer::printable(chain(&fault).as_bytes(), MAX_DETAIL_BYTES),
            },
        };
        Some(Attempt { number, at, took: begun.elapsed(), address, outcome })
    }
}

/// How long each part may take.
#[derive(Clone, Copy)]
struct Limits {
    connect: Duration,
    answer: Duration,
    post: fn(ByteSize) -> Duration,
}

impl Limits {
    const CONTRACT: Self = Self {
        connect: CONNECT_TIMEOUT,
        answer: ANSWER_TIMEOUT,
        post: |size| post_budget(size).saturating_sub(GIVING_UP),
    };
}

/// A request that was answered.
struct Sent {
    answer: Answer,
    /// Whether its whole body was sent before.
    is_whole: bool,
}

/// A request that is to be sent.
struct Outgoing<'a> {
    method: Method,
    url: &'a Url,
    headers: &'a [(String, String)],
    /// What it says it comes from, unless its headers say otherwise.
    user_agent: &'static str,
    size: ByteSize,
    body: PostBody,
    /// From then on it isn't begun.
    send_by: Option<Timestamp>,
    /// How long it may take, once connected.
    budget: Duration,
}

/// Why there is no answer.
#[derive(Debug, Error)]
enum SendFault {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Dial(#[from] DialFault),
    #[error(transparent)]
    Link(#[from] LinkFault),
    #[error("the request can't be written as HTTP")]
    Unwritable(#[from] http::Error),
    #[error("the result could not be read")]
    Unreadable(#[from] Unreadable),
    #[error("it was too late to begin")]
    Late,
    #[error("no complete answer came in time")]
    Slow,
    #[error("the connection broke or spoke no HTTP")]
    Broken(#[from] hyper::Error),
}

impl SendFault {
    const fn class(&self) -> PostFault {
        match self {
            Self::Refused(Refusal::Forbidden(_)) => PostFault::ForbiddenAddress,
            Self::Refused(Refusal::NoAddress | Refusal::Lookup(_) | Refusal::Slow) => {
                PostFault::NameNotResolved
            }
            Self::Dial(DialFault::Slow | DialFault::Refused(_)) | Self::Link(LinkFault::Slow) => {
                PostFault::Connect
            }
            Self::Link(LinkFault::Name(_) | LinkFault::Handshake(_)) => PostFault::Tls,
            Self::Unwritable(_) | Self::Unreadable(_) => PostFault::Artifact,
            Self::Slow | Self::Late => PostFault::Timeout,
            Self::Broken(_) => PostFault::Broken,
        }
    }
}

impl HttpSender {
    async fn send(
        &self,
        outgoing: Outgoing<'_>,
        address: &mut Option<SocketAddr>,
    ) -> Result<Sent, SendFault> {
        let Outgoing { method, url, headers, user_agent, size, body, send_by, budget } = outgoing;
        let (upload, end) = Upload::new(body, size);
        let mut request = Request::new(upload);
        *request.method_mut() = method;
        *request.uri_mut() =
            url[Position::BeforePath..Position::AfterQuery].parse().map_err(http::Error::from)?;
        *request.headers_mut() = fields(url, headers, user_agent, size)?;

        let deadline = Instant::now() + self.limits.connect.min(budget);
        let pinned = self.gate.pin(url, deadline).await?;
        *address = pinned.addresses().first().copied();
        let (stream, dialled) = dial(&pinned, deadline).await?;
        *address = Some(dialled);
        let link = Link::open(stream, url, &self.tls, deadline).await?;
        if send_by.is_some_and(|send_by| self.clock.now() >= send_by) {
            return Err(SendFault::Late);
        }

        let exchange = Exchange {
            request,
            end,
            deadline: Instant::now() + budget,
            answer_limit: self.limits.answer,
            clock: self.clock.as_ref(),
            read: &self.answer_bytes_read,
        };
        exchange.run(link).await
    }
}

/// One request on one connection.
struct Exchange<'a> {
    request: Request<Upload>,
    end: UploadEnd,
    deadline: Instant,
    answer_limit: Duration,
    clock: &'a dyn Clock,
    read: &'a AtomicU64,
}

impl Exchange<'_> {
    /// Sends and reads at the same time: a receiver may answer early. Nothing
    /// is spawned, so a caller that gives up closes the connection.
    async fn run(self, link: Link) -> Result<Sent, SendFault> {
        let (mut sender, mut connection) = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .handshake(TokioIo::new(link))
            .await?;
        let (mut end, mut deadline) = (self.end, self.deadline);
        let mut talk = pin!(async move {
            let response = sender.send_request(self.request).await?;
            Ok::<_, hyper::Error>(answer::read(response, self.clock.now()).await)
        });
        let (mut open, mut sent, mut accepted) = (true, false, None);
        let result = loop {
            tokio::select! {
                biased;
                ended = &mut end, if !sent => {
                    if let Err(unreadable) = ended {
                        break Err(unreadable.into());
                    }
                    sent = true;
                    deadline = deadline.min(Instant::now() + self.answer_limit);
                }
                read = &mut talk, if accepted.is_none() => match read {
                    // Who accepts may still be reading: a handler that answers
                    // first and stores the body then. hyper ends the connection
                    // in good order when all is sent.
                    Ok(answer) if open && is_success(&answer) => accepted = Some(answer),
                    read => break read.map_err(Into::into),
                },
                _ended = &mut connection, if open => {
                    open = false;
                    if accepted.is_some() {
                        // `end` may have been reached in the same poll: the
                        // next round looks there first, then stops here.
                        deadline = Instant::now();
                    }
                }
                () = sleep_until(deadline) => break accepted.ok_or(SendFault::Slow),
            }
        };
        let link = connection.into_parts().io.into_inner();
        self.read.fetch_add(link.read(), Ordering::Relaxed);
        if !sent {
            link.reset_on_close();
        }
        result.map(|answer| Sent { answer, is_whole: sent })
    }
}

fn is_success(answer: &Answer) -> bool {
    (200..300).contains(&answer.status)
}

/// The header fields. The length is always told: simple receivers read no chunked bodies.
fn fields(
    url: &Url,
    given: &[(String, String)],
    user_agent: &'static str,
    size: ByteSize,
) -> Result<HeaderMap, http::Error> {
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort])?;
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
    }
    headers.entry(header::USER_AGENT).or_insert(HeaderValue::from_static(user_agent));
    headers.remove(header::TRANSFER_ENCODING);
    headers.insert(header::HOST, host);
    headers.insert(header::CONTENT_LENGTH, size.as_bytes().into());
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    Ok(headers)
}

/// TLS 1.2 and 1.3 for HTTP/1.1. Sessions are not resumed: a receiver's tickets
/// may be of 64 KiB each, and rustls would keep 256 of them. The provider is
/// named, for a process in which another library has brought a second one has
/// no default.
fn tls_trusting(roots: RootCertStore) -> Result<TlsConnector, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.resumption = Resumption::disabled();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// A fault and its causes, from the outermost in.
fn chain(fault: &dyn Error) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests;
