//! What a page is kept from asking for, and what it is rid of.

use std::collections::BTreeSet;

use super::rules::UrlPattern;
use super::weigh;

/// What a page is kept from asking for, and what it is rid of.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Blocking {
    /// What is known, by lists and rules that others keep, as nothing that anybody
    /// wants in a picture.
    pub clutter: BTreeSet<Clutter>,
    /// Kinds of what isn't asked for.
    pub resources: BTreeSet<Resource>,
    /// Addresses that aren't asked for. The page's own document always is.
    pub requests: Vec<UrlPattern>,
}

impl Blocking {
    pub(super) fn weight_bytes(&self) -> usize {
        weigh(self.requests.iter().map(UrlPattern::text))
    }

    /// Whether anything isn't asked for.
    #[must_use]
    pub fn blocks_requests(&self) -> bool {
        !self.resources.is_empty()
            || !self.requests.is_empty()
            || self.clutter.iter().any(|&clutter| clutter != Clutter::GuessedBanners)
    }
}

/// What isn't wanted in a picture.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Clutter {
    /// Advertisements.
    Ads,
    /// What watches readers; most of it isn't seen.
    Trackers,
    /// Banners that ask for consent, of kinds that are known. They are refused as a
    /// reader would, by their buttons, where that can be done; else hidden.
    CookieBanners,
    /// The same of other kinds, which are known by how they look and what they say.
    GuessedBanners,
    /// Windows in which to chat, and their buttons.
    Chats,
    /// Buttons and boxes of social networks.
    Socials,
    /// Pop-ups, advice to use an app, and the like.
    Annoyances,
}

impl Clutter {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Ads,
        Self::Trackers,
        Self::CookieBanners,
        Self::GuessedBanners,
        Self::Chats,
        Self::Socials,
        Self::Annoyances,
    ];
}

/// A kind of what a page asks for, as the Fetch standard's «destination» has them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Resource {
    /// The documents of frames in the page.
    Document,
    /// Style sheets.
    Stylesheet,
    /// Images.
    Image,
    /// Sound and films.
    Media,
    /// Fonts.
    Font,
    /// Scripts.
    Script,
    /// Subtitles and the like.
    TextTrack,
    /// What scripts ask for by `XMLHttpRequest`.
    Xhr,
    /// What scripts ask for by `fetch`.
    Fetch,
    /// Streams of events.
    EventSource,
    /// Web sockets.
    WebSocket,
    /// Manifests of web applications.
    Manifest,
    /// Everything else.
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_alone_keep_nothing_from_being_asked_for() {
        let of = |clutter| Blocking { clutter: BTreeSet::from([clutter]), ..Blocking::default() };
        for clutter in Clutter::ALL {
            let blocks = clutter != Clutter::GuessedBanners;
            assert_eq!(of(clutter).blocks_requests(), blocks, "{clutter:?}");
        }
        let resources = BTreeSet::from([Resource::Font]);
        assert!(Blocking { resources, ..Blocking::default() }.blocks_requests());
        let requests = UrlPattern::parse("*.js").into_iter().collect();
        assert!(Blocking { requests, ..Blocking::default() }.blocks_requests());
        assert!(!Blocking::default().blocks_requests());
    }
}
