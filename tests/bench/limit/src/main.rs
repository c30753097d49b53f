//! The limit that `make bench` holds `snap` against: the fewest commands with which
//! Chromium loads and draws a page, over its debugging pipe. No deadlines, no proxy,
//! no judgement of what came: nothing that a service needs.
//!
//! It reads addresses from the standard input and answers each with a line of JSON,
//! as `snap --bench -` does.
#![expect(clippy::print_stdout, reason = "it answers by printing")]

mod devtools;
mod page;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use serde_json::json;

use crate::devtools::DevTools;
use crate::page::{Page, Studio};

/// What is captured of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Kind {
    /// The window, 1280 by 800 pixels.
    Png,
    /// The whole page.
    Full,
    /// The whole page, after its lazy images have come: what `snap` does.
    FullWithImages,
    /// The page as it prints.
    Pdf,
}

/// Captures with raw DevTools commands.
#[derive(Debug, Parser)]
struct Cli {
    /// Chromium's headless shell.
    #[arg(long, env = "CHROMIUM_PATH")]
    chromium: PathBuf,
    #[arg(long, value_enum, default_value = "png")]
    kind: Kind,
    /// The next page is opened while nobody waits.
    #[arg(long)]
    ready: bool,
    /// Frames are drawn on command.
    #[arg(long)]
    begin_frame: bool,
    /// How many captures go on at once.
    #[arg(long, default_value_t = 1)]
    concurrency: usize,
    /// Flags for Chromium.
    #[arg(last = true)]
    flags: Vec<String>,
}

type Requests = Arc<Mutex<mpsc::Receiver<(String, Instant)>>>;

fn main() -> Result<()> {
    let cli = Cli::parse();
    let (devtools, mut browser) = DevTools::start(&cli.chromium, &cli.flags, cli.begin_frame)?;
    let (asked, requests) = mpsc::channel();
    let requests: Requests = Arc::new(Mutex::new(requests));
    let studio = Studio::new(devtools, cli.kind, cli.begin_frame);
    let workers: Vec<_> = (0..cli.concurrency)
        .map(|_| {
            let (studio, requests) = (studio.clone(), Arc::clone(&requests));
            std::thread::spawn(move || work(&studio, &requests, cli.ready))
        })
        .collect();
    for url in std::io::stdin().lines() {
        asked.send((url?, Instant::now()))?;
    }
    drop(asked);
    for worker in workers {
        // One that panicked has told so.
        let _panicked = worker.join();
    }
    browser.kill()?;
    browser.wait()?;
    Ok(())
}

fn work(studio: &Studio, requests: &Requests, ready: bool) {
    let mut next = if ready { studio.open().ok() } else { None };
    loop {
        let request = requests.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((url, asked)) = request else { return };
        let taken = take(studio, next.take(), &url, ready);
        let ms = asked.elapsed().as_secs_f64() * 1_000.0;
        let answer = match &taken {
            Ok((bytes, _)) => json!({"url": url, "ms": ms, "bytes": bytes}),
            Err(fault) => json!({"url": url, "ms": ms, "error": format!("{fault:#}")}),
        };
        println!("{answer}");
        let _gone = std::io::stdout().flush();
        if ready {
            if let Ok((_, page)) = taken {
                studio.dispose_later(&page);
            }
            next = studio.open().ok();
        }
    }
}

fn take(studio: &Studio, page: Option<Page>, url: &str, ready: bool) -> Result<(usize, Page)> {
    let page = page.map_or_else(|| studio.open(), Ok)?;
    let picture = studio.capture(&page, url);
    if !ready {
        studio.dispose(&page)?;
    }
    Ok((picture?.len(), page))
}
