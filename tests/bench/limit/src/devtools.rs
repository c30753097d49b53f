//! Chromium and its debugging pipe.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use anyhow::{Context as _, Result, anyhow};
use serde::Deserialize;
use serde_json::{Value, json};

/// What any of the commands used here answers.
#[derive(Default, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Answer {
    pub(crate) browser_context_id: String,
    pub(crate) target_id: String,
    pub(crate) session_id: String,
    pub(crate) error_text: Option<String>,
    pub(crate) data: String,
    pub(crate) screenshot_data: Option<String>,
    pub(crate) css_content_size: Size,
}

#[derive(Clone, Copy, Default, Debug, Deserialize)]
#[serde(default)]
pub(crate) struct Size {
    pub(crate) width: f64,
    pub(crate) height: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    id: Option<u64>,
    #[serde(default)]
    result: Answer,
    error: Option<Value>,
    method: Option<String>,
    session_id: Option<String>,
}

type Reply = mpsc::Receiver<Result<Answer, String>>;

#[derive(Default, Debug)]
struct Waiting {
    answers: HashMap<u64, mpsc::Sender<Result<Answer, String>>>,
    loads: HashMap<String, mpsc::Sender<()>>,
}

/// The link to a running Chromium.
#[derive(Clone, Debug)]
pub(crate) struct DevTools {
    pipe: Arc<Mutex<ChildStdin>>,
    waiting: Arc<Mutex<Waiting>>,
    next: Arc<AtomicU64>,
}

impl DevTools {
    /// Starts Chromium in a fresh profile.
    pub(crate) fn start(
        program: &Path,
        flags: &[String],
        begin_frame: bool,
    ) -> Result<(Self, Child)> {
        let profile = tempfile::tempdir()?.keep();
        #[expect(clippy::disallowed_methods, reason = "it measures what a browser takes")]
        let mut command = Command::new("sh");
        // The pipe is Chromium's descriptors 3 and 4.
        let script = "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null";
        command.args(["-c", script, "sh"]).arg(program).args(flags);
        command.arg("--remote-debugging-pipe");
        command.arg(format!("--user-data-dir={}", profile.display()));
        if begin_frame {
            command
                .args(["--enable-begin-frame-control", "--run-all-compositor-stages-before-draw"]);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("cannot start Chromium")?;
        let (Some(pipe), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(anyhow!("no pipe to Chromium"));
        };
        let waiting = Arc::default();
        let devtools = Self {
            pipe: Arc::new(Mutex::new(pipe)),
            waiting: Arc::clone(&waiting),
            next: Arc::default(),
        };
        std::thread::spawn(move || read(answers, &waiting));
        devtools.call(None, "Browser.getVersion", &json!({}))?;
        Ok((devtools, child))
    }

    /// Sends a command; its answer comes later.
    pub(crate) fn post(
        &self,
        session: Option<&str>,
        method: &str,
        params: &Value,
    ) -> Result<Reply> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (answered, answer) = mpsc::channel();
        held(&self.waiting).answers.insert(id, answered);
        let mut message = json!({"id": id, "method": method, "params": params});
        if let (Some(session), Some(message)) = (session, message.as_object_mut()) {
            message.insert("sessionId".to_owned(), session.into());
        }
        let mut text = serde_json::to_vec(&message)?;
        text.push(0);
        held(&self.pipe).write_all(&text)?;
        Ok(answer)
    }

    /// Sends a command and awaits its answer.
    pub(crate) fn call(
        &self,
        session: Option<&str>,
        method: &str,
        params: &Value,
    ) -> Result<Answer> {
        answer(&self.post(session, method, params)?).with_context(|| method.to_owned())
    }

    /// Told when the session's page has loaded, from now on.
    pub(crate) fn loads(&self, session: &str) -> mpsc::Receiver<()> {
        let (loaded, loads) = mpsc::channel();
        held(&self.waiting).loads.insert(session.to_owned(), loaded);
        loads
    }

    /// Forgets a session.
    pub(crate) fn forget(&self, session: &str) {
        held(&self.waiting).loads.remove(session);
    }
}

/// The answer to a command that was posted.
pub(crate) fn answer(reply: &Reply) -> Result<Answer> {
    reply.recv().context("Chromium has ended")?.map_err(|refusal| anyhow!(refusal))
}

fn read(answers: ChildStdout, waiting: &Mutex<Waiting>) {
    let mut answers = BufReader::with_capacity(256 * 1024, answers);
    let mut text = Vec::new();
    while matches!(answers.read_until(0, &mut text), Ok(1..)) {
        text.pop();
        if let Ok(message) = serde_json::from_slice(&text) {
            route(message, &mut held(waiting));
        }
        text.clear();
    }
    *held(waiting) = Waiting::default();
}

fn route(message: Message, waiting: &mut Waiting) {
    let Message { id, result, error, method, session_id } = message;
    if let Some(answered) = id.and_then(|id| waiting.answers.remove(&id)) {
        // Nobody waits for what was posted only.
        let _unheard = answered.send(error.map_or(Ok(result), |error| Err(error.to_string())));
    } else if method.as_deref() == Some("Page.loadEventFired")
        && let Some(loaded) = session_id.and_then(|session| waiting.loads.get(&session))
    {
        let _unheard = loaded.send(());
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
