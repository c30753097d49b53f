//! A job as an item: pk `job#<decimal id>`, sk `job`.
//!
//! What an operator looks for in the console is an attribute of its own
//! (account, state, version, claims …); the rest is in two JSON documents, the
//! order, which never changes, and the state's detail.

use std::time::Duration;

use darkroom_core::id::JobId;
use darkroom_core::job::{Charge, Job};

use crate::item::{
    ACCOUNT, Item, LISTED_AT, SCHEMA, SCHEMA_VERSION, TTL, Unreadable, VERSION, check_schema,
    job_of_pk, job_pk, key, number, read_account, read_json, read_number, read_text, text, to_json,
};
use crate::order_document::OrderDocument;
use crate::spec_document::millis;
use crate::state_document::StateDocument;

pub(crate) const SK: &str = "job";
pub(crate) const STATE: &str = "state";

const ORDER: &str = "order";
const CHARGE: &str = "charge";
const CLAIMS: &str = "claims";
const SPENT_MS: &str = "spent_ms";
const STATE_DETAIL: &str = "state_detail";

const CHARGED: &str = "charged";
const RELEASED: &str = "released";
const FREE: &str = "free";

/// The digits of the largest job id, so that ids sort as text.
const ID_DIGITS: usize = 19;

/// The whole item of a new job that is kept for `kept`.
pub(crate) fn whole(job: &Job, kept: Duration) -> Result<Item, Unreadable> {
    let expires = job.order.accepted_at + kept;
    let mut item = key(job_pk(job.id), SK);
    item.insert(SCHEMA.to_owned(), number(SCHEMA_VERSION));
    item.insert(LISTED_AT.to_owned(), text(listed_at(job.id)));
    item.insert(TTL.to_owned(), number(expires.as_secs()));
    item.extend(order(job)?);
    item.extend(standing(job)?);
    Ok(item)
}

/// What no transition changes, and no two jobs share.
pub(crate) fn order(job: &Job) -> Result<Item, Unreadable> {
    let document = OrderDocument::from(&job.order);
    Ok(Item::from([
        (ACCOUNT.to_owned(), text(&job.order.account)),
        (ORDER.to_owned(), to_json(&document)?),
    ]))
}

/// What transitions change.
pub(crate) fn standing(job: &Job) -> Result<Item, Unreadable> {
    let state = StateDocument::from(&job.state);
    let charge = match job.charge {
        Charge::Charged => CHARGED,
        Charge::Released => RELEASED,
        Charge::Free => FREE,
    };
    Ok(Item::from([
        (VERSION.to_owned(), number(job.version)),
        (STATE.to_owned(), text(state.name())),
        (STATE_DETAIL.to_owned(), to_json(&state)?),
        (CHARGE.to_owned(), text(charge)),
        (CLAIMS.to_owned(), number(job.claims)),
        (SPENT_MS.to_owned(), number(millis(job.spent))),
    ]))
}

/// The job that an item holds.
pub(crate) fn read(item: &Item) -> Result<Job, Unreadable> {
    check_schema(item)?;
    let id = job_of_pk(item)?;
    let account = read_account(item, ACCOUNT)?;
    let order: OrderDocument = read_json(item, ORDER)?;
    let state: StateDocument = read_json(item, STATE_DETAIL)?;
    Ok(Job {
        id,
        order: order.into_order(id, account)?,
        version: read_number(item, VERSION)?,
        charge: match read_text(item, CHARGE)? {
            CHARGED => Charge::Charged,
            RELEASED => Charge::Released,
            FREE => Charge::Free,
            other => return Err(Unreadable(format!("{CHARGE} is {other:?}"))),
        },
        claims: read_number(item, CLAIMS)?,
        spent: Duration::from_millis(read_number(item, SPENT_MS)?),
        state: state.try_into()?,
    })
}

/// A job's place among its account's in the index, by which they sort by age.
pub(crate) fn listed_at(job: JobId) -> String {
    format!("{:0ID_DIGITS$}", job.as_u64())
}

/// The job of an item, or of its entry in the index.
pub(crate) fn listed_id(item: &Item) -> Result<JobId, Unreadable> {
    let digits = read_text(item, LISTED_AT)?.trim_start_matches('0');
    let unreadable = || Unreadable(format!("{LISTED_AT} is no job's id"));
    JobId::parse_decimal(if digits.is_empty() { "0" } else { digits }).ok_or_else(unreadable)
}

#[cfg(test)]
mod tests {
    use darkroom_core::account::ExternalIdentifier;
    use darkroom_core::address::Reach;
    use darkroom_core::artifact::{
        Artifact, ArtifactFile, ArtifactKey, ByteSize, FileKind, InputKey, Link,
    };
    use darkroom_core::cache::{CacheKey, CachePlace};
    use darkroom_core::capture::{
        Area, CaptureSpec, Effort, Encoding, Enough, Format, Framing, FullPage, Header, HostErrors,
        LifecycleEvent, Markup, Output, Quality, Reveal, SelectorWait, Source, Timeout, Viewport,
    };
    use darkroom_core::failure::{Failure, FailureKind};
    use darkroom_core::id::{AccountId, ClaimToken, TraceId};
    use darkroom_core::idempotency::{Fingerprint, Idempotency, IdempotencyKey};
    use darkroom_core::job::{
        Announce, Callback, Claim, Dialect, JobState, MAX_WAIT, Mode, Order, Signed, SpecPlace,
    };
    use darkroom_core::report::{Datum, FontStack, Icon, PixelSize, Property, Report};
    use darkroom_core::secret::SecretText;
    use darkroom_core::storage::{
        BucketName, CustomerBucket, Field, ObjectKey, Place, Readers, Region, RoleArn,
        SignedUpload, Storage, StorageClass,
    };
    use darkroom_core::time::Timestamp;
    use darkroom_core::url::{CallbackUrl, TargetUrl, UploadUrl};
    use darkroom_core::usage::CaptureKind;
    use darkroom_core::verdict::{Finding, FindingKind, Verdict};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_123);
    const KEPT: Duration = Duration::from_secs(31 * 24 * 60 * 60);

    fn token(byte: u8) -> ClaimToken {
        ClaimToken::from_random([byte; 16])
    }

    fn url_spec() -> CaptureSpec {
        let url = "https://example.com/a?b=%20ü#c";
        CaptureSpec::plain(
            Source::Url(TargetUrl::parse(url, &Reach::public()).unwrap()),
            Output::image(Encoding::Png(Effort::Fast)),
            Viewport::desktop(1280, 800),
        )
    }

    fn html_spec(output: Output) -> CaptureSpec {
        let source = Source::Html("<p>\u{1f4f7}\0\"\\\n</p>".to_owned());
        let viewport = Viewport { scale: 1.0 + 1.0 / 3.0, ..Viewport::desktop(1, 7_680) };
        let mut spec = CaptureSpec::plain(source, output, viewport);
        spec.framing = Framing {
            area: Area::FullPage(FullPage::default()),
            reveal: Some(Reveal::default()),
            beyond_viewport: true,
            element: None,
        };
        spec.wait.until = vec![
            LifecycleEvent::DomContentLoaded,
            LifecycleEvent::Load,
            LifecycleEvent::NetworkAlmostIdle,
            LifecycleEvent::NetworkIdle,
        ];
        spec.wait.selector =
            Some(SelectorWait { selector: "#x > \"y\"".to_owned(), enough: Enough::One });
        spec.wait.delay = Duration::from_millis(1_234);
        spec.rules.host_errors = HostErrors::Draw;
        spec
    }

    fn job(spec: SpecPlace) -> Job {
        let order = Order {
            account: AccountId::from_random([1; 10]),
            dialect: Dialect::Nodium,
            mode: Mode::Asynchronous,
            trace: TraceId::from_random([2; 16]),
            accepted_at: NOW,
            expires_at: NOW + MAX_WAIT,
            timeout: Timeout::DEFAULT,
            spec,
            kind: CaptureKind::Screenshot,
            storage: None,
            callback: None,
            external_identifier: None,
            idempotency: None,
            cache: None,
            holds_place: false,
            public_origin: "https://shots.example".to_owned(),
        };
        Job::accept(JobId::new(NOW, 5), order)
    }

    fn file_kinds() -> [FileKind; 6] {
        let pixels = PixelSize { width: 1_280, height: 4_000 };
        [
            FileKind::Slice { index: 1, offset_y_px: 3_950, pixels },
            FileKind::Size { index: 0, pixels },
            FileKind::Content(Markup::Markdown),
            FileKind::Har,
            FileKind::Console,
            FileKind::Waterfall,
        ]
    }

    fn report() -> Report {
        let property = |name: &str| Property { name: name.to_owned(), value: "ü".to_owned() };
        let finding = |kind: FindingKind| Finding { kind, detail: format!("{kind:?}") };
        let stack = FontStack {
            first: "Jost".to_owned(),
            fallback: vec!["serif".to_owned()],
            elements: vec!["p".to_owned()],
        };
        let icon = Icon { url: "https://a.b/i".to_owned(), media_type: Some("image/x".to_owned()) };
        Report {
            verdict: Verdict { findings: FindingKind::ALL.map(finding).to_vec() },
            status: Some(404),
            metadata: vec![
                Datum::ImageSize(Some(PixelSize { width: 3, height: 4 })),
                Datum::Fonts(vec![stack]),
                Datum::PageTitle("«ü»".to_owned()),
                Datum::OpenGraph(vec![property("title")]),
                Datum::Icon(Some(icon)),
                Datum::StatusCode,
                Datum::Headers(vec![property("server"), property("server")]),
                Datum::Verdict,
            ],
        }
    }

    fn states(id: JobId) -> Vec<JobState> {
        let artifact = Artifact {
            key: ArtifactKey::of(id, token(9)),
            format: Format::WebP,
            size: ByteSize::from_bytes(u64::from(u32::MAX) * 3),
            stored_at: NOW - Duration::from_secs(60),
            link: Link {
                url: "https://bucket.example/x?y=\"z\"".to_owned(),
                expires_at: NOW + Duration::from_secs(3),
            },
            files: file_kinds()
                .map(|kind| ArtifactFile { kind, size: ByteSize::from_bytes(7) })
                .to_vec(),
            report: report(),
        };
        let claim =
            Claim { token: token(3), at: NOW, lease_until: NOW + Duration::from_millis(85_001) };
        let mut states = vec![
            JobState::Accepted,
            JobState::Queued,
            JobState::Rejected { at: NOW },
            JobState::Rendering(claim),
            JobState::Completed { at: NOW, rendering: Duration::from_millis(812), artifact },
        ];
        states.extend(
            FailureKind::ALL
                .map(|kind| JobState::Failed { at: NOW, failure: Failure::plain(kind) }),
        );
        states
    }

    fn assert_survives(job: &Job) {
        let item = whole(job, KEPT).unwrap();
        assert_eq!(&read(&item).unwrap(), job, "{item:?}");
    }

    #[test]
    fn every_state_survives_a_round_trip() {
        let fresh = job(SpecPlace::Inline(Box::new(url_spec())));
        for state in states(fresh.id) {
            for charge in [Charge::Charged, Charge::Released, Charge::Free] {
                assert_survives(&Job {
                    version: 7,
                    charge,
                    claims: 3,
                    spent: Duration::from_millis(1_001),
                    state: state.clone(),
                    ..fresh.clone()
                });
            }
        }
    }

    #[test]
    fn every_specification_survives_a_round_trip() {
        let outputs = [
            Output::image(Encoding::Png(Effort::Fast)),
            Output::image(Encoding::Jpeg(Quality::new(0).unwrap())),
            Output::image(Encoding::WebP(Quality::new(100).unwrap())),
            Output::Pdf(Box::default()),
        ];
        for output in outputs {
            assert_survives(&job(SpecPlace::Inline(Box::new(html_spec(output)))));
        }
        assert_survives(&job(SpecPlace::Stored(InputKey::of(JobId::new(NOW, 5)))));
    }

    #[test]
    fn every_order_survives_a_round_trip() {
        let local = Reach::with_loopback_except(vec![4566]);
        let urls = ["https://hooks.example/h?k=v", "http://127.0.0.1:9999/"];
        let callbacks = urls.into_iter().flat_map(|url| {
            let url = CallbackUrl::parse(url, &local).unwrap();
            [(Signed::Yes, Announce::Completed), (Signed::No, Announce::Everything)]
                .map(|(sign, errors)| Callback { url: url.clone(), sign, errors })
        });
        for callback in callbacks {
            let mut it = job(SpecPlace::Inline(Box::new(url_spec())));
            it.order.dialect = Dialect::ScreenNabster;
            it.order.kind = CaptureKind::FullPage;
            it.order.mode = Mode::Synchronous;
            it.order.callback = Some(callback);
            it.order.external_identifier = ExternalIdentifier::parse("order \"1\" \\");
            it.order.idempotency = Some(Idempotency {
                key: IdempotencyKey::parse("k").unwrap(),
                fingerprint: Fingerprint::of(&[b"a"]),
            });
            it.order.storage = Some(Storage {
                place: Place::Url(SignedUpload {
                    url: UploadUrl::parse("https://e.com/a?b=c", &local).unwrap(),
                    headers: vec![Header { name: "a".to_owned(), value: secret("b\"") }],
                    form: Some(vec![Field { name: "key".to_owned(), value: secret("c\\") }]),
                }),
                tells_location: true,
            });
            it.order.cache = Some(CachePlace {
                key: CacheKey::of(&url_spec(), Timeout::DEFAULT, None),
                from: JobId::parse_decimal("7"),
                before: JobId::parse_decimal("6"),
            });
            assert_survives(&it);
        }
    }

    fn secret(text: &str) -> SecretText {
        SecretText::new(text.to_owned())
    }

    #[test]
    fn every_bucket_survives_a_round_trip() {
        let classes = [
            StorageClass::Standard,
            StorageClass::ReducedRedundancy,
            StorageClass::StandardIa,
            StorageClass::OnezoneIa,
            StorageClass::IntelligentTiering,
            StorageClass::Glacier,
            StorageClass::DeepArchive,
            StorageClass::GlacierIr,
        ];
        for class in classes {
            for readers in [Readers::Owner, Readers::Everybody] {
                let mut it = job(SpecPlace::Inline(Box::new(url_spec())));
                let place = Place::Bucket(CustomerBucket {
                    role: RoleArn::parse("arn:aws:iam::123456789012:role/a").unwrap(),
                    region: Region::parse("eu-west-1").unwrap(),
                    bucket: BucketName::parse("shots").unwrap(),
                    key: ObjectKey::parse("a \"b\"/ü").unwrap(),
                    class,
                    readers,
                });
                it.order.storage = Some(Storage { place, tells_location: false });
                assert_survives(&it);
            }
        }
    }

    #[test]
    fn what_a_transition_changes_tells_claims_apart() {
        let fresh = job(SpecPlace::Inline(Box::new(url_spec())));
        let claimed = |by: u8| {
            let state = JobState::Rendering(Claim { token: token(by), at: NOW, lease_until: NOW });
            Job { state, ..fresh.clone() }
        };
        assert_eq!(standing(&claimed(1)).unwrap(), standing(&claimed(1)).unwrap());
        assert_ne!(standing(&claimed(1)).unwrap(), standing(&claimed(2)).unwrap());
    }

    #[test]
    fn listing_sorts_ids_by_age() {
        let ids = [1_u64, 9, 10, 8_472_910, (1 << 63) - 1];
        let listed: Vec<_> = ids
            .iter()
            .map(|id| listed_at(JobId::parse_decimal(&id.to_string()).unwrap()))
            .collect();
        assert!(listed.is_sorted(), "{listed:?}");
    }

    #[test]
    fn a_layout_of_a_newer_version_is_refused_not_misread() {
        let mut item = whole(&job(SpecPlace::Inline(Box::new(url_spec()))), KEPT).unwrap();
        item.insert(SCHEMA.to_owned(), number(2_u32));
        let fault = read(&item).unwrap_err().to_string();
        assert_eq!(fault, "schema is 2, this version reads 1");
    }
}
