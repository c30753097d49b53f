//! How long a write that met another one is tried again.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::machine::random_bytes;

/// A client waits for this write: after it, the client is told to come back.
const PATIENCE: Duration = Duration::from_secs(1);

/// Transactions take some 10 ms; those that met must not meet again.
const SHORTEST_MS: u64 = 10;
const SPREAD_MS: u64 = 64;

/// The tries of one write that may meet others on the same item.
pub(crate) struct Patience {
    until: Instant,
    longest_ms: u64,
}

impl Patience {
    pub(crate) fn begin() -> Self {
        Self { until: Instant::now() + PATIENCE, longest_ms: SPREAD_MS }
    }

    /// Rests for a random while, on average longer each time; false once
    /// patience is at its end.
    pub(crate) async fn rest(&mut self) -> bool {
        let drawn = u64::from(u32::from_be_bytes(random_bytes()));
        let pause = Duration::from_millis(SHORTEST_MS + drawn % self.longest_ms);
        self.longest_ms = (self.longest_ms * 2).min(4 * SPREAD_MS);
        if Instant::now() + pause > self.until {
            return false;
        }
        sleep(pause).await;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn patience_ends_within_a_second_after_several_tries() {
        let began = Instant::now();
        let mut patience = Patience::begin();
        let mut tries = 0;
        while patience.rest().await {
            tries += 1;
        }
        assert!(began.elapsed() <= PATIENCE);
        assert!((3..100).contains(&tries), "{tries}");
    }
}
