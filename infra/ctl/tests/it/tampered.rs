//! Secrets Manager as the emulator has it, but for what becomes of a write.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;

/// What becomes of `PutSecretValue`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Write {
    /// It is made, and its reply lost.
    ReplyLost,
    /// It is refused.
    Refused,
    /// It is refused, and nothing can be read from then on.
    RefusedAndUnreadable,
}

const REFUSAL: &[u8] = b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 34\r\n\
    content-type: application/x-amz-json-1.1\r\n\r\n{\"__type\":\"AccessDeniedException\"}";

/// The endpoint of such a Secrets Manager, before the emulator at `port`. It serves until the tests end.
pub(crate) fn secrets_manager(port: u16, write: Write) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut writes = 0;
        for caller in listener.incoming() {
            serve(caller.unwrap(), port, write, &mut writes);
        }
    });
    endpoint
}

/// Serves a connection's first request, and ends it.
fn serve(mut caller: TcpStream, port: u16, write: Write, writes: &mut u32) {
    let request = read_request(&mut caller);
    let is_write = request.windows(14).any(|part| part == b"PutSecretValue");
    *writes += u32::from(is_write);
    let refused = match write {
        Write::ReplyLost => false,
        Write::Refused => is_write,
        Write::RefusedAndUnreadable => *writes > 0,
    };
    let reply = if refused { REFUSAL.to_vec() } else { forward(&request, port) };
    if !(is_write && matches!(write, Write::ReplyLost)) {
        caller.write_all(&reply).unwrap();
    }
}

fn forward(request: &[u8], port: u16) -> Vec<u8> {
    let mut emulator = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let line = request.windows(2).position(|part| part == b"\r\n").unwrap() + 2;
    let (line, rest) = request.split_at(line);
    emulator.write_all(&[line, b"connection: close\r\n", rest].concat()).unwrap();
    let mut reply = Vec::new();
    emulator.read_to_end(&mut reply).unwrap();
    reply
}

fn read_request(caller: &mut TcpStream) -> Vec<u8> {
    let mut request = Vec::new();
    let mut part = [0; 4096];
    loop {
        let read = caller.read(&mut part).unwrap();
        assert!(read > 0, "a request broke off");
        request.extend_from_slice(part.get(..read).unwrap());
        let text = String::from_utf8_lossy(&request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
        });
        if body.len() >= length.unwrap_or(0) {
            return request;
        }
    }
}
