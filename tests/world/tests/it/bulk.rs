//! Several captures in one request: each for itself, in both dialects.

use bytes::Bytes;
use darkroom_core::account::Opens;
use darkroom_core::failure::FailureKind;
use darkroom_world::requests::{HOOK, keyed, obtained_id};
use darkroom_world::{Customer, World};
use http::{Request, Response};
use serde_json::{Value, json};

use crate::asking::get;

const TAKE: &str = "/api/v1/screenshot/bulk";
const CAPTURE: &str = "/api/v1/capture/bulk";

fn request(customer: &Customer, path: &str, body: &Value) -> Request<Bytes> {
    let request = Request::post(path)
        .header("x-access-key", customer.access_key.expose())
        .header("x-api-key", customer.access_key.expose())
        .header("content-type", "application/json");
    request.body(Bytes::from(body.to_string())).unwrap()
}

fn ask(world: &World, customer: &Customer, path: &str, body: &Value) -> (u16, Value) {
    let answer = world.request(&request(customer, path, body)).unwrap();
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
}

fn follow(world: &World, url: &str) -> Response<Bytes> {
    let target = url.strip_prefix("https://shots.example").unwrap();
    world.request(&Request::get(target).body(Bytes::new()).unwrap()).unwrap()
}

#[test]
fn nodiums_links_are_captures_when_they_are_followed() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let body = json!({
        "options": {"format": "png", "viewport_width": 1280, "dark_mode": true},
        "requests": [
            {"url": "https://example.com/a?b=c&d"},
            {"url": "https://example.com", "format": "webp", "hide_selectors": [".ad", "#b"]},
            {"url": "ftp://example.com", "delay": 99},
            {"html": "<p>", "async": true},
            {"url": "https://example.com", "cookies": [{"name": "a", "value": "b"}]},
        ],
    });
    let (status, told) = ask(&world, &customer, TAKE, &body);
    let [first, second, faulty, single, unsaid] = told["responses"].as_array().unwrap().as_slice()
    else {
        panic!("{told}")
    };
    assert_eq!((status, world.jobs().len()), (200, 0), "nothing is begun");
    assert_eq!(faulty["error"]["code"], "request_not_valid");
    assert!(faulty["error"]["message"].as_str().unwrap().contains("`delay` must be"), "{faulty}");
    let complaint = "`async` belongs to requests for a single capture; leave it out";
    assert_eq!(single["error"]["message"], complaint);
    assert!(unsaid["error"]["message"].as_str().unwrap().starts_with("`cookies` can't be said"));
    for (link, media_type) in [(first, "image/png"), (second, "image/webp")] {
        let url = link["url"].as_str().unwrap();
        let answer = follow(&world, url);
        assert_eq!(answer.status(), 200, "{url}");
        assert_eq!(answer.headers()["content-type"], media_type);
        let altered = url.replace("dark_mode=true", "dark_mode=false");
        assert_eq!(follow(&world, &altered).status(), 400, "it is signed");
    }
    assert_eq!((world.captures(), world.quota_used(&customer.id)), (2, 2));
}

#[test]
fn nodiums_captures_are_begun_with_execute_and_links_lead_to_them() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let page = json!({"url": "https://example.com"});
    let hooked = json!({"url": "https://example.com", "webhook_url": HOOK});
    let body = json!({"execute": true, "optimize": true, "requests": [page, page, hooked, {}]});
    let (_, told) = ask(&world, &customer, TAKE, &body);
    let [first, second, third, empty] = told["responses"].as_array().unwrap().as_slice() else {
        panic!("{told}")
    };
    assert_eq!(first, second, "equal ones are one");
    assert_eq!((&first["status"], third.get("url")), (&json!("processing"), None));
    assert_eq!(empty["error"]["code"], "request_not_valid");
    world.run();
    world.assert_at_rest();
    assert_eq!((world.captures(), world.quota_used(&customer.id)), (2, 2));
    let answer = follow(&world, first["url"].as_str().unwrap());
    assert!(answer.headers()["cache-status"].to_str().unwrap().starts_with("Darkroom; hit; "));
    assert_eq!(obtained_id(&answer).unwrap().to_string(), first["reference"].as_str().unwrap());
    assert_eq!(world.received().len(), 1);
    assert_eq!(world.captures(), 2);
}

#[test]
fn a_repeat_under_a_key_begins_nothing_more() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let item = |name: &str| json!({"url": "https://example.com", "external_identifier": name});
    let body = json!({"execute": true, "requests": [item("a"), item("b")]});
    let request = keyed(request(&customer, TAKE, &body), "order-1");
    let [first, second] = [(); 2].map(|()| world.request(&request).unwrap());
    assert_eq!((first.status().as_u16(), first.body()), (200, second.body()));
    assert_eq!((world.jobs().len(), world.quota_used(&customer.id)), (2, 2));
}

#[test]
fn another_request_under_a_used_key_begins_nothing() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let item = |name: &str| json!({"url": "https://example.com", "external_identifier": name});
    let send = |items: Vec<Value>| {
        let body = json!({"execute": true, "requests": items});
        world.request(&keyed(request(&customer, TAKE, &body), "order-1")).unwrap()
    };
    assert_eq!(send(vec![json!({}), item("a")]).status(), 200);
    let other = send(vec![item("b"), item("c"), item("d")]);
    assert_eq!(other.headers()["x-nodium-error-code"], "idempotency_key_used");
    assert_eq!((other.status().as_u16(), world.jobs().len()), (409, 1));
}

#[test]
fn what_no_link_can_say_or_lead_to_is_refused() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let page = json!({"url": "https://example.com"});
    let long = json!({"html": "x".repeat(9_000)});
    let slow = json!({"url": "https://example.com", "timeout": 91});
    let listed =
        json!({"url": "https://example.com", "hide_selectors[]": [".a"], "webhook_url": null});
    let (_, told) = ask(&world, &customer, TAKE, &json!({"requests": [long, slow, listed]}));
    let message = |index: usize| told["responses"][index]["error"]["message"].as_str().unwrap();
    assert!(message(0).contains("longer than 8192 characters"), "{told}");
    assert!(message(1).starts_with("`timeout` must be at most 90"), "{told}");
    assert_eq!(follow(&world, told["responses"][2]["url"].as_str().unwrap()).status(), 200);
    let large = json!({"options": {"html": "x".repeat(300_000)}, "requests": vec![json!({}); 20]});
    let (status, told) = ask(&world, &customer, TAKE, &large);
    let expected = "`options` is larger than 5000000 bytes where each capture has it";
    assert_eq!((status, told["error"]["message"].as_str()), (400, Some(expected)));
    let begun = json!({"execute": true, "requests": [page.clone(), page]});
    assert_eq!(ask(&world, &customer, TAKE, &begun).0, 200);
}

#[test]
fn what_was_there_is_told_with_links_that_live() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let month = json!({"execute": true, "options": {"cache_ttl": 2_592_000, "cache": true},
                       "requests": [{"url": "https://example.com"}]});
    ask(&world, &customer, TAKE, &month);
    world.run();
    world.pass(std::time::Duration::from_secs(5 * 86_400));
    let (_, told) = ask(&world, &customer, TAKE, &month);
    let url = told["responses"][0]["screenshot_url"].as_str().unwrap();
    let (_, until) = url.split_once("until=").unwrap();
    assert!(until.parse::<u64>().unwrap() > world.now().as_secs(), "{told}");
}

#[test]
fn screennabsters_client_waits_for_all_of_them() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.next_captures_fail(&[FailureKind::HostError]);
    let body = json!({
        "options": {"output": "png"},
        "requests": [
            {"url": "https://example.com/missing", "external_identifier": "a"},
            {"url": "https://example.com", "output": "pdf"},
            {"url": "https://example.com", "quality": 101},
        ],
    });
    let sent = [(std::time::Duration::ZERO, request(&customer, CAPTURE, &body))];
    let (answers, _) = world.interleave(1, crate::caching::CALM, &sent);
    let answer = answers[0].as_ref().unwrap();
    let told: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!((&told["succeeded"], &told["failed"]), (&json!(1), &json!(2)), "{told}");
    let [failed, completed, refused] = told["results"].as_array().unwrap().as_slice() else {
        panic!("{told}")
    };
    assert_eq!(
        (&failed["status"], &failed["error_code"]),
        (&json!("failed"), &json!("RENDER_ERROR"))
    );
    assert_eq!(failed["external_identifier"], "a");
    assert!(completed["result_url"].as_str().unwrap().contains("results/"));
    assert_eq!((&refused["code"], &refused["status"]), (&json!("VALIDATION_ERROR"), &json!(400)));
    world.assert_at_rest();
}

#[test]
fn what_takes_longer_than_a_client_can_wait_is_told_by_its_status() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let body = json!({"requests": [{"url": "https://example.com"}]});
    let asked_at = world.now();
    // Nobody works on the queue.
    let (status, told) = ask(&world, &customer, CAPTURE, &body);
    let waited = world.now().since(asked_at).as_secs();
    assert_eq!((status, &told["results"][0]["status"]), (200, &json!("queued")));
    assert!((105..=106).contains(&waited), "{waited}");
    world.run();
    let id = told["results"][0]["job_id"].as_str().unwrap();
    let (_, shown) = get(&world, &customer, &format!("/api/v1/capture/{id}"));
    assert_eq!(shown["status"], "completed");
}

#[test]
fn one_beyond_the_quota_is_refused_for_itself() {
    let world = World::new(1);
    let customer = world.customer(1, 1);
    let item = |page: &str| json!({"url": format!("https://example.com/{page}")});
    let body = json!({"execute": true, "requests": [item("a"), item("b")]});
    let (_, told) = ask(&world, &customer, TAKE, &body);
    assert_eq!(told["responses"][0]["status"], "processing");
    assert_eq!(told["responses"][1]["error"]["code"], "screenshots_limit_reached");
}

#[test]
fn what_is_no_list_of_captures_is_refused_with_its_remedy() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let page = json!({"url": "https://example.com"});
    let must = "`requests` must be a list of 1 to 20 objects with a capture's options each";
    for path in [TAKE, CAPTURE] {
        for (body, expected) in [
            (
                json!({}),
                "`requests` is missing; give a list of 1 to 20 objects with a capture's options each",
            ),
            (json!({"requests": []}), must),
            (json!({"requests": vec![page.clone(); 21]}), must),
            (json!({"requests": ["https://example.com"]}), must),
            (
                json!({"requests": [page], "options": []}),
                "`options` must be an object with options",
            ),
        ] {
            let (status, told) = ask(&world, &customer, path, &body);
            let message = told["error"]["message"].as_str().or_else(|| told["error"].as_str());
            assert_eq!((status, message), (400, Some(expected)), "{path} {body}");
        }
    }
    world.key_opens(&customer, Opens::Links);
    assert_eq!(ask(&world, &customer, TAKE, &json!({"requests": [page]})).0, 400);
}
