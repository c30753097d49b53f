//! What a page is seen to show when it is about to be drawn, as the verdict needs it: one
//! question for all of it.

use darkroom_core::capture::{Area, Blocking, CaptureSpec, Output, Resource};
use darkroom_core::verdict::{Float, Fonts, Images, Layer, Scene, Styles};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::page::Page;
use crate::script::script;

/// What `sight.js` tells.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    title: String,
    words: String,
    headings: Vec<String>,
    largest: String,
    letters: u32,
    main_letters: u32,
    sure_letters: u32,
    is_whole: bool,
    links: u32,
    fields: u32,
    has_things: bool,
    images: SeenImages,
    fonts: SeenFonts,
    styles: SeenStyles,
    marks: Vec<String>,
    layers: Vec<SeenLayer>,
    waits: Vec<String>,
}

#[derive(Deserialize)]
struct SeenImages {
    wanted: u32,
    missing: Vec<String>,
    pending: Vec<String>,
    painted: f64,
}

#[derive(Deserialize)]
struct SeenFonts {
    missing: Vec<Face>,
    pending: Vec<Face>,
}

/// A font and where its sheet says that it is; nowhere if it is this machine's own.
#[derive(Deserialize)]
struct Face {
    name: String,
    sources: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeenStyles {
    missing: Vec<String>,
    pending: Vec<String>,
    is_plain: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SeenLayer {
    kind: Kind,
    share: f64,
    #[serde(rename = "box")]
    edges: [f64; 4],
    is_modal: bool,
    is_dialog: bool,
    dims: bool,
    is_navigation: bool,
    words: String,
    letters: u32,
    behind: u32,
    answers: Vec<String>,
    links: u32,
    fields: u32,
    names: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Top,
    Fixed,
    Sticky,
    Absolute,
}

/// What the document says of what it shows in the picture. None if it has gone.
pub(crate) async fn look(page: &Page, spec: &CaptureSpec, until: Instant) -> Option<Scene> {
    let script =
        script!("own.js", "find.js", "seen.js", "lacks.js", "marks.js", "layers.js" => "sight.js");
    let told = page.ask_until(script, &[part(spec)], until).await?;
    match serde_json::from_value::<Seen>(told) {
        Ok(seen) => Some(as_drawn(seen.scene(&spec.blocking), &spec.output)),
        Err(fault) => {
            tracing::warn!(%fault, "what a page shows can't be told");
            None
        }
    }
}

/// What lacks images and fonts lacks nothing as a text.
fn as_drawn(scene: Scene, output: &Output) -> Scene {
    match output {
        Output::Text(_) => Scene { images: Images::default(), fonts: Fonts::default(), ..scene },
        Output::Image(_) | Output::Pdf(_) | Output::Clip(_) => scene,
    }
}

/// What is drawn, as `sight.js` takes it.
fn part(spec: &CaptureSpec) -> Value {
    let selector = spec.framing.element.as_ref().map(|element| element.selector.as_str());
    let (depth, edges) = match &spec.framing.area {
        Area::Viewport => (None, None),
        Area::FullPage(full) => (Some(full.max_height_px.unwrap_or(u32::MAX)), None),
        Area::Clip(clip) => (None, Some([clip.x, clip.y, clip.width, clip.height])),
    };
    json!({ "depth": depth, "box": edges, "selector": selector })
}

impl Seen {
    /// Without what the capture itself kept the page from having.
    fn scene(self, blocking: &Blocking) -> Scene {
        let Self { images, fonts, styles, .. } = self;
        let wanted = |kind, urls: Vec<String>| {
            urls.into_iter().filter(|url| !is_blocked(blocking, kind, url)).collect::<Vec<_>>()
        };
        let names = |faces: Vec<Face>| {
            faces
                .into_iter()
                .filter(|face| face.is_wanted(blocking))
                .map(|face| face.name)
                .collect()
        };
        Scene {
            title: self.title,
            words: self.words,
            headings: self.headings,
            largest: self.largest,
            letters: self.letters,
            main_letters: self.main_letters,
            sure_letters: self.sure_letters,
            is_whole: self.is_whole,
            links: self.links,
            fields: self.fields,
            has_things: self.has_things,
            images: Images {
                wanted: images.wanted,
                missing: wanted(Resource::Image, images.missing),
                pending: wanted(Resource::Image, images.pending),
                painted: images.painted,
            },
            fonts: Fonts { missing: names(fonts.missing), pending: names(fonts.pending) },
            styles: Styles {
                missing: wanted(Resource::Stylesheet, styles.missing),
                pending: wanted(Resource::Stylesheet, styles.pending),
                is_plain: styles.is_plain,
            },
            marks: self.marks,
            layers: self.layers.into_iter().map(SeenLayer::layer).collect(),
            waits: self.waits,
        }
    }
}

impl Face {
    /// Whether it is of the web and the capture lets the page have it.
    fn is_wanted(&self, blocking: &Blocking) -> bool {
        let is_wanted = |url: &String| !is_blocked(blocking, Resource::Font, url);
        match &self.sources {
            Some(sources) => sources.iter().any(is_wanted),
            None => !blocking.resources.contains(&Resource::Font),
        }
    }
}

impl SeenLayer {
    fn layer(self) -> Layer {
        Layer {
            float: match self.kind {
                Kind::Top => Float::Top,
                Kind::Fixed => Float::Fixed,
                Kind::Sticky => Float::Sticky,
                Kind::Absolute => Float::Absolute,
            },
            share: self.share,
            edges: self.edges,
            is_modal: self.is_modal,
            is_dialog: self.is_dialog,
            dims: self.dims,
            is_navigation: self.is_navigation,
            words: self.words,
            letters: self.letters,
            behind: self.behind,
            answers: self.answers,
            links: self.links,
            fields: self.fields,
            names: self.names,
        }
    }
}

/// Whether a capture itself keeps its page from having this.
fn is_blocked(blocking: &Blocking, kind: Resource, url: &str) -> bool {
    blocking.resources.contains(&kind) || blocking.requests.iter().any(|pattern| pattern.fits(url))
}
