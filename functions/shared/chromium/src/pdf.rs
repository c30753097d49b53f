//! The page as it prints.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use chromiumoxide::cdp::browser_protocol::io::{ReadParams, StreamHandle};
use chromiumoxide::cdp::browser_protocol::page::{PrintToPdfParams, PrintToPdfTransferMode};
use darkroom_core::capture::Print;
use darkroom_core::failure::{Failure, FailureKind};

use crate::frames;
use crate::page::Page;

/// How much is read at a time: as fast as all at once, without the whole file
/// going through one message.
const CHUNK_BYTES: i64 = 1024 * 1024;

/// The largest file, which must fit into the function's memory beside Chromium.
const MAX_BYTES: usize = 200 * 1024 * 1024;

/// Prints the page.
pub(crate) async fn print(page: &Page, print: &Print) -> Result<Bytes, Failure> {
    let params = PrintToPdfParams {
        print_background: Some(print.background),
        transfer_mode: Some(PrintToPdfTransferMode::ReturnAsStream),
        // Tags for screen readers make files a third larger and slower to print.
        generate_tagged_pdf: Some(false),
        ..PrintToPdfParams::default()
    };
    let printing = page.call(params);
    let printed = frames::alongside(page, printing).await?;
    match printed.stream {
        Some(stream) => read(page, stream).await,
        None => decode(printed.data.as_ref()).map(Bytes::from),
    }
}

/// Reads the file. The stream goes with the page's context.
async fn read(page: &Page, stream: StreamHandle) -> Result<Bytes, Failure> {
    let mut file = BytesMut::new();
    loop {
        let read = ReadParams { size: Some(CHUNK_BYTES), ..ReadParams::new(stream.clone()) };
        let chunk = page.call(read).await?;
        if chunk.base64_encoded == Some(true) {
            file.extend_from_slice(&decode(chunk.data.as_bytes())?);
        } else {
            file.extend_from_slice(chunk.data.as_bytes());
        }
        if file.len() > MAX_BYTES {
            let message = "The PDF would be larger than 200 MiB";
            return Err(Failure::new(FailureKind::TooLarge, message));
        }
        if chunk.eof {
            return Ok(file.freeze());
        }
    }
}

fn decode(data: &[u8]) -> Result<Vec<u8>, Failure> {
    STANDARD.decode(data).map_err(|fault| {
        tracing::warn!(%fault, "an unreadable PDF");
        Failure::plain(FailureKind::Browser)
    })
}
