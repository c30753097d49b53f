//! Starts a Chromium process and ends it with everything that it started: its
//! flags, its environment, its own process group, its profile directory.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use darkroom_egress::forward_proxy::ForwardProxy;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::task::JoinSet;

use crate::connection::DevTools;
use crate::frames::Frames;
use crate::profile::{Profile, user_data_flag};

/// How long Chromium may take to answer for the first time. 30 to 400 ms were
/// measured; the rest is for a cold disk and a busy machine.
pub(crate) const START_LIMIT: Duration = Duration::from_secs(15);

/// How long the killed are waited for. A killed process ends within
/// milliseconds; only one that hangs in the kernel takes longer.
const REAP_LIMIT: Duration = Duration::from_secs(1);

/// Why Chromium didn't start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The profile directory couldn't be made.
    #[error("no profile directory under {path}: {cause}", path = path.display())]
    Profile {
        /// Where it should have been.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The program couldn't be executed.
    #[error("cannot execute {path}: {cause}; set CHROMIUM_PATH to a Chromium headless shell", path = path.display())]
    Execute {
        /// The program.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It ended, or said nothing in time, before it could be spoken to.
    #[error("Chromium did not answer; its last words: {last_words}")]
    Silent {
        /// The last line of its log.
        last_words: String,
    },
    /// It couldn't be spoken to.
    #[error("Chromium could not be set up: {0}")]
    Setup(String),
    /// The proxy that all of its traffic passes through couldn't be started.
    #[error("the forward proxy could not be started: {0}")]
    Proxy(io::Error),
}

/// What a process is started from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<'a> {
    /// The program.
    pub(crate) program: &'a Path,
    /// Where the profile directory is made.
    pub(crate) scratch: &'a Path,
    /// Where all of its traffic goes.
    pub(crate) proxy: &'a ForwardProxy,
    /// Who draws its frames.
    pub(crate) frames: Frames,
    /// The limit of one page's JavaScript heap.
    pub(crate) heap_mib: u32,
}

/// A Chromium with all of its processes. Dropping it kills and reaps them
/// (some milliseconds, in which the thread waits) and removes the profile.
#[derive(Debug)]
pub(crate) struct Process {
    leader: Child,
    group: Pid,
    profile: Profile,
}

impl Process {
    /// Starts Chromium; yields it with the link to it. `tasks` gets what drives the
    /// link and empties its log.
    pub(crate) fn start(
        plan: Plan<'_>,
        tasks: &mut JoinSet<()>,
    ) -> Result<(Self, DevTools, LastWords), StartError> {
        let unwritable = |cause| StartError::Profile { path: plan.scratch.to_owned(), cause };
        let unexecutable = |cause| StartError::Execute { path: plan.program.to_owned(), cause };
        let profile = Profile::create(plan.scratch).map_err(unwritable)?;
        let (mut process, pipes) = Self::spawn(plan, profile).map_err(unexecutable)?;
        process.profile.belongs_to(process.group).map_err(unwritable)?;
        let last_words = LastWords::default();
        tasks.spawn(drain(pipes.log, last_words.clone()));
        let tools = DevTools::over(pipes.input, pipes.output, tasks);
        Ok((process, tools, last_words))
    }

    /// DevTools is spoken to through pipes, as file descriptors 3 and 4: no port
    /// that a page might reach, 5 to 12 ms less a capture than a websocket, and
    /// Chromium ends when whoever holds their other ends has gone.
    fn spawn(plan: Plan<'_>, profile: Profile) -> io::Result<(Self, Pipes)> {
        let (commands, input) = io::pipe()?;
        let (output, messages) = io::pipe()?;
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the browser's launcher; std's Child, unlike tokio's, leaves the reaping to us"
        )]
        let mut command = Command::new(plan.program);
        let leader = command
            .args(flags(plan, profile.path()))
            .env_clear()
            .envs(environment(plan.program, profile.path()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .fd_mappings(vec![
                FdMapping { parent_fd: commands.into(), child_fd: 3 },
                FdMapping { parent_fd: messages.into(), child_fd: 4 },
            ])
            .map_err(io::Error::other)?
            .spawn()?;
        let group = Pid::from_raw(i32::try_from(leader.id()).unwrap_or(i32::MAX));
        let mut process = Self { leader, group, profile };
        let log = process.leader.stderr.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let pipes = Pipes {
            input: pipe::Sender::from_owned_fd(input.into())?,
            output: pipe::Receiver::from_owned_fd(output.into())?,
            log: pipe::Receiver::from_owned_fd(log.into())?,
        };
        Ok((process, pipes))
    }

    /// The id of the first process, which is that of the group.
    pub(crate) fn id(&self) -> u32 {
        self.leader.id()
    }
}

/// Our ends of what a Chromium is spoken to through.
struct Pipes {
    input: pipe::Sender,
    output: pipe::Receiver,
    log: pipe::Receiver,
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Err(fault) = killpg(self.group, Signal::SIGKILL)
            && fault != Errno::ESRCH
        {
            tracing::warn!(%fault, "Chromium could not be killed");
        }
        if !reap(self.group) {
            tracing::warn!("a process of a killed Chromium was left behind");
        }
    }
}

/// Collects every process of the group. The leader is our child, and so are
/// the others once it is dead, as we are a subreaper (see [`adopt_orphans`]).
fn reap(group: Pid) -> bool {
    let limit = Instant::now() + REAP_LIMIT;
    let members = Pid::from_raw(-group.as_raw());
    loop {
        match waitpid(members, Some(WaitPidFlag::WNOHANG)) {
            Ok(WaitStatus::StillAlive) if Instant::now() > limit => return false,
            Ok(WaitStatus::StillAlive) => std::thread::sleep(Duration::from_millis(1)),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_none_left) => return true,
        }
    }
}

/// Makes this process the parent of its descendants' orphans, so that Chromium's
/// own children can be reaped after it has died.
pub(crate) fn adopt_orphans() {
    if let Err(fault) = nix::sys::prctl::set_child_subreaper(true) {
        tracing::warn!(%fault, "orphans of Chromium will not be reaped");
    }
}

/// The last line of a Chromium's log.
#[derive(Clone, Default, Debug)]
pub(crate) struct LastWords(Arc<Mutex<String>>);

impl LastWords {
    /// What it said last, until now.
    pub(crate) fn read(&self) -> String {
        let line = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if line.is_empty() { String::from("(none)") } else { line.clone() }
    }
}

/// Keeps the log's pipe from filling up, which would stop Chromium. What it says
/// may hold addresses of pages, so it isn't logged.
async fn drain(log: pipe::Receiver, last_words: LastWords) {
    let mut log = BufReader::new(log).lines();
    while let Ok(Some(line)) = log.next_line().await {
        *last_words.0.lock().unwrap_or_else(PoisonError::into_inner) = line;
    }
}

/// The whole environment: nothing of ours, least of all AWS credentials, and
/// every directory that Chromium may want to write to inside its profile.
fn environment(program: &Path, profile: &Path) -> Vec<(&'static str, OsString)> {
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
/// the second browser context.
const FLAGS: [&str; 26] = [
    "--headless",
    "--remote-debugging-pipe",
    // Lambda allows no user namespaces. The borders are the microVM, the empty
    // environment and the proxy.
    "--no-sandbox",
    // 50 MB less when idle, for 10 ms more to start a renderer.
    "--no-zygote",
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
    // Without this, loopback and 169.254/16 would go around the proxy.
    "--proxy-bypass-list=<-loopback>",
    // UDP would go around it too: QUIC, and WebRTC under both of its spellings.
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
];

fn flags(plan: Plan<'_>, profile: &Path) -> Vec<OsString> {
    let mut flags: Vec<OsString> = FLAGS.map(OsString::from).into();
    flags.push(format!("--proxy-server=http://{}", plan.proxy.address()).into());
    // A page that eats memory dies alone, before it takes the function along.
    flags.push(format!("--js-flags=--max-old-space-size={}", plan.heap_mib).into());
    flags.push(user_data_flag(profile));
    flags.extend(plan.frames.flags().iter().map(OsString::from));
    flags
}
