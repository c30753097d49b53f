//! How a page came: its requests and their answers, and what was written to its
//! console, followed from the start by a session of its own.

use darkroom_core::capture::CaptureSpec;
use darkroom_core::failure::Failure;
use darkroom_core::port::Extra;
use darkroom_core::report::Property;

use crate::page::Page;

/// Follows what a page asks for and says.
#[derive(Debug)]
pub(crate) struct Recorder {}

/// Follows the page from now on, if that is wanted.
pub(crate) async fn watch(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    if spec.inquiry.follows_requests() {
        page.take_recorder(Recorder {});
    }
    Ok(())
}

impl Recorder {
    /// The headers of the answer whose document is shown, names in lower case.
    pub(crate) fn headers(&self, _page: &Page) -> Vec<Property> {
        Vec::new()
    }

    /// The records that are wanted, with what has happened up to now.
    pub(crate) async fn files(&self, _page: &Page, _spec: &CaptureSpec) -> Vec<Extra> {
        Vec::new()
    }
}
