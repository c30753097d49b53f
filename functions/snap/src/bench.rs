//! Captures a list of pages and tells what each took.

use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use darkroom_chromium::ChromiumCamera;
use darkroom_core::address::Reach;
use darkroom_core::port::Camera as _;
use futures::{Stream, StreamExt as _, stream};
use serde_json::json;
use tokio::sync::mpsc;

use crate::cli::{self, Cli};
use crate::order::{self, Order};
use crate::{output, usage};

/// How many captures are taken of a list's first page before anything counts: a
/// fresh browser is slower at its first ones. None of what comes by the standard
/// input: whoever writes there decides what counts.
const WARM_UP: usize = 3;

/// What one capture came to.
#[derive(Debug)]
struct Taken {
    url: String,
    took: Duration,
    result: Result<usize, String>,
}

/// What all of them came to.
#[derive(Debug, Default)]
struct Sum {
    captures: u32,
    errors: u32,
    took: Vec<Duration>,
}

/// Takes them; fails if any of them failed.
pub(crate) async fn run(cli: &Cli, list: &Path) -> Result<()> {
    let bench = Bench {
        camera: Arc::new(crate::camera(cli).await?),
        options: cli.options.clone(),
        reach: cli.reach(),
    };
    let pages = pages(cli, list)?;
    if let Pages::Listed(urls) = &pages {
        for url in std::iter::repeat_n(urls.first(), WARM_UP).flatten() {
            bench.clone().take(url.clone()).await;
        }
    }
    let (begun, used) = (Instant::now(), usage::processor_time());
    let mut taken = pages
        .stream(cli.repeat.get())
        .map(|url| tokio::spawn(bench.clone().take(url)))
        .buffer_unordered(cli.concurrency.get().into());
    let mut sum = Sum::default();
    while let Some(taken) = taken.next().await {
        let taken = taken?;
        output::line(&taken.line(cli.json));
        sum.add(&taken);
    }
    let used = usage::processor_time().saturating_sub(used);
    let (errors, captures) = (sum.errors, sum.captures);
    output::line(&sum.line(cli.json, begun.elapsed(), used));
    if errors > 0 {
        bail!("{errors} of {captures} captures failed");
    }
    Ok(())
}

/// What a capture needs.
#[derive(Clone, Debug)]
struct Bench {
    camera: Arc<ChromiumCamera>,
    options: Vec<(String, String)>,
    reach: Reach,
}

impl Bench {
    /// From the request to the picture's bytes in memory.
    async fn take(self, line: String) -> Taken {
        let begun = Instant::now();
        let (url, own) = line.split_once(' ').unwrap_or((&line, ""));
        let url = url.to_owned();
        let order = self.options(own).and_then(|options| Order::read(&url, &options, &self.reach));
        let result = match order {
            Err(fault) => Err(format!("{fault:#}")),
            Ok(order) => {
                let picture = self.camera.capture(&order.spec, order.timeout.as_duration()).await;
                let file = match picture {
                    Ok(picture) => picture.content.collect().await,
                    Err(failure) => Err(failure),
                };
                file.map(|file| file.len()).map_err(|failure| failure.to_string())
            }
        };
        Taken { url, took: begun.elapsed(), result }
    }

    /// The options of a line, and those of all lines that it doesn't name.
    fn options(&self, own: &str) -> Result<Vec<(String, String)>> {
        let own = own.split_ascii_whitespace().map(cli::option);
        let own = own.collect::<Result<Vec<_>, _>>().map_err(anyhow::Error::msg)?;
        let is_named = |name: &String| own.iter().any(|(it, _)| it == name);
        let common = self.options.iter().filter(|(name, _)| !is_named(name)).cloned().collect();
        Ok(order::with_format("png", &[own, common].concat()))
    }
}

/// Where the addresses come from.
enum Pages {
    Listed(Vec<String>),
    Typed,
}

fn pages(cli: &Cli, list: &Path) -> Result<Pages> {
    if list == Path::new("-") {
        if cli.repeat.get() > 1 {
            bail!("--repeat needs a file: the standard input can't be read again");
        }
        return Ok(Pages::Typed);
    }
    let text = std::fs::read_to_string(list)
        .with_context(|| format!("cannot read the list {}", list.display()))?;
    let urls: Vec<_> = text.lines().filter_map(address).collect();
    if urls.is_empty() {
        bail!("{} lists no address; one stands on a line of its own", list.display());
    }
    Ok(Pages::Listed(urls))
}

impl Pages {
    fn stream(self, repeat: u16) -> Pin<Box<dyn Stream<Item = String>>> {
        match self {
            Self::Listed(urls) => {
                let rounds = (0..repeat).flat_map(move |_| urls.clone());
                Box::pin(stream::iter(rounds))
            }
            Self::Typed => {
                let mut typed = typed();
                Box::pin(stream::poll_fn(move |context| typed.poll_recv(context)))
            }
        }
    }
}

/// The addresses on the standard input, as they come. A thread of its own reads
/// them, for whom nobody waits when we are told to end.
fn typed() -> mpsc::UnboundedReceiver<String> {
    let (typed, addresses) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let lines = std::io::stdin().lines().map_while(Result::ok);
        for address in lines.filter_map(|line| address(&line)) {
            if typed.send(address).is_err() {
                return;
            }
        }
    });
    addresses
}

/// The address on a line, if there is one and no comment.
fn address(line: &str) -> Option<String> {
    let line = line.trim();
    (!line.is_empty() && !line.starts_with('#')).then(|| line.to_owned())
}

impl Taken {
    fn line(&self, as_json: bool) -> String {
        let ms = millis(self.took);
        if as_json {
            let (bytes, error) = (self.result.as_ref().ok(), self.result.as_ref().err());
            let line = json!({"url": self.url, "ms": ms, "bytes": bytes, "error": error});
            return line.to_string();
        }
        match &self.result {
            Ok(bytes) => format!("{ms:>9.1} ms  {bytes:>9} bytes  {}", self.url),
            Err(error) => format!("{ms:>9.1} ms  {}: {error}", self.url),
        }
    }
}

impl Sum {
    fn add(&mut self, taken: &Taken) {
        self.captures += 1;
        self.errors += u32::from(taken.result.is_err());
        self.took.push(taken.took);
    }

    fn line(mut self, as_json: bool, took: Duration, used: Duration) -> String {
        self.took.sort_unstable();
        let (p50, p95) = (self.percentile(50), self.percentile(95));
        let per_s = rounded(f64::from(self.captures) / took.as_secs_f64());
        let (seconds, cpu_s) = (rounded(took.as_secs_f64()), rounded(used.as_secs_f64()));
        if as_json {
            let line = json!({
                "captures": self.captures, "errors": self.errors, "seconds": seconds,
                "per_s": per_s, "cpu_s": cpu_s, "p50_ms": p50, "p95_ms": p95,
            });
            return line.to_string();
        }
        format!(
            "{} captures, {} failed, in {seconds} s: {per_s} a second, p50 {p50} ms, p95 {p95} ms, \
             {cpu_s} s of the processor (browser included)",
            self.captures, self.errors
        )
    }

    fn percentile(&self, percent: usize) -> f64 {
        let place = (self.took.len() * percent / 100).min(self.took.len().saturating_sub(1));
        self.took.get(place).copied().map_or(0.0, millis)
    }
}

/// Milliseconds, to a tenth.
fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 10_000.0).round() / 10.0
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
