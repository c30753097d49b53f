//! Bars that stick to the window stand once in the picture of a whole page: where
//! they are while it isn't scrolled. What a picture that is put together of windows
//! needs besides is done as the windows are [shown](../script/show.js).

use darkroom_core::capture::{Area, Framing, Sticky};
use darkroom_core::failure::Failure;

use crate::fault::Stage;
use crate::page::Page;

/// Brings a page that was scrolled back to its top, if bars are to stand once.
pub(crate) async fn unscroll(page: &Page, framing: &Framing) -> Result<(), Failure> {
    match &framing.area {
        Area::FullPage(full) if full.sticky == Sticky::Once => {
            page.enter(Stage::Settling);
            page.ask(include_str!("script/unscroll.js"), &[]).await.map(|_done| ())
        }
        Area::FullPage(_) | Area::Viewport | Area::Clip(_) => Ok(()),
    }
}
