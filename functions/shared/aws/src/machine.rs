//! The machine's own clock and randomness.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use darkroom_core::port::{Clock, Entropy};
use darkroom_core::time::Timestamp;

/// The system's clock.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the Clock port")]
    fn now(&self) -> Timestamp {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(0) + since_1970
    }

    async fn rest(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

/// The kernel's random bytes.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn draw(&self) -> [u8; 16] {
        random_bytes()
    }
}

/// `N` unpredictable bytes.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "a machine without randomness can make no key and must not go on"
)]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the kernel gives random bytes");
    bytes
}
