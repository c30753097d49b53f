//! Tells which Chromium there is, what it can do, what is missing, and how that is
//! mended.

use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use darkroom_chromium::{ChromiumCamera, Frames};
use darkroom_core::capture::{Timeout, Viewport};
use darkroom_core::port::Camera as _;

use crate::cli::Cli;
use crate::order::Order;
use crate::{output, program};

/// A letter of each script that pages are commonly written in.
const SCRIPTS: [(&str, &str); 12] = [
    ("Latin", "g"),
    ("Greek", "Ω"),
    ("Cyrillic", "Ж"),
    ("Chinese", "漢"),
    ("Japanese", "か"),
    ("Korean", "한"),
    ("emoji", "😀"),
    ("Arabic", "ع"),
    ("Hebrew", "א"),
    ("Devanagari", "ह"),
    ("Thai", "ก"),
    ("symbols", "✓"),
];

/// A code point that Unicode has given to nothing: what is drawn for it is what is
/// drawn for any letter that no font has.
const NO_LETTER: &str = "\u{378}";

/// Files that a browser with a few pages keeps open; 54 were seen with one page.
const FILES_NEEDED: u64 = 512;

/// Examines what `cli` would capture with; fails if nothing could be captured.
pub(crate) async fn examine(cli: &Cli) -> Result<()> {
    let program = program::find(cli.chromium.as_deref())?;
    tell("Chromium", &format!("{} ({})", program.path.display(), program.origin));
    let begun = Instant::now();
    let camera = ChromiumCamera::start(crate::config(cli, &program)).await.map_err(|fault| {
        anyhow!(
            "{fault}\n      (a missing library is named there; `make layer` builds a Chromium that \
             brings its own)"
        )
    })?;
    tell("started", &format!("in {} ms", begun.elapsed().as_millis()));
    let Some((product, frames)) = camera.browser_in_use() else {
        bail!("Chromium ended as soon as it had started");
    };
    tell("version", product);
    let mut missing = Vec::new();
    match frames {
        Frames::Driven => tell("frames", "begin-frame: driven by us"),
        Frames::Free => {
            tell("frames", "the browser's own clock (no begin-frame)");
            missing.push(
                "begin-frame: captures take some 50 ms longer. Use a headless shell, such as \
                 `make layer`'s",
            );
        }
    }
    if !tell_scripts(&camera).await? {
        missing.push(
            "fonts: pages show boxes for the scripts that aren't drawn. Add fonts to the layer \
             (layers/chromium/pins.json), or install them for a Chromium of the system",
        );
    }
    tell_limits(cli);
    if open_files().is_some_and(|most| most < FILES_NEEDED) {
        missing.push("open files: raise the limit with `ulimit -n 1024`");
    }
    if missing.is_empty() {
        tell("missing", "nothing");
    }
    for missing in missing {
        tell("missing", missing);
    }
    Ok(())
}

fn tell(what: &str, answer: &str) {
    output::line(&format!("{what:10} {answer}"));
}

/// Tells which scripts are drawn; whether all are.
async fn tell_scripts(camera: &ChromiumCamera) -> Result<bool> {
    let box_ = draw(camera, NO_LETTER).await?;
    let (mut drawn, mut boxes) = (Vec::new(), Vec::new());
    for (script, letter) in SCRIPTS {
        let list = if draw(camera, letter).await? == box_ { &mut boxes } else { &mut drawn };
        list.push(script);
    }
    tell("fonts", &format!("draw {}", drawn.join(", ")));
    if !boxes.is_empty() {
        tell("", &format!("not drawn: {}", boxes.join(", ")));
    }
    Ok(boxes.is_empty())
}

async fn draw(camera: &ChromiumCamera, letter: &str) -> Result<Vec<u8>> {
    let document =
        format!("<!doctype html><meta charset=utf-8><p style='font:40px sans-serif'>{letter}");
    let options = [("format", "png"), ("viewport_width", "100"), ("viewport_height", "100")];
    let order = Order::of_document(document, &options)?;
    let picture = camera.capture(&order.spec, Timeout::DEFAULT.as_duration()).await;
    let picture = picture.map_err(|failure| anyhow!(failure.message))?;
    let file = picture.content.collect().await.map_err(|failure| anyhow!(failure.message))?;
    Ok(file.to_vec())
}

fn tell_limits(cli: &Cli) {
    let heap = cli.memory_mib / 3;
    let side = Viewport::MAX_SIDE_PX;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let files = open_files().map_or_else(|| "unknown".to_owned(), |most| most.to_string());
    tell("limits", &format!("a page's scripts: {heap} MiB (--memory {})", cli.memory_mib));
    tell("", &format!("the window: {side} x {side} CSS pixels, scale {}", Viewport::MAX_SCALE));
    tell("", &format!("a capture: {} s", Timeout::MAX_ASYNC_SECS));
    tell("", &format!("this machine: {cores} processors, {files} open files"));
    tell("scratch", &std::env::temp_dir().display().to_string());
}

/// How many files this process, and so the browser, may have open at once.
fn open_files() -> Option<u64> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}
