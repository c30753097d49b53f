//! Our own API: jobs under `/v1`, own links under `/r`, and whatever path is
//! nobody's.

pub(crate) mod delivery;
pub(crate) mod error;
pub(crate) mod reply;
pub(crate) mod request;
pub(crate) mod test_event;
