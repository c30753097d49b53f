//! One HTTP request: read it, know its account, run one flow, word the answer.

use bytes::Bytes;
use darkroom_core::account::Account;
use darkroom_core::artifact::{Artifact, ByteSize, ResultLinks};
use darkroom_core::id::TraceId;
use darkroom_core::job::{Job, JobState};
use darkroom_core::port::{
    Accounts, ArtifactStore, Clock, Content, Entropy, JobStore, Ledger, Links, OpenArtifact, Queue,
    Renderer, SigningKeyring,
};
pub use darkroom_dialects::Terms;
use darkroom_dialects::{
    self as dialects, Action, Answer, AttachmentName, Call, Credential, Refusal, Shared, Submission,
};
use http::{Method, Request, Response};

use crate::admit::{AdmitPorts, admit};
use crate::bulk::{Asker, BulkPorts, bulk};
use crate::deliveries::{self, DeliveriesPorts};
use crate::jobs::{delete, list};
use crate::obtain::{ObtainPorts, Obtained, obtain};
use crate::refusal::RETRY_AFTER;
use crate::share::{SharePorts, submit_shared};
use crate::status::{StatusPorts, follow_link, links_of, show, status};
use crate::submit::{Asking, SubmitPorts, submit};
use crate::usage::{balance, daily, rows};

/// The ports of the api function, and what it knows of its surroundings.
#[derive(Clone, Copy)]
pub struct ServePorts<'a> {
    /// Knows accounts by their keys.
    pub accounts: &'a dyn Accounts,
    /// Where jobs are.
    pub jobs: &'a dyn JobStore,
    /// Where attempts at webhooks are.
    pub ledger: &'a dyn Ledger,
    /// Where results and large specifications are.
    pub artifacts: &'a dyn ArtifactStore,
    /// Makes links.
    pub links: &'a dyn Links,
    /// Where captures, results and watchdogs are sent.
    pub queue: &'a dyn Queue,
    /// Renders what clients wait for.
    pub renderer: &'a dyn Renderer,
    /// Holds the keys that sign links.
    pub keyring: &'a dyn SigningKeyring,
    /// Tells the time.
    pub clock: &'a dyn Clock,
    /// Draws ids.
    pub entropy: &'a dyn Entropy,
    /// What requests may ask for.
    pub terms: Terms<'a>,
    /// Scheme and host under which clients reach this deployment, without a
    /// slash at the end; never taken from a header that a client sets.
    pub public_origin: &'a str,
}

impl std::fmt::Debug for ServePorts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServePorts")
    }
}

impl<'a> ServePorts<'a> {
    fn asking(
        self,
        account: &'a Account,
        submission: &'a Submission,
        trace: TraceId,
    ) -> Asking<'a> {
        Asking { account, submission, trace, public_origin: self.public_origin }
    }
}

/// The largest result that is streamed to a client. Lambda streams 200 MB at most, at 2 MB/s after
/// the first 6 MB, and for as long as the function may run.
const LARGEST_STREAMED: ByteSize = ByteSize::from_mib(100);

/// The body of an answer to HEAD, which the server of HTTP before us leaves out: behind a streaming
/// Function URL an answer without any loses its headers.
const LEFT_OUT: &[u8] = b"\n";

/// Answers a request. Every request gets an answer in the tongue it speaks. HEAD is GET without the
/// body (RFC 9110 §9.3.2), but asks for no capture: it has to be safe (§9.2.1).
pub async fn serve(ports: ServePorts<'_>, request: &Request<Bytes>) -> Response<Content> {
    if request.method() != Method::HEAD {
        return serve_call(ports, dialects::read(request, &ports.terms)).await;
    }
    let mut get = request.clone();
    *get.method_mut() = Method::GET;
    let mut call = dialects::read(&get, &ports.terms);
    if matches!(call.action, Ok(Action::Submit(_)) | Err(Refusal::Invalid(_))) {
        call.action = Err(Refusal::MethodNotAllowed { allow: "GET, POST" });
    }
    let answer = serve_call(ports, call).await;
    answer.map(|_body| Content::Bytes(Bytes::from_static(LEFT_OUT)))
}

async fn serve_call(ports: ServePorts<'_>, call: Call) -> Response<Content> {
    let trace = TraceId::from_random(ports.entropy.draw());
    let tongue = call.tongue;
    match answer(ports, call, trace).await {
        Ok(response) => response,
        Err(refusal) => {
            let response = dialects::refuse(tongue, &refusal, trace);
            let status = response.status().as_u16();
            tracing::info!(trace.id = %trace, ?tongue, status, "a request was refused");
            response.map(Content::Bytes)
        }
    }
}

async fn answer(
    ports: ServePorts<'_>,
    call: Call,
    trace: TraceId,
) -> Result<Response<Content>, Refusal> {
    let Call { tongue, credential, action } = call;
    if credential == Credential::NotNeeded {
        return anonymous(ports, action?).await.map(at_hand);
    }
    let key = match &credential {
        Credential::Key(key) => Some(key.clone()),
        Credential::NotNeeded
        | Credential::Missing
        | Credential::Malformed
        | Credential::Link(_) => None,
    };
    let account = admit(ports.into(), credential).await?;
    match action? {
        Action::Submit(submission) => match &submission.answer {
            Answer::Accepted => {
                let job = submit_one(ports, &account, *submission, trace).await?;
                Ok(at_hand(dialects::accepted(&job)))
            }
            Answer::File(_) | Answer::Json | Answer::Empty => {
                wait(ports, &account, &submission, trace).await
            }
        },
        Action::TestWebhook(submission) => {
            let job = submit_one(ports, &account, *submission, trace).await?;
            Ok(at_hand(dialects::tested(&job)))
        }
        Action::Bulk(several) => {
            // Links are for GET.
            let key = key.as_ref().ok_or(Refusal::KeyInvalid)?;
            let public_origin = ports.public_origin;
            let asker = Asker { account: &account, key, trace, public_origin };
            let outcomes = bulk(ports.into(), asker, &several).await?;
            Ok(at_hand(dialects::bulk(tongue, &outcomes)))
        }
        Action::Balance => {
            let balance = balance(ports.into(), &account).await?;
            Ok(at_hand(dialects::balance(&balance)))
        }
        Action::DailyUsage(days) => {
            let told = daily(ports.into(), &account, days).await?;
            Ok(at_hand(dialects::daily_usage(&told)))
        }
        Action::UsageRows { before, limit } => {
            let (balance, page) = rows(ports.into(), &account, before, limit).await?;
            Ok(at_hand(dialects::usage_rows(&balance, &page)))
        }
        Action::Status(id) => {
            let (job, links) = status(ports.into(), &account, id).await?;
            Ok(at_hand(dialects::status(tongue, &job, links.as_ref())))
        }
        other @ (Action::ListJobs { .. }
        | Action::ShowJob(_)
        | Action::DeleteJob(_)
        | Action::ShowDelivery(_)
        | Action::DeliverAgain(_)
        | Action::DeliverFailedAgain(_)
        | Action::FollowLink(_)) => own_dialect(ports, &account, other).await.map(at_hand),
    }
}

async fn wait(
    ports: ServePorts<'_>,
    account: &Account,
    submission: &Submission,
    trace: TraceId,
) -> Result<Response<Content>, Refusal> {
    let asking = ports.asking(account, submission, trace);
    let Obtained { job, shared } = obtain(ports.into(), asking).await?;
    let way = shared.map(|shared| shared.way);
    tracing::info!(trace.id = %job.order.trace, job.id = %job.id, account.id = %account.id, ?way,
        "a capture was waited for");
    obtained(ports, &job, shared, &submission.answer).await
}

async fn submit_one(
    ports: ServePorts<'_>,
    account: &Account,
    submission: Submission,
    trace: TraceId,
) -> Result<Job, Refusal> {
    let asking = ports.asking(account, &submission, trace);
    let job = match &submission.caching {
        Some(caching) => submit_shared(ports.into(), asking, caching).await?,
        None => submit(ports.into(), asking).await?,
    };
    // A repeat is answered with the first request's trace.
    let what = if job.order.trace != trace {
        "a request was repeated"
    } else if job.has_ended() {
        "a result was there"
    } else {
        "a capture was accepted"
    };
    tracing::info!(trace.id = %job.order.trace, job.id = %job.id, account.id = %account.id, "{what}");
    Ok(job)
}

/// What a client gets that waited for this job, which has ended.
async fn obtained(
    ports: ServePorts<'_>,
    job: &Job,
    shared: Option<Shared>,
    wanted: &Answer,
) -> Result<Response<Content>, Refusal> {
    let JobState::Completed { artifact, .. } = &job.state else {
        return Ok(at_hand(dialects::failed(job)));
    };
    let is_linked = matches!(wanted, Answer::Json);
    let has_files = artifact.files.iter().any(|file| file.kind.is_about_page());
    // What is shared may be older than the link that was made with it.
    let links = if is_linked || shared.is_some() || has_files {
        links_of(ports.into(), job).await
    } else {
        Ok(None)
    };
    let made = links.as_ref().ok().and_then(Option::as_ref);
    let response = match wanted {
        Answer::File(name) => file(ports.artifacts, job, artifact, made, name.as_ref()).await?,
        Answer::Empty => at_hand(dialects::empty(job, made)),
        Answer::Accepted | Answer::Json => match &links {
            Ok(links) => at_hand(dialects::linked(job, links.as_ref(), shared.is_some())),
            Err(Refusal::Gone) => return Err(Refusal::Gone),
            Err(refusal) if shared.is_some_and(Shared::is_free) => return Err(refusal.clone()),
            // It is charged: where its links can't be made just now, its status has them later.
            Err(_busy) => {
                return Err(Refusal::Unsettled { job: job.id, retry_after: RETRY_AFTER });
            }
        },
    };
    let Some(shared) = shared else { return Ok(response) };
    let main = made.map_or(&artifact.link, |links| &links.main);
    let url = links.is_ok().then_some(main.url.as_str());
    Ok(dialects::shared(response, job, shared, url))
}

/// The result itself, read from the store while it is sent. Where it is too large for that, or
/// can't be opened just now, the link to it is told, since it is there and charged.
async fn file(
    artifacts: &dyn ArtifactStore,
    job: &Job,
    artifact: &Artifact,
    links: Option<&ResultLinks>,
    name: Option<&AttachmentName>,
) -> Result<Response<Content>, Refusal> {
    let elsewhere = || {
        let link = links.map_or(&artifact.link, |links| &links.main);
        at_hand(dialects::elsewhere(job, links, link))
    };
    if artifact.size > LARGEST_STREAMED {
        return Ok(elsewhere());
    }
    match artifacts.open(&artifact.key).await {
        Ok(Some(OpenArtifact { content, .. })) => {
            Ok(dialects::file(job, links, name).map(|()| Content::Stream(content)))
        }
        Ok(None) => Err(Refusal::Gone),
        Err(error) => {
            tracing::error!(job.id = %job.id, %error, "a result could not be opened");
            Ok(elsewhere())
        }
    }
}

fn at_hand(response: Response<Bytes>) -> Response<Content> {
    response.map(Content::Bytes)
}

async fn own_dialect(
    ports: ServePorts<'_>,
    account: &Account,
    action: Action,
) -> Result<Response<Bytes>, Refusal> {
    match action {
        Action::ListJobs { before, limit } => {
            let page = list(ports.into(), account, before, limit).await?;
            Ok(dialects::jobs(&page))
        }
        Action::ShowJob(id) => {
            let (job, links) = show(ports.into(), account, id).await?;
            Ok(dialects::job(&job, links.as_ref()))
        }
        Action::DeleteJob(id) => {
            let job = delete(ports.into(), account, id).await?;
            Ok(dialects::deleted(&job))
        }
        Action::ShowDelivery(id) => {
            let (job, delivery) = deliveries::log(ports.into(), &account.id, id).await?;
            Ok(dialects::delivery(&job, delivery.as_ref()))
        }
        Action::DeliverAgain(id) => {
            let (job, delivery) = deliveries::again(ports.into(), &account.id, id).await?;
            Ok(dialects::delivered_again(&job, &delivery))
        }
        Action::DeliverFailedAgain(span) => {
            let again = deliveries::failed_again(ports.into(), &account.id, span).await?;
            Ok(dialects::failed_delivered_again(&again))
        }
        other @ (Action::Submit(_)
        | Action::Bulk(_)
        | Action::TestWebhook(_)
        | Action::Status(_)
        | Action::Balance
        | Action::DailyUsage(_)
        | Action::UsageRows { .. }
        | Action::FollowLink(_)) => anonymous(ports, other).await,
    }
}

/// What needs no key. Everything else that comes here without one is refused.
async fn anonymous(ports: ServePorts<'_>, action: Action) -> Result<Response<Bytes>, Refusal> {
    match action {
        Action::FollowLink(link) => {
            let link = follow_link(ports.into(), &link).await?;
            Ok(dialects::redirect(&link))
        }
        Action::Submit(_)
        | Action::Bulk(_)
        | Action::TestWebhook(_)
        | Action::Status(_)
        | Action::Balance
        | Action::DailyUsage(_)
        | Action::UsageRows { .. }
        | Action::ListJobs { .. }
        | Action::ShowJob(_)
        | Action::DeleteJob(_)
        | Action::ShowDelivery(_)
        | Action::DeliverAgain(_)
        | Action::DeliverFailedAgain(_) => Err(Refusal::KeyMissing),
    }
}

impl<'a> From<ServePorts<'a>> for AdmitPorts<'a> {
    fn from(ports: ServePorts<'a>) -> Self {
        let ServePorts { accounts, keyring, clock, .. } = ports;
        Self { accounts, keyring, clock }
    }
}

impl<'a> From<ServePorts<'a>> for SubmitPorts<'a> {
    fn from(ports: ServePorts<'a>) -> Self {
        let ServePorts { jobs, artifacts, queue, clock, entropy, .. } = ports;
        Self { jobs, artifacts, queue, clock, entropy }
    }
}

impl<'a> From<ServePorts<'a>> for SharePorts<'a> {
    fn from(ports: ServePorts<'a>) -> Self {
        Self { submit: ports.into(), links: ports.links }
    }
}

impl<'a> From<ServePorts<'a>> for BulkPorts<'a> {
    fn from(ports: ServePorts<'a>) -> Self {
        Self { share: ports.into(), keyring: ports.keyring }
    }
}

impl<'a> From<ServePorts<'a>> for ObtainPorts<'a> {
    fn from(ports: ServePorts<'a>) -> Self {
        Self { share: ports.into(), renderer: ports.renderer }
    }
}

impl<'a> From<ServePorts<'a>> for StatusPorts<'a> {
    fn from(ports: ServePorts<'a>) -> Self {
        let ServePorts { jobs, artifacts, links, clock, .. } = ports;
        Self { jobs, artifacts, links, clock }
    }
}

impl<'a> From<ServePorts<'a>> for DeliveriesPorts<'a> {
    fn from(ports: ServePorts<'a>) -> Self {
        let ServePorts { jobs, ledger, artifacts, queue, clock, .. } = ports;
        Self { jobs, ledger, artifacts, queue, clock }
    }
}
