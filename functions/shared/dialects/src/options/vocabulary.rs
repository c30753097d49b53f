//! Every option, section by section: those of ScreenshotOne, which Nodium uses and
//! ScreenNabster takes as aliases (its public validator, 624b6da, 2026-05-18), and
//! our own. Those that aren't built are known too, so that they are refused by name.

use super::known::{Known, Section, left_out};
use super::{
    blocking, cache, changes, clip, delivery, emulation, framing, image, inquiry, pdf, request,
    rules, source, storage, viewport, wait,
};

/// Every option.
pub(crate) const SECTIONS: &[Section] = &[
    Section { title: "Source", options: source::OPTIONS },
    Section { title: "Image", options: image::OPTIONS },
    Section { title: "Window and device", options: viewport::OPTIONS },
    Section { title: "Part of the page", options: framing::OPTIONS },
    Section { title: "Emulation", options: emulation::OPTIONS },
    Section { title: "Request", options: request::OPTIONS },
    Section { title: "Blocking", options: blocking::OPTIONS },
    Section { title: "Changes to the page", options: changes::OPTIONS },
    Section { title: "Waiting", options: wait::OPTIONS },
    Section { title: "Failing", options: rules::OPTIONS },
    Section { title: "PDF", options: pdf::OPTIONS },
    Section { title: "Clip", options: clip::OPTIONS },
    Section { title: "Metadata", options: inquiry::OPTIONS },
    Section { title: "Delivery", options: delivery::OPTIONS },
    Section { title: "Cache", options: cache::OPTIONS },
    Section { title: "Storage", options: storage::OPTIONS },
    Section { title: "Left out", options: LEFT_OUT },
];

const GPU: &str = "Lambda has no GPU";
const KEYS: &str = "no keys of yours are taken; give a role (`storage_role`), or a URL that you signed (`storage_url`)";
const VISION: &str = "no AI service is asked about a picture";
const NAVIGATION: &str = "a clip stays on its page; make another of the page that it would go to";
const BULK: &str = "several captures in one request are asked for at `…/bulk`";

const LEFT_OUT: &[Known] = &[
    left_out("ip_country_code", "captures go out from your own AWS region"),
    left_out("servers_region", "it is the AWS region in which you deploy"),
    left_out("proxy", "all traffic goes through the proxy that guards your network"),
    left_out("request_gpu_rendering", GPU),
    left_out("fail_if_gpu_rendering_fails", GPU),
    left_out(
        "storage_endpoint",
        "other storage than Amazon S3 takes a URL that you signed (`storage_url`)",
    ),
    left_out("storage_access_key_id", KEYS),
    left_out("storage_secret_access_key", KEYS),
    left_out("openai_api_key", VISION),
    left_out("vision_prompt", VISION),
    left_out("vision_max_tokens", VISION),
    left_out("scroll_try_navigate", NAVIGATION),
    left_out("scroll_navigate_after", NAVIGATION),
    left_out("scroll_navigate_to_url", NAVIGATION),
    left_out("scroll_navigate_link_hints", NAVIGATION),
    left_out("optimize", BULK),
    left_out("execute", BULK),
    left_out("options", BULK),
    left_out("requests", BULK),
];
