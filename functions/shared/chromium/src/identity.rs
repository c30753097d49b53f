//! Who the browser says it is: the Chrome that it is built from, without the word
//! «Headless», for which many hosts serve another page or none; or whoever a
//! capture says.

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
        accept_language: Some(languages("en-US")),
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

/// Somebody else, as they would be: a Chrome, or what is made of it, gives client
/// hints, all others give none.
pub(crate) fn claimed(user_agent: &str) -> SetUserAgentOverrideParams {
    let platform = Platform::of(user_agent);
    SetUserAgentOverrideParams {
        user_agent: user_agent.to_owned(),
        accept_language: Some(languages("en-US")),
        platform: Some(platform.navigator.to_owned()),
        user_agent_metadata: version_after(user_agent, "Chrome/")
            .map(|version| hints(user_agent, version, &platform)),
    }
}

/// The languages of a reader of this one: itself, and at need without its region.
pub(crate) fn languages(locale: &str) -> String {
    match locale.split_once('-') {
        Some((language, _)) => format!("{locale},{language}"),
        None => locale.to_owned(),
    }
}

fn hints(user_agent: &str, version: &str, platform: &Platform<'_>) -> UserAgentMetadata {
    let made_of_it = [("Edg/", "Microsoft Edge"), ("EdgA/", "Microsoft Edge"), ("OPR/", "Opera")];
    let (brand, own) = made_of_it
        .into_iter()
        .find_map(|(token, brand)| Some((brand, version_after(user_agent, token)?)))
        .unwrap_or(("Google Chrome", version));
    let is_android = platform.name == "Android";
    UserAgentMetadata {
        brands: Some(brands_of(brand, major(version), major(own), "24")),
        full_version_list: Some(brands_of(brand, version, own, "24.0.0.0")),
        platform: platform.name.to_owned(),
        platform_version: platform.version.clone(),
        architecture: String::from(if is_android { "" } else { "x86" }),
        model: platform.model.to_owned(),
        mobile: user_agent.contains("Mobile"),
        bitness: Some(String::from(if is_android { "" } else { "64" })),
        wow64: Some(user_agent.contains("WOW64")),
        form_factors: None,
    }
}

/// What a name says of the system below the browser.
struct Platform<'a> {
    /// As client hints have it.
    name: &'static str,
    version: String,
    /// As `navigator.platform` has it.
    navigator: &'static str,
    model: &'a str,
}

impl<'a> Platform<'a> {
    fn of(user_agent: &'a str) -> Self {
        // Mozilla/5.0 (…; …; …) and so on.
        let system = user_agent.split_once('(').map_or("", |(_, rest)| rest);
        let system = system.split_once(')').map_or(system, |(system, _)| system);
        let after = |token: &str| version_after(system, token).unwrap_or_default();
        let known = |name, version, navigator| Self { name, version, navigator, model: "" };
        if system.contains("Windows") {
            known("Windows", format!("{}.0", after("Windows NT ")), "Win32")
        } else if system.contains("iPhone") {
            known("iOS", after("OS ").replace('_', "."), "iPhone")
        } else if system.contains("iPad") {
            known("iOS", after("OS ").replace('_', "."), "iPad")
        } else if system.contains("Macintosh") {
            known("macOS", after("Mac OS X ").replace('_', "."), "MacIntel")
        } else if system.contains("Android") {
            let model = system.split("; ").nth(2).unwrap_or_default();
            let model = model.split(" Build/").next().unwrap_or_default();
            // Chrome says «K» to those whom it doesn't tell.
            let model = if model == "K" { "" } else { model };
            let version = after("Android ").to_owned();
            Self { name: "Android", version, navigator: "Linux armv81", model }
        } else if system.contains("CrOS") {
            known("Chrome OS", String::new(), "Linux x86_64")
        } else {
            known("Linux", String::new(), "Linux x86_64")
        }
    }
}

/// The version that follows a token; none where there is no such token.
fn version_after<'a>(text: &'a str, token: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(token)?;
    rest.split([' ', ';', ')']).next()
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

/// Chromium, Chrome, and the meaningless brand that Chrome adds lest servers
/// compare the whole list (WICG, User-Agent Client Hints, «GREASE»).
fn brands(version: &str, grease: &str) -> Vec<UserAgentBrandVersion> {
    brands_of("Google Chrome", version, version, grease)
}

fn brands_of(brand: &str, engine: &str, own: &str, grease: &str) -> Vec<UserAgentBrandVersion> {
    [("Chromium", engine), (brand, own), ("Not_A Brand", grease)]
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

    #[test]
    fn a_claimed_name_gives_the_hints_that_its_browser_would() {
        const LIKE: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let cases = [
            (
                format!(
                    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) {LIKE} Chrome/126.0.6478.127 Safari/537.36"
                ),
                "Win32",
                Some(("Google Chrome", "126", "126.0.6478.127", "Windows", "10.0.0", false, "")),
            ),
            (
                format!(
                    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {LIKE} Chrome/126.0.0.0 Safari/537.36 Edg/125.0.1.2"
                ),
                "MacIntel",
                Some(("Microsoft Edge", "125", "125.0.1.2", "macOS", "10.15.7", false, "")),
            ),
            (
                format!(
                    "Mozilla/5.0 (Linux; Android 13; Pixel 7) {LIKE} Chrome/126.0.0.0 Mobile Safari/537.36"
                ),
                "Linux armv81",
                Some(("Google Chrome", "126", "126.0.0.0", "Android", "13", true, "Pixel 7")),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0".to_owned(),
                "Linux x86_64",
                None,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 \
                 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
                    .to_owned(),
                "iPhone",
                None,
            ),
        ];
        for (name, navigator, expected) in cases {
            let claimed = claimed(&name);
            assert_eq!(claimed.platform.as_deref(), Some(navigator), "{name}");
            let hints = claimed.user_agent_metadata;
            assert_eq!(hints.is_some(), expected.is_some(), "{name}");
            let Some((brand, short, full, platform, version, mobile, model)) = expected else {
                continue;
            };
            let hints = hints.unwrap();
            let of = |list: &Option<Vec<UserAgentBrandVersion>>| {
                let list = list.as_ref().unwrap();
                list.iter().find(|it| it.brand == brand).unwrap().version.clone()
            };
            assert_eq!(
                (of(&hints.brands).as_str(), of(&hints.full_version_list).as_str()),
                (short, full)
            );
            assert_eq!(
                (hints.platform.as_str(), hints.platform_version.as_str()),
                (platform, version)
            );
            assert_eq!((hints.mobile, hints.model.as_str()), (mobile, model), "{name}");
        }
    }

    #[test]
    fn a_reader_of_a_regions_language_reads_the_language() {
        for (locale, expected) in
            [("de-DE", "de-DE,de"), ("fr", "fr"), ("zh-Hans-CN", "zh-Hans-CN,zh")]
        {
            assert_eq!(languages(locale), expected);
        }
    }
}
