//! A small web of many hosts, as a `.page` file tells it: all of them at one port of
//! loopback, under the names that they have in the world. `clutter/README.md` tells
//! how such a file is written.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use darkroom_egress::resolve::Resolve;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Has every name lead to this machine.
#[derive(Debug)]
pub(crate) struct Here;

#[async_trait]
impl Resolve for Here {
    async fn lookup(&self, _name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

/// What a file tells of itself.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    /// What is to be blocked, in the words of options.
    pub(crate) block: Vec<String>,
    /// What isn't asked for where that is blocked.
    pub(crate) never: Vec<String>,
    /// What is asked for only there.
    pub(crate) asked: Vec<String>,
    /// Whether there is nothing to block in it.
    pub(crate) is_clean: bool,
    /// Addresses, without their queries' order changed, and what they answer.
    sections: Vec<(String, String)>,
}

impl Plan {
    pub(crate) fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let mut parts = text.split("\n### ");
        let head = parts.next().unwrap();
        let all = |key: &str| -> Vec<String> {
            let lines = head.lines().filter_map(|line| line.strip_prefix(key));
            lines.map(|value| value.trim().to_owned()).collect()
        };
        let sections = parts.map(|part| part.split_once('\n').unwrap_or((part, "")));
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            block: all("block:").concat().split_whitespace().map(str::to_owned).collect(),
            never: all("never:"),
            asked: all("asked:"),
            is_clean: all("control:").concat() == "clean",
            sections: sections
                .map(|(url, body)| (url.trim().to_owned(), body.to_owned()))
                .collect(),
        }
    }

    /// Every plan there is, in the order of their names.
    pub(crate) fn all() -> Vec<Self> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/clutter"));
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|it| it == "page")).collect();
        files.sort();
        files.iter().map(|path| Self::read(path)).collect()
    }
}

/// The web of one plan. It ends with the test's runtime.
pub(crate) struct Town {
    port: u16,
    first: String,
    log: Arc<Mutex<Vec<String>>>,
}

impl Town {
    pub(crate) async fn build(plan: &Plan) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let bodies = plan.sections.iter().map(|(url, body)| (url.clone(), here(body, port)));
        let answers: Arc<HashMap<_, _>> = Arc::new(bodies.collect());
        let log = Arc::default();
        let noted = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&noted)));
            }
        });
        Self { port, first: plan.sections[0].0.clone(), log }
    }

    /// The address of its page, or of another one there.
    pub(crate) fn url(&self, path: &str) -> String {
        here(&format!("{}{path}", self.first), self.port)
    }

    /// What was asked for since this was last asked, as the plan names it.
    pub(crate) fn take_log(&self) -> Vec<String> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

/// A text with each `https://host` where this town has it.
fn here(text: &str, port: u16) -> String {
    let mut parts = text.split("https://");
    let mut moved = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_of_host = |letter: char| letter.is_ascii_alphanumeric() || ".-".contains(letter);
        let end = part.find(|letter| !is_of_host(letter)).unwrap_or(part.len());
        let (host, rest) = part.split_at(end);
        let port = if host.is_empty() { String::new() } else { format!(":{port}") };
        moved += &format!("http://{host}{port}{rest}");
    }
    moved
}

async fn serve(
    mut stream: TcpStream,
    answers: Arc<HashMap<String, String>>,
    log: Arc<Mutex<Vec<String>>>,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) if byte.is_ascii_graphic() || byte.is_ascii_whitespace() => head.push(byte),
            // Closed, or TLS: of a host that Chromium knows not to ask otherwise.
            Ok(_) | Err(_) => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or("/");
    let field = |line: &str| {
        let (name, value) = line.split_once(": ")?;
        let is_host = name.eq_ignore_ascii_case("host");
        is_host.then(|| value.split(':').next().unwrap_or_default().to_owned())
    };
    let host = head.lines().find_map(field).unwrap_or_default();
    let url = format!("https://{host}{path}");
    log.lock().unwrap().push(url.clone());
    let whole = url.split('?').next().unwrap_or(&url);
    let body = answers.get(&url).or_else(|| answers.get(whole));
    let status = if body.is_some() { "200 OK" } else { "404 Not Found" };
    let body = body.map_or("", String::as_str);
    let kind = kind(whole, body);
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\
         Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let _gone = stream.write_all(answer.as_bytes()).await;
    let _gone = stream.shutdown().await;
}

fn kind(url: &str, body: &str) -> &'static str {
    if body.trim_start().starts_with("<svg") {
        return "image/svg+xml";
    }
    match Path::new(url).extension().and_then(|it| it.to_str()) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        _ => "text/html; charset=utf-8",
    }
}
