//! Requests for plain http, in absolute form.
//!
//! Each has a connection of its own to its host: plain http is rare, and a
//! connection kept would have to be judged again. Upgrades aren't forwarded:
//! web sockets come as CONNECT.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::FutureExt;
use futures::future::{BoxFuture, Fuse};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{Request, Response, Uri, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Position, Url};

use super::client::NotForwarded;
use super::refusals::Verdict;
use super::{Shared, VERDICT_HEADER};

/// As many header fields of an answer are read; browsers know no such limit.
const MAX_FIELDS: usize = 1000;

/// What concerns one connection only (RFC 9110 §7.6.1), old spellings included.
const HOP_BY_HOP: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Forwards one request to its host and the answer's head back; the body
/// follows as it comes.
pub(super) async fn forward(
    mut request: Request<Incoming>,
    shared: &Shared,
) -> Result<Response<Forwarded>, NotForwarded> {
    let url = target(request.uri()).ok_or(NotForwarded::Malformed)?;
    to_origin_form(&mut request, &url).ok_or(NotForwarded::Malformed)?;
    let stream = shared.connect(&url).await.map_err(NotForwarded::Unconnected)?;
    let answered = exchange(stream, request).await;
    answered.map_err(|fault| {
        tracing::debug!(%fault, "a host gave no answer");
        shared.refusals().record(&url, Some(&Verdict::Unreachable));
        NotForwarded::Unconnected(Verdict::Unreachable)
    })
}

/// Only absolute http URLs without credentials are forwarded. A request in
/// origin form is no proxy request; one for https in absolute form would have
/// the proxy read what must stay between page and browser.
fn target(uri: &Uri) -> Option<Url> {
    if uri.scheme_str() != Some("http") || uri.authority()?.as_str().contains('@') {
        return None;
    }
    Url::parse(&uri.to_string()).ok()
}

fn to_origin_form(request: &mut Request<Incoming>, url: &Url) -> Option<()> {
    let path = request.uri().path_and_query().map_or("/", PathAndQuery::as_str).parse().ok()?;
    let host = HeaderValue::from_str(&url[Position::BeforeHost..Position::AfterPort]).ok()?;
    *request.uri_mut() = path;
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    strip(headers);
    headers.insert(header::HOST, host);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    Some(())
}

/// Removes what concerns one connection only, whatever `Connection` adds to it.
fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(header::CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

async fn exchange(
    stream: TcpStream,
    request: Request<Incoming>,
) -> Result<Response<Forwarded>, hyper::Error> {
    // As lenient as the browser would be itself.
    let (mut sender, connection) = http1::Builder::new()
        .max_headers(MAX_FIELDS)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .handshake(TokioIo::new(stream))
        .await?;
    // What breaks the connection reaches the answer or its body as well.
    let mut driver = connection.map(|_ended| ()).boxed().fuse();
    let answer = sender.send_request(request);
    tokio::pin!(answer);
    let response = loop {
        tokio::select! {
            biased;
            response = &mut answer => break response?,
            () = &mut driver => {}
        }
    };
    let mut response = response.map(|body| Forwarded { driver, body });
    *response.version_mut() = Version::HTTP_11;
    strip(response.headers_mut());
    response.headers_mut().remove(VERDICT_HEADER);
    Ok(response)
}

/// The body of a host's answer, which drives the connection that it comes from:
/// when the client goes, both go.
pub(super) struct Forwarded {
    driver: Fuse<BoxFuture<'static, ()>>,
    body: Incoming,
}

impl Body for Forwarded {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        // Its end is no end of the body: that may still lie in between.
        let _driven = self.driver.poll_unpin(cx);
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
