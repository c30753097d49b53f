use std::time::Duration;

use darkroom_aws::job_store::DynamoJobStore;
use darkroom_aws::ledger::DynamoLedger;
use darkroom_aws::machine::SystemClock;
use darkroom_aws::table::Table;
use darkroom_core::account::{Account, Limits};
use darkroom_core::address::Reach;
use darkroom_core::capture::{CaptureSpec, Effort, Encoding, Output, Source, Timeout, Viewport};
use darkroom_core::delivery::{
    Attempt, AttemptOutcome, AttemptVerdict, Delivery, PostFault, RetrySchedule,
};
use darkroom_core::id::{AccountId, ClaimToken, JobId, TraceId};
use darkroom_core::job::{Dialect, Job, MAX_WAIT, Mode, Order, SpecPlace};
use darkroom_core::port::{Clock as _, JobStore as _, Ledger as _};
use darkroom_core::time::Timestamp;
use darkroom_core::url::TargetUrl;
use darkroom_core::usage::CaptureKind;

use crate::deployed::Deployed;

fn job(account: AccountId, now: Timestamp, number: u32) -> Job {
    let url = "https://example.com/page?token=secret";
    let spec = CaptureSpec::plain(
        Source::Url(TargetUrl::parse(url, &Reach::public()).unwrap()),
        Output::image(Encoding::Png(Effort::Fast)),
        Viewport::desktop(1280, 800),
    );
    let order = Order {
        account,
        dialect: Dialect::ScreenNabster,
        mode: Mode::Asynchronous,
        trace: TraceId::from_random([2; 16]),
        accepted_at: now,
        expires_at: now + MAX_WAIT,
        timeout: Timeout::DEFAULT,
        spec: SpecPlace::Inline(Box::new(spec)),
        kind: CaptureKind::Screenshot,
        storage: None,
        callback: None,
        external_identifier: None,
        idempotency: None,
        cache: None,
        holds_place: false,
        public_origin: "https://shots.example".to_owned(),
    };
    Job::accept(JobId::new(now, number), order)
}

#[tokio::test]
async fn a_job_is_listed_charged_and_shown_with_its_attempts() {
    let deployed = Deployed::new().await;
    let made = deployed.json(&["account", "create", "--name", "a", "--quota", "5"]);
    let id = made["account"].as_str().unwrap();
    let now = SystemClock.now();
    let client = aws_sdk_dynamodb::Client::new(&deployed.config);
    let table = Table::new(client, deployed.output("TableName").await);
    let store = DynamoJobStore::new(table.clone());
    let account = Account {
        id: AccountId::parse(id).unwrap(),
        name: "a".to_owned(),
        quota_per_month: 5,
        limits: Limits::default(),
    };
    for number in 1..=2 {
        let job = job(account.id.clone(), now, number);
        store.accept(&job, &account).await.unwrap();
    }
    let newest = JobId::new(now, 2);
    record_attempt(&DynamoLedger::new(table), newest, now).await;

    let usage = deployed.json(&["usage", id]);
    assert_eq!((&usage["used"], &usage["left"]), (&2.into(), &3.into()));
    let newest_text = newest.to_string();
    let page = deployed.json(&["job", "list", id, "--limit", "1"]);
    assert_eq!(page["jobs"][0]["id"], newest_text);
    let page = deployed.json(&["job", "list", id, "--before", &newest.to_uuid()]);
    assert_eq!(page["jobs"].as_array().unwrap().len(), 1);

    for spelling in [&newest_text, &newest.to_uuid()] {
        let shown = deployed.json(&["job", "show", spelling]);
        assert_eq!(shown["job"]["state"], "accepted");
        assert_eq!(shown["job"]["source"], "https://example.com/page");
        let attempt = &shown["delivery"]["attempts"][0];
        assert_eq!(attempt["outcome"]["error"], "connect");
        let text = deployed.text(&["job", "show", spelling]);
        assert!(text.contains("connect: refused"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

async fn record_attempt(ledger: &DynamoLedger, job: JobId, now: Timestamp) {
    let token = ClaimToken::from_random([1; 16]);
    let delivery = Delivery::begin(job, now);
    let AttemptVerdict::Claim(claimed) = delivery.claim(token, now, Duration::from_secs(45)) else {
        panic!("a delivery that was begun is due")
    };
    ledger.advance(&claimed).await.unwrap();
    let attempt = Attempt {
        number: 1,
        at: now,
        took: Duration::from_millis(3),
        address: Some("203.0.113.7:443".parse().unwrap()),
        outcome: AttemptOutcome::Unanswered {
            class: PostFault::Connect,
            detail: "refused".to_owned(),
        },
    };
    let settled = claimed.delivery.settle(token, attempt, &RetrySchedule::seed());
    ledger.advance(&settled.unwrap()).await.unwrap();
}
