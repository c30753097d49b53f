use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use crate::zoo::{Names, Trap, host, receive, receive_head};

fn open() -> Reach {
    Reach::with_loopback_except(vec![])
}

const SOON: Limits = Limits {
    connections: 4,
    connect: Duration::from_millis(300),
    head: Duration::from_millis(200),
    idle: Duration::from_millis(200),
};

async fn proxy(reach: Reach, names: Names) -> ForwardProxy {
    let gate = Gate::with_resolver(reach, Box::new(names));
    ForwardProxy::start_with(gate, Limits::CHROMIUM).await.unwrap()
}

/// What a proxy says to these bytes, until it closes.
async fn said(proxy: &ForwardProxy, request: &str) -> String {
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

fn get(url: &str) -> String {
    format!("GET {url} HTTP/1.1\r\nHost: ignored.test\r\nConnection: close\r\n\r\n")
}

fn connect(authority: &str) -> String {
    format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n")
}

fn field<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let (head, _) = answer.split_once("\r\n\r\n").unwrap();
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn status(answer: &str) -> &str {
    answer.get("HTTP/1.1 ".len().."HTTP/1.1 200".len()).unwrap()
}

#[tokio::test]
async fn a_get_is_forwarded_in_origin_form_without_what_concerns_the_hop() {
    let (address, upstream) = host(|mut stream| async move {
        let received = receive(&mut stream).await.unwrap();
        let wire = b"HTTP/1.1 200 Fine\r\nContent-Length: 4\r\nX-Page: 1\r\nX-Hop: 1\r\nConnection: x-hop\r\nx-darkroom-egress: forbidden\r\n\r\npage";
        stream.write_all(wire).await.unwrap();
        received
    })
    .await;
    let proxy = proxy(open(), Names::fixed(&[])).await;
    let request = format!(
        "GET http://{address}/a%20b?c=|d HTTP/1.1\r\nHost: other.test\r\nAccept: */*\r\nCookie: a=1\r\nConnection: close, X-Mine\r\nX-Mine: 1\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: x\r\nKeep-Alive: 5\r\nUpgrade: websocket\r\nTE: trailers\r\n\r\n"
    );
    let answer = said(&proxy, &request).await;
    assert!(answer.ends_with("\r\n\r\npage"), "{answer}");
    assert_eq!(status(&answer), "200");
    assert_eq!(field(&answer, "x-page"), Some("1"));
    assert_eq!(field(&answer, "content-length"), Some("4"));
    for gone in ["x-hop", VERDICT_HEADER, "date"] {
        assert_eq!(field(&answer, gone), None, "{gone}");
    }

    let received = upstream.await.unwrap();
    assert!(received.head.starts_with("GET /a%20b?c=|d HTTP/1.1\r\n"));
    let host = address.to_string();
    for (name, value) in
        [("host", host.as_str()), ("accept", "*/*"), ("cookie", "a=1"), ("connection", "close")]
    {
        assert_eq!(received.field(name), Some(value), "{name}");
    }
    for gone in [
        "x-mine",
        "proxy-connection",
        "proxy-authorization",
        "keep-alive",
        "upgrade",
        "te",
        "content-length",
        "transfer-encoding",
    ] {
        assert_eq!(received.field(gone), None, "{gone}");
    }
    assert_eq!(proxy.verdict("127.0.0.1", address.port()), None);
}

#[tokio::test]
async fn a_head_request_keeps_the_length_that_it_asks_for() {
    let (address, _upstream) = host(|mut stream| async move {
        receive(&mut stream).await.unwrap();
        let wire = b"HTTP/1.1 200 OK\r\ncontent-length: 12345\r\n\r\n";
        stream.write_all(wire).await.unwrap();
    })
    .await;
    let proxy = proxy(open(), Names::fixed(&[])).await;
    let request =
        format!("HEAD http://{address}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answer = said(&proxy, &request).await;
    assert_eq!(field(&answer, "content-length"), Some("12345"));
    assert!(answer.ends_with("\r\n\r\n"));
}

#[tokio::test]
async fn large_bodies_go_through_both_ways_byte_for_byte() {
    let body: Vec<u8> = (0..5_000_000_u32).map(|n| n.to_le_bytes()[1]).collect();
    let echoed = body.len();
    let (address, _upstream) = host(move |mut stream| async move {
        let received = receive(&mut stream).await.unwrap();
        assert_eq!(received.field("content-length"), Some("5000000"));
        // Chunks of the host's own choice.
        let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head).await.unwrap();
        for piece in received.body.chunks(70_001) {
            let size = format!("{:x}\r\n", piece.len());
            stream.write_all(size.as_bytes()).await.unwrap();
            stream.write_all(piece).await.unwrap();
            stream.write_all(b"\r\n").await.unwrap();
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
    })
    .await;
    let proxy = proxy(open(), Names::fixed(&[])).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let head = format!(
        "POST http://{address}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {echoed}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    let head = receive_head(&mut stream).await.unwrap();
    assert_eq!(head.field("transfer-encoding"), Some("chunked"));
    let mut wire = Vec::new();
    stream.read_to_end(&mut wire).await.unwrap();
    assert!(dechunked(&wire) == body);
}

fn dechunked(mut wire: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = wire.iter().position(|&byte| byte == b'\r').unwrap();
        let size = usize::from_str_radix(std::str::from_utf8(&wire[..end]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        wire = &wire[end + 2..];
        body.extend_from_slice(&wire[..size]);
        wire = &wire[size + 2..];
    }
}

#[tokio::test]
async fn a_chunked_request_stays_one_message() {
    let (address, upstream) = host(|mut stream| async move {
        let head = receive_head(&mut stream).await.unwrap();
        let mut wire = Vec::new();
        while !wire.ends_with(b"0\r\n\r\n") {
            wire.push(stream.read_u8().await.unwrap());
        }
        let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        (head, dechunked(&wire))
    })
    .await;
    let proxy = proxy(open(), Names::fixed(&[])).await;
    let request = format!(
        "POST http://{address}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"
    );
    assert_eq!(status(&said(&proxy, &request).await), "204");
    let (head, body) = upstream.await.unwrap();
    assert_eq!(body, b"abcdefg");
    assert_eq!(head.field("transfer-encoding"), Some("chunked"));
}

#[tokio::test]
async fn one_connection_carries_one_request_after_the_other() {
    let proxy = proxy(open(), Names::fixed(&[])).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    for expected in [b"one", b"two"] {
        let (address, _upstream) = host(move |mut stream| async move {
            receive(&mut stream).await.unwrap();
            let head = b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n";
            stream.write_all(head).await.unwrap();
            stream.write_all(expected).await.unwrap();
        })
        .await;
        let request = format!("GET http://{address}/ HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = receive(&mut stream).await.unwrap();
        assert_eq!(answer.body, expected);
    }
}

#[tokio::test]
async fn an_answer_that_breaks_never_ends_in_good_order() {
    for head in [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n",
    ] {
        let (address, _upstream) = host(move |mut stream| async move {
            receive(&mut stream).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(b"half").await.unwrap();
        })
        .await;
        let proxy = proxy(open(), Names::fixed(&[])).await;
        let answer = said(&proxy, &get(&format!("http://{address}/"))).await;
        assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");
        assert!(answer.len() < 200, "{answer}");
    }
}

#[tokio::test]
async fn a_tunnel_carries_bytes_both_ways_until_both_sides_are_done() {
    let (address, upstream) = host(|mut stream| async move {
        let mut question = Vec::new();
        stream.read_to_end(&mut question).await.unwrap();
        stream.write_all(&question).await.unwrap();
        question.len()
    })
    .await;
    let names = Names::fixed(&[("tunnel.test", &["127.0.0.1"])]);
    let proxy = proxy(open(), names).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    // The first bytes come on the heels of the request.
    let request = connect(&format!("tunnel.test:{}", address.port())) + "hello";
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = receive_head(&mut stream).await.unwrap();
    assert!(head.head.starts_with("HTTP/1.1 200"), "{}", head.head);
    assert_eq!(head.field("transfer-encoding"), None);
    let body = vec![5; 300_000];
    stream.write_all(&body).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut echo = Vec::new();
    stream.read_to_end(&mut echo).await.unwrap();
    assert_eq!(echo.len(), 300_005);
    assert!(echo.starts_with(b"hello"));
    assert_eq!(upstream.await.unwrap(), 300_005);
}

#[tokio::test]
async fn refusals_are_told_apart_in_the_answer_and_in_the_record() {
    let closed = Trap::at("127.0.0.1:0").await;
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let gone_port = gone.local_addr().unwrap().port();
    drop(gone);
    let names = Names::fixed(&[("private.test", &["10.0.0.1"]), ("empty.test", &[])]);
    let proxy = proxy(open(), names).await;
    proxy.shared.gate.close_port(closed.port());
    let own_port = proxy.address().port();
    for (host, port, verdict) in [
        ("169.254.169.254", 80, Verdict::Forbidden),
        ("[fd00:ec2::254]", 80, Verdict::Forbidden),
        ("private.test", 443, Verdict::Forbidden),
        ("127.0.0.1", closed.port(), Verdict::Forbidden),
        ("[::1]", own_port, Verdict::Forbidden),
        ("127.0.0.1", own_port, Verdict::Forbidden),
        ("nowhere.test", 80, Verdict::Unresolved),
        ("empty.test", 80, Verdict::Unresolved),
        ("127.0.0.1", gone_port, Verdict::Unreachable),
    ] {
        let expected = match verdict {
            Verdict::Forbidden => "403",
            Verdict::Unresolved | Verdict::Unreachable => "502",
        };
        for request in [get(&format!("http://{host}:{port}/")), connect(&format!("{host}:{port}"))]
        {
            let answer = said(&proxy, &request).await;
            assert_eq!(status(&answer), expected, "{request}");
            assert_eq!(field(&answer, VERDICT_HEADER), Some(verdict.name()));
            assert_eq!(proxy.verdict(host, port), Some(verdict), "{request}");
        }
    }
    closed.assert_untouched();
}

#[tokio::test]
async fn a_host_that_speaks_no_http_is_unreachable() {
    let (address, _upstream) =
        host(|mut stream| async move { stream.write_all(b"SSH-2.0-x\r\n\r\n").await }).await;
    let proxy = proxy(open(), Names::fixed(&[])).await;
    let answer = said(&proxy, &get(&format!("http://{address}/"))).await;
    assert_eq!(status(&answer), "502");
    let verdict = proxy.verdict("127.0.0.1", address.port());
    assert_eq!(verdict, Some(Verdict::Unreachable));
}

#[tokio::test]
async fn what_is_no_proxy_request_is_refused_as_malformed() {
    let trap = Trap::at("127.0.0.1:0").await;
    let port = trap.port();
    let proxy = proxy(open(), Names::fixed(&[])).await;
    for request in [
        get("/"),
        get(&format!("https://127.0.0.1:{port}/")),
        get(&format!("ftp://127.0.0.1:{port}/")),
        get(&format!("ws://127.0.0.1:{port}/")),
        get(&format!("http://user:pw@127.0.0.1:{port}/")),
        connect("127.0.0.1"),
        connect(&format!("user@127.0.0.1:{port}")),
    ] {
        let answer = said(&proxy, &request).await;
        assert_eq!(status(&answer), "400", "{request}{answer}");
    }
    trap.assert_untouched();
}

#[tokio::test]
async fn no_spelling_of_loopback_is_connected_to() {
    let trap = Trap::at("127.0.0.1:0").await;
    let port = trap.port();
    let names = Names::fixed(&[
        ("direct.test", &["127.0.0.1"]),
        ("mapped.test", &["::ffff:127.0.0.1"]),
        ("compatible.test", &["::127.0.0.1"]),
        ("mixed.test", &["93.184.216.34", "127.0.0.1"]),
        ("zero.test", &["0.0.0.0"]),
    ]);
    let proxy = proxy(Reach::public(), names).await;
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.1.",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "direct.test",
        "DIRECT.test",
        "mapped.test",
        "compatible.test",
        "mixed.test",
        "zero.test",
    ] {
        for request in [get(&format!("http://{host}:{port}/")), connect(&format!("{host}:{port}"))]
        {
            let answer = said(&proxy, &request).await;
            assert_eq!(field(&answer, VERDICT_HEADER), Some("forbidden"), "{request}");
        }
    }
    trap.assert_untouched();
}

#[tokio::test]
async fn a_rebinding_name_is_resolved_once_for_each_connection() {
    for tunnelled in [false, true] {
        let (address, _upstream) = host(|mut stream| async move {
            receive(&mut stream).await.unwrap();
            let wire = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            stream.write_all(wire).await.unwrap();
        })
        .await;
        let trap = Trap::at(&format!("127.0.0.2:{}", address.port())).await;
        let names = Names::rebinding("rebind.test", &["127.0.0.1", "127.0.0.2"]);
        let lookups = names.lookups();
        let proxy = proxy(open(), names).await;
        let authority = format!("rebind.test:{}", address.port());
        let request = if tunnelled {
            connect(&authority) + "GET / HTTP/1.1\r\n\r\n"
        } else {
            get(&format!("http://{authority}/"))
        };
        assert_eq!(status(&said(&proxy, &request).await), "200");
        assert_eq!(lookups.count(), 1);
        trap.assert_untouched();
    }
}

#[tokio::test]
async fn idle_connections_slow_heads_and_long_heads_are_closed() {
    let upstream = Trap::at("127.0.0.1:0").await;
    let gate = Gate::new(open());
    let proxy = ForwardProxy::start_with(gate, SOON).await.unwrap();
    let authority = format!("127.0.0.1:{}", upstream.port());
    assert_eq!(status(&said(&proxy, &connect(&authority)).await), "200");
    assert_eq!(said(&proxy, "GET http://127.0.0.1/ HTTP/1.1\r\nHo").await, "");
    let long = get(&format!("http://127.0.0.1/{}", "x".repeat(70_000)));
    let answer = said(&proxy, &long).await;
    assert!(matches!(status(&answer), "414" | "431"), "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_cap_wait_for_their_turn() {
    let gate = Gate::new(Reach::public());
    let limits = Limits { head: Duration::from_secs(30), idle: Duration::from_secs(30), ..SOON };
    let proxy = ForwardProxy::start_with(gate, limits).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..SOON.connections {
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        // Answered, so it has certainly been accepted; kept alive.
        let request = b"GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n";
        stream.write_all(request).await.unwrap();
        receive(&mut stream).await.unwrap();
        held.push(stream);
    }
    let request = get("http://10.0.0.1/");
    let mut waiting = std::pin::pin!(said(&proxy, &request));
    let early = tokio::time::timeout(Duration::from_millis(100), &mut waiting).await;
    assert!(early.is_err());
    held.pop();
    assert_eq!(status(&waiting.await), "403");
}

#[tokio::test]
async fn a_dropped_proxy_takes_its_connections_with_it() {
    let (address, upstream) =
        host(|mut stream| async move { stream.read_u8().await.is_err() }).await;
    let proxy = proxy(open(), Names::fixed(&[])).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(connect(&address.to_string()).as_bytes()).await.unwrap();
    receive_head(&mut stream).await.unwrap();
    let own = proxy.address();
    drop(proxy);
    assert!(stream.read_u8().await.is_err());
    assert!(upstream.await.unwrap());
    assert!(TcpStream::connect(own).await.is_err());
}
