//! Starts a Chromium process and ends it with everything that it started: its own
//! process group, its profile directory.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt, FdMapping};
use darkroom_egress::forward_proxy::ForwardProxy;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;
use thiserror::Error;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe;
use tokio::task::JoinSet;

use crate::browser::Wear;
use crate::connection::DevTools;
use crate::flags::{Wishes, environment, flags};
use crate::frames::Frames;
use crate::profile::Profile;

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

/// Starts Chromiums, and knows those that run.
#[derive(Debug)]
pub(crate) struct Launcher {
    /// The program.
    pub(crate) program: PathBuf,
    /// Where profile directories are made.
    pub(crate) scratch: PathBuf,
    /// Where all traffic goes.
    pub(crate) proxy: ForwardProxy,
    /// The limit of one page's JavaScript heap.
    pub(crate) heap_mib: u32,
    /// When they are replaced.
    pub(crate) wear: Wear,
    /// Who draws frames, once that is known.
    pub(crate) frames: OnceLock<Frames>,
    /// What they call themselves, once one has: `HeadlessChrome/153.0.7000.1`.
    pub(crate) product: OnceLock<String>,
    /// Those that were started, as long as they live.
    pub(crate) started: Mutex<Vec<Weak<Process>>>,
}

/// A Chromium that was just started, and what it is spoken to through.
#[derive(Debug)]
pub(crate) struct Launched {
    /// All of its processes.
    pub(crate) process: Arc<Process>,
    /// The link to it.
    pub(crate) tools: DevTools,
    /// What it says.
    pub(crate) last_words: LastWords,
}

impl Launcher {
    /// Starts a Chromium. `tasks` gets what drives the link and empties its log.
    pub(crate) fn launch(
        &self,
        frames: Frames,
        tasks: &mut JoinSet<()>,
    ) -> Result<Launched, StartError> {
        let unwritable = |cause| StartError::Profile { path: self.scratch.clone(), cause };
        let unexecutable = |cause| StartError::Execute { path: self.program.clone(), cause };
        let mut profile = Profile::create(&self.scratch).map_err(unwritable)?;
        let (leader, pipes) = self.spawn(frames, profile.path()).map_err(unexecutable)?;
        let group = Pid::from_raw(i32::try_from(leader.id()).unwrap_or(i32::MAX));
        let noted = profile.belongs_to(group);
        let process = Arc::new(Process { group, profile: Mutex::new(Some(profile)) });
        self.note(&process);
        noted.map_err(unwritable)?;
        let last_words = LastWords::default();
        tasks.spawn(drain(pipes.log, last_words.clone()));
        let tools = DevTools::over(pipes.input, pipes.output, tasks);
        Ok(Launched { process, tools, last_words })
    }

    /// DevTools is spoken to through pipes, as file descriptors 3 and 4: no port
    /// that a page might reach, 5 to 12 ms less a capture than a websocket, and
    /// Chromium ends when whoever holds their other ends has gone.
    fn spawn(&self, frames: Frames, profile: &Path) -> io::Result<(Child, Pipes)> {
        let (commands, input) = io::pipe()?;
        let (output, messages) = io::pipe()?;
        let (said, log) = io::pipe()?;
        // Made before there is a process that would be left over if they fail.
        let pipes = Pipes {
            input: pipe::Sender::from_owned_fd(input.into())?,
            output: pipe::Receiver::from_owned_fd(output.into())?,
            log: pipe::Receiver::from_owned_fd(said.into())?,
        };
        let wishes =
            Wishes { profile, proxy: self.proxy.address(), frames, heap_mib: self.heap_mib };
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the browser's launcher; std's Child, unlike tokio's, leaves the reaping to us"
        )]
        let leader = Command::new(&self.program)
            .args(flags(wishes))
            .env_clear()
            .envs(environment(&self.program, profile))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .process_group(0)
            .fd_mappings(vec![
                FdMapping { parent_fd: commands.into(), child_fd: 3 },
                FdMapping { parent_fd: messages.into(), child_fd: 4 },
            ])
            .map_err(io::Error::other)?
            .spawn()?;
        Ok((leader, pipes))
    }

    fn note(&self, process: &Arc<Process>) {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.retain(|process| process.strong_count() > 0);
        started.push(Arc::downgrade(process));
    }

    /// Those that nobody has dropped; some may have ended.
    pub(crate) fn processes(&self) -> Vec<Arc<Process>> {
        let started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.iter().filter_map(Weak::upgrade).collect()
    }
}

/// A Chromium with all of its processes. Dropping it kills them at once; the
/// dead are collected, and the profile removed, by a thread of its own.
#[derive(Debug)]
pub(crate) struct Process {
    group: Pid,
    /// None once it was ended.
    profile: Mutex<Option<Profile>>,
}

impl Process {
    /// The id of the first process, which is that of the group.
    pub(crate) const fn id(&self) -> Pid {
        self.group
    }

    /// Whether the first process lives. Asks the kernel, so it is true at this
    /// moment, even if no news could be read for minutes.
    pub(crate) fn is_running(&self) -> bool {
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        self.profile().is_some() && waitid(Id::Pid(self.group), look) == Ok(WaitStatus::StillAlive)
    }

    /// Kills all of it and waits until nothing is left: some milliseconds, in
    /// which the thread waits.
    pub(crate) fn end(&self) {
        if let Some(profile) = self.kill() {
            bury(self.group, profile);
        }
    }

    /// Kills all of it and leaves the rest to a thread of its own.
    pub(crate) fn end_soon(&self) {
        let Some(profile) = self.kill() else {
            return;
        };
        let group = self.group;
        // If there is no thread to be had, the profile goes with the closure.
        if std::thread::Builder::new().spawn(move || bury(group, profile)).is_err() {
            tracing::warn!("the processes of a killed Chromium are not collected");
        }
    }

    fn kill(&self) -> Option<Profile> {
        let profile = self.profile().take()?;
        if let Err(fault) = killpg(self.group, Signal::SIGKILL)
            && fault != Errno::ESRCH
        {
            tracing::warn!(%fault, "Chromium could not be killed");
        }
        Some(profile)
    }

    fn profile(&self) -> MutexGuard<'_, Option<Profile>> {
        self.profile.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end_soon();
    }
}

fn bury(group: Pid, profile: Profile) {
    if !reap(group) {
        tracing::warn!("a process of a killed Chromium was left behind");
    }
    // Nobody writes to it any more.
    drop(profile);
}

/// Our ends of what a Chromium is spoken to through.
struct Pipes {
    input: pipe::Sender,
    output: pipe::Receiver,
    log: pipe::Receiver,
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
