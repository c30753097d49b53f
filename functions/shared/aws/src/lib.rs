//! Hands: the ports of `darkroom-core` over AWS, one file per service or kind of
//! item. Names of items, attributes and message fields live here only.
//!
//! | port | adapter |
//! |---|---|
//! | `JobStore` | [`job_store::DynamoJobStore`] |
//! | `Ledger` | [`ledger::DynamoLedger`] |
//! | `Circuits` | [`circuits::DynamoCircuits`] |
//! | `Accounts` | [`accounts::DynamoAccounts`] |
//! | `SigningKeyring` | [`signing_keyring::DynamoSigningKeyring`] |
//! | `Queue`, `InFlight` | [`queue::SqsQueue`], [`queue::ReceivedMessage`] |
//! | `Renderer` | [`renderer::LambdaRenderer`] |
//! | `ArtifactStore` | [`artifact_store::S3ArtifactStore`] |
//! | `Links` | [`links::S3Links`] |
//! | `Clock`, `Entropy` | [`machine::SystemClock`], [`machine::SystemEntropy`] |
//!
//! [`clients`] makes the SDK's clients at cold start, [`inbox`] lifts a batch of
//! messages over the work on one. [`account_book`] is what an operator does to
//! accounts; no function links it in. Deciding what a job does next is not here: that is `darkroom-core`'s.

pub mod account_book;
mod account_item;
pub mod accounts;
pub mod artifact_store;
mod cache_item;
mod circuit_item;
pub mod circuits;
pub mod clients;
mod conflict;
pub mod customer_buckets;
mod delivery_item;
mod fault;
mod idempotency_item;
pub mod inbox;
mod item;
mod job_item;
pub mod job_store;
pub mod ledger;
mod limits;
pub mod links;
pub mod machine;
mod order_document;
pub mod queue;
mod quota;
pub mod renderer;
mod report_document;
pub mod signer_secret;
pub mod signing_keyring;
mod spec_document;
mod state_document;
mod storage_document;
pub mod table;
mod upload;
