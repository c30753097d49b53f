//! What a clause stands on: the ports of one deployment, and what the ports alone can't tell.

use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::id::AccountId;
use darkroom_core::job::Job;
use darkroom_core::message::{Envelope, Message};
use darkroom_core::port::{
    Accounts, ArtifactStore, Circuits, InFlight, JobStore, Ledger, Queue, SigningKeyring,
};
use darkroom_core::time::{Period, Timestamp};

use crate::orders;

/// A deployment that one clause has for itself.
#[async_trait]
pub trait Ground: Send + Sync {
    /// Tells it from other grounds that live at the same time (below 4,096).
    fn number(&self) -> u32;

    /// Its jobs.
    fn jobs(&self) -> &dyn JobStore;

    /// Its deliveries.
    fn ledger(&self) -> &dyn Ledger;

    /// The circuits of its receivers.
    fn circuits(&self) -> &dyn Circuits;

    /// Its results and specifications.
    fn artifacts(&self) -> &dyn ArtifactStore;

    /// Its queues.
    fn queue(&self) -> &dyn Queue;

    /// Its accounts.
    fn accounts(&self) -> &dyn Accounts;

    /// Their signing keys.
    fn keyring(&self) -> &dyn SigningKeyring;

    /// Opens the account [`orders::customer`] of this byte, with the keys made of it.
    async fn open_account(&self, byte: u8);

    /// Units of quota in use.
    async fn quota_used(&self, account: &AccountId, period: Period) -> u64;

    /// What the queues take for now.
    fn now(&self) -> Timestamp;

    /// Waits for the next message of the queue that such a message goes to, and receives it;
    /// none if the queue holds none, not even a hidden one.
    async fn receive(&self, like: &Message) -> Option<Box<dyn Received>>;

    /// How long that queue hides what was received.
    fn visibility_timeout(&self, like: &Message) -> Duration;

    /// How late a message may be received that has become visible.
    fn lateness(&self) -> Duration;

    /// Whether it hides a message that is visible again, as AWS doesn't.
    fn hides_what_is_visible(&self) -> bool;

    /// The `number`th job of this ground (below 1,024). Tokens of transactions are derived from
    /// ids, and one emulator's grounds share them: no two grounds share an id.
    fn job(&self, number: u32) -> Job {
        orders::job((self.number() << 10) | number)
    }
}

/// A message that was received.
#[async_trait]
pub trait Received: InFlight {
    /// What was sent.
    fn envelope(&self) -> Envelope;

    /// Deletes it, as Lambda does.
    async fn delete(&self);
}
