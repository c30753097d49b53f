use std::time::Duration;

use bytes::Bytes;
use darkroom_aws::artifact_store::S3ArtifactStore;
use darkroom_aws::links::{LinkSettings, MAX_LIFE, S3Links};
use darkroom_aws::machine::SystemClock;
use darkroom_aws::signer_secret::{self, SignerCredentials};
use darkroom_contract::orders::{artifact, job};
use darkroom_core::artifact::{Artifact, ArtifactKey, FileKind};
use darkroom_core::capture::Format;
use darkroom_core::id::JobId;
use darkroom_core::job::JobState;
use darkroom_core::port::{
    ArtifactStore as _, Clock as _, Content, LinkTarget, Links as _, OwnLink, PortError,
};
use darkroom_core::report::PixelSize;
use darkroom_core::secret::Secret;
use darkroom_core::time::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::emulator::ADMINISTRATOR;
use crate::ground::Ground;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const WITHOUT_SIGNER: &str = r#"{"link_key":"0123456789"}"#;

async fn links(ground: &Ground, secret: &str, life: Duration) -> S3Links {
    let settings = LinkSettings {
        bucket: ground.name.clone(),
        secret_arn: ground.secret(secret).await,
        life,
        results_kept_for: KEPT,
    };
    let clients = ground.clients.clone();
    S3Links::new(clients.s3, clients.secrets_manager, settings)
}

async fn stored(ground: &Ground) -> Artifact {
    let artifact = artifact(&job(1));
    let store = S3ArtifactStore::new(ground.clients.s3.clone(), &ground.name);
    let content = Bytes::from_static(b"PNG");
    let put = store.put(&artifact.key, Content::Bytes(content), Format::Png);
    put.await.unwrap();
    artifact
}

const SLICE: FileKind =
    FileKind::Slice { index: 2, offset_y_px: 800, pixels: PixelSize { width: 1, height: 1 } };

fn result(key: &ArtifactKey) -> LinkTarget<'_> {
    LinkTarget { key, file: None, format: Format::Png }
}

fn own_link(job: JobId, expires_at: Timestamp, signature: &str) -> OwnLink {
    OwnLink { job, expires_at, signature: signature.to_owned(), file: None }
}

/// A result with a slice of it.
async fn stored_with_slice(ground: &Ground) -> Artifact {
    let artifact = stored(ground).await;
    let store = S3ArtifactStore::new(ground.clients.s3.clone(), &ground.name);
    let content = Content::Bytes(Bytes::from_static(b"SLICE"));
    store.put(&artifact.key.of_file(SLICE), content, Format::Png).await.unwrap();
    artifact
}

/// The whole answer to a GET.
async fn get(ground: &Ground, url: &str) -> String {
    let path = url.split_once(&format!(":{}", ground.port())).unwrap().1;
    let host = format!("127.0.0.1:{}", ground.port());
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap()
}

#[tokio::test]
async fn with_a_signer_a_link_is_a_url_of_s3_that_ends_when_it_says() {
    let ground = Ground::new().await;
    let secret = format!(
        r#"{{"link_key":"k","access_key_id":"{ADMINISTRATOR}","secret_access_key":"{ADMINISTRATOR}"}}"#
    );
    let links = links(&ground, &secret, Duration::from_secs(60)).await;
    let artifact = stored(&ground).await;
    let now = SystemClock.now();
    let link = links.link(&job(1), result(&artifact.key), now).await;
    let link = link.unwrap();
    assert_eq!(link.expires_at.as_secs(), now.as_secs() + 60);
    let answer = get(&ground, &link.url).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.ends_with("PNG"), "{answer}");
    let named = format!("inline; filename=\"{}.png\"", job(1).id);
    assert!(answer.contains(&named), "{answer}");
    let page = LinkTarget { format: Format::Html, ..result(&artifact.key) };
    let page = links.link(&job(1), page, now).await.unwrap();
    let saved = format!("attachment; filename=\"{}.html\"", job(1).id);
    let answer = get(&ground, &page.url).await;
    assert!(answer.contains(&saved), "{answer}");

    let tampered = link.url.replace("results/", "inputs/");
    assert_eq!(status(&get(&ground, &tampered).await), "403");
    let unsigned = link.url.split_once('?').unwrap().0;
    assert_eq!(status(&get(&ground, unsigned).await), "403");
    let past = now - Duration::from_secs(61);
    let ended = links.link(&job(1), result(&artifact.key), past).await;
    assert_eq!(status(&get(&ground, &ended.unwrap().url).await), "403");
}

#[tokio::test]
async fn a_file_of_a_result_has_a_url_of_its_own() {
    let ground = Ground::new().await;
    let secret = format!(
        r#"{{"link_key":"k","access_key_id":"{ADMINISTRATOR}","secret_access_key":"{ADMINISTRATOR}"}}"#
    );
    let artifact = stored_with_slice(&ground).await;
    let slice = LinkTarget { file: Some(SLICE), ..result(&artifact.key) };
    let now = SystemClock.now();
    let links = links(&ground, &secret, Duration::from_secs(60)).await;
    let link = links.link(&job(1), slice, now).await.unwrap();
    let answer = get(&ground, &link.url).await;
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.ends_with("SLICE"), "{answer}");
    let named = format!("inline; filename=\"{}-slice-2.png\"", job(1).id);
    assert!(answer.contains(&named), "{answer}");
}

#[tokio::test]
async fn an_own_link_to_a_file_leads_to_this_file_only() {
    let ground = Ground::new().await;
    let links = links(&ground, WITHOUT_SIGNER, Duration::from_secs(60)).await;
    let artifact = stored_with_slice(&ground).await;
    let slice = LinkTarget { file: Some(SLICE), ..result(&artifact.key) };
    let now = SystemClock.now();
    let link = links.link(&job(1), slice, now).await.unwrap();
    let path = link.url.strip_prefix("https://shots.example/r/").unwrap();
    let [_, _, signature, "slice-2"] = path.split('/').collect::<Vec<_>>()[..] else {
        panic!("{path}")
    };
    for (file, expected) in [(Some("slice-2"), true), (Some("slice-1"), false), (None, false)] {
        let file = file.map(str::to_owned);
        let link = OwnLink { file, ..own_link(job(1).id, link.expires_at, signature) };
        assert_eq!(links.verify(&link).await.unwrap(), expected, "{link:?}");
    }
    let short = links.short_link(job(1).id, slice, now).await.unwrap();
    assert!(get(&ground, &short.url).await.ends_with("SLICE"));
}

#[tokio::test]
async fn no_link_lives_longer_than_s3_allows() {
    let ground = Ground::new().await;
    let secret = r#"{"link_key":"k","access_key_id":"a","secret_access_key":"s"}"#;
    let links = links(&ground, secret, MAX_LIFE * 2).await;
    let now = SystemClock.now();
    let key = artifact(&job(1)).key;
    let link = links.link(&job(1), result(&key), now).await.unwrap();
    assert!(link.url.contains("X-Amz-Expires=604800"), "{}", link.url);
    assert_eq!(link.expires_at.as_secs(), (now + MAX_LIFE).as_secs());
}

#[tokio::test]
async fn without_a_signer_a_link_is_our_own_and_leads_on_to_a_short_one() {
    let ground = Ground::new().await;
    let links = links(&ground, WITHOUT_SIGNER, Duration::from_secs(60)).await;
    let artifact = stored(&ground).await;
    let now = SystemClock.now();
    let link = links.link(&job(1), result(&artifact.key), now).await;
    let link = link.unwrap();
    let path = link.url.strip_prefix("https://shots.example/r/").unwrap();
    let [id, ends, signature] = path.split('/').collect::<Vec<_>>()[..] else { panic!("{path}") };
    let id = JobId::parse_decimal(id).unwrap();
    let ends = Timestamp::from_secs(ends.parse().unwrap());
    assert_eq!((id, ends), (job(1).id, link.expires_at));

    let later = ends + Duration::from_secs(1);
    let (head, last) = signature.split_at(63);
    let flipped = format!("{head}{}", if last == "0" { "1" } else { "0" });
    let cases = [
        (id, ends, signature, true),
        (job(2).id, ends, signature, false),
        (id, later, signature, false),
        (id, ends, head, false),
        (id, ends, &flipped, false),
        (id, ends, "", false),
    ];
    for (id, ends, signature, expected) in cases {
        let verified = links.verify(&own_link(id, ends, signature)).await.unwrap();
        assert_eq!(verified, expected, "{id} {ends} {signature}");
    }

    let short = links.short_link(id, result(&artifact.key), now).await.unwrap();
    assert_eq!(short.expires_at.as_secs(), now.as_secs() + 300);
    assert_eq!(status(&get(&ground, &short.url).await), "200");
}

#[tokio::test]
async fn no_link_outlives_its_result() {
    let ground = Ground::new().await;
    let links = links(&ground, WITHOUT_SIGNER, 3 * DAY).await;
    let artifact = artifact(&job(1));
    let key = artifact.key.clone();
    let now = Timestamp::from_secs(SystemClock.now().as_secs());
    for (age, left) in [(1, 3 * DAY), (28, 2 * DAY), (29, DAY), (31, Duration::from_secs(300))] {
        let mut job = job(1);
        // However late a job came by it.
        let artifact = Artifact { stored_at: now - age * DAY, ..artifact.clone() };
        job.state = JobState::Completed { at: now, rendering: Duration::ZERO, artifact };
        let link = links.link(&job, result(&key), now).await.unwrap();
        assert_eq!(link.expires_at, now + left, "after {age} days");
    }
}

#[tokio::test]
async fn a_rotated_key_is_taken_up_within_five_minutes() {
    let ground = Ground::new().await;
    let arn = ground.secret(WITHOUT_SIGNER).await;
    let settings = LinkSettings {
        bucket: ground.name.clone(),
        secret_arn: arn.clone(),
        life: Duration::from_secs(60),
        results_kept_for: KEPT,
    };
    let secrets_manager = &ground.clients.secrets_manager;
    let links = S3Links::new(ground.clients.s3.clone(), secrets_manager.clone(), settings);
    let key = artifact(&job(1)).key;
    let now = SystemClock.now();
    let url = async || {
        let link = links.link(&job(1), result(&key), now).await;
        link.unwrap().url
    };
    assert!(url().await.starts_with("https://shots.example/r/"));

    let mut keys = signer_secret::read(secrets_manager, &arn).await.unwrap();
    keys.credentials = Some(SignerCredentials {
        access_key_id: "AKIANEW".to_owned(),
        secret_access_key: Secret::new(b"secret".to_vec()),
    });
    signer_secret::write(secrets_manager, &arn, &keys).await.unwrap();
    assert!(url().await.starts_with("https://shots.example/r/"));
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(5 * 60)).await;
    tokio::time::resume();
    assert!(url().await.contains("AKIANEW"));
}

#[tokio::test]
async fn a_secret_of_another_form_is_reported_without_its_text() {
    let ground = Ground::new().await;
    let links = links(&ground, "hunter2", Duration::from_secs(60)).await;
    let fault = links.verify(&own_link(job(1).id, Timestamp::from_secs(1), "00")).await;
    let fault = fault.unwrap_err();
    assert!(matches!(fault, PortError::Corrupt { .. }), "{fault}");
    assert!(!fault.to_string().contains("hunter2"), "{fault}");
}
