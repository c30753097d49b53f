//! Where Chromium is.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// Where `make layer` puts it, below the repository.
const BUILT: &str = "build/layer/opt/chromium/chromium";

/// Names under which it is installed, those that can be driven frame by frame first.
const NAMES: [&str; 6] = [
    "chromium-headless-shell",
    "chrome-headless-shell",
    "headless_shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
];

/// A Chromium.
#[derive(PartialEq, Eq, Debug)]
pub(crate) struct Program {
    pub(crate) path: PathBuf,
    /// How it was found.
    pub(crate) origin: &'static str,
}

/// The Chromium to use: the given one, else the layer's build, else one that is
/// installed.
pub(crate) fn find(given: Option<&Path>) -> Result<Program> {
    let Some(found) = given
        .map(|path| Program { path: path.to_owned(), origin: "given" })
        .or_else(built)
        .or_else(|| installed(&std::env::var_os("PATH").unwrap_or_default()))
    else {
        bail!(
            "no Chromium: `make layer` builds one; or name a headless shell by --chromium or \
             CHROMIUM_PATH"
        );
    };
    if !found.path.is_file() {
        bail!("no Chromium at {}, which --chromium or CHROMIUM_PATH names", found.path.display());
    }
    Ok(found)
}

/// The build of the repository that this program, or the current folder, lies in.
fn built() -> Option<Program> {
    let here = [std::env::current_exe().ok(), std::env::current_dir().ok()];
    let path = here
        .iter()
        .flatten()
        .flat_map(|place| place.ancestors())
        .map(|folder| folder.join(BUILT))
        .find(|path| path.is_file())?;
    Some(Program { path, origin: "built by `make layer`" })
}

fn installed(folders: &std::ffi::OsStr) -> Option<Program> {
    let path = NAMES
        .iter()
        .flat_map(|name| std::env::split_paths(folders).map(move |folder| folder.join(name)))
        .find(|path| path.is_file())?;
    Some(Program { path, origin: "installed" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_headless_shell_comes_before_a_whole_browser() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        std::fs::write(folders[0].path().join("chromium"), "").unwrap();
        let shell = folders[1].path().join("headless_shell");
        std::fs::write(&shell, "").unwrap();
        let path = std::env::join_paths(folders.iter().map(tempfile::TempDir::path)).unwrap();
        assert_eq!(installed(&path), Some(Program { path: shell, origin: "installed" }));
    }

    #[test]
    fn one_that_was_given_must_be_there() {
        let fault = find(Some(Path::new("/nowhere/chromium"))).unwrap_err().to_string();
        assert!(fault.contains("/nowhere/chromium"), "{fault}");
    }
}
