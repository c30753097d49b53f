//! Results that are put into storage of their clients' own: what a request may say of it, and what
//! answers and webhooks tell.

use darkroom_core::job::{Dialect, Job};
use darkroom_core::storage::{CustomerBucket, Place, Readers, SignedUpload, Storage, StorageClass};
use darkroom_dialects::{Action, Refusal, Tongue};
use serde_json::{Value, json};

use crate::support::{
    completed, failed, faults, fresh_links, job, posted, read, region, request, submission, written,
};

const TAKE: &str = "/api/v1/screenshot/take";
const CAPTURE: &str = "/api/v1/capture";
const SIGNED: &str = "https://shots.s3.amazonaws.com/a.png?X-Amz-Signature=secret";

fn with(mut options: Value) -> Value {
    options["url"] = "https://example.com".into();
    options["store"] = true.into();
    options
}

fn storage(path: &str, options: Value) -> Option<Storage> {
    submission(&request("POST", path, &with(options).to_string())).storage
}

fn upload(path: &str, options: Value) -> SignedUpload {
    match storage(path, options).unwrap().place {
        Place::Url(upload) => upload,
        Place::Bucket(bucket) => panic!("{bucket:?}"),
    }
}

fn bucket(options: Value) -> CustomerBucket {
    match storage(TAKE, options).unwrap().place {
        Place::Bucket(bucket) => bucket,
        Place::Url(upload) => panic!("{upload:?}"),
    }
}

fn told(options: Value) -> Vec<String> {
    faults(&request("POST", TAKE, &with(options).to_string()))
}

fn of_role() -> Value {
    json!({
        "storage_role": "arn:aws:iam::123456789012:role/darkroom-storage-shots",
        "storage_bucket": "shots", "storage_path": "2026/a.png",
    })
}

fn also(mut options: Value, name: &str, value: Value) -> Value {
    options[name] = value;
    options
}

#[test]
fn a_signed_upload_is_read_with_all_that_was_signed() {
    for path in [TAKE, CAPTURE] {
        let plain = upload(path, json!({"storage_url": SIGNED}));
        assert_eq!((plain.url.as_str(), plain.form), (SIGNED, None));
        assert!(plain.headers.is_empty());
        let whole = upload(
            path,
            json!({
                "storage_url": SIGNED,
                "storage_headers": {"x-ms-blob-type": "BlockBlob", "Content-Type": "image/x"},
                "storage_fields": {"key": "a/${filename}", "policy": "e30="},
            }),
        );
        let headers: Vec<_> =
            whole.headers.iter().map(|it| (it.name.as_str(), it.value.expose())).collect();
        assert!(headers.contains(&("x-ms-blob-type", "BlockBlob")), "{headers:?}");
        let form = whole.form.unwrap();
        let fields: Vec<_> = form.iter().map(|it| (it.name.as_str(), it.value.expose())).collect();
        assert_eq!(fields, [("key", "a/${filename}"), ("policy", "e30=")]);
    }
    let query = format!(
        "{TAKE}?url=https://example.com&store=true&storage_fields=key:+a:b&storage_url=https%3A%2F%2Fe.com"
    );
    let storage = submission(&request("GET", &query, "")).storage.unwrap();
    let Place::Url(SignedUpload { form: Some(form), .. }) = storage.place else { panic!() };
    assert_eq!((form[0].name.as_str(), form[0].value.expose()), ("key", "a:b"));
}

#[test]
fn a_bucket_is_read_with_its_role() {
    let plain = bucket(of_role());
    assert_eq!((plain.bucket.as_str(), plain.key.as_str()), ("shots", "2026/a.png"));
    assert_eq!(plain.region, region());
    assert_eq!((plain.class, plain.readers), (StorageClass::Standard, Readers::Owner));
    let whole = also(of_role(), "storage_region", "eu-west-1".into());
    let whole = also(whole, "storage_class", "glacier_ir".into());
    let whole = bucket(also(whole, "storage_acl", "public-read".into()));
    assert_eq!(whole.region.as_str(), "eu-west-1");
    assert_eq!((whole.class, whole.readers), (StorageClass::GlacierIr, Readers::Everybody));
    // The published default.
    assert_eq!(bucket(also(of_role(), "storage_acl", "".into())).readers, Readers::Owner);
}

#[test]
fn a_location_is_told_where_that_is_wanted() {
    assert!(!storage(TAKE, of_role()).unwrap().tells_location);
    let wanted = also(of_role(), "storage_return_location", true.into());
    assert!(storage(TAKE, wanted).unwrap().tells_location);
}

#[test]
fn what_is_missing_or_contradicts_is_told_all_at_once() {
    assert_eq!(told(json!({})), ["`store` needs a place; give `storage_url`, or `storage_role`"]);
    assert_eq!(
        told(json!({"storage_role": "arn:aws:iam::123456789012:role/a"})),
        [
            "`storage_role` needs `storage_bucket`; give that too",
            "`storage_role` needs `storage_path`; give that too",
        ]
    );
    let both = also(of_role(), "storage_url", SIGNED.into());
    assert_eq!(told(both), ["`storage_role` contradicts `storage_url`; give one of them"]);
    assert_eq!(
        told(also(of_role(), "cache", true.into())),
        ["`store` doesn't go with `cache`; leave one of them out"]
    );
    let several = "`store` takes one file; leave it out, or `full_page_slices` and `image_sizes`";
    assert_eq!(told(also(of_role(), "image_sizes", json!(["640x"]))), [several]);
    let slices = also(also(of_role(), "full_page", true.into()), "full_page_slices", true.into());
    assert_eq!(told(slices), [several]);
    let needs_store =
        |option: &str| format!("`{option}` needs `store`; give that too, or leave it out");
    let unwanted = json!({
        "url": "https://example.com", "storage_url": SIGNED, "storage_return_location": true,
    });
    assert_eq!(
        faults(&request("POST", TAKE, &unwanted.to_string())),
        [needs_store("storage_url"), needs_store("storage_return_location")]
    );
    let headless = json!({"storage_headers": ["a: b"], "storage_bucket": "shots"});
    assert_eq!(
        told(headless),
        [
            "`storage_headers` needs `storage_url`; give that too, or leave it out",
            "`storage_bucket` needs `storage_role`; give that too, or leave it out",
            "`store` needs a place; give `storage_url`, or `storage_role`",
        ]
    );
}

#[test]
fn what_could_lead_elsewhere_is_refused_without_being_repeated() {
    let inside = told(json!({"storage_url": "http://169.254.169.254/latest?secret"}));
    assert_eq!(inside.len(), 1);
    assert!(inside[0].starts_with("`storage_url` is not allowed: "), "{inside:?}");
    for (name, value) in [
        ("storage_role", json!("arn:aws:iam::123456789012:user/secret")),
        ("storage_bucket", json!("Secret")),
        ("storage_region", json!("secret.example")),
        ("storage_path", json!("../secret")),
        ("storage_class", json!("secret")),
        ("storage_acl", json!("secret")),
    ] {
        let told = told(also(of_role(), name, value));
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&format!("`{name}` must be ")), "{told:?}");
        assert!(!told[0].to_lowercase().contains("secret"), "{told:?}");
    }
}

#[test]
fn a_form_has_room_for_its_file_and_no_more_than_storage_takes() {
    let fields = |fields: Value| {
        let body = with(json!({"storage_url": SIGNED, "storage_fields": fields}));
        let told = faults(&request("POST", TAKE, &also(body, "nonsense", true.into()).to_string()));
        told.iter().any(|it| it.starts_with("`storage_fields` "))
    };
    let many = |count: usize| (0..count).map(|n| format!("f{n}: a")).collect::<Vec<_>>();
    for good in [json!({"key": ""}), json!(many(50)), json!({"a": "b".repeat(19_999)})] {
        assert!(!fields(good.clone()), "{good}");
    }
    for bad in [
        json!({}),
        json!(["no colon"]),
        json!({"file": "a"}),
        json!({"FILE": "a"}),
        json!({"a\"b": "c"}),
        json!({"a\\b": "c"}),
        json!({"a b": "c"}),
        json!({"a": "b\r\nc"}),
        json!({"a": ["b"]}),
        json!({"a": 1}),
        json!(many(51)),
        json!({"a": "b".repeat(20_000)}),
    ] {
        assert!(fields(bad.clone()), "{bad}");
    }
}

#[test]
fn a_form_is_sent_as_it_was_signed_to_the_blank() {
    for fields in [json!({"x-amz-meta-a": " b "}), json!(["x-amz-meta-a:  b "])] {
        let form = upload(TAKE, json!({"storage_url": SIGNED, "storage_fields": fields})).form;
        assert_eq!(form.unwrap()[0].value.expose(), " b ");
    }
}

#[test]
fn headers_of_an_upload_are_few_and_hold_no_key() {
    let with_headers = |headers: Value| json!({"storage_url": SIGNED, "storage_headers": headers});
    assert_eq!(
        told(with_headers(json!(["Authorization: Bearer hidden", "Host: e.com"]))),
        [
            "`storage_headers` item 1 (`Authorization`) would be a key of yours; sign the URL instead",
            "`storage_headers` item 2 (`Host`) is set by the sender; leave it out",
        ]
    );
    let long = told(with_headers(json!({"x-long": "a".repeat(8_187)})));
    assert!(long[0].starts_with("`storage_headers` must be "), "{long:?}");
    let most = upload(TAKE, with_headers(json!({"x-long": "a".repeat(8_186)})));
    assert_eq!(most.headers.len(), 1);
}

#[test]
fn several_captures_have_a_place_each() {
    let bulk = |options: Value, own: Value| {
        let own = |number: u32| {
            let mut own = own.clone();
            own["url"] = format!("https://example.com/{number}").into();
            own
        };
        let body = json!({"options": options, "execute": true, "requests": [own(1), own(2)]});
        read(&request("POST", "/api/v1/screenshot/bulk", &body.to_string())).action
    };
    let by_url = || json!({"store": true, "storage_url": SIGNED});
    for options in [by_url(), also(of_role(), "store", true.into())] {
        let Err(Refusal::Invalid(faults)) = bulk(options, json!({})) else { panic!() };
        assert!(faults[0].message.starts_with("`options` would have each capture's result"));
    }
    let form = also(by_url(), "storage_fields", json!({"key": "${filename}"}));
    for (options, own) in
        [(json!({"store": true}), json!({"storage_url": SIGNED})), (form, json!({}))]
    {
        let Ok(Action::Bulk(bulk)) = bulk(options, own) else { panic!() };
        for item in bulk.items {
            let submission = item.submission.unwrap();
            // What is begun shares nothing, then.
            assert!(submission.storage.is_some() && submission.caching.is_none());
        }
    }
}

#[test]
fn no_keys_are_taken() {
    for name in ["storage_access_key_id", "storage_secret_access_key", "storage_endpoint"] {
        let told = told(also(of_role(), name, "hidden".into()));
        assert_eq!(told.len(), 1);
        assert!(told[0].starts_with(&format!("`{name}` is not available in this version: ")));
        assert!(told[0].contains("`storage_url`") && !told[0].contains("hidden"), "{told:?}");
    }
}

fn stored(dialect: Dialect, tells_location: bool) -> Job {
    let mut job = job(dialect, completed());
    let storage = storage(TAKE, json!({"storage_url": SIGNED})).unwrap();
    job.order.storage = Some(Storage { tells_location, ..storage });
    job
}

const LOCATION: &str = "https://shots.s3.amazonaws.com/a.png";

#[test]
fn answers_and_webhooks_tell_where_a_result_lies_if_they_are_to_and_never_what_was_signed() {
    let links = fresh_links();
    for (dialect, tongue, header) in [
        (Dialect::Nodium, Tongue::Nodium, "x-nodium-store-location"),
        (Dialect::ScreenNabster, Tongue::ScreenNabster, "x-screennabster-store-location"),
    ] {
        let line = format!("{header}: {LOCATION}\n");
        let field = format!(r#""store":{{"location":"{LOCATION}"}}"#);
        for tells in [true, false] {
            let job = stored(dialect, tells);
            let empty = written(&darkroom_dialects::empty(&job, None));
            assert_eq!(empty.contains(&line), tells, "{empty}");
            let polled = written(&darkroom_dialects::status(tongue, &job, Some(&links)));
            assert_eq!(polled.contains(&field), tells, "{polled}");
            let webhook = posted(&darkroom_dialects::webhook(&job, None).unwrap());
            assert_eq!(webhook.contains(&line) || webhook.contains(&field), tells, "{webhook}");
            let own = written(&darkroom_dialects::job(&job, Some(&links)));
            assert!(own.contains(&format!(r#""store_location":"{LOCATION}""#)), "{own}");
            assert!(![empty, polled, webhook, own].concat().contains("X-Amz-Signature"));
        }
        let mut job = stored(dialect, true);
        job.state = failed(darkroom_core::failure::Failure::plain(
            darkroom_core::failure::FailureKind::StorageDenied,
        ));
        assert!(!written(&darkroom_dialects::status(tongue, &job, None)).contains("location"));
    }
}
