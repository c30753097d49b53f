//! The emulator, started once for the tests that run at a time and ended with the
//! last of them; each test has a table, a bucket and queues of its own.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use aws_config::Region;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use darkroom_aws::clients::{Clients, config_loader};
use darkroom_aws::table::Table;
use darkroom_core::job::Job;

use crate::orders;

/// The emulator's administrator, whom IAM lets do everything.
pub(crate) const ADMINISTRATOR: &str = "test";

/// Starting takes about a second, longer on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

static RUNNING: Mutex<Weak<Emulator>> = Mutex::new(Weak::new());
static GROUNDS: AtomicU32 = AtomicU32::new(0);

/// What one test has for itself.
pub(crate) struct Ground {
    pub(crate) clients: Clients,
    pub(crate) table: Table,
    pub(crate) name: String,
    number: u32,
    emulator: Arc<Emulator>,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let emulator = running();
        let config = config_loader()
            .endpoint_url(format!("http://127.0.0.1:{}", emulator.port))
            .region(Region::from_static("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                ADMINISTRATOR,
                ADMINISTRATOR,
                None,
                None,
                "test",
            )))
            .load()
            .await;
        let clients = Clients::new(&config);
        let number = GROUNDS.fetch_add(1, Ordering::Relaxed);
        let name = format!("test-{number}");
        create_table(&clients.dynamodb, &name).await;
        let bucket = clients.s3.create_bucket().bucket(&name);
        bucket.send().await.expect("a bucket is made");
        Self { table: Table::new(clients.dynamodb.clone(), &name), clients, name, number, emulator }
    }

    /// The `number`th job of this ground (below 1,024). Tokens of transactions are
    /// the whole emulator's, and derived from ids: no two grounds share an id.
    pub(crate) fn job(&self, number: u32) -> Job {
        orders::job((self.number << 10) | number)
    }

    pub(crate) async fn queue(&self, purpose: &str) -> String {
        let queue = self.clients.sqs.create_queue();
        let made = queue.queue_name(format!("{}-{purpose}", self.name));
        let made = made.send().await.expect("a queue is made");
        made.queue_url.expect("it has a URL")
    }

    pub(crate) async fn secret(&self, text: &str) -> String {
        let secret = self.clients.secrets_manager.create_secret();
        let made = secret.name(&self.name).secret_string(text).send().await;
        made.expect("a secret is made").arn.expect("it has an ARN")
    }

    pub(crate) fn port(&self) -> u16 {
        self.emulator.port
    }
}

struct Emulator {
    process: Child,
    port: u16,
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn running() -> Arc<Emulator> {
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
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../..");
        PathBuf::from(root).join(".local/ministack/bin/ministack")
    });
    assert!(program.exists(), "no ministack at {}; {HOW_TO_GET_IT}", program.display());
    program
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    listener.local_addr().expect("it is bound").port()
}

async fn create_table(client: &aws_sdk_dynamodb::Client, name: &str) {
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let key = |name: &str, kind: KeyType| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
    };
    let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
    let index = GlobalSecondaryIndex::builder()
        .index_name("by-account")
        .key_schema(key("account", KeyType::Hash))
        .key_schema(key("listed_at", KeyType::Range))
        .projection(keys_only)
        .build()
        .unwrap();
    client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("sk"))
        .attribute_definitions(attribute("account"))
        .attribute_definitions(attribute("listed_at"))
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .global_secondary_indexes(index)
        .send()
        .await
        .expect("a table is made");
}
