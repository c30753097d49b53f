//! What clips show, frame by frame, as others read them.

use std::io::Cursor;

use openh264::decoder::Decoder;
use openh264::formats::YUVSource;

/// A frame, as light as each of its pixels is.
pub(crate) struct Shown {
    pub(crate) width: usize,
    pub(crate) height: usize,
    light: Vec<u8>,
}

impl Shown {
    pub(crate) fn is_dark(&self, x: usize, y: usize) -> bool {
        self.light[y * self.width + x] < 128
    }

    /// The first dark pixel of a row.
    pub(crate) fn dark_from(&self, y: usize) -> Option<usize> {
        (0..self.width).find(|&x| self.is_dark(x, y))
    }
}

/// The frames of an MP4, each of which is shown for 40 ms.
pub(crate) fn frames_of_mp4(file: &[u8]) -> Vec<Shown> {
    let mut reader = mp4::Mp4Reader::read_header(Cursor::new(file), file.len() as u64).unwrap();
    let track = &reader.tracks()[&1];
    let start = [0, 0, 0, 1];
    let parameters = [track.sequence_parameter_set(), track.picture_parameter_set()];
    let parameters = parameters.map(|set| [&start, set.unwrap()].concat());
    let count = track.sample_count();
    let mut decoder = Decoder::new().unwrap();
    for set in parameters {
        assert!(decoder.decode(&set).unwrap().is_none());
    }
    let frames = (1..=count).map(|number| {
        let sample = reader.read_sample(1, number).unwrap().unwrap();
        assert_eq!((sample.start_time, sample.duration), (u64::from(number - 1) * 40, 40));
        let mut units = sample.bytes.to_vec();
        let mut at = 0;
        // A length in front of each unit, in place of a start.
        while at < units.len() {
            let length = u32::from_be_bytes(units[at..at + 4].try_into().unwrap());
            units[at..at + 4].copy_from_slice(&start);
            at += 4 + length as usize;
        }
        let frame = decoder.decode(&units).unwrap().unwrap();
        let (width, height) = frame.dimensions();
        let rows = frame.y().chunks(frame.strides().0).take(height);
        Shown { width, height, light: rows.flat_map(|row| row[..width].to_vec()).collect() }
    });
    frames.collect()
}

/// The frames of a GIF, each with how long it is shown, in milliseconds.
pub(crate) fn frames_of_gif(file: &[u8]) -> Vec<(Shown, u32)> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(file)).unwrap();
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let mut light = vec![0; width * height];
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        let (left, top) = (usize::from(frame.left), usize::from(frame.top));
        for (row, pixels) in frame.buffer.chunks(usize::from(frame.width) * 4).enumerate() {
            for (column, pixel) in pixels.chunks(4).enumerate().filter(|(_, pixel)| pixel[3] > 0) {
                light[(top + row) * width + left + column] = pixel[1];
            }
        }
        frames.push((Shown { width, height, light: light.clone() }, u32::from(frame.delay) * 10));
    }
    frames
}

/// The frames of a GIF, 80 ms apart.
pub(crate) fn frames_by_time(file: &[u8]) -> Vec<std::rc::Rc<Shown>> {
    let frames = frames_of_gif(file).into_iter().flat_map(|(shown, ms)| {
        let shown = std::rc::Rc::new(shown);
        (0..ms / 80).map(move |_| std::rc::Rc::clone(&shown))
    });
    frames.collect()
}
