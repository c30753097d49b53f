use darkroom_aws::job_store::DynamoJobStore;
use darkroom_contract::orders::{account, allowed};
use darkroom_core::port::JobStore as _;

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
