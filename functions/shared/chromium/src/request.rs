//! What a page's own host is sent: cookies, and headers that no other host gets
//! to see.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chromiumoxide::cdp::browser_protocol::fetch::{
    self, ContinueRequestParams, EventRequestPaused, FailRequestParams, HeaderEntry, RequestId,
    RequestPattern,
};
use chromiumoxide::cdp::browser_protocol::network::{CookieParam, CookieSameSite, ErrorReason};
use chromiumoxide::cdp::browser_protocol::storage::SetCookiesParams;
use darkroom_core::capture::{CaptureSpec, Cookie, RequestChanges, SameSite, Source};
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::url::TargetUrl;
use serde::Deserialize;
use tokio::sync::mpsc;
use url::Url;

use crate::connection::{CallError, DevTools, Event};
use crate::fault;
use crate::page::Page;

/// Arranges what the page's host is sent.
pub(crate) async fn apply(page: &Page, spec: &CaptureSpec) -> Result<(), Failure> {
    let changes = &spec.request;
    let host = match &spec.source {
        Source::Url(url) => Some(url),
        // A document that came with the request has no host.
        Source::Html(_) | Source::Markdown(_) => None,
    };
    tokio::try_join!(set_cookies(page, &changes.cookies, host), send_headers(page, changes, host))?;
    Ok(())
}

async fn set_cookies(
    page: &Page,
    cookies: &[Cookie],
    host: Option<&TargetUrl>,
) -> Result<(), Failure> {
    let cookies: Vec<_> = cookies.iter().filter_map(|cookie| cookie_param(cookie, host)).collect();
    if cookies.is_empty() {
        return Ok(());
    }
    let params = SetCookiesParams {
        browser_context_id: Some(page.context_id().clone()),
        ..SetCookiesParams::new(cookies)
    };
    match page.browser().call(params).await {
        Ok(_) => Ok(()),
        Err(CallError::Refused { .. }) => Err(Failure::new(
            FailureKind::InvalidOption,
            "The browser takes one of the cookies for invalid: look at their names, values, \
             domains and the rules of a __Host- or __Secure- prefix",
        )),
        Err(fault) => Err(fault::of_call(&fault)),
    }
}

/// None for a cookie of a host that there isn't.
fn cookie_param(cookie: &Cookie, host: Option<&TargetUrl>) -> Option<CookieParam> {
    let domain = cookie.domain.as_deref().map(with_subdomains);
    let url = if domain.is_some() { None } else { Some(host?.as_str().to_owned()) };
    Some(CookieParam {
        url,
        domain,
        path: Some(cookie.path.clone().unwrap_or_else(|| String::from("/"))),
        secure: Some(cookie.secure),
        http_only: Some(cookie.http_only),
        same_site: cookie.same_site.map(|same_site| match same_site {
            SameSite::Strict => CookieSameSite::Strict,
            SameSite::Lax => CookieSameSite::Lax,
            SameSite::None => CookieSameSite::None,
        }),
        ..CookieParam::new(&cookie.name, cookie.value.expose())
    })
}

/// With a leading dot it is for subdomains too; addresses and `localhost` have none.
fn with_subdomains(domain: &str) -> String {
    let name = domain.trim_start_matches('.');
    let stands_alone = name.parse::<IpAddr>().is_ok() || !name.contains('.');
    if stands_alone { name.to_owned() } else { format!(".{name}") }
}

async fn send_headers(
    page: &Page,
    changes: &RequestChanges,
    host: Option<&TargetUrl>,
) -> Result<(), Failure> {
    let headers = own_headers(changes);
    let Some(host) = host.filter(|_| !headers.is_empty()) else {
        return Ok(());
    };
    let tools = page.attach().await?;
    let events = tools.events();
    // Chromium judges each hop of a redirect by this, and sends none of what was
    // added to one hop on to the next.
    let own = RequestPattern { url_pattern: Some(requests_of(host)), ..RequestPattern::default() };
    let enable = fetch::EnableParams { patterns: Some(vec![own]), handle_auth_requests: None };
    tools.call(enable).await.map_err(|fault| fault::of_call(&fault))?;
    page.spawn(follow(tools, events, headers));
    Ok(())
}

fn own_headers(changes: &RequestChanges) -> Vec<HeaderEntry> {
    let given = changes.headers.iter().map(|header| (header.name.as_str(), &header.value));
    let authorization = changes.authorization.iter().map(|value| ("Authorization", value));
    given.chain(authorization).map(|(name, value)| HeaderEntry::new(name, value.expose())).collect()
}

/// The pattern of the addresses of a page's own host: no other scheme, no other port.
fn requests_of(host: &TargetUrl) -> String {
    let origin = Url::parse(host.as_str()).map(|url| url.origin().ascii_serialization());
    format!("{}/*", origin.unwrap_or_default())
}

/// Sends the host's requests on with these headers, for as long as the page is there.
async fn follow(
    tools: DevTools,
    mut events: mpsc::UnboundedReceiver<Event>,
    headers: Vec<HeaderEntry>,
) {
    while let Some(event) = events.recv().await {
        if !event.is::<EventRequestPaused>() {
            continue;
        }
        let Some(Paused { id, request }) = event.params() else {
            continue;
        };
        let params = ContinueRequestParams {
            headers: Some(merged(request.headers, &headers)),
            ..ContinueRequestParams::new(id.clone())
        };
        if let Err(fault) = tools.call(params).await {
            // Without them it would be another page.
            tracing::warn!(%fault, "the headers of a capture were not sent, nor the request");
            tools.post(&FailRequestParams::new(id, ErrorReason::BlockedByClient));
        }
    }
}

/// What Chromium would send, with ours in the place of those of the same name.
fn merged(theirs: BTreeMap<String, String>, ours: &[HeaderEntry]) -> Vec<HeaderEntry> {
    let is_ours = |name: &str| ours.iter().any(|own| own.name.eq_ignore_ascii_case(name));
    // Said by us, the page's whole address would follow a redirect to another
    // host; left out, it is sent as the page's policy has it.
    let is_referrer = |name: &str| name.eq_ignore_ascii_case("referer");
    let kept = theirs.into_iter().filter(|(name, _)| !is_ours(name) && !is_referrer(name));
    kept.map(|(name, value)| HeaderEntry::new(name, value)).chain(ours.iter().cloned()).collect()
}

/// As much of `Fetch.requestPaused` as is needed: its enums grow with Chromium.
#[derive(Deserialize)]
struct Paused {
    #[serde(rename = "requestId")]
    id: RequestId,
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    headers: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_takes_the_place_of_one_with_its_name_in_any_case() {
        let theirs = BTreeMap::from([
            ("Accept".to_owned(), "text/html".to_owned()),
            ("User-Agent".to_owned(), "Chrome".to_owned()),
        ]);
        let ours = [HeaderEntry::new("accept", "text/plain"), HeaderEntry::new("X-Own", "1")];
        let merged = merged(theirs, &ours);
        let merged: Vec<_> =
            merged.iter().map(|header| (header.name.as_str(), header.value.as_str())).collect();
        assert_eq!(merged, [("User-Agent", "Chrome"), ("accept", "text/plain"), ("X-Own", "1")]);
    }
}
