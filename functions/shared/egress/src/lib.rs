//! The only code that connects to an address a customer chose.
//!
//! Every connection passes one gate: the name is resolved once, each of its
//! addresses is judged, and a judged address is dialled. Nothing here resolves
//! a name again afterwards, so a name server that answers differently the
//! second time (DNS rebinding) is never asked a second time.
//!
//! - [`resolve`]: from a URL to pinned addresses;
//! - `dial`: from pinned addresses to a connection;
//! - [`sender`]: posts webhooks, and uploads results as their customers signed it;
//! - [`forward_proxy`]: carries Chromium's traffic, page and sub-resources alike.

mod dial;
pub mod forward_proxy;
pub mod resolve;
pub mod sender;
#[cfg(test)]
mod zoo;
