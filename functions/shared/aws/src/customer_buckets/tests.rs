use std::collections::VecDeque;
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use darkroom_core::artifact::ByteSize;
use darkroom_core::capture::Format;
use darkroom_core::id::ClaimToken;
use darkroom_core::storage::{BucketName, ObjectKey, Region as AwsRegion, RoleArn};
use futures::stream;

use super::*;

fn bucket(key: &str, readers: Readers) -> CustomerBucket {
    CustomerBucket {
        role: RoleArn::parse("arn:aws-cn:iam::123456789012:role/a").unwrap(),
        region: AwsRegion::parse("cn-north-1").unwrap(),
        bucket: BucketName::parse("shots").unwrap(),
        key: ObjectKey::parse(key).unwrap(),
        class: StorageClass::StandardIa,
        readers,
    }
}

fn account() -> AccountId {
    AccountId::from_random([1; 10])
}

fn parcel() -> Parcel {
    Parcel {
        job: JobId::parse_decimal("8472910").unwrap(),
        token: ClaimToken::from_random([7; 16]),
        format: Format::Png,
        size: ByteSize::from_bytes(5),
        content: Box::pin(stream::iter([Ok(Bytes::from_static(b"hello"))])),
        within: Duration::from_secs(5),
    }
}

/// AWS, which answers one call after the other so, whatever it is asked.
#[derive(Clone, Debug)]
struct Aws {
    answers: Arc<Mutex<VecDeque<(u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Aws {
    fn answering(answers: &[(u16, &str)]) -> Self {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned()));
        Self { answers: Arc::new(Mutex::new(answers.collect())), asked: Arc::default() }
    }

    /// The bodies of what was sent to STS, and the URLs of what was sent to S3.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        self.asked.lock().unwrap().push(match request.method() {
            "POST" => String::from_utf8_lossy(body).into_owned(),
            method => format!("{method} {}", request.uri()),
        });
        let (status, body) = self.answers.lock().unwrap().pop_front().unwrap();
        let status = StatusCode::try_from(status).unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

fn buckets(aws: &Aws) -> RoleBuckets {
    let connector = aws.clone();
    let keys = Credentials::new("AKIA", "secret", None, None, "render's own");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(connector.clone())))
        .build();
    RoleBuckets::new(&aws_sdk_sts::Client::new(&config), &aws_sdk_s3::Client::new(&config))
}

const DENIED: (u16, &str) = (
    403,
    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
);

const ASSUMED: (u16, &str) = (
    200,
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId>\
     <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
     <Expiration>2040-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
);

const PUT: (u16, &str) = (200, "");

async fn stored(aws: &Aws) -> Result<(), Failure> {
    buckets(aws).store(&account(), &bucket("a.png", Readers::Owner), parcel()).await
}

#[tokio::test]
async fn a_session_names_the_account_and_may_put_one_object() {
    let aws = Aws::answering(&[DENIED, ASSUMED, PUT, ASSUMED, PUT]);
    let buckets = buckets(&aws);
    let to = bucket("a.png", Readers::Owner);
    for _ in 0..2 {
        assert_eq!(buckets.store(&account(), &to, parcel()).await, Ok(()));
    }
    let asked = aws.asked();
    let [probe, session, put, again, _] = asked.as_slice() else { panic!("{asked:?}") };
    let external_id = format!("ExternalId={}", account());
    let is_bound = |body: &str| {
        body.contains("Policy=%7B") && body.contains("RoleSessionName=darkroom-8472910")
    };
    assert!(!probe.contains("ExternalId") && is_bound(probe), "{probe}");
    assert!(session.contains(&external_id) && is_bound(session), "{session}");
    assert!(session.contains("arn%3Aaws-cn%3As3%3A%3A%3Ashots%2Fa.png"), "{session}");
    let expected = "PUT https://shots.s3.cn-north-1.amazonaws.com.cn/a.png";
    assert!(put.starts_with(expected), "{put}");
    assert!(again.contains(&external_id), "what was proven once isn't asked again: {again}");
}

#[tokio::test]
async fn a_role_that_anybody_may_take_on_is_refused() {
    let failure = stored(&Aws::answering(&[ASSUMED])).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::StorageDenied);
    assert!(failure.message.contains("without an external id"), "{failure}");
}

#[tokio::test]
async fn what_aws_answers_tells_who_is_to_blame_and_what_mends_it() {
    const OURS: &str = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>";
    const LONG: &str =
        "<ErrorResponse><Error><Code>PackedPolicyTooLarge</Code></Error></ErrorResponse>";
    let s3 = |code: &str| format!("<Error><Code>{code}</Code><Message>m</Message></Error>");
    let gone = s3("NoSuchBucket");
    let elsewhere = s3("PermanentRedirect");
    let malformed = s3("AuthorizationHeaderMalformed");
    let denied = s3("AccessDenied");
    let busy = s3("SlowDown");
    let slow = s3("RequestTimeout");
    let other = s3("InvalidStorageClass");
    let private = s3("AccessControlListNotSupported");
    let put = |status, body| vec![DENIED, ASSUMED, (status, body)];
    for (answered, kind, told) in [
        (vec![DENIED, DENIED], FailureKind::StorageDenied, "with the external id acct_"),
        (vec![DENIED, (403, OURS)], FailureKind::Storage, "could not be stored"),
        (vec![(500, "")], FailureKind::StorageUnavailable, "can be sent again"),
        (vec![DENIED, (503, "")], FailureKind::StorageUnavailable, "can be sent again"),
        (vec![DENIED, (400, LONG)], FailureKind::StorageInvalid, "shorten the key"),
        (put(404, &gone), FailureKind::StorageInvalid, "check its name"),
        (put(301, &elsewhere), FailureKind::StorageInvalid, "`storage_region`"),
        (put(400, &malformed), FailureKind::StorageInvalid, "`storage_region`"),
        (put(403, &denied), FailureKind::StorageDenied, "s3:PutObject"),
        (put(503, &busy), FailureKind::StorageUnavailable, "can be sent again"),
        (put(400, &slow), FailureKind::StorageUnavailable, "can be sent again"),
        (put(400, &private), FailureKind::StorageInvalid, "`storage_acl`"),
        (put(400, &other), FailureKind::StorageInvalid, "what it takes"),
    ] {
        let aws = Aws::answering(&answered);
        let failure = stored(&aws).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.message.contains(told), "{failure}");
        assert_eq!(aws.asked().len(), answered.len(), "nothing is tried again by the SDK");
    }
}

#[tokio::test]
async fn a_result_that_cannot_be_read_is_our_own_fault() {
    let fault = darkroom_core::port::PortError::Unavailable { service: "s3", cause: String::new() };
    let parcel = Parcel { content: Box::pin(stream::iter([Err(fault)])), ..parcel() };
    let aws = Aws::answering(&[DENIED, ASSUMED]);
    let to = bucket("a.png", Readers::Owner);
    let failure = buckets(&aws).store(&account(), &to, parcel).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Storage);
}

#[test]
fn a_session_may_put_this_object_and_no_other() {
    let of = |key: &str, readers| {
        let policy: serde_json::Value =
            serde_json::from_str(&policy(&bucket(key, readers))).unwrap();
        policy["Statement"][0].clone()
    };
    let statement = of("a/*?${aws:username}/ü€\"", Readers::Owner);
    assert_eq!(statement["Resource"], "arn:aws-cn:s3:::shots/a/${*}${?}${$}{aws:username}/ü*\"");
    assert_eq!(statement["Action"], json!(["s3:PutObject"]));
    let shown = of("a", Readers::Everybody);
    assert_eq!(shown["Action"], json!(["s3:PutObject", "s3:PutObjectAcl"]));
}
