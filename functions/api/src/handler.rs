//! Between Lambda's HTTP events and the flow that serves one.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use darkroom_aws::accounts::DynamoAccounts;
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_aws::clients::Clients;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_aws::links::S3Links;
use darkroom_aws::machine::{SystemClock, SystemEntropy};
use darkroom_aws::queue::SqsQueue;
use darkroom_aws::renderer::LambdaRenderer;
use darkroom_aws::signing_keyring::DynamoSigningKeyring;
use darkroom_aws::table::Table;
use darkroom_core::address::Reach;
use darkroom_core::port::Content;
use darkroom_core::storage::Region;
use darkroom_flows::serve::{ServePorts, Terms, serve};
use futures::StreamExt as _;
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response, tracing};

use crate::config::Config;

/// Everything that a request needs, made once at cold start.
#[derive(Debug)]
pub(crate) struct Door {
    accounts: DynamoAccounts,
    jobs: DynamoJobStore,
    ledger: DynamoLedger,
    artifacts: S3ArtifactStore,
    links: S3Links,
    queue: SqsQueue,
    renderer: LambdaRenderer,
    keyring: DynamoSigningKeyring,
    reach: Reach,
    region: Region,
    results_kept: Duration,
    cache_with_webhooks: bool,
    public_url: Option<String>,
}

impl Door {
    pub(crate) async fn open(config: Config) -> Self {
        let clients = Clients::from_environment().await;
        let table = Table::new(clients.dynamodb, config.table);
        let results_kept = config.links.results_kept_for;
        Self {
            accounts: DynamoAccounts::new(table.clone()),
            ledger: DynamoLedger::new(table.clone()),
            keyring: DynamoSigningKeyring::new(table.clone()),
            jobs: DynamoJobStore::new(table).keeping_results_for(results_kept),
            artifacts: S3ArtifactStore::new(clients.s3.clone(), config.bucket),
            links: S3Links::new(clients.s3, clients.secrets_manager, config.links),
            queue: SqsQueue::new(clients.sqs, config.queues),
            renderer: LambdaRenderer::new(clients.lambda, config.render_function),
            reach: config.reach,
            region: config.region,
            results_kept,
            cache_with_webhooks: config.cache_with_webhooks,
            public_url: config.public_url,
        }
    }

    pub(crate) async fn answer(&self, request: Request) -> Response<Sent> {
        let public_origin = self.public_url.clone().unwrap_or_else(|| own_origin(&request));
        let ports = ServePorts {
            accounts: &self.accounts,
            jobs: &self.jobs,
            ledger: &self.ledger,
            artifacts: &self.artifacts,
            links: &self.links,
            queue: &self.queue,
            renderer: &self.renderer,
            keyring: &self.keyring,
            clock: &SystemClock,
            entropy: &SystemEntropy,
            terms: Terms {
                reach: &self.reach,
                region: &self.region,
                results_kept: self.results_kept,
                cache_with_webhooks: self.cache_with_webhooks,
            },
            public_origin: &public_origin,
        };
        serve(ports, &plain(request)).await.map(sent)
    }
}

/// A body as it is sent.
pub(crate) type Sent = UnsyncBoxBody<Bytes, Infallible>;

/// The runtime would tell of a fault in a body as more of the body, and end that in good order: a
/// client would take it for the whole. Only the end of this process breaks the connection off.
#[expect(clippy::exit, reason = "nothing else tears the connection")]
fn sent(content: Content) -> Sent {
    let pieces = match content {
        Content::Bytes(bytes) => return Full::new(bytes).boxed_unsync(),
        Content::Stream(pieces) => pieces,
    };
    let whole = pieces.map(|piece| {
        let piece = piece.unwrap_or_else(|error| {
            tracing::error!(%error, "a result broke off while it was sent");
            std::process::exit(1)
        });
        Ok(Frame::data(piece))
    });
    StreamBody::new(whole).boxed_unsync()
}

/// The domain that Lambda says the request came to. The Host header says what a
/// client wants it to.
fn own_origin(request: &Request) -> String {
    let domain = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.domain_name.as_deref(),
        _ => None,
    };
    format!("https://{}", domain.unwrap_or("localhost"))
}

/// The request as `http` types alone, its path as the client sent it.
fn plain(request: Request) -> http::Request<Bytes> {
    let path = request.raw_http_path().to_owned();
    let (mut parts, body) = request.into_parts();
    let target = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    if let Ok(uri) = target.parse() {
        parts.uri = uri;
    }
    let body = match body {
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        _ => Bytes::new(),
    };
    http::Request::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a Function URL sends (payload format 2.0, «Request payload format»).
    fn event() -> serde_json::Value {
        serde_json::json!({
            "version": "2.0", "routeKey": "$default",
            "rawPath": "/api/v1/screenshot/status/8472910",
            "rawQueryString": "access_key=dr_live_x&a=1&a=%2F2",
            "headers": {"host": "evil.example", "x-access-key": "k"},
            "requestContext": {
                "accountId": "anonymous", "apiId": "abc", "domainName": "abc.lambda-url.us-east-1.on.aws",
                "domainPrefix": "abc", "requestId": "r", "routeKey": "$default", "stage": "$default",
                "time": "1", "timeEpoch": 1,
                "http": {"method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "1.2.3.4", "userAgent": "curl"}
            },
            "body": "eyJhIjoxfQ==", "isBase64Encoded": true
        })
    }

    #[test]
    fn a_function_urls_event_becomes_the_request_that_the_client_sent() {
        let request = lambda_http::request::from_str(&event().to_string()).unwrap();
        assert_eq!(own_origin(&request), "https://abc.lambda-url.us-east-1.on.aws");
        let request = plain(request);
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().path(), "/api/v1/screenshot/status/8472910");
        assert_eq!(request.uri().query(), Some("access_key=dr_live_x&a=1&a=%2F2"));
        assert_eq!(request.headers()["x-access-key"], "k");
        assert_eq!(request.body(), &Bytes::from_static(br#"{"a":1}"#));
    }
}
