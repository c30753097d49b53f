use std::io::{Read as _, Write as _};
use std::time::Duration;

use bytes::Bytes;
use darkroom_core::address::Reach;
use darkroom_core::port::{ByteStream, PortError, PortResult, PostBody};
use darkroom_core::time::Timestamp;
use darkroom_core::url::CallbackUrl;
use futures::{StreamExt, stream};
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;
use crate::zoo::{Names, Received, Trap, host, receive, receive_head};

/// 2026-11-21T12:00:00Z.
const NOW: Timestamp = Timestamp::from_secs(1_795_262_400);

struct Fixed;

#[async_trait]
impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        NOW
    }

    async fn rest(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}

fn open() -> Reach {
    Reach::with_loopback_except(vec![])
}

/// A sender that gives up soon.
fn sender(reach: Reach) -> HttpSender {
    let mut sender = HttpSender::new(reach, Arc::new(Fixed)).unwrap();
    sender.limits = Limits {
        connect: Duration::from_secs(1),
        answer: Duration::from_millis(300),
        post: |_size| Duration::from_secs(2),
    };
    sender
}

fn sender_asking(reach: Reach, names: Names) -> HttpSender {
    sender(reach).asking(Box::new(names))
}

fn post_to(url: &str, size: usize, body: PostBody) -> Post {
    Post {
        url: CallbackUrl::parse(url, &open()).unwrap(),
        headers: vec![
            ("content-type".to_owned(), "image/png".to_owned()),
            ("webhook-id".to_owned(), "msg_1".to_owned()),
        ],
        size: ByteSize::from_bytes(size as u64),
        body,
        send_by: NOW + Duration::from_millis(1),
    }
}

fn hello(address: SocketAddr) -> Post {
    let body = PostBody::Bytes(Bytes::from_static(b"hello"));
    post_to(&format!("http://{address}/hook?a=b#c"), 5, body)
}

fn pieces(pieces: Vec<PortResult<Bytes>>) -> PostBody {
    PostBody::Stream(stream::iter(pieces).boxed() as ByteStream)
}

fn answered(attempt: Attempt) -> Answer {
    match attempt.outcome {
        AttemptOutcome::Answered(answer) => answer,
        AttemptOutcome::Unanswered { class, detail } => panic!("{class:?}: {detail}"),
    }
}

fn fault(attempt: &Attempt) -> PostFault {
    match &attempt.outcome {
        AttemptOutcome::Answered(answer) => panic!("{answer:?}"),
        AttemptOutcome::Unanswered { class, .. } => *class,
    }
}

fn detail(attempt: &Attempt) -> &str {
    match &attempt.outcome {
        AttemptOutcome::Answered(answer) => panic!("{answer:?}"),
        AttemptOutcome::Unanswered { detail, .. } => detail,
    }
}

/// Takes the whole request, answers, and stays until the sender goes.
async fn answer_with(mut stream: TcpStream, answer: &[u8]) -> Received {
    let received = receive(&mut stream).await.unwrap();
    // The sender may have read enough before all is written.
    let _gone = stream.write_all(answer).await;
    let _gone = stream.read_u8().await;
    received
}

#[tokio::test]
async fn a_receiver_gets_the_bytes_and_headers_with_their_length() {
    let (address, receiver) =
        host(|stream| answer_with(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")).await;
    let attempt = sender(open()).post(3, hello(address)).await.unwrap();
    assert_eq!((attempt.number, attempt.at), (3, NOW));
    assert_eq!(attempt.address, Some(address));
    let answer = answered(attempt);
    assert_eq!((answer.status, answer.body_head.as_str()), (200, "ok"));
    assert_eq!((answer.retry_after, answer.location), (None, None));

    let received = receiver.await.unwrap();
    assert!(received.head.starts_with("POST /hook?a=b HTTP/1.1\r\n"));
    assert_eq!(received.body, b"hello");
    for (name, value) in [
        ("host", address.to_string().as_str()),
        ("content-length", "5"),
        ("content-type", "image/png"),
        ("webhook-id", "msg_1"),
        ("user-agent", USER_AGENT),
        ("connection", "close"),
    ] {
        assert_eq!(received.field(name), Some(value), "{name}");
    }
    assert_eq!(received.field("transfer-encoding"), None);
}

#[tokio::test]
async fn what_comes_too_late_is_not_sent() {
    let (address, receiver) = host(|mut stream| async move {
        let mut arrived = Vec::new();
        stream.read_to_end(&mut arrived).await.unwrap();
        arrived
    })
    .await;
    let late = Post { send_by: NOW, ..hello(address) };
    assert_eq!(sender(open()).post(1, late).await, None);
    assert_eq!(receiver.await.unwrap(), b"");
}

#[tokio::test]
async fn an_empty_body_has_a_length_too() {
    let (address, receiver) =
        host(|stream| answer_with(stream, b"HTTP/1.1 204 No Content\r\n\r\n")).await;
    let post = post_to(&format!("http://{address}/"), 0, PostBody::Bytes(Bytes::new()));
    assert_eq!(answered(sender(open()).post(1, post).await.unwrap()).status, 204);
    assert_eq!(receiver.await.unwrap().field("content-length"), Some("0"));
}

#[tokio::test]
async fn a_stream_arrives_whole_with_its_exact_length() {
    let (address, receiver) = host(|mut stream| async move {
        let received = receive(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        received
    })
    .await;
    let piece = Bytes::from(vec![7; 100_000]);
    let sent = vec![Ok(piece.clone()), Ok(Bytes::new()), Ok(piece), Ok(Bytes::new())];
    let post = post_to(&format!("http://{address}/"), 200_000, pieces(sent));
    assert_eq!(answered(sender(open()).post(1, post).await.unwrap()).status, 200);
    let received = receiver.await.unwrap();
    assert_eq!(received.field("content-length"), Some("200000"));
    assert_eq!(received.field("transfer-encoding"), None);
    assert_eq!(received.body, vec![7; 200_000]);
}

#[tokio::test]
async fn large_pieces_are_passed_on_in_small_ones() {
    let piece = Bytes::from(vec![7; 100_000]);
    for body in [pieces(vec![Ok(piece.clone()), Ok(piece.clone())]), PostBody::Bytes(piece)] {
        let size = if matches!(body, PostBody::Bytes(_)) { 100_000 } else { 200_000 };
        let (mut upload, end) = Upload::new(body, ByteSize::from_bytes(size));
        let mut passed_on = 0;
        while let Some(frame) = upload.frame().await {
            let length = frame.unwrap().into_data().unwrap().len();
            assert!((1..=16 * 1024).contains(&length), "{length}");
            passed_on += length as u64;
        }
        assert_eq!(passed_on, size);
        assert!(end.await.is_ok());
    }
}

#[test]
fn giving_up_ends_within_the_budget() {
    for (size, left) in [(ByteSize::from_bytes(0), 29_950), (ByteSize::from_mib(1), 30_450)] {
        assert_eq!((Limits::CONTRACT.post)(size), Duration::from_millis(left));
    }
}

#[tokio::test]
async fn a_body_that_fails_or_has_another_length_resets_the_connection() {
    let storage = || PortError::Unavailable {
        service: "s3 GetObject",
        cause: "secret-bucket is gone".to_owned(),
    };
    let half = || Ok(Bytes::from_static(b"hal"));
    for body in [
        vec![half(), Err(storage())],
        vec![half()],
        vec![half(), half(), half()],
        // The store's own check fails after the last byte.
        vec![half(), half(), Err(storage())],
    ] {
        let (address, receiver) = host(|mut stream| async move {
            receive_head(&mut stream).await.unwrap();
            let mut rest = Vec::new();
            let end = stream.read_to_end(&mut rest).await;
            (rest.len(), end.map_err(|fault| fault.kind()))
        })
        .await;
        let post = post_to(&format!("http://{address}/"), 6, pieces(body));
        let attempt = sender(open()).post(1, post).await.unwrap();
        assert_eq!(fault(&attempt), PostFault::Artifact);
        assert!(!detail(&attempt).contains("s3"), "{}", detail(&attempt));
        let (received, end) = receiver.await.unwrap();
        assert!(received < 6, "{received}");
        assert_eq!(end, Err(std::io::ErrorKind::ConnectionReset));
    }
}

#[tokio::test]
async fn answers_are_recorded_as_they_are() {
    let recorded = |status, retry_after_s: Option<u64>, location: Option<&str>| Answer {
        status,
        body_head: String::new(),
        retry_after: retry_after_s.map(Duration::from_secs),
        location: location.map(str::to_owned),
    };
    let cases = [
        ("HTTP/1.1 500 No\r\n\r\n", recorded(500, None, None)),
        ("HTTP/1.0 410 Gone\r\n\r\n", recorded(410, None, None)),
        (
            "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1/n\u{e9}xt\r\n\r\n",
            recorded(301, None, Some("http://127.0.0.1/n\u{e9}xt")),
        ),
        ("HTTP/1.1 429 Slow down\r\nRetry-After: 17\r\n\r\n", recorded(429, Some(17), None)),
        (
            "HTTP/1.1 503 Later\r\nRetry-After: Sat, 21 Nov 2026 12:01:30 GMT\r\n\r\n",
            recorded(503, Some(90), None),
        ),
    ];
    for (wire, expected) in cases {
        let (address, _receiver) = host(move |mut stream| async move {
            receive(&mut stream).await.unwrap();
            stream.write_all(wire.as_bytes()).await.unwrap();
        })
        .await;
        let answer = answered(sender(open()).post(1, hello(address)).await.unwrap());
        assert_eq!(answer, expected);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let trap = Trap::at("127.0.0.1:0").await;
    let wire = format!(
        "HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
        trap.port()
    );
    let (address, _receiver) =
        host(|stream| async move { answer_with(stream, wire.as_bytes()).await }).await;
    let answer = answered(sender(open()).post(1, hello(address)).await.unwrap());
    assert_eq!(answer.status, 307);
    trap.assert_untouched();
}

#[tokio::test]
async fn a_receiver_that_hangs_is_cut_at_the_answer_timer() {
    let (address, receiver) = host(|stream| answer_with(stream, b"")).await;
    let attempt = sender(open()).post(1, hello(address)).await.unwrap();
    assert_eq!(fault(&attempt), PostFault::Timeout);
    assert!(attempt.took >= Duration::from_millis(300));
    assert!(attempt.took < Duration::from_millis(1900), "{:?}", attempt.took);
    receiver.await.unwrap();
}

#[tokio::test]
async fn a_receiver_that_takes_no_body_is_cut_at_the_whole_budget() {
    let (address, receiver) = host(|mut stream| async move {
        receive_head(&mut stream).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.map_err(|fault| fault.kind())
    })
    .await;
    let size = 64 * 1024 * 1024;
    let body = PostBody::Bytes(Bytes::from(vec![0; size]));
    let post = post_to(&format!("http://{address}/"), size, body);
    let attempt = sender(open()).post(1, post).await.unwrap();
    assert_eq!(fault(&attempt), PostFault::Timeout);
    assert!(attempt.took >= Duration::from_secs(2));
    assert!(attempt.took < Duration::from_secs(4), "{:?}", attempt.took);
    // Half a body never ends in good order.
    assert_eq!(receiver.await.unwrap(), Err(std::io::ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_dripping_head_and_a_dripping_body_are_no_answer() {
    for head in ["HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\n\r\n"] {
        let (address, _receiver) = host(move |mut stream| async move {
            receive(&mut stream).await.unwrap();
            let _gone = stream.write_all(head.as_bytes()).await;
            while stream.write_all(b".").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await;
        let attempt = sender(open()).post(1, hello(address)).await.unwrap();
        assert_eq!(fault(&attempt), PostFault::Timeout, "{head}");
        assert!(attempt.took < Duration::from_millis(1900), "{:?}", attempt.took);
    }
}

#[tokio::test]
async fn an_endless_body_is_read_to_sixteen_kibibytes_and_counts_as_an_answer() {
    for head in
        ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n"]
    {
        let (address, _receiver) = host(move |mut stream| async move {
            receive(&mut stream).await.unwrap();
            let _gone = stream.write_all(head.as_bytes()).await;
            while stream.write_all(&[b'x'; 8192]).await.is_ok() {}
        })
        .await;
        let attempt = sender(open()).post(1, hello(address)).await.unwrap();
        let answer = answered(attempt);
        assert_eq!((answer.status, answer.body_head.len()), (200, 1024));
    }
}

#[tokio::test]
async fn a_body_that_breaks_costs_the_receiver_nothing() {
    let (address, _receiver) = host(|mut stream| async move {
        receive(&mut stream).await.unwrap();
        let wire = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
        stream.write_all(wire).await.unwrap();
    })
    .await;
    let answer = answered(sender(open()).post(1, hello(address)).await.unwrap());
    assert_eq!((answer.status, answer.body_head.as_str()), (200, "half"));
}

#[tokio::test]
async fn a_receiver_that_accepts_first_and_reads_then_still_gets_the_whole_body() {
    let size = 8 * 1024 * 1024;
    let (address, receiver) = host(move |mut stream| async move {
        receive_head(&mut stream).await.unwrap();
        let wire = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(wire).await.unwrap();
        let mut body = vec![0; size];
        stream.read_exact(&mut body).await.is_ok()
    })
    .await;
    let body = PostBody::Bytes(Bytes::from(vec![9; size]));
    let post = post_to(&format!("http://{address}/"), size, body);
    assert_eq!(answered(sender(open()).post(1, post).await.unwrap()).status, 202);
    assert!(receiver.await.unwrap());
}

#[tokio::test]
async fn a_refusal_in_mid_upload_is_an_answer_at_once() {
    let size = 64 * 1024 * 1024;
    let (address, _receiver) = host(|mut stream| async move {
        receive_head(&mut stream).await.unwrap();
        let wire = b"HTTP/1.1 413 Too large\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(wire).await.unwrap();
        tokio::time::sleep(Duration::from_secs(3)).await;
    })
    .await;
    let body = PostBody::Bytes(Bytes::from(vec![9; size]));
    let post = post_to(&format!("http://{address}/"), size, body);
    let attempt = sender(open()).post(1, post).await.unwrap();
    assert!(attempt.took < Duration::from_millis(1900), "{:?}", attempt.took);
    assert_eq!(answered(attempt).status, 413);
}

#[tokio::test]
async fn what_a_receiver_said_before_it_closed_is_read_all_the_same() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (closes, closed) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        stream.write_all(b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").unwrap();
        // A close with something unread is a reset.
        drop(stream);
        closes.send(()).unwrap();
    });
    let piece = Bytes::from(vec![7; 16 * 1024]);
    let source = stream::iter(0..4).map(move |number| {
        if number == 1 {
            // The sender can look at nothing meanwhile: its next act is to write.
            closed.recv().unwrap();
        }
        Ok(piece.clone())
    });
    let body = PostBody::Stream(source.boxed());
    let post = post_to(&format!("http://{address}/"), 4 * 16 * 1024, body);
    assert_eq!(answered(sender(open()).post(1, post).await.unwrap()).status, 410);
}

#[tokio::test]
async fn broken_connections_and_what_is_no_http_are_told_from_silence() {
    let long = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(MAX_HEAD_BYTES));
    let cases: [&[u8]; 4] =
        [b"", b"SSH-2.0-OpenSSH_9.9\r\n", b"HTTP/1.1 200 OK\r\nx", long.as_bytes()];
    for wire in cases {
        let wire = wire.to_vec();
        let (address, _receiver) = host(move |mut stream| async move {
            receive(&mut stream).await.unwrap();
            let _gone = stream.write_all(&wire).await;
        })
        .await;
        let attempt = sender(open()).post(1, hello(address)).await.unwrap();
        assert_eq!(fault(&attempt), PostFault::Broken);
    }
    let (address, _receiver) =
        host(|stream| async move { stream.set_zero_linger().unwrap() }).await;
    let attempt = sender(open()).post(1, hello(address)).await.unwrap();
    assert_eq!(fault(&attempt), PostFault::Broken);
}

#[tokio::test]
async fn interim_answers_are_skipped_and_a_flood_of_them_is_cut() {
    let wire = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n";
    let (address, _receiver) = host(|stream| answer_with(stream, wire)).await;
    assert_eq!(answered(sender(open()).post(1, hello(address)).await.unwrap()).status, 201);

    let (address, receiver) = host(|mut stream| async move {
        receive(&mut stream).await.unwrap();
        let mut written = 0_usize;
        while stream.write_all(b"HTTP/1.1 102 Processing\r\n\r\n").await.is_ok() {
            written += 27;
        }
        written
    })
    .await;
    let attempt = sender(open()).post(1, hello(address)).await.unwrap();
    assert_eq!(fault(&attempt), PostFault::Broken);
    assert!(attempt.took < Duration::from_millis(1900), "{:?}", attempt.took);
    receiver.await.unwrap();

    let (address, _receiver) = host(|mut stream| async move {
        receive(&mut stream).await.unwrap();
        while stream.write_all(b"HTTP/1.1 102 Processing\r\n\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let attempt = sender(open()).post(1, hello(address)).await.unwrap();
    assert_eq!(fault(&attempt), PostFault::Timeout);
}

#[tokio::test]
async fn no_more_than_sixteen_kibibytes_of_an_answer_are_read() {
    let floods: [(&[u8], &[u8]); 5] = [
        (b"HTTP/1.1 200 OK\r\n\r\n", b"endless"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"a: b\r\n"),
        (b"HTTP/1.1 200 OK\r\na: ", b"b"),
        (b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ];
    for (head, again) in floods {
        let flood = again.repeat(16 * 1024 / again.len());
        let (address, _receiver) = host(move |mut stream| async move {
            receive(&mut stream).await.unwrap();
            let _gone = stream.write_all(head).await;
            while stream.write_all(&flood).await.is_ok() {}
        })
        .await;
        let sender = sender(open());
        let attempt = sender.post(1, hello(address)).await.unwrap();
        let read = sender.answer_bytes_read();
        assert!((1..=16 * 1024).contains(&read), "{read}: {:?}", attempt.outcome);
    }
}

#[tokio::test]
async fn a_closed_port_is_a_fault_of_connecting() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let attempt = sender(open()).post(1, hello(address)).await.unwrap();
    assert_eq!(fault(&attempt), PostFault::Connect);
    assert_eq!(attempt.address, Some(address));
}

#[tokio::test]
async fn names_that_dont_resolve_are_told_apart() {
    let url = "http://nowhere.test/";
    for names in [Names::fixed(&[]), Names::fixed(&[("nowhere.test", &[])]), Names::silent()] {
        let post = post_to(url, 0, PostBody::Bytes(Bytes::new()));
        let attempt = sender_asking(open(), names).post(1, post).await.unwrap();
        assert_eq!(fault(&attempt), PostFault::NameNotResolved);
        assert_eq!(attempt.address, None);
    }
}

#[tokio::test]
async fn a_rebinding_name_is_resolved_once_and_the_judged_address_dialled() {
    let (address, receiver) =
        host(|stream| answer_with(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")).await;
    let trap = Trap::at(&format!("127.0.0.2:{}", address.port())).await;
    let names = Names::rebinding("rebind.test", &["127.0.0.1", "127.0.0.2", "127.0.0.2"]);
    let lookups = names.lookups();
    let sender = sender_asking(open(), names);
    let url = format!("http://rebind.test:{}/", address.port());
    let post = post_to(&url, 0, PostBody::Bytes(Bytes::new()));
    let attempt = sender.post(1, post).await.unwrap();
    assert_eq!(attempt.address, Some(address));
    assert_eq!(answered(attempt).status, 200);
    assert_eq!(lookups.count(), 1);
    let received = receiver.await.unwrap();
    let host = format!("rebind.test:{}", address.port());
    assert_eq!(received.field("host"), Some(host.as_str()));
    trap.assert_untouched();
}

#[tokio::test]
async fn no_spelling_of_loopback_is_posted_to() {
    let trap = Trap::at("127.0.0.1:0").await;
    let names = || {
        Names::fixed(&[
            ("direct.test", &["127.0.0.1"]),
            ("mapped.test", &["::ffff:127.0.0.1"]),
            ("mixed.test", &["93.184.216.34", "127.0.0.1"]),
            ("zero.test", &["0.0.0.0"]),
        ])
    };
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "１２７.0.0.1",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "[::1]",
        "direct.test",
        "direct.test.",
        "mapped.test",
        "mixed.test",
        "zero.test",
    ] {
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://{host}:{}/", trap.port());
            let post = post_to(&url, 0, PostBody::Bytes(Bytes::new()));
            let attempt = sender_asking(Reach::public(), names()).post(1, post).await.unwrap();
            let class = fault(&attempt);
            // The rooted name isn't in the table of names.
            let expected = match host {
                "direct.test." => PostFault::NameNotResolved,
                _ => PostFault::ForbiddenAddress,
            };
            assert_eq!(class, expected, "{url}");
            assert_eq!(attempt.address, None, "{url}");
        }
    }
    trap.assert_untouched();
}

mod tls {
    use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
    use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
    use rustls::{HandshakeKind, ServerConfig};
    use tokio_rustls::TlsAcceptor;

    use super::*;

    fn certificate(name: &str) -> CertifiedKey<KeyPair> {
        generate_simple_self_signed([name.to_owned()]).unwrap()
    }

    fn acceptor(certified: &CertifiedKey<KeyPair>) -> TlsAcceptor {
        let key = PrivatePkcs8KeyDer::from(certified.signing_key.serialize_der());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], PrivateKeyDer::Pkcs8(key))
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }

    fn trusting(certified: &CertifiedKey<KeyPair>) -> HttpSender {
        let names = Names::fixed(&[("hook.test", &["127.0.0.1"]), ("other.test", &["127.0.0.1"])]);
        let mut roots = RootCertStore::empty();
        roots.add(certified.cert.der().clone()).unwrap();
        sender_asking(open(), names).trusting(roots).unwrap()
    }

    fn post(host: &str, port: u16) -> Post {
        let body = PostBody::Bytes(Bytes::from_static(b"hello"));
        post_to(&format!("https://{host}:{port}/"), 5, body)
    }

    #[tokio::test]
    async fn https_goes_out_under_the_urls_own_name() {
        let certified = certificate("hook.test");
        let acceptor = acceptor(&certified);
        let (address, receiver) = host(move |stream| async move {
            let mut stream = acceptor.accept(stream).await.unwrap();
            let received = receive(&mut stream).await.unwrap();
            let wire = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(wire).await.unwrap();
            let (_, session) = stream.get_ref();
            let name = session.server_name().unwrap().to_owned();
            (name, session.alpn_protocol().unwrap().to_vec(), received)
        })
        .await;
        let post = post("hook.test", address.port());
        let attempt = trusting(&certified).post(1, post).await.unwrap();
        assert_eq!(answered(attempt).status, 200);
        let (name, protocol, received) = receiver.await.unwrap();
        assert_eq!((name.as_str(), protocol.as_slice()), ("hook.test", &b"http/1.1"[..]));
        assert_eq!(received.body, b"hello");
    }

    #[tokio::test]
    async fn certificates_that_prove_nothing_are_refused() {
        let certified = certificate("hook.test");
        let strangers = certificate("hook.test");
        // An untrusted certificate, a wrong name, an address, and no TLS at all.
        for (host_name, sender, speaks_tls) in [
            ("hook.test", trusting(&strangers), true),
            ("other.test", trusting(&certified), true),
            ("127.0.0.1", trusting(&certified), true),
            ("hook.test", trusting(&certified), false),
        ] {
            let acceptor = acceptor(&certified);
            let (address, _receiver) = host(move |mut stream| async move {
                if speaks_tls {
                    acceptor.accept(stream).await.is_ok()
                } else {
                    stream.write_all(b"HTTP/1.1 400 Bad\r\n\r\n").await.is_ok()
                }
            })
            .await;
            let attempt = sender.post(1, post(host_name, address.port())).await.unwrap();
            assert_eq!(fault(&attempt), PostFault::Tls, "{host_name} {speaks_tls}");
            assert!(!detail(&attempt).is_empty());
        }
    }

    #[tokio::test]
    async fn a_handshake_that_never_comes_is_a_fault_of_connecting() {
        // Connections to a listener that never accepts are made by the kernel.
        let trap = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = trap.local_addr().unwrap().port();
        let sender = trusting(&certificate("hook.test"));
        let attempt = sender.post(1, post("hook.test", port)).await.unwrap();
        assert_eq!(fault(&attempt), PostFault::Connect);
        assert!(attempt.took < Duration::from_millis(1900), "{:?}", attempt.took);
    }

    #[tokio::test]
    async fn what_a_receiver_issues_for_resuming_is_not_kept() {
        let certified = certificate("hook.test");
        let (sender, acceptor) = (trusting(&certified), acceptor(&certified));
        for _ in 0..2 {
            let acceptor = acceptor.clone();
            let (address, receiver) = host(move |stream| async move {
                let mut stream = acceptor.accept(stream).await.unwrap();
                receive(&mut stream).await.unwrap();
                let wire = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(wire).await.unwrap();
                stream.get_ref().1.handshake_kind()
            })
            .await;
            let attempt = sender.post(1, post("hook.test", address.port())).await.unwrap();
            assert_eq!(answered(attempt).status, 200);
            assert_eq!(receiver.await.unwrap(), Some(HandshakeKind::Full));
        }
    }
}
