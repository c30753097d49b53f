//! The emulator of AWS, started once for the tests that run at a time and ended
//! with the last of them.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use darkroom_aws::clients::config_loader;

/// The emulator's administrator, whom IAM lets do everything.
pub(crate) const ADMINISTRATOR: &str = "test";

/// Where everything is said to be.
pub(crate) const REGION: &str = "us-east-1";

/// Starting takes about a second, longer on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

static RUNNING: Mutex<Weak<Emulator>> = Mutex::new(Weak::new());

/// A running emulator.
pub(crate) struct Emulator {
    process: Child,
    pub(crate) port: u16,
}

impl Emulator {
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The configuration of its administrator's clients.
    pub(crate) async fn config(&self) -> SdkConfig {
        let keys = Credentials::new(ADMINISTRATOR, ADMINISTRATOR, None, None, "test");
        config_loader()
            .endpoint_url(self.endpoint())
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(keys))
            .load()
            .await
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The emulator that runs, or else a new one.
pub(crate) fn running() -> Arc<Emulator> {
    let mut known = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(emulator) = known.upgrade() {
        return emulator;
    }
    let emulator = Arc::new(start());
    *known = Arc::downgrade(&emulator);
    emulator
}

#[expect(clippy::disallowed_methods, reason = "the emulator is a process")]
fn start() -> Emulator {
    let port = free_port();
    let program = program();
    let process = Command::new(&program)
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .env("IOT_MTLS_ENABLED", "0")
        .env("AUTH", "true")
        .env_remove("AWS_ENDPOINT_URL")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let process = process.unwrap_or_else(|fault| {
        panic!("{} does not start ({fault}); {HOW_TO_GET_IT}", program.display())
    });
    let emulator = Emulator { process, port };
    let began = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(
            began.elapsed() < READY_WITHIN,
            "{} does not listen on port {port}",
            program.display()
        );
        std::thread::sleep(Duration::from_millis(50));
    }
    emulator
}

const HOW_TO_GET_IT: &str =
    "`make tools` installs it, or say in DARKROOM_MINISTACK where ministack is";

#[expect(clippy::disallowed_methods, reason = "tests have no config.rs")]
fn program() -> PathBuf {
    let named = std::env::var("DARKROOM_MINISTACK").map(PathBuf::from);
    let program = named.unwrap_or_else(|_unset| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .find(|folder| folder.join("Cargo.lock").exists())
            .expect("the workspace has a lock file");
        root.join(".local/ministack/bin/ministack")
    });
    assert!(program.exists(), "no ministack at {}; {HOW_TO_GET_IT}", program.display());
    program
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}
