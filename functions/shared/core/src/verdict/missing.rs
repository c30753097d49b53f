//! Fonts and images that couldn't be had.

use super::words::cut;
use super::{Finding, FindingKind, LONGEST_URL, Page};

/// So many fonts are named in a detail.
const MOST_NAMED: usize = 3;

pub(super) fn fonts(Page { scene, .. }: Page<'_>) -> Option<Finding> {
    let missing = &scene.fonts.missing;
    if missing.is_empty() {
        return None;
    }
    let named: Vec<_> =
        missing.iter().take(MOST_NAMED).map(|name| format!("“{}”", cut(name, 40))).collect();
    let more = match missing.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let detail = format!("Text is set in fonts that couldn't be had: {}{more}", named.join(", "));
    Some(Finding::new(FindingKind::FontsMissing, &detail))
}

pub(super) fn images(Page { scene, .. }: Page<'_>) -> Option<Finding> {
    let images = &scene.images;
    let first = images.missing.first()?;
    let (missing, wanted) = (images.missing.len(), images.wanted);
    let first = cut(first, LONGEST_URL);
    let detail = match wanted {
        0 | 1 => format!("The image in view couldn't be had: {first}"),
        _ if missing == 1 => format!("1 of {wanted} images in view is missing: {first}"),
        _ => format!("{missing} of {wanted} images in view are missing, such as {first}"),
    };
    Some(Finding::new(FindingKind::ImagesMissing, &detail))
}
