//! The circuits of receivers in DynamoDB.

use async_trait::async_trait;
use darkroom_core::circuit::{Circuit, CircuitStep, Receiver, Tally};
use darkroom_core::port::{Advance, Circuits, PortResult};
use darkroom_core::time::Minute;

use crate::circuit_item;
use crate::table::{Table, Written};

/// Keeps circuits in the table.
#[derive(Clone, Debug)]
pub struct DynamoCircuits {
    table: Table,
}

impl DynamoCircuits {
    /// The circuits in this table.
    #[must_use]
    pub fn new(table: Table) -> Self {
        Self { table }
    }
}

#[async_trait]
impl Circuits for DynamoCircuits {
    async fn find(&self, receiver: &Receiver) -> PortResult<Circuit> {
        let found = self.table.get(circuit_item::pk(receiver), circuit_item::SK).await?;
        let found = found.map(|item| circuit_item::read(receiver, &item)).transpose()?;
        Ok(found.unwrap_or_else(|| Circuit::closed(receiver.clone())))
    }

    async fn count(&self, receiver: &Receiver, minute: Minute, one: Tally) -> PortResult<Tally> {
        // Whoever loses the race for a new minute adds to what the winner began.
        for _ in 0..2 {
            let add = circuit_item::add(&self.table, receiver, minute, one)?;
            if let Some(item) = self.table.update_and_read(add).await? {
                return Ok(circuit_item::tally(&item)?);
            }
            if one.failures == 0 {
                break;
            }
            let begin = circuit_item::begin(&self.table, receiver, minute, one)?;
            if let Some(item) = self.table.update_and_read(begin).await? {
                return Ok(circuit_item::tally(&item)?);
            }
        }
        Ok(Tally::default())
    }

    async fn advance(&self, step: &CircuitStep) -> PortResult<Advance> {
        match self.table.update(circuit_item::transition(&self.table, step)?).await? {
            Written::Done => Ok(Advance::Done),
            Written::Refused(stored) => {
                let ours = stored.is_some_and(|item| circuit_item::is_written(step, &item));
                Ok(if ours { Advance::Done } else { Advance::Raced })
            }
        }
    }
}
