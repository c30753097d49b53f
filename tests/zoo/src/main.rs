//! `make zoo`: awkward receivers, each on a port of its own, and what a webhook
//! to it takes: seconds, live heap, bytes of its answer, and what is recorded.
//!
//! This process is the receivers. Each POST is made by a process of its own, so
//! that its heap is the sender's alone and all of them can go on at once.
//!
//! What isn't here: whether what is recorded is right in every detail. That is
//! for the sender's own tests.
#![expect(clippy::print_stdout, reason = "it answers by printing")]

mod door;
mod receivers;
mod sender;
mod stage;
mod table;

use std::process::{ExitCode, Stdio};

use anyhow::{Context as _, Result, ensure};
use futures::future::join_all;
use peak_alloc::PeakAlloc;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::door::Open;
use crate::receivers::{Receiver, SOON};
use crate::sender::{Errand, Report};

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Makes this program a sender that does one errand.
const SENDER: &str = "sender";

/// Leaves out the receivers that take more than [`SOON`].
const SOON_ONLY: &str = "soon";

fn main() -> Result<ExitCode> {
    let argument = std::env::args().nth(1);
    match argument.as_deref() {
        Some(SENDER) => {
            sender::run(HEAP)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(SOON_ONLY) => {
            let soon: Vec<_> = receivers::all().filter(|it| it.within == SOON).collect();
            show(&soon)
        }
        None => show(&receivers::all().collect::<Vec<_>>()),
        Some(_) => {
            println!("usage: zoo [{SOON_ONLY}]");
            Ok(ExitCode::FAILURE)
        }
    }
}

#[tokio::main]
async fn show(receivers: &[Receiver]) -> Result<ExitCode> {
    let reports = join_all(receivers.iter().map(visit)).await;
    let mut missed = 0;
    println!("{}", table::head());
    for (receiver, report) in receivers.iter().zip(reports) {
        let report = report.with_context(|| receiver.name)?;
        missed += usize::from(!table::holds(receiver, &report));
        println!("{}", table::row(receiver, &report));
    }
    println!("{} receivers, {missed} missed", receivers.len());
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Opens a receiver and sends a webhook to it.
async fn visit(receiver: &Receiver) -> Result<Report> {
    let Open { url, root, serving } = door::open(receiver).await?;
    let errand = Errand { url, root, body_bytes: receiver.body_bytes };
    let report = send(&errand).await;
    serving.abort();
    report
}

async fn send(errand: &Errand) -> Result<Report> {
    let program = std::env::current_exe()?;
    #[expect(clippy::disallowed_methods, reason = "a sender's heap is to be its own")]
    let mut sender = Command::new(program)
        .arg(SENDER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut stdin = sender.stdin.take().context("a sender has no input")?;
    stdin.write_all(&serde_json::to_vec(errand)?).await?;
    drop(stdin);
    let done = sender.wait_with_output().await?;
    ensure!(done.status.success(), "a sender failed");
    Ok(serde_json::from_slice(&done.stdout)?)
}
