//! What one test has for itself: a table, a bucket, queues and a secret.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use aws_sdk_sqs::types::QueueAttributeName;
use darkroom_aws::clients::Clients;
use darkroom_aws::table::Table;
use darkroom_contract::orders;
use darkroom_core::job::Job;

use crate::emulator::{self, Emulator};

static GROUNDS: AtomicU32 = AtomicU32::new(0);

/// What one test has for itself.
pub(crate) struct Ground {
    pub(crate) clients: Clients,
    pub(crate) table: Table,
    pub(crate) name: String,
    pub(crate) number: u32,
    emulator: Arc<Emulator>,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let emulator = emulator::running();
        let clients = Clients::new(&emulator.config().await);
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

    /// A queue with the visibility timeout that SQS gives one by itself.
    pub(crate) async fn queue(&self, purpose: &str) -> String {
        self.queue_hiding(purpose, Duration::from_secs(30)).await
    }

    /// A queue that hides what was received for so long.
    pub(crate) async fn queue_hiding(&self, purpose: &str, timeout: Duration) -> String {
        let queue = self.clients.sqs.create_queue();
        let made = queue
            .queue_name(format!("{}-{purpose}", self.name))
            .attributes(QueueAttributeName::VisibilityTimeout, timeout.as_secs().to_string());
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
