//! Door of the captures queue, and for calls of clients that wait: one job in, one capture.

mod config;
mod handler;

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};

use crate::config::Config;
use crate::handler::Door;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    // No other process of this user may read this one's memory or environment.
    nix::sys::prctl::set_dumpable(false)?;
    let door = Arc::new(Door::open(Config::from_environment()?).await?);
    run(service_fn(|event: LambdaEvent<_>| {
        let door = Arc::clone(&door);
        async move { Ok::<_, Error>(door.work_off(event.payload).await) }
    }))
    .await
}
