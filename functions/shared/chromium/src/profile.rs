//! The directory that a Chromium writes to, and what is done about those whose
//! owner was killed before it could clean up.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tempfile::TempDir;

const PREFIX: &str = "darkroom-chromium-";

/// Inside a profile: locked by its owner for as long as that lives, and holding
/// the id of the process group that uses it.
const OWNER: &str = "owner";

/// A fresh profile directory, removed when dropped.
#[derive(Debug)]
pub(crate) struct Profile {
    directory: TempDir,
    owner: File,
}

impl Profile {
    /// Makes an empty profile under the directory for temporary files.
    pub(crate) fn create(scratch: &Path) -> io::Result<Self> {
        let directory = tempfile::Builder::new().prefix(PREFIX).tempdir_in(scratch)?;
        let owner = File::create(directory.path().join(OWNER))?;
        owner.lock()?;
        Ok(Self { directory, owner })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Notes who uses it.
    pub(crate) fn belongs_to(&mut self, group: Pid) -> io::Result<()> {
        write!(self.owner, "{group}")
    }
}

/// Kills the Chromiums and removes the profiles whose owner is gone: one that was
/// killed cleans nothing up, and on Lambda `/tmp` outlives it.
pub(crate) fn sweep(scratch: &Path) {
    let Ok(entries) = fs::read_dir(scratch) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().as_bytes().starts_with(PREFIX.as_bytes()) {
            sweep_one(&entry.path());
        }
    }
}

fn sweep_one(profile: &Path) {
    let Some(group) = abandoned_by(&profile.join(OWNER)) else {
        return;
    };
    // Ids are used again: only a process that names this profile is meant.
    if runs_with(group, profile) {
        let _ended_meanwhile = killpg(group, Signal::SIGKILL);
    }
    match fs::remove_dir_all(profile) {
        Ok(()) => tracing::info!("removed what a killed process had left of a Chromium"),
        Err(fault) => tracing::warn!(%fault, "the profile of a killed Chromium stays"),
    }
}

/// The process group of a profile that nobody owns any more. A profile that is
/// just being made has no group yet.
fn abandoned_by(owner: &Path) -> Option<Pid> {
    let file = OpenOptions::new().read(true).open(owner).ok()?;
    file.try_lock().ok()?;
    let group = fs::read_to_string(owner).ok()?.parse().ok()?;
    Some(Pid::from_raw(group))
}

fn runs_with(process: Pid, profile: &Path) -> bool {
    let flag = user_data_flag(profile);
    fs::read(format!("/proc/{process}/cmdline"))
        .is_ok_and(|line| line.split(|&byte| byte == 0).any(|word| word == flag.as_bytes()))
}

/// The flag that gives a Chromium its profile.
pub(crate) fn user_data_flag(profile: &Path) -> OsString {
    let mut flag = OsString::from("--user-data-dir=");
    flag.push(profile);
    flag
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::{CommandExt, ExitStatusExt};
    use std::process::Command;

    use super::*;

    #[test]
    fn only_profiles_without_an_owner_are_swept() {
        let scratch = tempfile::tempdir().unwrap();
        let mut owned = Profile::create(scratch.path()).unwrap();
        // An id that is no process's.
        owned.belongs_to(Pid::from_raw(i32::MAX)).unwrap();
        let abandoned = scratch.path().join("darkroom-chromium-1");
        fs::create_dir(&abandoned).unwrap();
        fs::write(abandoned.join(OWNER), i32::MAX.to_string()).unwrap();
        let unborn = scratch.path().join("darkroom-chromium-2");
        fs::create_dir(&unborn).unwrap();

        sweep(scratch.path());

        assert!(owned.path().exists());
        assert!(!abandoned.exists());
        assert!(unborn.exists());
    }

    #[test]
    fn the_chromium_of_a_dead_owner_is_killed() {
        let scratch = tempfile::tempdir().unwrap();
        let abandoned = scratch.path().join("darkroom-chromium-1");
        fs::create_dir(&abandoned).unwrap();
        #[expect(clippy::disallowed_methods, reason = "stands in for a Chromium")]
        let mut chromium = Command::new("sh")
            .args(["-c", "while :; do sleep 1; done", "sh"])
            .arg(user_data_flag(&abandoned))
            .process_group(0)
            .spawn()
            .unwrap();
        fs::write(abandoned.join(OWNER), chromium.id().to_string()).unwrap();
        // A process that was spawned a moment ago may have no command line yet.
        let group = Pid::from_raw(chromium.id().try_into().unwrap());
        while !runs_with(group, &abandoned) {
            std::thread::yield_now();
        }

        sweep(scratch.path());

        assert_eq!(chromium.wait().unwrap().signal(), Some(9));
        assert!(!abandoned.exists());
    }
}
