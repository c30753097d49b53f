//! What the simulated world's fakes keep, the adapters keep on the emulator.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sqs::operation::delete_message::DeleteMessageError;
use aws_sdk_sqs::types::QueueAttributeName;
use darkroom_aws::account_book::{AccountBook, KeyRecord, NewAccount};
use darkroom_aws::accounts::DynamoAccounts;
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_aws::circuits::DynamoCircuits;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_aws::machine::SystemClock;
use darkroom_aws::queue::{QueueUrls, ReceivedMessage, SqsQueue, decode};
use darkroom_aws::signing_keyring::DynamoSigningKeyring;
use darkroom_contract::orders::{NOW, customer};
use darkroom_contract::{Clause, Received};
use darkroom_core::account::Opens;
use darkroom_core::id::AccountId;
use darkroom_core::message::{Envelope, Message};
use darkroom_core::port::{
    Accounts, ArtifactStore, Circuits, Clock as _, InFlight, JobStore, Ledger, PortResult, Queue,
    SigningKeyring,
};
use darkroom_core::time::{Period, Timestamp};

use crate::ground::Ground;

/// As short as it can be: clauses wait for it.
const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(1);

/// A busy machine may stand still for a while.
const LATENESS: Duration = Duration::from_secs(30);

fn prove(clause: Clause) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { clause(&Emulated::new().await).await });
}

darkroom_contract::contract!(prove);

struct Emulated {
    ground: Ground,
    urls: QueueUrls,
    jobs: DynamoJobStore,
    ledger: DynamoLedger,
    circuits: DynamoCircuits,
    artifacts: S3ArtifactStore,
    queue: SqsQueue,
    accounts: DynamoAccounts,
    keyring: DynamoSigningKeyring,
    book: AccountBook,
}

impl Emulated {
    async fn new() -> Self {
        let ground = Ground::new().await;
        let (table, clients) = (ground.table.clone(), ground.clients.clone());
        let urls = QueueUrls {
            captures: Some(ground.queue_hiding("captures", VISIBILITY_TIMEOUT).await),
            results: Some(ground.queue_hiding("results", VISIBILITY_TIMEOUT).await),
            watchdog: Some(ground.queue_hiding("watchdog", VISIBILITY_TIMEOUT).await),
        };
        Self {
            jobs: DynamoJobStore::new(table.clone()),
            ledger: DynamoLedger::new(table.clone()),
            circuits: DynamoCircuits::new(table.clone()),
            artifacts: S3ArtifactStore::new(clients.s3, &ground.name),
            queue: SqsQueue::new(clients.sqs, urls.clone()),
            accounts: DynamoAccounts::new(table.clone()),
            keyring: DynamoSigningKeyring::new(table.clone()),
            book: AccountBook::new(table),
            urls,
            ground,
        }
    }

    fn url(&self, like: &Message) -> &str {
        let url = match like {
            Message::Capture(_) => &self.urls.captures,
            Message::Result(_) => &self.urls.results,
            Message::Watch(_) => &self.urls.watchdog,
        };
        url.as_deref().unwrap()
    }

    /// Messages in the queue, those that are hidden among them.
    async fn count(&self, queue_url: &str) -> u32 {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let asked = self.ground.clients.sqs.get_queue_attributes().queue_url(queue_url);
        let told = asked.set_attribute_names(Some(names.to_vec())).send().await.unwrap();
        let told = told.attributes.unwrap();
        names.iter().map(|name| told[name].parse::<u32>().unwrap()).sum()
    }
}

#[async_trait]
impl darkroom_contract::Ground for Emulated {
    fn number(&self) -> u32 {
        self.ground.number
    }

    fn jobs(&self) -> &dyn JobStore {
        &self.jobs
    }

    fn ledger(&self) -> &dyn Ledger {
        &self.ledger
    }

    fn circuits(&self) -> &dyn Circuits {
        &self.circuits
    }

    fn artifacts(&self) -> &dyn ArtifactStore {
        &self.artifacts
    }

    fn queue(&self) -> &dyn Queue {
        &self.queue
    }

    fn accounts(&self) -> &dyn Accounts {
        &self.accounts
    }

    fn keyring(&self) -> &dyn SigningKeyring {
        &self.keyring
    }

    async fn open_account(&self, byte: u8) {
        let customer = customer(byte);
        let key = KeyRecord {
            hash: customer.access_key.hash(),
            label: String::from("first"),
            created_at: NOW,
            opens: Opens::Everything,
        };
        let (account, signing_key) = (customer.account, customer.signing_key);
        self.book.create(NewAccount { account, key, signing_key, now: NOW }).await.unwrap();
    }

    async fn quota_used(&self, account: &AccountId, period: Period) -> u64 {
        self.book.usage(account, period).await.unwrap()
    }

    fn now(&self) -> Timestamp {
        SystemClock.now()
    }

    async fn receive(&self, like: &Message) -> Option<Box<dyn Received>> {
        let queue_url = self.url(like);
        while self.count(queue_url).await > 0 {
            let receiving = self.ground.clients.sqs.receive_message().queue_url(queue_url);
            let received = receiving.wait_time_seconds(1).send().await.unwrap();
            let Some(message) = received.messages.unwrap_or_default().pop() else { continue };
            let envelope = decode(&message.body.unwrap()).unwrap();
            let message = ReceivedMessage {
                client: self.ground.clients.sqs.clone(),
                queue_url: queue_url.to_owned(),
                receipt_handle: message.receipt_handle.unwrap(),
            };
            return Some(Box::new(Held { envelope, message }));
        }
        None
    }

    fn visibility_timeout(&self, _like: &Message) -> Duration {
        VISIBILITY_TIMEOUT
    }

    fn lateness(&self) -> Duration {
        LATENESS
    }

    fn hides_what_is_visible(&self) -> bool {
        true
    }
}

struct Held {
    envelope: Envelope,
    message: ReceivedMessage,
}

#[async_trait]
impl InFlight for Held {
    async fn hide(&self, span: Duration) -> PortResult<()> {
        self.message.hide(span).await
    }
}

#[async_trait]
impl Received for Held {
    fn envelope(&self) -> Envelope {
        self.envelope.clone()
    }

    async fn delete(&self) {
        let delete = self.message.client.delete_message().queue_url(&self.message.queue_url);
        let deleted = delete.receipt_handle(&self.message.receipt_handle).send().await;
        // AWS answers that a stale receipt has deleted what it hasn't.
        if let Err(error) = deleted {
            let error = error.into_service_error();
            assert!(matches!(error, DeleteMessageError::ReceiptHandleIsInvalid(_)), "{error}");
        }
    }
}
