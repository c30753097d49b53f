//! A small web of many hosts, as a `.page` file tells it: all of them at one port of
//! loopback, under the names that they have in the world. `clutter/README.md` and
//! `labels/README.md` tell how such a file is written.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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
    /// What a verdict is to find.
    pub(crate) labels: Vec<String>,
    /// How long its capture may take, where that isn't as long as it likes.
    pub(crate) timeout: Option<Duration>,
    /// Whether it is drawn as it is when that time is up.
    pub(crate) is_drawn_late: bool,
    /// Whether it is drawn to its end.
    pub(crate) is_full_page: bool,
    /// Its page first.
    sections: Vec<Section>,
}

/// An address, without its query's order changed, and what it answers.
#[derive(Clone, Debug)]
struct Section {
    url: String,
    status: u16,
    media_type: Option<String>,
    manner: Manner,
    is_base64: bool,
    body: String,
}

/// How something is answered.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Manner {
    /// Pages of all hosts may read it.
    Shared,
    /// Those of other hosts may not.
    Private,
    /// Never to the end: nothing comes after the body, and nothing at all if that is empty.
    Hanging,
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
        let is_told = |line: &str| !all(line).is_empty();
        let seconds = all("timeout_s:").concat();
        Self {
            name: path.file_stem().unwrap().to_string_lossy().into_owned(),
            block: all("block:").concat().split_whitespace().map(str::to_owned).collect(),
            never: all("never:"),
            asked: all("asked:"),
            is_clean: all("control:").concat() == "clean",
            labels: all("label:").concat().split_whitespace().map(str::to_owned).collect(),
            timeout: seconds.parse().ok().map(Duration::from_secs),
            is_drawn_late: is_told("late: draw"),
            is_full_page: is_told("full_page: true"),
            sections: parts.map(Section::read).collect(),
        }
    }

    /// Every plan of this folder, in the order of their names.
    pub(crate) fn all(folder: &str) -> Vec<Self> {
        let folder = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it")).join(folder);
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|path| path.extension().is_some_and(|it| it == "page")).collect();
        files.sort();
        files.iter().map(|path| Self::read(path)).collect()
    }
}

impl Section {
    /// Of a part of a file: the address with its options, and from the next line on the body.
    fn read(part: &str) -> Self {
        let (line, body) = part.split_once('\n').unwrap_or((part, ""));
        let mut words = line.split_whitespace();
        let mut section = Self {
            url: words.next().unwrap().to_owned(),
            status: 200,
            media_type: None,
            manner: Manner::Shared,
            is_base64: false,
            body: body.to_owned(),
        };
        for word in words {
            match word.split_once('=').unwrap_or((word, "")) {
                ("status", code) => section.status = code.parse().unwrap(),
                ("type", media_type) => section.media_type = Some(media_type.to_owned()),
                ("private", "") => section.manner = Manner::Private,
                ("hangs", "") => section.manner = Manner::Hanging,
                ("base64", "") => section.is_base64 = true,
                _ => panic!("{word} is no option, at {}", section.url),
            }
        }
        section
    }

    /// What goes to whoever asks at this port.
    fn answer(&self, port: u16) -> Answer {
        let body = if self.is_base64 {
            STANDARD.decode(self.body.split_whitespace().collect::<String>()).unwrap()
        } else {
            here(&self.body, port).into_bytes()
        };
        let path = self.url.split('?').next().unwrap_or(&self.url);
        let kind = self.media_type.as_deref().unwrap_or_else(|| kind(path, &self.body));
        let is_complete = self.manner != Manner::Hanging;
        if body.is_empty() && !is_complete {
            return Answer { bytes: body, is_complete };
        }
        let length = body.len() + usize::from(!is_complete);
        let sharing = match self.manner {
            Manner::Private => "",
            Manner::Shared | Manner::Hanging => {
                "Access-Control-Allow-Origin: *\r\nAccess-Control-Allow-Headers: *\r\n"
            }
        };
        let head = format!(
            "HTTP/1.1 {} {}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
             {sharing}Connection: close\r\n\r\n",
            self.status,
            reason(self.status),
        );
        Answer { bytes: [head.into_bytes(), body].concat(), is_complete }
    }
}

/// What goes over the wire.
#[derive(Clone, Debug)]
struct Answer {
    bytes: Vec<u8>,
    /// Whether the connection is closed then.
    is_complete: bool,
}

/// Addresses, and what is answered there.
type Answers = HashMap<String, Answer>;

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
        let answers = plan.sections.iter().map(|it| (it.url.clone(), it.answer(port)));
        let answers: Arc<Answers> = Arc::new(answers.collect());
        let log = Arc::default();
        let noted = Arc::clone(&log);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&noted)));
            }
        });
        Self { port, first: plan.sections[0].url.clone(), log }
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

async fn serve(mut stream: TcpStream, answers: Arc<Answers>, log: Arc<Mutex<Vec<String>>>) {
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
    let answer = answers.get(&url).or_else(|| answers.get(whole));
    let _gone = stream.write_all(answer.map_or(NOT_THERE, |it| &it.bytes)).await;
    if answer.is_none_or(|it| it.is_complete) {
        let _gone = stream.shutdown().await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// The answer where no section is.
const NOT_THERE: &[u8] = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\n\
     Content-Length: 0\r\nAccess-Control-Allow-Origin: *\r\n\
     Access-Control-Allow-Headers: *\r\nConnection: close\r\n\r\n";

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Other",
    }
}

fn kind(url: &str, body: &str) -> &'static str {
    if body.trim_start().starts_with("<svg") {
        return "image/svg+xml";
    }
    match Path::new(url).extension().and_then(|it| it.to_str()) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("png") => "image/png",
        Some("jpg") => "image/jpeg",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "text/html; charset=utf-8",
    }
}
