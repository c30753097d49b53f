//! The attempt ledger in DynamoDB.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::Put;
use darkroom_core::delivery::{Delivery, DeliveryStep};
use darkroom_core::id::JobId;
use darkroom_core::port::{Advance, Ledger, PortResult};

use crate::delivery_item;
use crate::item::{PK, VERSION, agrees, job_pk, number};
use crate::table::{Table, Written, built};

/// Keeps deliveries in the table.
#[derive(Clone, Debug)]
pub struct DynamoLedger {
    table: Table,
}

impl DynamoLedger {
    /// The ledger in this table.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }

    fn transition(&self, step: &DeliveryStep) -> PortResult<Put> {
        let put = self.table.putting(delivery_item::whole(&step.delivery)?);
        let put = if step.from_version == 0 {
            put.condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", PK)
        } else {
            put.condition_expression("#version = :from")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":from", number(step.from_version))
        };
        built(put.build())
    }
}

#[async_trait]
impl Ledger for DynamoLedger {
    async fn find(&self, job: JobId) -> PortResult<Option<Delivery>> {
        let found = self.table.get(job_pk(job), delivery_item::SK).await?;
        Ok(found.as_ref().map(delivery_item::read).transpose()?)
    }

    async fn advance(&self, step: &DeliveryStep) -> PortResult<Advance> {
        match self.table.put(self.transition(step)?).await? {
            Written::Done => Ok(Advance::Done),
            Written::Refused(stored) => {
                let expected = delivery_item::whole(&step.delivery)?;
                let ours = stored.is_some_and(|stored| agrees(&stored, &expected));
                Ok(if ours { Advance::Done } else { Advance::Raced })
            }
        }
    }
}
