//! Everything that a command may need of the deployment.

use anyhow::{Result, bail};
use darkroom_aws::account_book::AccountBook;
use darkroom_aws::clients::{Clients, config_loader};
use darkroom_aws::machine::SystemClock;
use darkroom_aws::table::Table;
use darkroom_core::port::Clock as _;
use darkroom_core::time::Timestamp;

use crate::stack::Stack;

/// A deployment, found.
#[derive(Debug)]
pub(crate) struct Deployment {
    pub(crate) clients: Clients,
    pub(crate) iam: aws_sdk_iam::Client,
    /// Whether this is AWS itself, not an emulator of it.
    pub(crate) on_aws: bool,
    pub(crate) stack: Stack,
    pub(crate) table: Table,
    pub(crate) now: Timestamp,
}

impl Deployment {
    pub(crate) async fn find(stack: &str) -> Result<Self> {
        let config = config_loader().load().await;
        if config.region().is_none() {
            bail!(
                "no AWS region is set; set AWS_REGION or AWS_PROFILE (for the local stack: `source .local/env`)"
            );
        }
        let clients = Clients::new(&config);
        let stack = Stack::find(&aws_sdk_cloudformation::Client::new(&config), stack).await?;
        let table = Table::new(clients.dynamodb.clone(), stack.output("TableName")?);
        Ok(Self {
            clients,
            iam: aws_sdk_iam::Client::new(&config),
            on_aws: config.endpoint_url().is_none(),
            stack,
            table,
            now: SystemClock.now(),
        })
    }

    pub(crate) fn accounts(&self) -> AccountBook {
        AccountBook::new(self.table.clone())
    }
}
