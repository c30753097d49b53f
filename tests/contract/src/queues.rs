//! `Queue` and `InFlight`: delays, visibility timeouts, receipts.
//!
//! Times are asserted as the earliest, since a poller may be late; how late, the ground says:
//! the world isn't at all.

use std::time::Duration;

use darkroom_core::message::{Envelope, Message};
use darkroom_core::time::Timestamp;

use crate::orders::account;
use crate::{Ground, Received};

fn capture(ground: &dyn Ground) -> Message {
    Message::Capture(ground.job(1).id)
}

async fn send(ground: &dyn Ground, message: Message, delay: Duration) {
    let envelope = Envelope { message, account: account(1) };
    ground.queue().send(&envelope, delay).await.unwrap();
}

async fn receive(ground: &dyn Ground) -> Box<dyn Received> {
    ground.receive(&capture(ground)).await.unwrap()
}

async fn sent_and_received(ground: &dyn Ground) -> Box<dyn Received> {
    send(ground, capture(ground), Duration::ZERO).await;
    receive(ground).await
}

/// Receives the next capture, which becomes visible `span` after `since`.
async fn received_after(
    ground: &dyn Ground,
    since: Timestamp,
    span: Duration,
) -> Box<dyn Received> {
    let received = receive(ground).await;
    let took = ground.now().since(since);
    assert!(took >= span, "received after {took:?} instead of {span:?}");
    assert!(took <= span + ground.lateness(), "received after {took:?} instead of {span:?}");
    received
}

/// A message that was received and isn't hidden any more. Another one, sent with a delay, tells
/// by the queues' own clock when that is.
async fn visible_again(ground: &dyn Ground) -> Box<dyn Received> {
    let received = sent_and_received(ground).await;
    received.hide(Duration::from_secs(1)).await.unwrap();
    let watch = Message::Watch(ground.job(1).id);
    send(ground, watch.clone(), Duration::from_secs(2)).await;
    ground.receive(&watch).await.unwrap().delete().await;
    received
}

pub(crate) async fn each_message_reaches_its_own_queue_as_it_was_sent(ground: &dyn Ground) {
    let job = ground.job(1).id;
    let messages = [Message::Capture(job), Message::Result(job), Message::Watch(job)];
    for message in messages.clone() {
        send(ground, message, Duration::ZERO).await;
    }
    for message in messages.into_iter().rev() {
        let received = ground.receive(&message).await.unwrap();
        let sent = Envelope { message: message.clone(), account: account(1) };
        assert_eq!(received.envelope(), sent);
        received.delete().await;
        assert!(ground.receive(&message).await.is_none());
    }
}

pub(crate) async fn a_delayed_message_is_not_received_before_its_time(ground: &dyn Ground) {
    for (delay_ms, whole) in [(1_000, 1), (1_001, 2)] {
        let since = ground.now();
        send(ground, capture(ground), Duration::from_millis(delay_ms)).await;
        let received = received_after(ground, since, Duration::from_secs(whole)).await;
        received.delete().await;
    }
}

pub(crate) async fn a_message_that_is_received_and_not_deleted_comes_back(ground: &dyn Ground) {
    send(ground, capture(ground), Duration::ZERO).await;
    let visibility_timeout = ground.visibility_timeout(&capture(ground));
    let mut since = ground.now();
    let mut received = receive(ground).await;
    for _ in 0..2 {
        received = received_after(ground, since, visibility_timeout).await;
        since = since + visibility_timeout;
    }
    assert_eq!(received.envelope().message, capture(ground));
}

pub(crate) async fn a_deleted_message_never_comes_back(ground: &dyn Ground) {
    for _ in 0..2 {
        send(ground, capture(ground), Duration::ZERO).await;
    }
    for _ in 0..2 {
        let received = receive(ground).await;
        for _ in 0..2 {
            received.delete().await;
        }
    }
    assert!(ground.receive(&capture(ground)).await.is_none());
}

pub(crate) async fn hiding_counts_from_now_and_is_rounded_up_to_whole_seconds(ground: &dyn Ground) {
    let mut received = sent_and_received(ground).await;
    for (span_ms, whole) in [(1_000, 1), (1_001, 2)] {
        // Only the last one counts.
        received.hide(Duration::from_secs(600)).await.unwrap();
        let since = ground.now();
        received.hide(Duration::from_millis(span_ms)).await.unwrap();
        received = received_after(ground, since, Duration::from_secs(whole)).await;
    }
}

pub(crate) async fn hiding_holds_for_one_receive(ground: &dyn Ground) {
    let received = sent_and_received(ground).await;
    let (since, span) = (ground.now(), Duration::from_secs(1));
    received.hide(span).await.unwrap();
    receive(ground).await;
    let visibility_timeout = ground.visibility_timeout(&capture(ground));
    received_after(ground, since, span + visibility_timeout).await;
}

pub(crate) async fn hiding_for_no_time_gives_a_message_back_at_once(ground: &dyn Ground) {
    let received = sent_and_received(ground).await;
    received.hide(Duration::from_secs(600)).await.unwrap();
    let since = ground.now();
    received.hide(Duration::ZERO).await.unwrap();
    received_after(ground, since, Duration::ZERO).await;
}

pub(crate) async fn a_stale_receipt_neither_deletes_nor_hides(ground: &dyn Ground) {
    let stale = sent_and_received(ground).await;
    stale.hide(Duration::ZERO).await.unwrap();
    let since = ground.now();
    let newest = receive(ground).await;
    stale.delete().await;
    stale.hide(Duration::from_secs(600)).await.unwrap();
    let visibility_timeout = ground.visibility_timeout(&capture(ground));
    let again = received_after(ground, since, visibility_timeout).await;
    newest.delete().await;
    again.hide(Duration::ZERO).await.unwrap();
    receive(ground).await.delete().await;
    assert!(ground.receive(&capture(ground)).await.is_none());
}

pub(crate) async fn hiding_what_is_visible_again_changes_nothing(ground: &dyn Ground) {
    let lapsed = visible_again(ground).await;
    lapsed.hide(Duration::from_secs(600)).await.unwrap();
    // It comes before what is hidden, and after what isn't.
    let other = Message::Capture(ground.job(2).id);
    send(ground, other.clone(), Duration::from_secs(1)).await;
    let was_hidden = receive(ground).await.envelope().message == other;
    assert_eq!(was_hidden, ground.hides_what_is_visible());
}

pub(crate) async fn hiding_what_was_deleted_is_no_fault(ground: &dyn Ground) {
    let received = sent_and_received(ground).await;
    received.delete().await;
    received.hide(Duration::from_secs(600)).await.unwrap();
    assert!(ground.receive(&capture(ground)).await.is_none());
}

pub(crate) async fn the_newest_receipt_deletes_even_what_is_visible_again(ground: &dyn Ground) {
    let lapsed = visible_again(ground).await;
    lapsed.delete().await;
    assert!(ground.receive(&capture(ground)).await.is_none());
}
