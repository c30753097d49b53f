//! PNG: balanced, it is about Chrome's own default size, a third smaller than its fast
//! encoder's.

use std::io::{BufWriter, Write};

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
    let mut encoder = Encoder::new(BufWriter::new(sink), frame.width, frame.height);
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
    header.finish().map_err(failed)
}

fn failed(error: EncodingError) -> EncodeError {
    match error {
        EncodingError::IoError(error) => EncodeError::Sink(error),
        error => EncodeError::failed("png", error),
    }
}
