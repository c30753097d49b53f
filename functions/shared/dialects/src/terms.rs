//! What a deployment lets requests ask for.

use std::time::Duration;

use darkroom_core::address::Reach;
use darkroom_core::storage::Region;

/// What a deployment lets requests ask for.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// Where URLs in them may lead.
    pub reach: &'a Reach,
    /// Where it runs, and buckets are of which nothing else is said.
    pub region: &'a Region,
    /// How long results are kept, and so shared.
    pub results_kept: Duration,
    /// Whether a capture with a webhook may take a result that is shared: Nodium's API refuses it.
    pub cache_with_webhooks: bool,
}
