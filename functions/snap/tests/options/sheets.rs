//! What stands on the sheets of a PDF, and where, in CSS pixels from the upper left
//! corner: as much as is needed of what Chromium prints.

use std::collections::BTreeMap;

use lopdf::content::{Content, Operation};
use lopdf::{Dictionary, Document, Encoding, Object, ObjectId};

use crate::taken::name_of;

/// Points, of which PDFs are made, are 1/72 in; CSS pixels 1/96 in.
const PIXELS_A_POINT: f32 = 96.0 / 72.0;

/// One sheet.
pub(crate) struct Sheet {
    pub(crate) width: f32,
    pub(crate) height: f32,
    /// Rectangles that are filled with a colour, in the order in which they are.
    pub(crate) boxes: Vec<Filled>,
    /// The letters, in runs.
    runs: Vec<Run>,
}

/// A filled rectangle.
pub(crate) struct Filled {
    pub(crate) colour: String,
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

struct Run {
    baseline: f32,
    text: String,
}

impl Sheet {
    /// All of its text, as it is printed.
    pub(crate) fn text(&self) -> String {
        self.text_between(0.0, self.height)
    }

    /// The text whose baseline lies between these.
    pub(crate) fn text_between(&self, top: f32, bottom: f32) -> String {
        let inside = self.runs.iter().filter(|run| (top..bottom).contains(&run.baseline));
        inside.map(|run| run.text.as_str()).collect()
    }
}

/// Reads all sheets.
pub(crate) fn read(file: &[u8]) -> Vec<Sheet> {
    let document = Document::load_mem(file).unwrap();
    document.get_pages().into_values().map(|page| sheet(&document, page)).collect()
}

fn sheet(document: &Document, page: ObjectId) -> Sheet {
    let media = document.get_dictionary(page).unwrap().get(b"MediaBox").unwrap();
    let media = numbers(media.as_array().unwrap());
    let fonts = document.get_page_fonts(page).unwrap();
    let mut pen = Pen {
        fonts: fonts.into_iter().map(|(name, font)| (name, encoding(document, font))).collect(),
        sheet: Sheet {
            width: media[2] * PIXELS_A_POINT,
            height: media[3] * PIXELS_A_POINT,
            boxes: Vec::new(),
            runs: Vec::new(),
        },
        state: State::default(),
        saved: Vec::new(),
        outlined: Vec::new(),
        line: IDENTITY,
        font: Vec::new(),
    };
    let content = Content::decode(&document.get_page_content(page)).unwrap();
    content.operations.iter().for_each(|operation| pen.draw(operation));
    pen.sheet
}

fn encoding<'a>(document: &'a Document, font: &'a Dictionary) -> Encoding<'a> {
    font.get_font_encoding(document).unwrap()
}

/// A matrix `[a b c d e f]` (ISO 32000-1, 8.3.3).
type Matrix = [f32; 6];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First `inner`, then `outer`.
fn product(inner: Matrix, outer: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = inner;
    let (x, y) = point(outer, e, f);
    let [oa, ob, oc, od, _, _] = outer;
    [a * oa + b * oc, a * ob + b * od, c * oa + d * oc, c * ob + d * od, x, y]
}

fn point([a, b, c, d, e, f]: Matrix, x: f32, y: f32) -> (f32, f32) {
    (a * x + c * y + e, b * x + d * y + f)
}

/// What `q` saves and `Q` restores.
#[derive(Clone)]
struct State {
    place: Matrix,
    colour: String,
}

impl Default for State {
    fn default() -> Self {
        Self { place: IDENTITY, colour: name_of([0, 0, 0]) }
    }
}

/// Goes through what is drawn on a sheet.
struct Pen<'a> {
    fonts: BTreeMap<Vec<u8>, Encoding<'a>>,
    sheet: Sheet,
    state: State,
    saved: Vec<State>,
    /// Rectangles that are neither filled nor a clip yet.
    outlined: Vec<[f32; 4]>,
    line: Matrix,
    font: Vec<u8>,
}

impl Pen<'_> {
    fn draw(&mut self, operation: &Operation) {
        let values = numbers(&operation.operands);
        match (operation.operator.as_str(), &values[..]) {
            ("q", _) => self.saved.push(self.state.clone()),
            ("Q", _) => self.state = self.saved.pop().unwrap_or_default(),
            ("cm", &[a, b, c, d, e, f]) => {
                self.state.place = product([a, b, c, d, e, f], self.state.place);
            }
            ("rg", &[red, green, blue]) => {
                self.state.colour = name_of([red, green, blue].map(byte));
            }
            ("re", &[x, y, width, height]) => self.outlined.push([x, y, width, height]),
            ("f" | "f*", _) => self.fill(),
            ("n", _) => self.outlined.clear(),
            ("Tf", _) => self.font = operation.operands[0].as_name().unwrap().to_vec(),
            ("Tm", &[a, b, c, d, e, f]) => self.line = [a, b, c, d, e, f],
            ("Tj", _) => self.write(&operation.operands[0]),
            _ => {}
        }
    }

    fn fill(&mut self) {
        for [x, y, width, height] in std::mem::take(&mut self.outlined) {
            let (left, top) = self.on_sheet(self.state.place, x, y);
            let (right, bottom) = self.on_sheet(self.state.place, x + width, y + height);
            let colour = self.state.colour.clone();
            self.sheet.boxes.push(Filled { colour, left, top, right, bottom });
        }
    }

    fn write(&mut self, letters: &Object) {
        let text = Document::decode_text(&self.fonts[&self.font], letters.as_str().unwrap());
        let (_, baseline) = self.on_sheet(product(self.line, self.state.place), 0.0, 0.0);
        self.sheet.runs.push(Run { baseline, text: text.unwrap() });
    }

    fn on_sheet(&self, place: Matrix, x: f32, y: f32) -> (f32, f32) {
        let (x, y) = point(place, x, y);
        (x * PIXELS_A_POINT, self.sheet.height - y * PIXELS_A_POINT)
    }
}

/// Of a part of one.
fn byte(part: f32) -> u8 {
    format!("{:.0}", part * 255.0).parse().unwrap()
}

fn numbers(values: &[Object]) -> Vec<f32> {
    values.iter().filter_map(|value| value.as_float().ok()).collect()
}
