use std::num::NonZeroU32;

use aws_sdk_dynamodb::types::AttributeValue;
use darkroom_aws::job_store::DynamoJobStore;
use darkroom_contract::orders::{NOW, account, allowed};
use darkroom_core::account::{Account, Limits};
use darkroom_core::port::{Acceptance, Advance, JobStore as _};

use crate::ground::Ground;

#[tokio::test]
async fn more_jobs_than_one_batch_holds_are_listed() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    for number in 0..130 {
        store.accept(&ground.job(number), &allowed(1_000)).await.unwrap();
    }
    let page = store.list(&account(1), None, 120).await.unwrap().jobs;
    assert_eq!(page.len(), 120);
    assert!(page.is_sorted_by(|newer, older| newer.id > older.id));
}

#[tokio::test]
async fn a_place_that_is_no_longer_counted_keeps_no_job_from_ending() {
    let ground = Ground::new().await;
    let store = DynamoJobStore::new(ground.table.clone());
    let at_once = NonZeroU32::new(1);
    let account = Account { limits: Limits { at_once, ..Limits::default() }, ..allowed(10) };
    let mut job = ground.job(1);
    job.order.holds_place = true;
    assert_eq!(store.accept(&job, &account).await.unwrap(), Acceptance::Stored);
    let key = |name: &str, value: String| (name.to_owned(), AttributeValue::S(value));
    let place = [key("pk", format!("places#{}", account.id)), key("sk", "places".to_owned())];
    let delete = ground.clients.dynamodb.delete_item().table_name(&ground.name);
    delete.set_key(Some(place.into())).send().await.unwrap();
    let rejected = job.clone().reject(NOW).unwrap();
    for _ in 0..2 {
        assert_eq!(store.advance(&rejected).await.unwrap(), Advance::Done);
    }
    assert_eq!(store.find(job.id).await.unwrap(), Some(rejected.job));
}
