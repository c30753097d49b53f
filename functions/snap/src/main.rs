//! `snap`: one page to one file, many pages for a measurement, or a look at the
//! browser that would do it. The same camera and the same options as the
//! service's, without AWS.

mod bench;
mod cli;
mod doctor;
mod order;
mod output;
mod program;
mod usage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Parser as _;
use darkroom_chromium::{ChromiumCamera, ChromiumConfig};
use darkroom_core::artifact::FileKind;
use darkroom_core::capture::Format;
use darkroom_core::port::Camera as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Cli;
use crate::order::Order;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // The browser is in a process group of its own, so that ctrl-C ends only us;
    // it dies with the camera.
    let ended = tokio::select! {
        ended = run(&cli) => ended,
        told = told_to_end() => Err(told),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            output::fault(&fault);
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: &Cli) -> Result<()> {
    if cli.doctor {
        return doctor::examine(cli).await;
    }
    if let Some(list) = &cli.bench {
        return bench::run(cli, list).await;
    }
    let (Some(source), Some(file)) = (&cli.source, &cli.output) else {
        bail!("an address or a file is needed, and -o FILE");
    };
    shoot(cli, source, file).await
}

async fn shoot(cli: &Cli, source: &str, file: &Path) -> Result<()> {
    let order = Order::read(source, &order::with_format_of(file, &cli.options)?, &cli.reach())?;
    let camera = camera(cli).await?;
    let begun = Instant::now();
    let picture = camera.capture(&order.spec, order.timeout.as_duration()).await;
    let picture = picture.map_err(|failure| anyhow!("{source}: {}", failure.message))?;
    let content = picture.content.collect().await;
    let content = content.map_err(|failure| anyhow!("{source}: {}", failure.message))?;
    std::fs::write(file, &content).with_context(|| format!("cannot write {}", file.display()))?;
    output::taken(file, content.len(), begun.elapsed());
    for finding in &picture.report.verdict.findings {
        output::found(file, finding);
    }
    if let Some(told) = darkroom_dialects::metadata(&picture.report) {
        output::line(&told);
    }
    for extra in picture.extras {
        let file = beside(file, extra.kind, order.spec.output.format());
        std::fs::write(&file, &extra.content)
            .with_context(|| format!("cannot write {}", file.display()))?;
        output::taken(&file, extra.content.len(), begun.elapsed());
    }
    Ok(())
}

/// `page.png` has its first slice beside it in `page-slice-0.png`, its requests in
/// `page-har.har`.
fn beside(file: &Path, kind: FileKind, of_result: Format) -> PathBuf {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let format = kind.format(of_result);
    let own = file.extension().filter(|_| format == of_result);
    let extension = own.map_or_else(|| format.extension().into(), |own| own.to_string_lossy());
    file.with_file_name(format!("{name}-{}.{extension}", kind.name()))
}

async fn camera(cli: &Cli) -> Result<ChromiumCamera> {
    let program = program::find(cli.chromium.as_deref())?;
    Ok(ChromiumCamera::start(config(cli, &program)).await?)
}

fn config(cli: &Cli, program: &program::Program) -> ChromiumConfig {
    ChromiumConfig {
        path: program.path.clone(),
        reach: cli.reach(),
        memory_mib: cli.memory_mib,
        at_once: cli.concurrency.into(),
    }
}

async fn told_to_end() -> anyhow::Error {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    anyhow!("interrupted")
}
