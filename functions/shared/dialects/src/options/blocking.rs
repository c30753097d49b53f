//! What a page is kept from asking for, and what it is rid of.

use darkroom_core::capture::{Blocking, Clutter, Resource};

use super::given::Options;
use super::known::{Known, built};
use super::{rules, values};

const TRUTH: &str = "true or false";
const NO: Option<&str> = Some("false");

pub(super) const OPTIONS: &[Known] = &[
    built("block_ads", TRUTH, NO, "Advertisements aren't asked for, and hidden."),
    built("block_trackers", TRUTH, NO, "What watches readers isn't asked for."),
    built(
        "block_cookie_banners",
        TRUTH,
        NO,
        "Consent banners of kinds that are known aren't asked for, or refused by their own buttons, or hidden. The page is given 0.65 s after it has loaded to show one, and one that shows is given up to 6 s.",
    ),
    built(
        "block_banners_by_heuristics",
        TRUTH,
        NO,
        "Consent banners that no list or rule needs to know are refused, or accepted if they let one do nothing else, by what their text and buttons say. It takes as long.",
    ),
    built("block_chats", TRUTH, NO, "Chat windows and their buttons aren't asked for, and hidden."),
    built("block_socials", TRUTH, NO, "Share buttons and boxes of social networks, likewise."),
    built(
        "block_annoyances",
        TRUTH,
        NO,
        "Pop-ups, newsletter forms that open by themselves, app banners and the like, likewise.",
    ),
    built(
        "block_requests",
        "a list of addresses, in which * stands for any characters",
        None,
        "Such addresses aren't asked for. The page's own document always is.",
    ),
    built(
        "block_resources",
        "a list of document, stylesheet, image, media, font, script, texttrack, xhr, fetch, eventsource, websocket, manifest, other",
        None,
        "Such things aren't asked for; document stands for those of frames in the page. What lies in the page itself, as a data URL does, isn't asked for in any case; what workers ask for always is.",
    ),
];

const CLUTTER: [(&str, Clutter); 7] = [
    ("block_ads", Clutter::Ads),
    ("block_trackers", Clutter::Trackers),
    ("block_cookie_banners", Clutter::CookieBanners),
    ("block_banners_by_heuristics", Clutter::GuessedBanners),
    ("block_chats", Clutter::Chats),
    ("block_socials", Clutter::Socials),
    ("block_annoyances", Clutter::Annoyances),
];

const RESOURCES: &[(&str, Resource)] = &[
    ("document", Resource::Document),
    ("stylesheet", Resource::Stylesheet),
    ("image", Resource::Image),
    ("media", Resource::Media),
    ("font", Resource::Font),
    ("script", Resource::Script),
    ("texttrack", Resource::TextTrack),
    ("xhr", Resource::Xhr),
    ("fetch", Resource::Fetch),
    ("eventsource", Resource::EventSource),
    ("websocket", Resource::WebSocket),
    ("manifest", Resource::Manifest),
    ("other", Resource::Other),
];

/// What the page is kept from asking for, and rid of.
pub(super) fn read(options: &mut Options) -> Blocking {
    let wanted = |&(name, clutter): &_| (options.truth(name) == Some(true)).then_some(clutter);
    Blocking {
        clutter: CLUTTER.iter().filter_map(wanted).collect(),
        resources: options
            .read("block_resources", values::choices(RESOURCES))
            .into_iter()
            .flatten()
            .collect(),
        requests: options.read("block_requests", rules::patterns).unwrap_or_default(),
    }
}
