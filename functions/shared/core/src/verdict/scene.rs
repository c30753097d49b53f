//! What a document says of what it shows.

/// What a document says of the part of it that is drawn. Letters are counted without
/// spaces; a sign of Chinese, Japanese or Korean is two.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Scene {
    /// Its title.
    pub title: String,
    /// The first words that are seen, one line a box.
    pub words: String,
    /// Its first headings that are seen.
    pub headings: Vec<String>,
    /// What is set in the largest letters.
    pub largest: String,
    /// Letters that are seen, up to some thousands.
    pub letters: u32,
    /// Those of them beside navigation, header and footer.
    pub main_letters: u32,
    /// Those of them that surely stand out from what is behind them.
    pub sure_letters: u32,
    /// Whether it was read to its end.
    pub is_whole: bool,
    /// Its links, up to a thousand.
    pub links: u32,
    /// Its fields to write in that are seen; not counted where there are many words.
    pub fields: u32,
    /// Whether anything but words is laid out: images, drawings, frames, buttons.
    pub has_things: bool,
    /// Its images.
    pub images: Images,
    /// Its web fonts.
    pub fonts: Fonts,
    /// Its style sheets.
    pub styles: Styles,
    /// By whose hand it may be instead of its host's: short names of vendors, with
    /// `widget:` before those of what anybody may put into his own page.
    pub marks: Vec<String>,
    /// What floats over it.
    pub layers: Vec<Layer>,
    /// What it has in the window that shows that it waits for itself.
    pub waits: Vec<String>,
}

/// Images that would be seen.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Images {
    /// How many.
    pub wanted: u32,
    /// The addresses of those that couldn't be had.
    pub missing: Vec<String>,
    /// Those of which nothing has come yet.
    pub pending: Vec<String>,
    /// Which share of what is drawn is surely covered by those that are there, from 0.
    pub painted: f64,
}

/// Web fonts that text is set in, by their families.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Fonts {
    /// Those that couldn't be had.
    pub missing: Vec<String>,
    /// Those that haven't come yet.
    pub pending: Vec<String>,
}

/// Style sheets that the document links to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Styles {
    /// The addresses of those that couldn't be had.
    pub missing: Vec<String>,
    /// Those that haven't come yet.
    pub pending: Vec<String>,
    /// Whether the document is hardly styled without those.
    pub is_plain: bool,
}

/// Something that floats over a page, with content of the page behind it or beside it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Layer {
    /// How it floats.
    pub float: Float,
    /// At which share of the window it is on top.
    pub share: f64,
    /// Its left, upper, right and lower edge in the window, from 0 to 1.
    pub edges: [f64; 4],
    /// Whether the document says that nothing else may be used meanwhile.
    pub is_modal: bool,
    /// Whether it is, or holds, what the document calls a dialog.
    pub is_dialog: bool,
    /// Whether the page is dimmed behind it.
    pub dims: bool,
    /// Whether it is, or holds, the page's navigation.
    pub is_navigation: bool,
    /// Its first words.
    pub words: String,
    /// Letters in it, up to some thousands.
    pub letters: u32,
    /// Letters of the page that aren't in it, in the window.
    pub behind: u32,
    /// What its buttons and links say.
    pub answers: Vec<String>,
    /// Links that lead elsewhere.
    pub links: u32,
    /// Fields to write in.
    pub fields: u32,
    /// Its id, its classes, and those of a frame in it.
    pub names: String,
}

/// How something floats over a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Float {
    /// In the browser's top layer.
    Top,
    /// Where it is in the window.
    #[default]
    Fixed,
    /// In the page's flow until it would leave the window.
    Sticky,
    /// Somewhere in the page, above the rest.
    Absolute,
}
