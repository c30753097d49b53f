//! Door for clients: an HTTP request in, one flow, an answer out.

mod config;
mod handler;

use std::sync::Arc;

use lambda_http::{Error, run_with_streaming_response, service_fn, tracing};

use crate::config::Config;
use crate::handler::Door;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    // No other process of this user may read this one's memory or environment.
    nix::sys::prctl::set_dumpable(false)?;
    let door = Arc::new(Door::open(Config::from_environment()?).await);
    run_with_streaming_response(service_fn(|request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Error>(door.answer(request).await) }
    }))
    .await
}
