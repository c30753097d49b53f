//! The world itself: how tests speak to it, and how it drives the flows.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::account::{Account, KeyHolder, Limits, Opens};
use darkroom_core::address::Reach;
use darkroom_core::artifact::ArtifactKey;
use darkroom_core::delivery::Delivery;
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::job::Job;
use darkroom_core::key::{AccessKey, SigningKey, SigningKeys};
use darkroom_core::message::Message;
use darkroom_core::port::Disposal;
use darkroom_core::storage::Region;
use darkroom_core::time::{Period, Timestamp};
use darkroom_flows::capture::{CapturePorts, capture};
use darkroom_flows::deliver::{DeliverPorts, deliver};
use darkroom_flows::follow::{FollowPorts, follow, revive};
use darkroom_flows::serve::{ServePorts, Terms, serve};
use futures::FutureExt as _;
use http::{Request, Response};

use crate::camera::Shot;
use crate::fault::{Faults, Plan};
use crate::queue::{Channel, Letters, Receipt};
use crate::receiver::Reply;
use crate::state::State;

/// When the world begins: 2026-09-21T14:13:20Z.
pub const BEGINNING: Timestamp = Timestamp::from_secs(1_790_000_000);

/// Receives after which SQS gives a message up (the template's maxReceiveCount).
const MAX_CAPTURE_RECEIVES: u32 = 20;
const MAX_OTHER_RECEIVES: u32 = 1_000;

/// Messages after which a run counts as one that never ends.
const MAX_MESSAGES: usize = 20_000;

/// Of how many messages every second is delivered twice.
const DUPLICATED_MESSAGES: usize = 60;

/// Under which the api is reached.
pub const ORIGIN: &str = "https://shots.example";

/// As long as the template keeps results.
const RESULTS_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Where the world is.
#[expect(clippy::unwrap_used, reason = "it is one")]
fn region() -> Region {
    Region::parse("eu-central-1").unwrap()
}

const fn terms<'a>(reach: &'a Reach, region: &'a Region) -> Terms<'a> {
    Terms { reach, region, results_kept: RESULTS_KEPT, cache_with_webhooks: true }
}

/// One simulated deployment. Clones share it.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World")
    }
}

/// An account of the world, with its keys at hand.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Its id.
    pub id: AccountId,
    /// Its access key.
    pub access_key: AccessKey,
    /// Its signing key.
    pub signing_key: SigningKey,
}

/// How often a message is delivered.
enum Copies {
    One,
    Two,
}

impl World {
    /// A quiet world whose ids follow from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let state = State {
            now: BEGINNING,
            random: seed,
            plan: Plan::Calm,
            calls: 0,
            overtaken: 0..0,
            faults: Faults::default(),
            accounts: HashMap::new(),
            signing_keys: HashMap::new(),
            jobs: BTreeMap::new(),
            usage: HashMap::new(),
            started: HashMap::new(),
            places: HashMap::new(),
            idempotency: HashMap::new(),
            cache: HashMap::new(),
            deliveries: HashMap::new(),
            circuits: HashMap::new(),
            letters: Letters::default(),
            call_time: Duration::ZERO,
            longest_poll_lag: Duration::ZERO,
            results: HashMap::new(),
            inputs: HashMap::new(),
            shots: VecDeque::new(),
            every_shot: Shot::Taken(Ok(Bytes::from_static(b"\x89PNG picture"))),
            captures: 0,
            workers_sought_for: Duration::ZERO,
            killed: 0,
            deposits: Vec::new(),
            storage_faults: VecDeque::new(),
            storage_takes: Duration::ZERO,
            replies: VecDeque::new(),
            every_reply: Reply::Status(200),
            replies_of: HashMap::new(),
            received: Vec::new(),
            violations: Vec::new(),
            is_interleaved: false,
            asleep_until: None,
            has_died: false,
        };
        Self { state: Arc::new(Mutex::new(state)) }
    }

    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A new account. `byte` makes its keys.
    #[must_use]
    pub fn customer(&self, byte: u8, quota_per_month: u64) -> Customer {
        let customer = Customer {
            id: AccountId::from_random([byte; 10]),
            access_key: AccessKey::from_random([byte; 20]),
            signing_key: SigningKey::from_random([byte; 32]),
        };
        let name = format!("customer {byte}");
        let limits = Limits::default();
        let account = Account { id: customer.id.clone(), name, quota_per_month, limits };
        let keys = SigningKeys::first(customer.signing_key.clone(), BEGINNING);
        self.with(|state| {
            let hash = customer.access_key.hash().as_str().to_owned();
            state.accounts.insert(hash, KeyHolder { account, opens: Opens::Everything });
            state.signing_keys.insert(customer.id.clone(), keys);
        });
        customer
    }

    /// From now on the customer's access key opens this.
    pub fn key_opens(&self, customer: &Customer, opens: Opens) {
        self.with(|state| {
            let own = state.accounts.values_mut().filter(|it| it.account.id == customer.id);
            own.for_each(|it| it.opens = opens);
        });
    }

    /// From now on the account is limited so.
    pub fn limit(&self, customer: &Customer, limits: Limits) {
        self.with(|state| {
            let own = state.accounts.values_mut().filter(|it| it.account.id == customer.id);
            own.for_each(|it| it.account.limits = limits);
        });
    }

    /// One request to the api; none if the function died on it.
    #[must_use]
    pub fn request(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        self.serve(request).now_or_never()
    }

    pub(crate) async fn serve(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let (reach, region) = (Reach::public(), region());
        let ports = ServePorts {
            accounts: self,
            jobs: self,
            ledger: self,
            artifacts: self,
            links: self,
            queue: self,
            renderer: self,
            keyring: self,
            clock: self,
            entropy: self,
            terms: terms(&reach, &region),
            public_origin: ORIGIN,
        };
        let (head, body) = serve(ports, request).await.into_parts();
        // What breaks off while it is sent breaks the connection off.
        let body = body.collect().await.unwrap_or_default();
        Response::from_parts(head, body)
    }

    /// Lets `span` pass.
    pub fn pass(&self, span: Duration) {
        self.with(|state| state.now = state.now + span);
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    /// What time it is, as RFC 3339 spells it.
    #[must_use]
    pub fn now_rfc3339(&self) -> String {
        self.with(|state| state.now.to_string())
    }

    /// The jobs there are.
    #[must_use]
    pub fn jobs(&self) -> Vec<Job> {
        self.with(|state| state.jobs.values().cloned().collect())
    }

    /// The job with this id.
    #[must_use]
    pub fn job(&self, id: JobId) -> Option<Job> {
        self.with(|state| state.jobs.get(&id).cloned())
    }

    /// Units of quota in use by an account, over all periods.
    #[must_use]
    pub fn quota_used(&self, account: &AccountId) -> u64 {
        self.with(|state| {
            let own = state.usage.iter().filter(|((id, _), _)| id == account);
            own.map(|(_, usage)| usage.used).sum()
        })
    }

    /// Units of quota in use by an account in one period.
    #[must_use]
    pub fn quota_used_in(&self, account: &AccountId, period: Period) -> u64 {
        self.with(|state| state.usage.get(&(account.clone(), period)).map_or(0, |usage| usage.used))
    }

    /// The delivery of this job, once an attempt was claimed.
    #[must_use]
    pub fn delivery(&self, id: JobId) -> Option<Delivery> {
        self.with(|state| state.deliveries.get(&id).cloned())
    }

    /// The bucket loses every result.
    pub fn lose_results(&self) {
        self.with(|state| state.results.clear());
    }

    /// The queues lose these messages.
    pub fn lose_messages(&self, lost: impl Fn(&Message) -> bool) {
        self.with(|state| state.letters.retain(|letter| !lost(&letter.envelope.message)));
    }

    /// Webhooks that wait in flight: received and hidden.
    #[must_use]
    pub fn webhooks_in_flight(&self) -> usize {
        self.with(|state| state.letters.in_flight(Channel::Results, state.now))
    }

    /// Whether the bucket has this result, or file of a result.
    #[must_use]
    pub fn holds(&self, key: &ArtifactKey) -> bool {
        self.with(|state| state.results.contains_key(key.as_str()))
    }

    /// Objects in the bucket, results and inputs.
    #[must_use]
    pub fn objects(&self) -> (usize, usize) {
        self.with(|state| (state.results.len(), state.inputs.len()))
    }

    /// Works on messages in the order in which they become visible, moving the
    /// clock along, until the queues are empty. Answers how many it was.
    ///
    /// # Panics
    ///
    /// When it never ends.
    pub fn run(&self) -> usize {
        self.run_with(|_| Copies::One, |_| true)
    }

    /// As [`Self::run`], but leaves what becomes visible only after `span`.
    ///
    /// # Panics
    ///
    /// When it never ends.
    pub fn run_for(&self, span: Duration) -> usize {
        let until = self.with(|state| state.now) + span;
        self.run_with(|_| Copies::One, |state| state.letters.first_at() <= Some(until))
    }

    /// As [`Self::run`], but stops as soon as every job has ended.
    ///
    /// # Panics
    ///
    /// When it never ends.
    pub fn run_until_ended(&self) -> usize {
        self.run_with(|_| Copies::One, |state| !state.jobs.values().all(Job::has_ended))
    }

    /// As [`Self::run`], every second of the first messages being delivered twice.
    /// Not all of them: a watchdog sends itself on, and so would each copy.
    ///
    /// # Panics
    ///
    /// When it never ends.
    pub fn run_with_duplicates(&self) -> usize {
        let copies = |handled: usize| {
            let twice = handled.is_multiple_of(2) && handled < DUPLICATED_MESSAGES;
            if twice { Copies::Two } else { Copies::One }
        };
        self.run_with(copies, |_| true)
    }

    fn run_with(
        &self,
        copies: impl Fn(usize) -> Copies,
        goes_on: impl Fn(&mut State) -> bool,
    ) -> usize {
        let mut handled = 0;
        while self.with(&goes_on)
            && let Some(receipt) = self.receive()
        {
            assert!(handled < MAX_MESSAGES, "the queues never became empty");
            if receipt.letter.receives == 1 && matches!(copies(handled), Copies::Two) {
                self.duplicate(&receipt);
            }
            let _crashed = self.work_on(&receipt).now_or_never();
            handled += 1;
        }
        handled
    }

    /// What the doors do: one message to its flow, and deleted if that says so.
    pub(crate) async fn work_on(&self, receipt: &Receipt) {
        let id = receipt.letter.envelope.message.job();
        let disposal = match receipt.letter.envelope.message {
            Message::Capture(_) if receipt.letter.receives > MAX_CAPTURE_RECEIVES => {
                revive(self.follow_ports(), id, receipt).await
            }
            Message::Result(_) | Message::Watch(_)
                if receipt.letter.receives > MAX_OTHER_RECEIVES =>
            {
                Disposal::Delete
            }
            Message::Capture(_) => capture(self.capture_ports(), id, receipt).await,
            Message::Result(_) => deliver(self.deliver_ports(), id, receipt).await,
            Message::Watch(_) => follow(self.follow_ports(), id, receipt).await,
        };
        self.turn().await;
        if disposal == Disposal::Delete {
            self.delete(receipt);
        }
    }

    pub(crate) fn capture_ports(&self) -> CapturePorts<'_> {
        CapturePorts {
            jobs: self,
            artifacts: self,
            links: self,
            uploader: self,
            buckets: self,
            queue: self,
            camera: self,
            clock: self,
            entropy: self,
        }
    }

    fn deliver_ports(&self) -> DeliverPorts<'_> {
        DeliverPorts {
            jobs: self,
            ledger: self,
            circuits: self,
            artifacts: self,
            keyring: self,
            sender: self,
            queue: self,
            clock: self,
            entropy: self,
        }
    }

    fn follow_ports(&self) -> FollowPorts<'_> {
        FollowPorts {
            jobs: self,
            ledger: self,
            artifacts: self,
            queue: self,
            clock: self,
            entropy: self,
        }
    }
}

#[cfg(test)]
mod tests {
    use darkroom_flows::bulk::BulkPorts;
    use darkroom_flows::deliveries::DeliveriesPorts;
    use darkroom_flows::ending::EndingPorts;
    use darkroom_flows::obtain::ObtainPorts;
    use darkroom_flows::share::SharePorts;
    use darkroom_flows::status::StatusPorts;
    use darkroom_flows::submit::SubmitPorts;

    use super::*;

    #[test]
    fn ports_are_printed_by_their_names() {
        let world = World::new(1);
        let it = &world;
        let (reach, region) = (Reach::public(), region());
        let serve = ServePorts {
            accounts: it,
            jobs: it,
            ledger: it,
            artifacts: it,
            links: it,
            queue: it,
            renderer: it,
            keyring: it,
            clock: it,
            entropy: it,
            terms: terms(&reach, &region),
            public_origin: ORIGIN,
        };
        let ending = EndingPorts { jobs: it, artifacts: it, queue: it };
        assert_eq!(format!("{serve:?} {ending:?}"), "ServePorts EndingPorts");
        let (capture, deliver) = (it.capture_ports(), it.deliver_ports());
        assert_eq!(format!("{capture:?} {deliver:?}"), "CapturePorts DeliverPorts");
        assert_eq!(format!("{:?}", it.follow_ports()), "FollowPorts");
        assert_eq!(format!("{:?}", SubmitPorts::from(serve)), "SubmitPorts");
        assert_eq!(format!("{:?}", ObtainPorts::from(serve)), "ObtainPorts");
        assert_eq!(format!("{:?}", SharePorts::from(serve)), "SharePorts");
        assert_eq!(format!("{:?}", BulkPorts::from(serve)), "BulkPorts");
        assert_eq!(format!("{:?}", StatusPorts::from(serve)), "StatusPorts");
        assert_eq!(format!("{:?}", DeliveriesPorts::from(serve)), "DeliveriesPorts");
    }
}
