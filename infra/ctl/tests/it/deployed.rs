//! A stack of its own for each test, and the command run against it.

use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cloudformation::types::{Capability, StackStatus};
use serde_json::Value;

use crate::emulator::{self, ADMINISTRATOR, Emulator, REGION};
use crate::tampered::{self, Write};

/// What the command needs of infra/template.yaml, under the same output names.
const TEMPLATE: &str = include_str!("stack.json");

static STACKS: AtomicU32 = AtomicU32::new(0);

pub(crate) struct Deployed {
    pub(crate) config: SdkConfig,
    stack: String,
    emulator: Arc<Emulator>,
    secrets_manager: Option<String>,
}

impl Deployed {
    pub(crate) async fn new() -> Self {
        let emulator = emulator::running();
        let config = emulator.config().await;
        let stack = format!("stack-{}", STACKS.fetch_add(1, Ordering::Relaxed));
        let client = aws_sdk_cloudformation::Client::new(&config);
        let creating = client.create_stack().stack_name(&stack).template_body(TEMPLATE);
        creating.capabilities(Capability::CapabilityIam).send().await.unwrap();
        let deployed = Self { config, stack, emulator, secrets_manager: None };
        while deployed.status().await != StackStatus::CreateComplete {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        deployed
    }

    pub(crate) async fn output(&self, key: &str) -> String {
        let stack = self.describe().await;
        let mut outputs = stack.outputs.unwrap_or_default().into_iter();
        let output = outputs.find(|output| output.output_key.as_deref() == Some(key));
        output.unwrap().output_value.unwrap()
    }

    /// The command finds a Secrets Manager that treats writes so.
    pub(crate) fn tamper(&mut self, write: Write) {
        self.secrets_manager = Some(tampered::secrets_manager(self.emulator.port, write));
    }

    /// What the command answers in JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let done = self.run(&[&["--json"], arguments].concat());
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice(&done.stdout).unwrap()
    }

    /// What the command prints for people.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// What the command says when it fails.
    pub(crate) fn fault(&self, arguments: &[&str]) -> String {
        let done = self.run(arguments);
        assert!(!done.status.success(), "{done:?}");
        assert!(done.stdout.is_empty(), "{done:?}");
        String::from_utf8(done.stderr).unwrap()
    }

    #[expect(clippy::disallowed_methods, reason = "the command is a process")]
    fn run(&self, arguments: &[&str]) -> Output {
        let endpoint = self.emulator.endpoint();
        let secrets_manager = self.secrets_manager.as_ref().unwrap_or(&endpoint);
        Command::new(env!("CARGO_BIN_EXE_darkroom"))
            .env_clear()
            .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", secrets_manager)
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", ADMINISTRATOR)
            .env("AWS_SECRET_ACCESS_KEY", ADMINISTRATOR)
            .env("DARKROOM_STACK", &self.stack)
            .args(arguments)
            .output()
            .unwrap()
    }

    async fn status(&self) -> StackStatus {
        self.describe().await.stack_status.unwrap()
    }

    async fn describe(&self) -> aws_sdk_cloudformation::types::Stack {
        let client = aws_sdk_cloudformation::Client::new(&self.config);
        let described = client.describe_stacks().stack_name(&self.stack).send().await;
        described.unwrap().stacks.unwrap().remove(0)
    }
}
