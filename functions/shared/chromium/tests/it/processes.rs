//! What the kernel knows of a browser's processes.

use std::fs;
use std::time::Duration;

/// Ends when nothing is left of a group.
pub(crate) async fn gone(group: u32) {
    while !members(group).is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The processes of a group, dead ones that nobody has reaped included.
pub(crate) fn members(group: u32) -> Vec<u32> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok())
        .filter(|process| group_of(*process) == Some(group))
        .collect()
}

/// Those of a group that run pages.
pub(crate) fn renderers(group: u32) -> Vec<u32> {
    let is_renderer = |process: &u32| {
        let line = fs::read_to_string(format!("/proc/{process}/cmdline")).unwrap_or_default();
        line.contains("--type=renderer")
    };
    members(group).into_iter().filter(is_renderer).collect()
}

fn group_of(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // After the name in brackets: state, parent, group.
    stat.rsplit_once(')')?.1.split_whitespace().nth(2)?.parse().ok()
}
