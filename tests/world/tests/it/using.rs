//! What an account is told of what it has used.

use std::num::NonZeroU32;
use std::time::Duration;

use darkroom_core::account::Limits;
use darkroom_core::failure::FailureKind;
use darkroom_world::World;
use darkroom_world::requests::{to_nab_now, to_take_now};
use serde_json::{Value, json};

use crate::asking::get;

const USAGE: &str = "/api/v1/screenshot/usage";

#[test]
fn usage_tells_what_was_charged_by_kind_and_what_is_left() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.request(&to_take_now(&customer, json!({}))).unwrap();
    world.request(&to_take_now(&customer, json!({"full_page": true}))).unwrap();
    world.request(&to_nab_now(&customer)).unwrap();
    world.next_captures_fail(&[FailureKind::Timeout]);
    world.request(&to_take_now(&customer, json!({"full_page": true}))).unwrap();
    let (status, told) = get(&world, &customer, USAGE);
    assert_eq!(status, 200);
    let expected = json!({
        "total": 10, "available": 7, "used": 3,
        "concurrency": {"limit": null, "remaining": null, "reset": null},
        "credits_used": 3, "credits_remaining": 7, "credits_total": 10, "screenshots_taken": 3,
        "period_start": "2026-09-01T00:00:00.000Z", "period_end": "2026-09-30T23:59:59.999Z",
        "breakdown": {
            "screenshot": {"count": 1, "credits": 1},
            "full_page": {"count": 1, "credits": 1},
            "pdf": {"count": 1, "credits": 1},
            "video": {"count": 0, "credits": 0},
        },
    });
    assert_eq!(told, expected);
}

#[test]
fn a_limit_of_starts_is_told_with_what_is_left_of_it_and_when_it_begins_anew() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let limits = Limits { starts_per_minute: NonZeroU32::new(3), ..Limits::default() };
    world.limit(&customer, limits);
    world.request(&to_take_now(&customer, json!({}))).unwrap();
    let (_, told) = get(&world, &customer, USAGE);
    // 14:14:00, in nanoseconds.
    let expected = json!({"limit": 3, "remaining": 2, "reset": 1_790_000_040_000_000_000_u64});
    assert_eq!(told["concurrency"], expected);
}

#[test]
fn usage_is_told_day_by_day_also_beyond_a_month() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    let days = |query: &str| {
        let (status, told) = get(&world, &customer, &format!("{USAGE}/daily{query}"));
        assert_eq!(status, 200, "{told}");
        let days = told.as_array().unwrap().clone();
        let counted = |day: &&Value| day["screenshots"] != 0;
        let counted: Vec<_> = days.iter().filter(counted).cloned().collect();
        (days.len(), counted)
    };
    assert_eq!(days(""), (21, vec![]), "from the first to the 21st");
    world.request(&to_take_now(&customer, json!({}))).unwrap();
    let today = json!({"date": "2026-09-21", "screenshots": 1, "credits": 1});
    assert_eq!(days(""), (21, vec![today.clone()]));
    world.pass(Duration::from_secs(10 * 86_400));
    for _ in 0..2 {
        world.request(&to_take_now(&customer, json!({}))).unwrap();
    }
    let later = json!({"date": "2026-10-01", "screenshots": 2, "credits": 2});
    assert_eq!(days(""), (1, vec![later.clone()]));
    let both = days("?start_date=2026-09-20&end_date=2026-10-02");
    assert_eq!(both, (12, vec![today, later]), "none that is to come");
}

#[test]
fn dates_that_make_no_span_are_refused_with_their_remedy() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    for (query, expected) in [
        ("start_date=2026-13-01", "`start_date` must be a date such as 2026-04-11"),
        ("start_date=2026-01-02&end_date=2026-01-01", "`end_date` must not be before `start_date`"),
        ("start_date=-9999-01-01", "`start_date` must be a date such as 2026-04-11"),
        (
            "start_date=2025-09-19",
            "`start_date` must not be before 2025-09-20; no counts are kept from before",
        ),
        ("from=1", "`from` is not an option"),
    ] {
        let (status, told) = get(&world, &customer, &format!("{USAGE}/daily?{query}"));
        assert_eq!((status, told["error"]["message"].as_str()), (400, Some(expected)), "{query}");
    }
    // What is to come isn't told.
    for (query, days) in [
        ("start_date=2025-09-20", 367),
        ("end_date=9999-12-31", 21),
        ("start_date=2026-09-20&end_date=9999-12-31", 2),
        ("start_date=2027-01-01&end_date=2027-01-02", 0),
    ] {
        let (status, told) = get(&world, &customer, &format!("{USAGE}/daily?{query}"));
        assert_eq!((status, told.as_array().map(Vec::len)), (200, Some(days)), "{query}");
    }
}

#[test]
fn screennabsters_rows_tell_job_by_job_what_was_charged() {
    let world = World::new(1);
    let customer = world.customer(1, 10);
    world.request(&to_nab_now(&customer)).unwrap();
    world.next_captures_fail(&[FailureKind::Browser; 3]);
    world.request(&to_nab_now(&customer)).unwrap();
    let (status, told) = get(&world, &customer, "/api/v1/capture/usage?limit=1");
    assert_eq!((status, &told["period"], &told["used"]), (200, &json!("2026-09"), &json!(1)));
    assert_eq!((&told["quota"], &told["remaining"]), (&json!(10), &json!(9)));
    let [row] = told["rows"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!((&row["status"], &row["charged"]), (&json!("failed"), &json!(false)));
    assert_eq!(row["error_code"], "RENDER_ERROR");
    let next = told["next_before"].as_str().unwrap();
    let (_, rest) = get(&world, &customer, &format!("/api/v1/capture/usage?before={next}"));
    let [row] = rest["rows"].as_array().unwrap().as_slice() else { panic!("{rest}") };
    assert_eq!((&row["status"], &row["charged"]), (&json!("completed"), &json!(true)));
    let path = format!("/api/v1/capture/{}", row["job_id"].as_str().unwrap());
    assert_eq!(get(&world, &customer, &path).0, 200);
}
