//! Whose a request is: keys, keys for links, and signatures.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::account::Opens;
use darkroom_core::key::{AccessKey, SigningKeys};
use darkroom_core::signature::sign_link;
use darkroom_world::world::BEGINNING;
use darkroom_world::{Customer, World};
use http::{Request, Response};

const TAKE: &str = "/api/v1/screenshot/take";
const CAPTURE: &str = "/api/v1/capture";

fn signature(customer: &Customer, text: &str) -> String {
    sign_link(&SigningKeys::first(customer.signing_key.clone(), BEGINNING), text)
}

/// A link to a capture whose client doesn't wait, so that nothing but its admission matters.
fn parameters(customer: &Customer) -> String {
    let key = customer.access_key.expose();
    format!("access_key={key}&async=true&url=https%3A%2F%2Fexample.com%2F")
}

fn ask(world: &World, method: &str, target: &str) -> Response<Bytes> {
    let request = Request::builder().method(method).uri(target).body(Bytes::new()).unwrap();
    world.request(&request).unwrap()
}

fn code(answer: &Response<Bytes>) -> String {
    let body: serde_json::Value = serde_json::from_slice(answer.body()).unwrap();
    let code = body.pointer("/error/code").or_else(|| body.get("code"));
    code.and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

#[test]
fn a_key_for_links_opens_signed_links_and_nothing_else() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.key_opens(&customer, Opens::Links);
    let parameters = parameters(&customer);
    for method in ["GET", "POST"] {
        let answer = ask(&world, method, &format!("{TAKE}?{parameters}"));
        assert_eq!(
            (answer.status().as_u16(), code(&answer)),
            (400, "signature_is_required".into())
        );
    }
    let key = customer.access_key.expose();
    let answer = ask(&world, "GET", &format!("/api/v1/screenshot/status/1?access_key={key}"));
    assert_eq!(code(&answer), "signature_is_required");
    let signature = signature(&customer, &parameters);
    let answer = ask(&world, "GET", &format!("{TAKE}?{parameters}&signature={signature}"));
    assert_eq!(answer.status(), 202);
    // A signature is for GET, and for what it signs.
    let answer = ask(&world, "POST", &format!("{TAKE}?{parameters}&signature={signature}"));
    assert_eq!(code(&answer), "signature_is_required");
    assert_eq!(world.quota_used(&customer.id), 1);
}

#[test]
fn a_link_that_was_altered_anywhere_is_refused() {
    let world = World::new(1);
    let customer = world.customer(1, 100_000);
    world.key_opens(&customer, Opens::Links);
    let parameters = parameters(&customer);
    let link = format!("{parameters}&signature={}", signature(&customer, &parameters));
    assert_eq!(ask(&world, "GET", &format!("{TAKE}?{link}")).status(), 202);
    for at in 0..link.len() {
        for other in ["a", "A", "0", "9", "%", "&", "=", "+", "."] {
            let mut altered = link.clone();
            altered.replace_range(at..=at, other);
            let is_accepted = ask(&world, "GET", &format!("{TAKE}?{altered}")).status() == 202;
            // A percent-encoded byte may be spelt in two ways, and says the same.
            let says_the_same = altered.replace("%3a", "%3A") == link;
            assert_eq!(is_accepted, says_the_same, "{altered}");
        }
    }
}

#[test]
fn a_body_is_not_signed_and_so_not_taken_with_a_signature() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let parameters = parameters(&customer);
    let target = format!("{TAKE}?{parameters}&signature={}", signature(&customer, &parameters));
    let request = Request::get(target).header("content-type", "application/json");
    let request = request.body(Bytes::from_static(br#"{"full_page": true}"#)).unwrap();
    let answer = world.request(&request).unwrap();
    assert_eq!(code(&answer), "signature_is_not_valid");
}

#[test]
fn a_link_is_its_own_keys_whatever_headers_its_reader_adds() {
    let world = World::new(1);
    let [customer, revoked] = [1, 2].map(|byte| world.customer(byte, 10));
    // Signed for a key that opens nothing any more.
    let unknown = AccessKey::from_random([9; 20]);
    let query = format!("access_key={}&async=true&url=https%3A%2F%2Fexample.com", unknown.expose());
    let target = format!("{TAKE}?{query}&signature={}", signature(&customer, &query));
    let request = Request::get(target).header("x-access-key", customer.access_key.expose());
    let answer = world.request(&request.body(Bytes::new()).unwrap()).unwrap();
    assert_eq!(code(&answer), "access_key_invalid");
    let query = parameters(&revoked);
    let target = format!("{TAKE}?{query}&signature={}", signature(&revoked, &query));
    let request = Request::get(target).header("idempotency-key", "order-12345");
    let answer = world.request(&request.body(Bytes::new()).unwrap()).unwrap();
    assert_eq!(code(&answer), "request_not_valid");
    assert_eq!(world.jobs().len(), 0);
}

#[test]
fn a_forgotten_signature_is_told() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.key_opens(&customer, Opens::Links);
    let key = customer.access_key.expose();
    let answer = ask(&world, "GET", &format!("{CAPTURE}?url=https://example.com&access_key={key}"));
    assert_eq!(code(&answer), "SIGNATURE_REQUIRED");
    let answer =
        ask(&world, "GET", &format!("{CAPTURE}?url=https://example.com&signature=00&expires=1"));
    assert_eq!(code(&answer), "API_KEY_MISSING");
}

#[test]
fn another_accounts_signature_is_none() {
    let world = World::new(1);
    let [customer, other] = [1, 2].map(|byte| world.customer(byte, 10));
    let parameters = parameters(&customer);
    let answer = ask(
        &world,
        "GET",
        &format!("{TAKE}?{parameters}&signature={}", signature(&other, &parameters)),
    );
    assert_eq!(code(&answer), "signature_is_not_valid");
}

#[test]
fn screennabsters_links_end_within_a_quarter_of_an_hour() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let link = |expires: u64| {
        let query = format!(
            "url=https://example.com/&background=true&access_key={}&expires={expires}",
            customer.access_key.expose()
        );
        format!("{CAPTURE}?{query}&signature={}", signature(&customer, &query))
    };
    let now = world.now().as_secs();
    for (expires, expected) in [(now, 401), (now + 1, 202), (now + 900, 202), (now + 901, 401)] {
        assert_eq!(ask(&world, "GET", &link(expires)).status(), expected, "{expires}");
    }
    let late = link(now + 60);
    world.pass(Duration::from_secs(60));
    let answer = ask(&world, "GET", &late);
    assert_eq!((answer.status().as_u16(), code(&answer)), (401, "LINK_EXPIRED".into()));
    let endless = late.replace(&format!("&expires={}", now + 60), "");
    assert_eq!(code(&ask(&world, "GET", &endless)), "SIGNATURE_INVALID");
}
