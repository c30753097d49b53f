//! Accounts, their keys, the clock and randomness.

use std::time::Duration;

use async_trait::async_trait;
use darkroom_core::account::KeyHolder;
use darkroom_core::id::AccountId;
use darkroom_core::key::{AccessKeyHash, SigningKeys};
use darkroom_core::port::{Accounts, Clock, Entropy, PortResult, SigningKeyring};
use darkroom_core::time::Timestamp;

use crate::fault::next_random;
use crate::world::World;

#[async_trait]
impl Accounts for World {
    async fn by_key(&self, key: &AccessKeyHash) -> PortResult<Option<KeyHolder>> {
        self.call("accounts.by_key", |state| state.accounts.get(key.as_str()).cloned()).await
    }
}

#[async_trait]
impl SigningKeyring for World {
    async fn signing_keys(&self, account: &AccountId) -> PortResult<Option<SigningKeys>> {
        self.call("signing_keyring", |state| state.signing_keys.get(account).cloned()).await
    }
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        self.with(|state| state.now)
    }

    async fn rest(&self, span: Duration) {
        self.turn().await;
        self.spend(span).await;
    }
}

impl Entropy for World {
    fn draw(&self) -> [u8; 16] {
        self.with(|state| {
            let high = u128::from(next_random(&mut state.random)) << 64;
            (high | u128::from(next_random(&mut state.random))).to_be_bytes()
        })
    }
}
