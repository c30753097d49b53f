//! Films, as others read them.

use std::io::Cursor;
use std::time::Duration;

use darkroom_imaging::Channels;
use darkroom_imaging::film::{Film, FilmKind, WebM};
use openh264::decoder::Decoder;
use openh264::formats::YUVSource as _;
use webm_iterable::WebmIterator;
use webm_iterable::matroska_spec::{MatroskaSpec, SimpleBlock};

use crate::pictures::drawn;

const SPAN: Duration = Duration::from_millis(40);
const SIZE: (u32, u32) = (64, 48);

/// A PNG of this colour, with a square of another at this place.
fn picture(ground: [u8; 3], square: Option<([u8; 3], u32)>) -> Vec<u8> {
    drawn(SIZE.0, SIZE.1, Channels::Rgb, |x, y| {
        let colour = match square {
            Some((colour, left)) if (left..left + 16).contains(&x) && (16..32).contains(&y) => {
                colour
            }
            _ => ground,
        };
        [colour[0], colour[1], colour[2], 255]
    })
}

const WHITE: [u8; 3] = [255; 3];
const RED: [u8; 3] = [200, 30, 20];

fn film(kind: FilmKind, pictures: &[Vec<u8>]) -> Vec<u8> {
    let mut film = Film::new(kind, SIZE, SPAN).unwrap();
    for picture in pictures {
        film.add(picture.clone()).unwrap();
    }
    film.finish().unwrap()
}

/// A square that goes from left to right, and rests for two pictures.
fn pictures() -> Vec<Vec<u8>> {
    let mut pictures: Vec<_> = (0..48).map(|left| picture(WHITE, Some((RED, left)))).collect();
    let last = pictures.last().unwrap().clone();
    pictures.extend([last.clone(), last]);
    pictures
}

#[test]
fn an_mp4_has_each_picture_for_its_span() {
    let file = film(FilmKind::Mp4, &pictures());
    let length = file.len() as u64;
    let mut reader = mp4::Mp4Reader::read_header(Cursor::new(file), length).unwrap();
    assert_eq!(reader.duration(), SPAN * 50);
    let track = &reader.tracks()[&1];
    assert_eq!((track.width(), track.height(), track.sample_count()), (64, 48, 50));
    assert_eq!((track.timescale(), track.frame_rate().round()), (1_000, 25.0));
    let parameters = [track.sequence_parameter_set(), track.picture_parameter_set()];
    let parameters: Vec<Vec<u8>> = parameters.map(|set| set.unwrap().to_vec()).into();
    let mut decoder = Decoder::new().unwrap();
    let start = [0, 0, 0, 1];
    for set in &parameters {
        decoder.decode(&[&start, set.as_slice()].concat()).unwrap();
    }
    let mut shown = Vec::new();
    for number in 1..=50 {
        let sample = reader.read_sample(1, number).unwrap().unwrap();
        assert_eq!((sample.start_time, sample.duration), (u64::from(number - 1) * 40, 40));
        assert_eq!(sample.is_sync, number == 1, "{number}");
        let mut bytes = sample.bytes.to_vec();
        // A length in front of each unit; here is one in each.
        bytes[..4].copy_from_slice(&start);
        let decoded = decoder.decode(&bytes).unwrap().unwrap();
        let row: Vec<u8> = decoded.y()[24 * decoded.strides().0..][..64].to_vec();
        shown.push(row.iter().position(|&light| light < 160).unwrap());
    }
    let expected: Vec<usize> = (0..48).chain([47, 47]).collect();
    let is_near = |(shown, expected): (&usize, &usize)| shown.abs_diff(*expected) <= 1;
    assert!(shown.iter().zip(&expected).all(is_near), "{shown:?}");
}

#[test]
fn an_mp4_can_be_entered_every_two_seconds_and_is_the_same_twice() {
    let pictures: Vec<_> = (0..120).map(|at| picture(WHITE, Some((RED, at % 48)))).collect();
    let file = film(FilmKind::Mp4, &pictures);
    assert_eq!(file, film(FilmKind::Mp4, &pictures));
    let length = file.len() as u64;
    let mut reader = mp4::Mp4Reader::read_header(Cursor::new(file), length).unwrap();
    let entered: Vec<_> = (1..=120)
        .filter(|&number| reader.read_sample(1, number).unwrap().unwrap().is_sync)
        .collect();
    assert_eq!(entered, [1, 51, 101]);
}

#[test]
fn what_a_player_needs_comes_first() {
    let file = film(FilmKind::Mp4, &pictures());
    let place = |name: &[u8]| file.windows(4).position(|it| it == name).unwrap();
    assert!(place(b"ftyp") < place(b"moov") && place(b"moov") < place(b"mdat"));
}

#[test]
fn a_gif_holds_what_changes_for_as_long_as_it_is_shown() {
    let file = film(FilmKind::Gif, &pictures());
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(file)).unwrap();
    let mut frames = Vec::new();
    let mut shown = vec![0; 64 * 48 * 4];
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        for (row, pixels) in frame.buffer.chunks(usize::from(frame.width) * 4).enumerate() {
            for (column, pixel) in pixels.chunks(4).enumerate() {
                let at =
                    ((usize::from(frame.top) + row) * 64 + usize::from(frame.left) + column) * 4;
                if pixel[3] != 0 {
                    shown[at..at + 4].copy_from_slice(pixel);
                }
            }
        }
        let row = &shown[24 * 64 * 4..25 * 64 * 4];
        let left = row.chunks(4).position(|pixel| pixel[..3] == RED).unwrap();
        assert_eq!(row.chunks(4).filter(|pixel| pixel[..3] == RED).count(), 16);
        frames.push((left, frame.width, frame.delay));
    }
    // The last one is shown three times as long; but for the first, each is as wide as the
    // square and its step.
    let expected = (0..48).map(|left| match left {
        0 => (0, 64, 4),
        47 => (47, 17, 12),
        left => (left, 17, 4),
    });
    assert_eq!(frames, expected.collect::<Vec<_>>());
}

#[test]
fn a_gif_learns_new_colours() {
    let ramp = |colour: fn(u8) -> [u8; 4]| {
        drawn(64, 48, Channels::Rgb, |x, _| colour(u8::try_from(x * 3).unwrap()))
    };
    let file = film(FilmKind::Gif, &[ramp(|it| [it; 4]), ramp(|it| [it, 0, 0, 0])]);
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(file)).unwrap();
    decoder.read_next_frame().unwrap().unwrap();
    let frame = decoder.read_next_frame().unwrap().unwrap();
    // Black is what it was.
    assert_eq!((frame.left, frame.width), (1, 63));
    let reds: Vec<_> = frame.buffer.chunks(4).take(63).map(|pixel| pixel[0]).collect();
    assert_eq!(reds, (1..64).map(|x| x * 3).collect::<Vec<u8>>());
}

#[test]
fn a_webm_has_each_picture_for_its_span() {
    let mut film = WebM::new(SIZE, SPAN);
    let bytes = |number: u8| vec![number; 10];
    for number in 0..60 {
        film.add(&bytes(number), number % 50 == 0).unwrap();
    }
    let file = film.finish().unwrap();
    let mut source = Cursor::new(&file);
    let mut told = Vec::new();
    let mut begins = 0;
    let mut blocks = Vec::new();
    for tag in WebmIterator::new(&mut source, &[]) {
        match tag.unwrap() {
            MatroskaSpec::Timestamp(time) => begins = time,
            tag @ MatroskaSpec::SimpleBlock(_) => {
                let block = SimpleBlock::try_from(&tag).unwrap();
                let time = begins + u64::try_from(block.timestamp).unwrap();
                blocks.push((time, block.keyframe, block.raw_frame_data().to_vec()));
            }
            MatroskaSpec::Duration(ms) => told.push(format!("{ms} ms")),
            MatroskaSpec::DefaultDuration(ns) => told.push(format!("{ns} ns each")),
            MatroskaSpec::CodecID(codec) => told.push(codec),
            MatroskaSpec::PixelWidth(side) | MatroskaSpec::PixelHeight(side) => {
                told.push(side.to_string());
            }
            _ => {}
        }
    }
    assert_eq!(told, ["2400 ms", "40000000 ns each", "V_VP9", "64", "48"]);
    let expected =
        (0..60_u8).map(|number| (u64::from(number) * 40, number % 50 == 0, bytes(number)));
    assert_eq!(blocks, expected.collect::<Vec<_>>());
}

#[test]
fn a_film_without_pictures_is_none() {
    for kind in [FilmKind::Mp4, FilmKind::Gif] {
        assert!(Film::new(kind, SIZE, SPAN).unwrap().finish().is_err(), "{kind:?}");
    }
    assert!(WebM::new(SIZE, SPAN).finish().is_err());
}

#[test]
fn a_small_thing_of_a_new_colour_has_it_in_a_gif() {
    let badge = |colour: [u8; 4]| {
        drawn(SIZE.0, SIZE.1, Channels::Rgb, |x, y| match (x, y) {
            (2..10, 2..12) => colour,
            (x, y) if x + y == 100 => [0, 0, 0, 255],
            _ => [255; 4],
        })
    };
    // Enough to be learnt, and so little that what is nearest does.
    for (colour, shown) in [([200, 30, 20, 255], [200, 30, 20]), ([250, 252, 250, 255], [255; 3])] {
        let file = film(FilmKind::Gif, &[badge([255; 4]), badge(colour)]);
        let mut options = gif::DecodeOptions::new();
        options.set_color_output(gif::ColorOutput::RGBA);
        let mut decoder = options.read_info(Cursor::new(file)).unwrap();
        decoder.read_next_frame().unwrap().unwrap();
        let frame = decoder.read_next_frame().unwrap().unwrap();
        assert_eq!(&frame.buffer[..3], shown, "{colour:?}");
    }
}
