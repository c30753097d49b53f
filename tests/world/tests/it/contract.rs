//! What the adapters keep, the world's fakes keep too.

use std::time::Duration;

use async_trait::async_trait;
use darkroom_contract::orders::customer;
use darkroom_contract::{Clause, Ground, Received};
use darkroom_core::id::AccountId;
use darkroom_core::message::{Envelope, Message};
use darkroom_core::port::{
    Accounts, ArtifactStore, Circuits, InFlight, JobStore, Ledger, PortResult, Queue,
    SigningKeyring,
};
use darkroom_core::time::{Period, Timestamp};
use darkroom_world::{Receipt, World};
use futures::FutureExt as _;

/// A calm world answers every call at once.
fn prove(clause: Clause) {
    clause(&Simulated(World::new(1))).now_or_never().unwrap();
}

darkroom_contract::contract!(prove);

struct Simulated(World);

#[async_trait]
impl Ground for Simulated {
    fn number(&self) -> u32 {
        0
    }

    fn jobs(&self) -> &dyn JobStore {
        &self.0
    }

    fn ledger(&self) -> &dyn Ledger {
        &self.0
    }

    fn circuits(&self) -> &dyn Circuits {
        &self.0
    }

    fn artifacts(&self) -> &dyn ArtifactStore {
        &self.0
    }

    fn queue(&self) -> &dyn Queue {
        &self.0
    }

    fn accounts(&self) -> &dyn Accounts {
        &self.0
    }

    fn keyring(&self) -> &dyn SigningKeyring {
        &self.0
    }

    async fn open_account(&self, byte: u8) {
        drop(self.0.customer(byte, customer(byte).account.quota_per_month));
    }

    async fn quota_used(&self, account: &AccountId, period: Period) -> u64 {
        self.0.quota_used_in(account, period)
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn receive(&self, like: &Message) -> Option<Box<dyn Received>> {
        let receipt = self.0.receive_like(like)?;
        Some(Box::new(Held { world: self.0.clone(), receipt }))
    }

    fn visibility_timeout(&self, like: &Message) -> Duration {
        World::visibility_timeout(like)
    }

    fn lateness(&self) -> Duration {
        Duration::ZERO
    }

    fn hides_what_is_visible(&self) -> bool {
        false
    }
}

struct Held {
    world: World,
    receipt: Receipt,
}

#[async_trait]
impl InFlight for Held {
    async fn hide(&self, span: Duration) -> PortResult<()> {
        self.receipt.hide(span).await
    }
}

#[async_trait]
impl Received for Held {
    fn envelope(&self) -> Envelope {
        self.receipt.envelope().clone()
    }

    async fn delete(&self) {
        self.world.delete(&self.receipt);
    }
}
