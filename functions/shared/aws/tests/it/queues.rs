use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use darkroom_aws::queue::{QueueUrls, SqsQueue, decode};
use darkroom_contract::orders::{NOW, account};
use darkroom_core::id::JobId;
use darkroom_core::message::{Envelope, Message};
use darkroom_core::port::{PortError, Queue as _};

use crate::ground::Ground;

async fn receive(ground: &Ground, url: &str) -> Option<aws_sdk_sqs::types::Message> {
    let receiving = ground.clients.sqs.receive_message().queue_url(url);
    let received = receiving
        .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
        .send()
        .await
        .unwrap();
    received.messages.unwrap_or_default().pop()
}

#[tokio::test]
async fn each_message_reaches_its_own_queue_and_counts_for_its_account() {
    let ground = Ground::new().await;
    let captures = ground.queue("captures").await;
    let results = ground.queue("results").await;
    let watchdog = ground.queue("watchdog").await;
    let urls = QueueUrls {
        captures: Some(captures.clone()),
        results: Some(results.clone()),
        watchdog: Some(watchdog.clone()),
    };
    let queue = SqsQueue::new(ground.clients.sqs.clone(), urls);
    let job = JobId::new(NOW, 1);
    for (message, url) in [
        (Message::Capture(job), captures),
        (Message::Result(job), results),
        (Message::Watch(job), watchdog),
    ] {
        let envelope = Envelope { message, account: account(1) };
        queue.send(&envelope, Duration::ZERO).await.unwrap();
        let received = receive(&ground, &url).await.unwrap();
        let group = received
            .attributes
            .as_ref()
            .and_then(|all| all.get(&MessageSystemAttributeName::MessageGroupId));
        assert_eq!(group.map(String::as_str), Some(account(1).as_str()));
        assert_eq!(decode(&received.body.unwrap()), Ok(envelope));
    }
}

#[tokio::test]
async fn a_queue_that_was_not_named_is_a_fault_that_says_so() {
    let ground = Ground::new().await;
    let queue = SqsQueue::new(ground.clients.sqs.clone(), QueueUrls::default());
    let envelope = Envelope { message: Message::Watch(JobId::new(NOW, 1)), account: account(1) };
    let fault = queue.send(&envelope, Duration::ZERO).await.unwrap_err();
    assert!(matches!(fault, PortError::Unavailable { .. }));
    assert!(fault.to_string().contains("watchdog"), "{fault}");
}
