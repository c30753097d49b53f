//! The memory of a page that is taller than any browser draws at once. A test
//! binary of its own: what is measured is the process.

#![expect(clippy::unwrap_used, reason = "tests may")]

use std::{fs, io};

use darkroom_core::capture::Quality;
use darkroom_imaging::{Channels, Encoding, Sheet, join};

/// The most memory that the process had so far, in kB.
fn peak_kb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

const WIDTH: u32 = 1_280;
const BAND: u32 = 500;

fn band() -> Vec<u8> {
    let row: Vec<u8> = (0..WIDTH).flat_map(|x| [x.to_le_bytes()[0], 90, 180]).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH, BAND);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header().unwrap().write_image_data(&row.repeat(BAND as usize)).unwrap();
    file
}

#[test]
fn a_page_of_any_height_takes_the_memory_of_a_few_rows() {
    let band = band();
    let before = peak_kb();
    for (encoding, height) in [
        (Encoding::Png, 100_000),
        (Encoding::Jpeg(Quality::new(80).unwrap()), 65_500),
        (Encoding::Tiff, 100_000),
    ] {
        let bands = (0..height / BAND).map(|_| &band);
        let sheet = Sheet { width: WIDTH, height, channels: Channels::Rgb };
        join(sheet, bands, encoding, io::sink()).unwrap();
        let grown = peak_kb() - before;
        // The pixels alone would be 245,000 to 375,000.
        assert!(grown < 24_000, "{encoding:?}: {grown} kB more");
    }
}
