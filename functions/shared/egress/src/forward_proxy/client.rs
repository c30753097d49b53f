//! One connection from Chromium: requests to forward, or a tunnel.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{self, HeaderValue};
use http::uri::Authority;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{Either, Empty, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::copy_bidirectional_with_sizes;
use tokio::net::TcpStream;
use url::Url;

use super::activity::{Activity, Watched};
use super::plain::{self, Forwarded};
use super::refusals::Verdict;
use super::{Shared, VERDICT_HEADER};

/// The longest request head, in bytes: a long URL and a full cookie jar.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// A tunnel's buffer in each direction, in bytes.
const TUNNEL_BUFFER_BYTES: usize = 32 * 1024;

/// The body of an answer: a page's, or the proxy's own.
pub(super) type ProxyBody = Either<Forwarded, Either<Full<Bytes>, Empty<Bytes>>>;

/// Why the proxy answers for itself.
#[derive(Clone, Copy)]
pub(super) enum NotForwarded {
    /// The request asks for nothing that this proxy does.
    Malformed,
    /// There is no connection to its host.
    Unconnected(Verdict),
}

/// Serves one connection to its end.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let activity = Activity::default();
    let io = Watched::new(stream, activity.clone());
    let idle = shared.limits.idle;
    tokio::select! {
        () = converse(io, shared) => {}
        () = activity.idle_for(idle) => {}
    }
}

async fn converse(io: Watched<TcpStream>, shared: Arc<Shared>) {
    // A tunnel begins when HTTP has ended: the service leaves it here.
    let tunnel = Arc::new(Mutex::new(None));
    let head_timeout = shared.limits.head;
    let service = service_fn(|request| {
        let (shared, tunnel) = (Arc::clone(&shared), Arc::clone(&tunnel));
        async move { Ok::<_, Infallible>(answer(request, &shared, &tunnel).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        // A page's answer goes on as it came.
        .auto_date_header(false)
        .serve_connection(TokioIo::new(io), service)
        .with_upgrades()
        .await;
    if let Err(fault) = served {
        tracing::debug!(%fault, "a connection to the forward proxy broke");
    }
    let begun = lock(&tunnel).take();
    if let Some(begun) = begun {
        begun.run().await;
    }
}

/// A connection to a host, waiting for the client's side.
struct Tunnel {
    upstream: TcpStream,
    client: OnUpgrade,
}

impl Tunnel {
    async fn run(mut self) {
        let Ok(client) = self.client.await else {
            return;
        };
        let copied = copy_bidirectional_with_sizes(
            &mut TokioIo::new(client),
            &mut self.upstream,
            TUNNEL_BUFFER_BYTES,
            TUNNEL_BUFFER_BYTES,
        )
        .await;
        if let Err(fault) = copied {
            tracing::debug!(%fault, "a tunnel broke");
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: &Shared,
    tunnel: &Mutex<Option<Tunnel>>,
) -> Response<ProxyBody> {
    let answered = if request.method() == Method::CONNECT {
        connect(request, shared, tunnel).await
    } else {
        plain::forward(request, shared).await.map(|response| response.map(Either::Left))
    };
    answered.unwrap_or_else(refusal)
}

async fn connect(
    mut request: Request<Incoming>,
    shared: &Shared,
    tunnel: &Mutex<Option<Tunnel>>,
) -> Result<Response<ProxyBody>, NotForwarded> {
    let url = request.uri().authority().and_then(tunnel_url).ok_or(NotForwarded::Malformed)?;
    let upstream = shared.connect(&url).await.map_err(NotForwarded::Unconnected)?;
    let client = hyper::upgrade::on(&mut request);
    *lock(tunnel) = Some(Tunnel { upstream, client });
    Ok(Response::new(Either::Right(Either::Right(Empty::new()))))
}

/// The authority of a CONNECT as a URL: that parser, which is also the job's,
/// alone decides which host an authority means.
fn tunnel_url(authority: &Authority) -> Option<Url> {
    authority.port_u16()?;
    if authority.as_str().contains('@') {
        return None;
    }
    Url::parse(&format!("https://{authority}/")).ok()
}

fn refusal(why: NotForwarded) -> Response<ProxyBody> {
    let (status, name) = match why {
        NotForwarded::Malformed => (StatusCode::BAD_REQUEST, "malformed"),
        NotForwarded::Unconnected(verdict @ Verdict::Forbidden) => {
            (StatusCode::FORBIDDEN, verdict.name())
        }
        NotForwarded::Unconnected(verdict @ (Verdict::Unresolved | Verdict::Unreachable)) => {
            (StatusCode::BAD_GATEWAY, verdict.name())
        }
    };
    let mut response = Response::new(Either::Right(Either::Left(Full::from(name))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(VERDICT_HEADER, HeaderValue::from_static(name));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
