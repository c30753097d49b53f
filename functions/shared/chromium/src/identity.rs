//! Who the browser says it is: the Chrome that it is built from, without the word
//! «Headless», for which many hosts serve another page or none.

use chromiumoxide::cdp::browser_protocol::browser::GetVersionReturns;
use chromiumoxide::cdp::browser_protocol::emulation::{
    SetUserAgentOverrideParams, UserAgentBrandVersion, UserAgentMetadata,
};

/// The name and the client hints of this browser.
pub(crate) fn identity(version: &GetVersionReturns) -> SetUserAgentOverrideParams {
    let full = version.product.split('/').nth(1).unwrap_or_default();
    let major = full.split('.').next().unwrap_or_default();
    SetUserAgentOverrideParams {
        user_agent: version.user_agent.replace("HeadlessChrome", "Chrome"),
        accept_language: None,
        platform: None,
        user_agent_metadata: Some(UserAgentMetadata {
            brands: Some(brands(major, "24")),
            full_version_list: Some(brands(full, "24.0.0.0")),
            platform: String::from("Linux"),
            // Chrome on Linux tells none.
            platform_version: String::new(),
            architecture: String::from(if cfg!(target_arch = "aarch64") { "arm" } else { "x86" }),
            model: String::new(),
            mobile: false,
            bitness: Some(String::from("64")),
            wow64: Some(false),
            form_factors: None,
        }),
    }
}

/// Chromium, Chrome, and the meaningless brand that Chrome adds lest servers
/// compare the whole list (WICG, User-Agent Client Hints, «GREASE»).
fn brands(version: &str, grease: &str) -> Vec<UserAgentBrandVersion> {
    [("Chromium", version), ("Google Chrome", version), ("Not_A Brand", grease)]
        .map(|(brand, version)| UserAgentBrandVersion {
            brand: brand.to_owned(),
            version: version.to_owned(),
        })
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_says_headless() {
        let version = GetVersionReturns {
            protocol_version: "1.3".to_owned(),
            product: "HeadlessChrome/153.0.7000.1".to_owned(),
            revision: String::new(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/153.0.0.0 Safari/537.36"
                .to_owned(),
            js_version: String::new(),
        };
        let identity = serde_json::to_string(&identity(&version)).unwrap();
        assert!(!identity.contains("Headless"), "{identity}");
        assert!(identity.contains("Chrome/153.0.0.0"), "{identity}");
        assert!(identity.contains(r#""brand":"Chromium","version":"153""#), "{identity}");
    }
}
