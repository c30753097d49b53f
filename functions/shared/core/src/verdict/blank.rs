//! Nothing is to be seen.

use super::{Finding, FindingKind, Page, Paint, Scene};

/// With so many letters that stand out from what is behind them, something is to be seen.
const SURE_LETTERS: u32 = 20;

/// The same of the share that images cover which are there.
const SURE_SHARE: f64 = 0.02;

/// Whether the document surely shows something.
pub(super) fn is_surely_painted(scene: &Scene) -> bool {
    scene.sure_letters >= SURE_LETTERS || scene.images.painted >= SURE_SHARE
}

/// Tells of a picture of one colour, and where nobody looked at pixels, of a document
/// that has nothing to show.
pub(super) fn find(Page { sight, scene, .. }: Page<'_>) -> Option<Finding> {
    let detail = match sight.paint {
        Paint::Varied => return None,
        Paint::Uniform if is_surely_painted(scene) => return None,
        Paint::Uniform => "The picture is of one colour all over",
        Paint::Unseen if sight.document.is_some() && is_bare(scene) => {
            "The document has no words and nothing else to show"
        }
        Paint::Unseen => return None,
    };
    Some(Finding::new(FindingKind::Blank, detail))
}

fn is_bare(scene: &Scene) -> bool {
    let has_signs = scene.has_things || scene.images.wanted > 0 || !scene.waits.is_empty();
    scene.is_whole && scene.letters == 0 && !has_signs
}
