//! How much memory a Chromium takes, by what the kernel says of its processes.

use std::fs;
use std::time::Duration;

use nix::unistd::Pid;

/// Bytes in a mebibyte.
pub(crate) const MIB: u64 = 1024 * 1024;

/// How often a capture is looked at: a page may fill gigabytes a second.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// The size of a page of memory on x86-64 and ARM64 Linux, as Lambda runs it.
const PAGE_BYTES: u64 = 4096;

/// Ends when the processes of this group take more than this together.
/// The heap's own limit (`--max-old-space-size`) knows nothing of array buffers,
/// images and canvases.
pub(crate) async fn exceeded(group: Pid, limit_mib: u64) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let taken_mib = of_group(group) / MIB;
        if taken_mib > limit_mib {
            tracing::warn!(taken_mib, "a page takes more memory than there is for it");
            return;
        }
    }
}

/// What one process takes for itself; 0 if it is gone.
pub(crate) fn of_process(process: Pid) -> u64 {
    usage(process).map_or(0, |usage| usage.own)
}

/// What all processes of a group take: what each has for itself, and what is
/// shared once, for most of that is the program.
fn of_group(group: Pid) -> u64 {
    let Ok(entries) = fs::read_dir("/proc") else {
        return 0;
    };
    let processes = entries.flatten().filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        Some(Pid::from_raw(id)).filter(|&process| group_of(process) == Some(group))
    });
    let (own, shared) = processes
        .filter_map(usage)
        .fold((0, 0), |(own, shared), usage| (own + usage.own, usage.shared.max(shared)));
    own + shared
}

struct Usage {
    own: u64,
    shared: u64,
}

/// proc(5): size, resident, shared, in pages.
fn usage(process: Pid) -> Option<Usage> {
    let line = fs::read_to_string(format!("/proc/{process}/statm")).ok()?;
    let mut pages = line.split_ascii_whitespace().skip(1).map(str::parse::<u64>);
    let (resident, shared) = (pages.next()?.ok()?, pages.next()?.ok()?);
    Some(Usage { own: resident.saturating_sub(shared) * PAGE_BYTES, shared: shared * PAGE_BYTES })
}

/// proc(5): after the name in brackets come state, parent and group.
fn group_of(process: Pid) -> Option<Pid> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_name, rest) = line.rsplit_once(')')?;
    rest.split_ascii_whitespace().nth(2)?.parse().ok().map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_takes_memory_and_belongs_to_its_group() {
        let own = nix::unistd::getpid();
        let group = nix::unistd::getpgrp();
        assert_eq!(group_of(own), Some(group));
        assert!(of_process(own) > 0);
        assert!(of_group(group) >= of_process(own));
        assert_eq!(of_process(Pid::from_raw(i32::MAX)), 0);
    }
}
