//! Takes what a row asks for, and compares.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use darkroom_chromium::{ChromiumCamera, ChromiumConfig};
use darkroom_core::address::Reach;
use darkroom_core::failure::Failure;
use darkroom_core::port::Camera as _;
use futures::{StreamExt as _, stream};

use crate::rows::Row;
use crate::site::Site;
use crate::taken::{Kind, Pixels, Sight, Taken};

/// Given unless a row says otherwise: what is small is drawn quickly.
const USUAL: [&str; 3] = ["format=png", "viewport_width=200", "viewport_height=100"];

/// So many rows are gone through at once.
const AT_ONCE: usize = 2;

/// A camera as the service has it.
pub(crate) struct Studio {
    camera: ChromiumCamera,
}

impl Studio {
    pub(crate) async fn open() -> Self {
        let config = ChromiumConfig {
            path: chromium(),
            reach: reach(),
            memory_mib: 4_096,
            at_once: NonZeroUsize::new(AT_ONCE).unwrap(),
        };
        Self { camera: ChromiumCamera::start(config).await.unwrap() }
    }

    /// Whether each row is true.
    pub(crate) async fn check(&self, rows: &[Row]) {
        let faults = stream::iter(rows).map(|row| self.faults(row)).buffer_unordered(AT_ONCE);
        let faults: Vec<Vec<String>> = faults.collect().await;
        assert!(faults.iter().all(Vec::is_empty), "\n{}", faults.concat().join("\n"));
    }

    async fn faults(&self, row: &Row) -> Vec<String> {
        let (without, _) = self.take(row, row.other).await;
        let (with, took) = self.take(row, Some(row.option)).await;
        let mut faults = Vec::new();
        for (given, taken, expected) in
            [(row.other.unwrap_or("nothing"), &without, row.without), (row.option, &with, row.seen)]
        {
            let seen = seen(taken, row.look);
            if seen != expected {
                faults.push(format!("{}, {given}: “{seen}”, not “{expected}”", row.option));
            }
        }
        if row.without == row.seen {
            faults.push(format!("{} changes nothing", row.option));
        }
        if let Some(alike) = row.alike
            && seen(&without, alike) != seen(&with, alike)
        {
            faults.push(format!("{} changes what it must not", row.option));
        }
        if took > row.within {
            faults.push(format!("{} took {took:?}", row.option));
        }
        faults
    }

    async fn take(
        &self,
        row: &Row,
        option: Option<&'static str>,
    ) -> (Result<Taken, Failure>, Duration) {
        let site = Site::start(row.page);
        let options = options(row, option, &site);
        let (spec, timeout) = darkroom_dialects::capture(&options, &reach())
            .unwrap_or_else(|refusal| panic!("{}: {refusal:?}", row.option));
        let began = Instant::now();
        let taken = async {
            let picture = self.camera.capture(&spec, timeout.as_duration()).await?;
            let took = began.elapsed();
            Ok((picture.content.collect().await?, picture.extras, picture.report, took))
        };
        match taken.await {
            Ok((file, extras, report, took)) => {
                let (kind, sight) = self.read(&file).await;
                let heads = site.heads();
                (Ok(Taken { file, kind, sight, extras, report, heads }), took)
            }
            Err(failure) => (Err(failure), began.elapsed()),
        }
    }

    async fn read(&self, file: &[u8]) -> (Kind, Sight) {
        let kind = Kind::of(file);
        let sight = match kind {
            Kind::Png => Sight::Picture(Pixels::of_png(file)),
            Kind::Tiff => Sight::Picture(Pixels::of_tiff(file)),
            Kind::Pdf => Sight::Sheets(crate::sheets::read(file)),
            Kind::Text => Sight::Text(String::from_utf8(file.to_vec()).unwrap()),
            Kind::Jpeg | Kind::WebP | Kind::Avif | Kind::Gif | Kind::Mp4 | Kind::WebM => {
                Sight::Picture(self.shown(kind, file).await)
            }
        };
        (kind, sight)
    }

    /// Whose pixels we don't read ourselves, a browser does.
    async fn shown(&self, kind: Kind, file: &[u8]) -> Pixels {
        let data = STANDARD.encode(file);
        let element = if matches!(kind, Kind::Mp4 | Kind::WebM) { "video muted" } else { "img" };
        let page = format!("<{element} id=shown src='data:{};base64,{data}'>", kind.media_type());
        let options = [
            ("html", &*page),
            ("format", "png"),
            ("selector", "#shown"),
            ("omit_background", "true"),
            ("error_on_selector_not_found", "true"),
            ("wait_for_function", "shown.readyState === undefined || shown.readyState > 1"),
        ];
        let options = options.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (spec, timeout) = darkroom_dialects::capture(&options, &reach()).unwrap();
        let picture = self.camera.capture(&spec, timeout.as_duration()).await.unwrap();
        Pixels::of_png(&picture.content.collect().await.unwrap())
    }
}

/// What is given: the option, what goes with it, and what is usual.
fn options(row: &Row, option: Option<&str>, site: &Site) -> Vec<(String, String)> {
    let given: Vec<&str> = option.into_iter().chain(row.with.iter().copied()).collect();
    let names: Vec<&str> = given.iter().map(|it| split(it).0).chain([row.name()]).collect();
    let is_new = |it: &&str| !names.contains(&split(it).0);
    // A device brings its own window.
    let usual = if names.contains(&"viewport_device") { &USUAL[..1] } else { &USUAL };
    let source = format!("url={}", site.url(row.path));
    let has_source = names.iter().any(|name| ["url", "html", "markdown"].contains(name));
    let usual = usual.iter().copied().filter(is_new);
    let all = given.iter().copied().chain(usual).chain((!has_source).then_some(&*source));
    let filled =
        |(name, value): (&str, &str)| (name.to_owned(), value.replace("SITE", &site.url("")));
    all.map(split).map(filled).collect()
}

fn split(option: &str) -> (&str, &str) {
    option.split_once('=').unwrap()
}

fn seen(taken: &Result<Taken, Failure>, look: fn(&Taken) -> String) -> String {
    taken.as_ref().map_or_else(ToString::to_string, look)
}

fn reach() -> Reach {
    Reach::with_loopback_except(Vec::new())
}

#[expect(clippy::disallowed_methods, reason = "tests have no config.rs")]
fn chromium() -> PathBuf {
    let built = concat!(env!("CARGO_MANIFEST_DIR"), "/../../build/layer/opt/chromium/chromium");
    std::env::var("CHROMIUM_PATH").unwrap_or_else(|_unset| built.to_owned()).into()
}
