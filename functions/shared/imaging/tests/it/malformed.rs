//! What isn't a picture ends in an error, never in a panic.

use std::io;

use darkroom_imaging::{Channels, DecodeError, Encoding, Picture, recode};

use crate::pictures::{drawn, noise};

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    for channels in [Channels::Rgb, Channels::Rgba] {
        let file = drawn(19, 23, channels, noise);
        for length in 0..file.len() {
            let decoded = Picture::decode(&file[..length]);
            assert!(decoded.is_err(), "{length} of {} bytes", file.len());
        }
    }
}

#[test]
fn a_file_with_any_byte_changed_is_refused_or_has_the_same_size() {
    let file = drawn(19, 23, Channels::Rgba, noise);
    for at in 0..file.len() {
        for change in [1, 0x80, 0xff] {
            let mut garbled = file.clone();
            garbled[at] ^= change;
            if let Ok(picture) = Picture::decode(&garbled) {
                assert_eq!((picture.width(), picture.height()), (19, 23), "byte {at}");
            }
            let _ = recode(&garbled, Encoding::Png, io::sink());
        }
    }
}

#[test]
fn other_files_are_refused() {
    let cases: [&[u8]; 5] = [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"<!doctype html>",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        &[0; 4096],
    ];
    for file in cases {
        assert!(matches!(Picture::decode(file), Err(DecodeError::Malformed(_))));
    }
}

/// A PNG that says to be so large and has nothing in it.
fn empty(width: u32, height: u32, interlaced: u8, depth: u8, kind: u8) -> Vec<u8> {
    let mut head = b"IHDR".to_vec();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([depth, kind, 0, 0, interlaced]);
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
    file.extend(&head);
    file.extend(crc32(&head).to_be_bytes());
    file.extend(b"\0\0\0\0IDAT\x35\xaf\x06\x1e\0\0\0\0IEND\xae\x42\x60\x82");
    file
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}

#[test]
fn a_head_that_promises_too_much_takes_no_memory() {
    for (width, height) in [(100_000, 100_000), (65_536, 1_025), (1, 0x7fff_ffff), (0x7fff_ffff, 1)]
    {
        let refused = Picture::decode(&empty(width, height, 0, 8, 2)).unwrap_err();
        assert!(
            matches!(refused, DecodeError::TooManyPixels { .. } | DecodeError::Malformed(_)),
            "{refused:?}"
        );
    }
}

#[test]
fn kinds_that_chromium_never_writes_are_refused() {
    for (interlaced, depth, kind) in [(1, 8, 2), (0, 8, 0), (0, 16, 4)] {
        let refused = Picture::decode(&empty(5, 5, interlaced, depth, kind)).unwrap_err();
        assert!(matches!(refused, DecodeError::Unexpected), "{refused:?}");
    }
}
