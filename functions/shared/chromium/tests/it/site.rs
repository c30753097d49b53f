//! A host on loopback, with the pages that the tests need.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::determining::RESTLESS;

/// A running host. It ends with the test's runtime.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    /// The heads of the requests, in order.
    heads: watch::Sender<Vec<String>>,
}

impl Site {
    /// Starts a host on a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heads = watch::Sender::default();
        let log = heads.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, log.clone()));
            }
        });
        Self { address, heads }
    }

    /// The address of one of its pages.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.borrow().clone()
    }

    /// The paths asked for so far.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.heads().iter().map(|head| path_of(head)).collect()
    }

    /// Waits until this path has been asked for.
    pub(crate) async fn asked(&self, path: &str) {
        self.asked_times(path, 1).await;
    }

    /// Waits until this path has been asked for so many times.
    pub(crate) async fn asked_times(&self, path: &str, times: usize) {
        let mut heads = self.heads.subscribe();
        let visits =
            |heads: &Vec<String>| heads.iter().filter(|head| path_of(head) == path).count();
        heads.wait_for(|heads| visits(heads) >= times).await.unwrap();
    }
}

fn path_of(head: &str) -> String {
    head.split(' ').nth(1).unwrap_or("/").to_owned()
}

async fn serve(mut stream: TcpStream, log: watch::Sender<Vec<String>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) if byte.is_ascii() && byte != 0 => head.push(byte),
            // Closed, or TLS.
            Ok(_) | Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    read_body(&mut stream, &head).await;
    log.send_modify(|heads| heads.push(head.clone()));
    let path = path_of(&head);
    let visits = log.borrow().iter().filter(|head| path_of(head) == path).count();
    let path = match path.as_str() {
        "/spin-in-print-once" if visits == 1 => "/spin-in-print",
        "/hang-once" if visits == 1 => "/hang",
        path => path,
    };
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if path == "/hang" {
        tokio::time::sleep(Duration::from_secs(60)).await;
        return;
    }
    if path == "/endless" {
        return trickle(stream).await;
    }
    match path {
        "/slow-more" => tokio::time::sleep(Duration::from_millis(100)).await,
        "/slow-image" => tokio::time::sleep(Duration::from_millis(300)).await,
        _ => {}
    }
    let (status, headers, body) = answer(path, query);
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n\r\n"
    );
    // A browser that was killed doesn't read on.
    let _gone = stream.write_all(head.as_bytes()).await;
    let _gone = stream.write_all(&body).await;
    let _gone = stream.shutdown().await;
}

/// Reads what is sent with a request: a connection that is closed before is broken.
async fn read_body(stream: &mut TcpStream, head: &str) {
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    let _broken = stream.read_exact(&mut body).await;
}

/// A document that goes on and on.
async fn trickle(mut stream: TcpStream) {
    let head = format!("HTTP/1.1 200 OK\r\n{HTML}\r\nConnection: close\r\n\r\n");
    let mut next = [head.into_bytes(), page("<body style='background:#00ff00'>")].concat();
    while stream.write_all(&next).await.is_ok() {
        next = b"<i></i>".to_vec();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const HTML: &str = "Content-Type: text/html; charset=utf-8";

fn answer(path: &str, query: &str) -> (&'static str, String, Vec<u8>) {
    let html = HTML.to_owned();
    match path {
        "/missing" => ("404 Not Found", html, page("<body style='background:#ff0000'>")),
        "/broken" => ("500 Internal Server Error", html, page("broken")),
        "/empty" => ("204 No Content", html, Vec::new()),
        "/redirect" => ("302 Found", format!("Location: {query}"), Vec::new()),
        "/around" => ("302 Found", format!("Location: /around?{query}1"), Vec::new()),
        "/download" => (
            "200 OK",
            "Content-Type: application/octet-stream\r\nContent-Disposition: attachment".to_owned(),
            b"not a page".to_vec(),
        ),
        "/html" => ("200 OK", html, page(&decoded(query))),
        "/slow-more" => ("200 OK", html, page("more")),
        "/headers" => (
            "200 OK",
            format!(
                "{HTML}\r\nZebra: first\r\nLink: one\r\nAlpha: last\r\nLink: two\r\nSet-Cookie: id=secret"
            ),
            page(&decoded(query)),
        ),
        "/kept.png" => (
            "200 OK",
            "Content-Type: image/png\r\nCache-Control: max-age=600".to_owned(),
            red_png(),
        ),
        "/red.png" | "/slow-image" => ("200 OK", "Content-Type: image/png".to_owned(), red_png()),
        _ => match PAGES.iter().find(|(name, _)| *name == path) {
            Some((_, body)) => ("200 OK", html, page(&body.replace("QUERY", query))),
            None => ("404 Not Found", html, page("not a page of the tests")),
        },
    }
}

/// The path of a page with this body.
pub(crate) fn html(body: &str) -> String {
    let body: String = url::form_urlencoded::byte_serialize(body.as_bytes()).collect();
    format!("/html?{body}")
}

fn decoded(query: &str) -> String {
    url::form_urlencoded::parse(query.as_bytes()).map(|(body, _)| body.into_owned()).collect()
}

fn page(body: &str) -> Vec<u8> {
    format!("<!doctype html><title>test</title><style>body{{margin:0}}</style>{body}").into_bytes()
}

/// 8 by 8 pixels of pure red.
fn red_png() -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 8, 8);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[255, 0, 0].repeat(64)).unwrap();
    writer.finish().unwrap();
    file
}

const PAGES: &[(&str, &str)] = &[
    (
        "/bands",
        "<style>div{height:200px}</style>\
         <div style='background:#ff0000'></div><div style='background:#00ff00'></div>\
         <div style='background:#0000ff'></div><div style='background:#102030'></div>",
    ),
    (
        "/text",
        "<h1 style='font:40px sans-serif'>Darkroom Größe 写真 사진 📷</h1>\
         <p style='font:20px serif'>The quick brown fox jumps over the lazy dog.</p>\
         <p style='font:20px monospace'>fn main() {}</p>",
    ),
    // 3,000 px, with a hero as high as the window.
    (
        "/long",
        "<div style='height:100vh;background:#ff0000'></div>\
         <div id=rest style='background:#0000ff'></div>\
         <script>rest.style.height = (3000 - innerHeight) + 'px'</script>",
    ),
    (
        "/lazy",
        "<style>div{height:3000px}img{display:block;width:100px;height:100px}</style>\
         <div></div><img loading=lazy src=/red.png><div></div>\
         <p id=seen style='margin:0;height:100px'></p>\
         <script>new IntersectionObserver(entries => entries.some(e => e.isIntersecting) \
         && (seen.style.background = '#00ff00')).observe(seen)</script>",
    ),
    (
        "/late",
        "<body style='background:#ff0000'><script>setTimeout(() => {\
         document.body.style.background = '#00ff00';\
         document.body.insertAdjacentHTML('beforeend', '<p id=late></p>') }, 400)</script>",
    ),
    // Comes to have two elements, and only then says so.
    (
        "/grows",
        "<body style='background:#ff0000'><p class=item></p><script>let steps = 0;\
         setTimeout(() => { document.body.insertAdjacentHTML('beforeend', '<p class=item></p>');\
         document.body.style.background = '#00ff00'; steps = 2 }, 400)</script>",
    ),
    // Blue, red when it has loaded, and green after twelve answers that it asks for then.
    (
        "/stages",
        "<body style='background:#0000ff'><script>onload = async () => {\
         const paint = (colour) => { document.body.style.background = colour };\
         paint('#ff0000'); if ('QUERY') for (const more of ['', '?']) fetch('QUERY' + more);\
         for (let i = 0; i < 12; i++) await fetch('/slow-more'); paint('#00ff00') }</script>\
         <img src=/slow-image>",
    ),
    // Loaded as far as a script that never comes.
    ("/half", "<body style='background:#00ff00'><p>half<script src=/hang></script><p>more"),
    ("/go", "<script>location.href = 'QUERY'</script>"),
    // To another address, so many milliseconds after its load event.
    (
        "/leave",
        "<body style='background:#00ff00'><script>const [wait, to] = 'QUERY'.split(',');\
         onload = () => setTimeout(() => { location.href = to }, wait)</script>",
    ),
    // On and on, as soon as it runs, as it is loaded, and some time later.
    ("/on", "<script>location.href = '/on?' + Math.random()</script>"),
    (
        "/on-load",
        "<body style='background:#00ff00'>\
         <script>onload = () => { location.href = '/on-load?' + Math.random() }</script>",
    ),
    (
        "/on-later",
        "<body style='background:#00ff00'><div style='height:40000px'></div><script>\
         onload = () => setTimeout(() => { location.href = '/on-later?' + Math.random() }, 300)</script>",
    ),
    // Cells, each of the colour that tells its number, in turn of this site and of another.
    (
        "/frames",
        "<style>iframe{display:block;float:left;width:128px;height:80px;border:0}</style><script>\
         for (let i = 0; i < 100; i++) document.write(`<iframe src='http://${i % 2 ? 'localhost' : '127.0.0.1'}:${\
         location.port}/cell?${(0x100000 + i).toString(16)}'></iframe>`)</script>",
    ),
    (
        "/cell",
        "<script>document.write(`<body style='background:#${'QUERY'.slice(0, 6)}'>`)</script>",
    ),
    ("/refresh", "<meta http-equiv=refresh content='0;QUERY'><body style='background:#00ff00'>"),
    ("/hang-once", "<body style='background:#00ff00'>"),
    ("/pink", "<body style='background:#ff00ff'>"),
    ("/blue", "<body style='background:#0000ff'>"),
    ("/hanging-image", "<p>waits</p><img src=/hang>"),
    (
        "/eat-buffers",
        "<script>const eaten = [];\
         setInterval(() => eaten.push(new Uint8Array(16 << 20).fill(1)), 5)</script>\
         <img src=/hang>",
    ),
    ("/spin", "<script>for (;;) {}</script>"),
    ("/spin-after-load", "<script>onload = () => setTimeout(() => { for (;;) {} })</script>"),
    ("/spin-in-print", "<script>addEventListener('beforeprint', () => { for (;;) {} })</script>"),
    ("/spin-in-print-once", "<p>prints"),
    ("/alerts", "<script>for (;;) alert('again')</script>"),
    (
        "/alert",
        "<script>alert('once'); confirm('and?'); document.write('<body style=background:#00ff00>')</script>",
    ),
    (
        "/popup",
        "<script>const all = [1, 2, 3].map(() => open('/popped'));\
         if (all.every(Boolean)) document.write('<body style=background:#00ff00>')</script>",
    ),
    ("/popped", "<script>setInterval(() => fetch('/beat'), 20)</script>"),
    ("/close", "<script>close()</script>"),
    (
        "/frame",
        "<body style='background:#00ff00'>\
         <iframe src='QUERY' style='display:block;border:0;width:300px;height:150px'></iframe>",
    ),
    (
        "/eat",
        "<script>const all = []; for (;;) all.push(new Array(1e6).fill(Math.random()))</script>",
    ),
    ("/image", "<img src='QUERY' style='display:block;width:100px;height:100px'>"),
    (
        "/polls",
        "<body style='background:#00ff00'><script>setInterval(() => fetch('/popped'), 100)</script>",
    ),
    // A tree in a tree, which comes late.
    (
        "/shadow",
        "<div id=host></div><script>setTimeout(() => {\
         const outer = host.attachShadow({ mode: 'open' });\
         outer.innerHTML = '<p id=inner></p>';\
         outer.querySelector('p').attachShadow({ mode: 'open' }).innerHTML =\
         '<p id=inside style=\"background:#ff0000;width:100px;height:100px;margin:0\"></p>' }, 300)</script>",
    ),
    ("/restless", RESTLESS),
    ("/tall", "<div style='height:200000px'></div>"),
];
