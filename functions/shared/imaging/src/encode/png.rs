//! PNG: balanced, it is about Chrome's own default size, a third smaller than its fast
//! encoder's.

use std::io::{self, BufWriter, Write};

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError};

use super::EncodeError;
use crate::rows::{Channels, Rows};

/// Bytes of an IDAT chunk: enough that their heads don't matter.
const CHUNK_BYTES: usize = 64 * 1024;

pub(super) fn write(
    mut rows: impl Rows,
    compression: Compression,
    sink: impl Write,
) -> Result<(), EncodeError> {
    let frame = rows.frame();
    let mut sink = Attentive { sink, fault: None };
    let mut encoder = Encoder::new(BufWriter::new(&mut sink), frame.width, frame.height);
    encoder.set_color(match frame.channels {
        Channels::Rgb => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    });
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(compression);
    let mut header = encoder.write_header().map_err(failed)?;
    let mut image = header.stream_writer_with_size(CHUNK_BYTES).map_err(failed)?;
    let mut row = vec![0; frame.row_bytes()];
    for _ in 0..frame.height {
        rows.next_row(&mut row)?;
        image.write_all(&row)?;
    }
    image.finish().map_err(failed)?;
    header.finish().map_err(failed)?;
    sink.fault.map_or(Ok(()), |fault| Err(EncodeError::Sink(fault)))
}

/// Remembers that its sink failed: the fast compressor keeps that to itself.
struct Attentive<W> {
    sink: W,
    fault: Option<io::Error>,
}

impl<W: Write> Write for Attentive<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.sink.write(bytes).inspect_err(|fault| {
            self.fault = Some(io::Error::new(fault.kind(), fault.to_string()));
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sink.flush()
    }
}

fn failed(error: EncodingError) -> EncodeError {
    match error {
        EncodingError::IoError(error) => EncodeError::Sink(error),
        error => EncodeError::failed("png", error),
    }
}
