//! What a Chromium is started with: its flags and its environment.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;

use crate::frames::Frames;
use crate::profile::user_data_flag;

/// What the flags depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wishes<'a> {
    /// The directory that it may write to.
    pub(crate) profile: &'a Path,
    /// Where all of its traffic goes.
    pub(crate) proxy: SocketAddr,
    /// Who draws its frames.
    pub(crate) frames: Frames,
    /// The limit of one page's JavaScript heap.
    pub(crate) heap_mib: u32,
}

/// The whole environment: nothing of ours, least of all AWS credentials, and
/// every directory that Chromium may want to write to inside its profile.
pub(crate) fn environment(program: &Path, profile: &Path) -> Vec<(&'static str, OsString)> {
    let mut variables: Vec<(&str, OsString)> =
        ["HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"]
            .map(|name| (name, profile.into()))
            .into();
    variables.push(("LANG", "C.UTF-8".into()));
    // Dates on pages must not depend on the machine.
    variables.push(("TZ", "UTC".into()));
    variables.extend(layer_environment(program));
    variables
}

/// Where the layer that the program lies in keeps its libraries and its fonts.
/// A Chromium from elsewhere uses the system's.
fn layer_environment(program: &Path) -> Vec<(&'static str, OsString)> {
    let Some(root) = program.parent().and_then(Path::parent) else {
        return Vec::new();
    };
    let libraries = root.join("lib");
    let fonts = root.join("fonts/fonts.conf");
    [
        libraries.join("libnss3.so").exists().then(|| ("LD_LIBRARY_PATH", libraries.into())),
        fonts.exists().then(|| ("FONTCONFIG_FILE", fonts.into())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Flags that never change. `--single-process` is not among them: it dies with
/// the second browser context. Nor is `--no-zygote`: a renderer that is forked of
/// one that waits costs an eighth less of a simple capture's processor time (185
/// against 162 ms, means of 80 each by turns) than one that is started from its
/// file, for 50 MB more.
const FLAGS: [&str; 26] = [
    "--headless",
    "--remote-debugging-pipe",
    // Lambda allows no user namespaces. The borders are the microVM, the empty
    // environment and the proxy.
    "--no-sandbox",
    // Software compositing: exact up to 40,000 px, and a sixth of the CPU that
    // SwiftShader's compositing takes on an animated page.
    "--disable-gpu",
    // WebGL for the pages that ask for it.
    "--enable-unsafe-swiftshader",
    "--in-process-gpu",
    "--enable-features=NetworkServiceInProcess2",
    // Lambda has no writable /dev/shm.
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--mute-audio",
    "--no-first-run",
    "--no-default-browser-check",
    // Nothing on its own account.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-domain-reliability",
    "--no-pings",
    // The same pixels on every machine.
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    // What a script has scrolled inside a page is painted in the next frame, and
    // not by the compositor between two of them: the driven frame that comes upon
    // that was never answered (every other capture of some mdBook pages on a busy
    // machine, none of 300 since). Coloured edges of letters, which no picture
    // had, are what keeps such scrollers from being layers of their own.
    "--disable-features=RasterInducingScroll",
    "--disable-lcd-text",
    // No picture is painted before its images are decoded: otherwise they would have
    // to be decoded once more beforehand, so that none is missing.
    "--disable-checker-imaging",
    // Without this, loopback and 169.254/16 would go around the proxy.
    "--proxy-bypass-list=<-loopback>",
    // UDP would go around it too: QUIC, and WebRTC under both of its spellings.
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
];

/// All of its flags.
pub(crate) fn flags(wishes: Wishes<'_>) -> Vec<OsString> {
    let mut flags: Vec<OsString> = FLAGS.map(OsString::from).into();
    flags.push(format!("--proxy-server=http://{}", wishes.proxy).into());
    // A page that eats memory dies alone, before it takes the function along.
    flags.push(format!("--js-flags=--max-old-space-size={}", wishes.heap_mib).into());
    flags.push(user_data_flag(wishes.profile));
    flags.extend(wishes.frames.flags().iter().map(OsString::from));
    flags
}
