//! The host of one page.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Before each page: it begins in the corner.
const HEAD: &str = "<!doctype html><meta charset=utf-8><title>A page</title>\
    <style>body, p { margin: 0 }</style>";

/// Before a page that can tell its host something.
const TELL: &str = "<script>const tell = (...what) =>\
    Object.assign(new Image(), { src: '/told?' + encodeURIComponent(what.join(' ')) })</script>";

/// A font whose X is a box that fills its em.
const BLOCK: &[u8] = include_bytes!("block.ttf");

/// A running host. It ends with the test's process.
pub(crate) struct Site {
    address: SocketAddr,
    /// The heads of the requests, in order.
    heads: Arc<Mutex<Vec<String>>>,
}

impl Site {
    pub(crate) fn start(page: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<String>>>::default();
        let log = Arc::clone(&heads);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let log = Arc::clone(&log);
                thread::spawn(move || serve(&stream, page, &log));
            }
        });
        Self { address, heads }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

fn serve(mut stream: &TcpStream, page: &str, log: &Mutex<Vec<String>>) {
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let Some(path) = head.first().and_then(|line| line.split(' ').nth(1)) else { return };
    log.lock().unwrap().push(head.join("\n"));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    if let Ok(millis) = query.parse() {
        thread::sleep(Duration::from_millis(millis));
    }
    let (status, kind, body) = answer(path, page);
    let length = body.len();
    // A browser that has its picture doesn't read on.
    let _gone = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    );
    let _gone = stream.write_all(&body);
}

/// A number as the query is how many milliseconds an answer takes.
fn answer(path: &str, page: &str) -> (&'static str, &'static str, Vec<u8>) {
    let document = |body: &str| {
        let tell = if body.contains("tell(") { TELL } else { "" };
        format!("{HEAD}{tell}{body}").into_bytes()
    };
    let html = |body: &str| ("200 OK", "text/html", document(body));
    match path {
        "/" => html(page),
        "/red" => html("<body bgcolor=red>"),
        "/lime" => html("<body bgcolor=lime>"),
        "/missing" => ("404 Not Found", "text/html", document(page)),
        "/lime.svg" => (
            "200 OK",
            "image/svg+xml",
            b"<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'>\
              <rect width='100' height='100' fill='lime'/></svg>"
                .to_vec(),
        ),
        "/block.ttf" => ("200 OK", "font/ttf", BLOCK.to_vec()),
        _ => ("200 OK", "text/plain", Vec::new()),
    }
}
