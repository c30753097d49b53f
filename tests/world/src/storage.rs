//! Customers' own storage.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::id::{AccountId, JobId};
use darkroom_core::port::{Content, CustomerBuckets, Parcel, Uploader};
use darkroom_core::storage::{CustomerBucket, SignedUpload};

use crate::world::World;

/// A result that came to its customer's own storage.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deposit {
    /// Whose result it is.
    pub job: JobId,
    /// Where it lies.
    pub place: String,
    /// The file.
    pub content: Bytes,
}

#[async_trait]
impl Uploader for World {
    async fn upload(&self, to: &SignedUpload, parcel: Parcel) -> Result<(), Failure> {
        self.take_in(to.url.for_log(), parcel).await
    }
}

#[async_trait]
impl CustomerBuckets for World {
    async fn store(
        &self,
        account: &AccountId,
        to: &CustomerBucket,
        parcel: Parcel,
    ) -> Result<(), Failure> {
        let (bucket, key) = (to.bucket.as_str(), to.key.as_str());
        self.take_in(format!("{account} {bucket} {key}"), parcel).await
    }
}

impl World {
    async fn take_in(&self, place: String, parcel: Parcel) -> Result<(), Failure> {
        let Parcel { job, content, within, .. } = parcel;
        let content = Content::Stream(content).collect().await;
        let content = content.map_err(|_fault| Failure::plain(FailureKind::Storage))?;
        let takes = self.with(|state| state.storage_takes);
        self.spend(takes.min(within)).await;
        if takes > within {
            return Err(Failure::plain(FailureKind::StorageUnavailable));
        }
        let taken = self.call_once("storage", |state| match state.storage_faults.pop_front() {
            Some(kind) => Err(Failure::plain(kind)),
            None => {
                state.deposits.push(Deposit { job, place, content });
                Ok(())
            }
        });
        taken.await.unwrap_or_else(|_injected| Err(Failure::plain(FailureKind::StorageUnavailable)))
    }

    /// The next results that come to customers' storage aren't taken, each for this reason.
    pub fn next_deposits_fail(&self, kinds: &[FailureKind]) {
        self.with(|state| state.storage_faults.extend(kinds));
    }

    /// How long customers' storage takes to take a result, or not to.
    pub fn deposits_take(&self, span: Duration) {
        self.with(|state| state.storage_takes = span);
    }

    /// What came to customers' storage.
    #[must_use]
    pub fn deposits(&self) -> Vec<Deposit> {
        self.with(|state| state.deposits.clone())
    }
}
