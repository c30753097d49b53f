//! What a page is kept from asking for and rid of, as it is stored.

use darkroom_core::capture::{Blocking, Clutter, Resource, UrlPattern};
use serde::{Deserialize, Serialize};

use super::choice;
use crate::item::{Unreadable, parsed};

choice!(ClutterDocument for Clutter {
    "ads" = Ads,
    "trackers" = Trackers,
    "cookie_banners" = CookieBanners,
    "guessed_banners" = GuessedBanners,
    "chats" = Chats,
    "socials" = Socials,
    "annoyances" = Annoyances,
});

choice!(ResourceDocument for Resource {
    "document" = Document,
    "stylesheet" = Stylesheet,
    "image" = Image,
    "media" = Media,
    "font" = Font,
    "script" = Script,
    "text_track" = TextTrack,
    "xhr" = Xhr,
    "fetch" = Fetch,
    "event_source" = EventSource,
    "web_socket" = WebSocket,
    "manifest" = Manifest,
    "other" = Other,
});

/// The core's `Blocking`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlockingDocument {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    clutter: Vec<ClutterDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<ResourceDocument>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    requests: Vec<String>,
}

impl From<&Blocking> for BlockingDocument {
    fn from(blocking: &Blocking) -> Self {
        let Blocking { clutter, resources, requests } = blocking;
        Self {
            clutter: clutter.iter().map(|&it| it.into()).collect(),
            resources: resources.iter().map(|&it| it.into()).collect(),
            requests: requests.iter().map(|it| it.as_str().to_owned()).collect(),
        }
    }
}

impl TryFrom<BlockingDocument> for Blocking {
    type Error = Unreadable;

    fn try_from(document: BlockingDocument) -> Result<Self, Unreadable> {
        let requests = document.requests.iter();
        let requests = requests.map(|text| parsed("requests", text, UrlPattern::parse));
        Ok(Self {
            clutter: document.clutter.into_iter().map(Into::into).collect(),
            resources: document.resources.into_iter().map(Into::into).collect(),
            requests: requests.collect::<Result<_, _>>()?,
        })
    }
}
