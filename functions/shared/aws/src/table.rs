//! The one table, and what its conditional writes can come to.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{
    Put, ReturnValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
};
use darkroom_core::port::{PortError, PortResult};

use crate::conflict::Patience;
use crate::fault::{is_busy, port_error, unsendable};
use crate::item::{Item, key};

const TRANSACT: &str = "dynamodb TransactWriteItems";

/// Index over an account's jobs, and over the accounts themselves.
pub(crate) const BY_ACCOUNT: &str = "by-account";

/// The table with jobs, deliveries, quotas, accounts and keys.
#[derive(Clone, Debug)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

/// What a conditional write came to.
pub(crate) enum Written {
    Done,
    /// The condition failed on this item, or on there being none.
    Refused(Option<Item>),
}

/// What a transaction came to.
pub(crate) enum Transacted {
    Done,
    /// Nothing was written. For each action, whether its condition failed.
    Refused(Vec<Verdict>),
    /// Another transaction used the token within the last ten minutes.
    TokenTaken,
}

/// What the condition of one action in a refused transaction came to.
pub(crate) enum Verdict {
    Held,
    /// It failed on this item, where the action asked to see it.
    Failed(Option<Item>),
}

impl Table {
    /// The table of this name.
    #[must_use]
    pub fn new(client: Client, name: impl Into<String>) -> Self {
        Self { client, name: name.into() }
    }

    /// The item under this key as it is now.
    pub(crate) async fn get(&self, pk: String, sk: &str) -> PortResult<Option<Item>> {
        self.client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)))
            .consistent_read(true)
            .send()
            .await
            .map(|found| found.item)
            .map_err(|error| port_error("dynamodb GetItem", error))
    }

    /// Makes a conditional update of one item.
    pub(crate) async fn update(&self, update: Update) -> PortResult<Written> {
        let made = self.try_update(update, ReturnValue::None).await?;
        Ok(match made {
            Ok(_nothing) => Written::Done,
            Err(stored) => Written::Refused(stored),
        })
    }

    /// Makes a conditional update of one item and yields the item as it is then; none if the
    /// condition failed.
    pub(crate) async fn update_and_read(&self, update: Update) -> PortResult<Option<Item>> {
        let made = self.try_update(update, ReturnValue::AllNew).await?;
        Ok(made.ok().map(Option::unwrap_or_default))
    }

    /// What the update yields, or the item on which its condition failed.
    async fn try_update(
        &self,
        update: Update,
        wanted: ReturnValue,
    ) -> PortResult<Result<Option<Item>, Option<Item>>> {
        let mut patience = Patience::begin();
        loop {
            let error = match self.send_update(update.clone(), wanted.clone()).await {
                Ok(item) => return Ok(Ok(item)),
                Err(error) => error,
            };
            if let Some(UpdateItemError::ConditionalCheckFailedException(failed)) =
                error.as_service_error()
            {
                return Ok(Err(failed.item.clone()));
            }
            if !is_busy(&error) || !patience.rest().await {
                return Err(port_error("dynamodb UpdateItem", error));
            }
        }
    }

    /// Makes a conditional put of one item.
    pub(crate) async fn put(&self, put: Put) -> PortResult<Written> {
        let mut patience = Patience::begin();
        loop {
            let Err(error) = self.send_put(put.clone()).await else {
                return Ok(Written::Done);
            };
            if let Some(PutItemError::ConditionalCheckFailedException(failed)) =
                error.as_service_error()
            {
                return Ok(Written::Refused(failed.item.clone()));
            }
            if !is_busy(&error) || !patience.rest().await {
                return Err(port_error("dynamodb PutItem", error));
            }
        }
    }

    /// Makes all of the actions or none. With a `token` of at most 36 bytes it
    /// can be repeated for ten minutes without being made twice.
    pub(crate) async fn transact(
        &self,
        token: Option<String>,
        actions: Vec<TransactWriteItem>,
    ) -> PortResult<Transacted> {
        let mut patience = Patience::begin();
        loop {
            let sent = self
                .client
                .transact_write_items()
                .set_client_request_token(token.clone())
                .set_transact_items(Some(actions.clone()))
                .send()
                .await;
            let Err(error) = sent else {
                return Ok(Transacted::Done);
            };
            match judge(&error) {
                Cancelled::Refused(verdicts) => return Ok(Transacted::Refused(verdicts)),
                Cancelled::TokenTaken => return Ok(Transacted::TokenTaken),
                Cancelled::Met if patience.rest().await => {}
                Cancelled::Met => return Err(met(error)),
                Cancelled::Faulty => return Err(port_error(TRANSACT, error)),
            }
        }
    }

    /// A put into this table, yet without a condition.
    pub(crate) fn putting(&self, item: Item) -> aws_sdk_dynamodb::types::builders::PutBuilder {
        Put::builder()
            .table_name(&self.name)
            .set_item(Some(item))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    /// An update in this table, yet without an expression.
    pub(crate) fn updating(
        &self,
        pk: String,
        sk: &str,
    ) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder()
            .table_name(&self.name)
            .set_key(Some(key(pk, sk)))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    async fn send_update(
        &self,
        update: Update,
        wanted: ReturnValue,
    ) -> Result<Option<Item>, SdkError<UpdateItemError>> {
        self.client
            .update_item()
            .table_name(update.table_name)
            .set_key(Some(update.key))
            .update_expression(update.update_expression)
            .set_condition_expression(update.condition_expression)
            .set_expression_attribute_names(update.expression_attribute_names)
            .set_expression_attribute_values(update.expression_attribute_values)
            .set_return_values_on_condition_check_failure(
                update.return_values_on_condition_check_failure,
            )
            .return_values(wanted)
            .send()
            .await
            .map(|updated| updated.attributes)
    }

    async fn send_put(&self, put: Put) -> Result<(), SdkError<PutItemError>> {
        self.client
            .put_item()
            .table_name(put.table_name)
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .set_return_values_on_condition_check_failure(
                put.return_values_on_condition_check_failure,
            )
            .send()
            .await
            .map(drop)
    }
}

/// Builds an action whose required fields this crate always gives.
pub(crate) fn built<T>(
    action: Result<T, aws_sdk_dynamodb::error::BuildError>,
) -> Result<T, PortError> {
    action.map_err(|fault| unsendable("dynamodb", fault))
}

/// An action of a transaction that puts an item.
pub(crate) fn put_action(put: Put) -> TransactWriteItem {
    TransactWriteItem::builder().put(put).build()
}

/// An action of a transaction that updates an item.
pub(crate) fn update_action(update: Update) -> TransactWriteItem {
    TransactWriteItem::builder().update(update).build()
}

enum Cancelled {
    Refused(Vec<Verdict>),
    TokenTaken,
    Met,
    Faulty,
}

fn judge(error: &SdkError<TransactWriteItemsError>) -> Cancelled {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            judge_reasons(cancelled)
        }
        Some(TransactWriteItemsError::IdempotentParameterMismatchException(_)) => {
            Cancelled::TokenTaken
        }
        _ if is_busy(error) => Cancelled::Met,
        _ => Cancelled::Faulty,
    }
}

/// A failed condition decides, whatever else befell the transaction.
fn judge_reasons(cancelled: &TransactionCanceledException) -> Cancelled {
    let codes = || cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
    if codes().any(|code| code == "ConditionalCheckFailed") {
        let verdicts = cancelled.cancellation_reasons().iter().map(|reason| {
            if reason.code() == Some("ConditionalCheckFailed") {
                Verdict::Failed(reason.item().cloned())
            } else {
                Verdict::Held
            }
        });
        return Cancelled::Refused(verdicts.collect());
    }
    let passing = ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    if codes().any(|code| passing.contains(&code)) { Cancelled::Met } else { Cancelled::Faulty }
}

/// A cancelled transaction has no code of its own that says why.
fn met(error: SdkError<TransactWriteItemsError>) -> PortError {
    match port_error(TRANSACT, error) {
        PortError::Unavailable { service, cause } => PortError::Busy { service, cause },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::CancellationReason;

    use super::*;

    fn judged(codes: &[&str]) -> &'static str {
        let reasons = codes.iter().map(|&code| CancellationReason::builder().code(code).build());
        let cancelled = TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons.collect()))
            .build();
        match judge_reasons(&cancelled) {
            Cancelled::Refused(_) => "refused",
            Cancelled::TokenTaken => "token taken",
            Cancelled::Met => "met",
            Cancelled::Faulty => "faulty",
        }
    }

    #[test]
    fn the_reasons_say_what_a_cancelled_transaction_means() {
        let cases: [(&[&str], _); 7] = [
            (&["ConditionalCheckFailed", "None"], "refused"),
            (&["None", "ConditionalCheckFailed"], "refused"),
            (&["TransactionConflict", "ConditionalCheckFailed"], "refused"),
            (&["None", "TransactionConflict"], "met"),
            (&["ThrottlingError", "None"], "met"),
            (&["None", "ProvisionedThroughputExceeded"], "met"),
            (&["ValidationError", "None"], "faulty"),
        ];
        for (codes, expected) in cases {
            assert_eq!(judged(codes), expected, "{codes:?}");
        }
    }
}
