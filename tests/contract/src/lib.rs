//! What every implementation of a port keeps: one suite for the simulated world's fakes and
//! for the adapters against the local emulator of AWS.
//!
//! Each clause is a function, named as a sentence; [`contract!`] makes a test of each. The
//! list is written once: a clause that isn't in it is dead code, which the lint refuses.
//! `Links` isn't here: whether a link leads anywhere is asked over HTTP, which the world hasn't.
//!
//! What AWS does and the emulator can't show, and what holds it instead:
//!
//! | AWS | held by |
//! |---|---|
//! | `ChangeMessageVisibility` of a message that isn't in flight is refused; the emulator hides it again | [`Ground::hides_what_is_visible`]: the fake refuses it, and the clause notices when the emulator does too |
//! | `DeleteMessage` by a stale receipt succeeds and deletes nothing; the emulator calls it invalid | the clause: nothing is deleted on either side |
//! | delays above 900 s and visibility timeouts above 12 h are refused | `aws/src/queue.rs` never asks for them |
//! | some 120,000 messages of a queue are in flight at most | the fake (`world/src/queue.rs`) |
//! | messages come twice, in any order | the world's schedules, `make simulate` |
//! | transactions that meet are cancelled | `aws/src/table.rs`, the world's `Throttled`, `make faults` |
//! | the index `by-account` lags, so a job that was just accepted may not be listed yet | nothing relies on it: lists are for clients |
//! | a write to S3 that meets another one is refused (409) | `aws/src/fault.rs` takes it for busy |
//!
//! The other way round, the fake doesn't know the ten minutes of a transaction's token: a job
//! that was removed can be accepted again in the world alone.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "it is all tests")]

mod accepting;
mod accounts;
mod advancing;
mod artifacts;
mod circuits;
mod deliveries;
mod ground;
mod limiting;
mod listing;
pub mod orders;
mod queues;

pub use ground::{Ground, Received};

use futures::future::BoxFuture;

/// A clause of the contract, which panics where it isn't kept.
pub type Clause = fn(&dyn Ground) -> BoxFuture<'_, ()>;

/// Takes the list of all clauses, and `$` for the macro that it defines.
macro_rules! clauses {
    ($d:tt $($port:ident { $($clause:ident,)+ })+) => {
        /// The clauses, as [`contract!`] reaches them.
        #[doc(hidden)]
        pub mod clauses {
            $(pub mod $port {
                use futures::future::BoxFuture;

                use crate::Ground;

                $(pub fn $clause(ground: &dyn Ground) -> BoxFuture<'_, ()> {
                    Box::pin(crate::$port::$clause(ground))
                })+
            })+
        }

        /// Makes a test of each clause, in a module for each port. The function that is
        /// named proves one [`Clause`] on a ground of its own.
        #[macro_export]
        macro_rules! contract {
            ($d prove:ident) => {
                $(mod $port {
                    $(#[test]
                    fn $clause() {
                        super::$d prove($crate::clauses::$port::$clause);
                    })+
                })+
            };
        }
    };
}

clauses! { $
    accepting {
        a_job_is_stored_and_charged_once_however_often_it_is_accepted,
        a_job_that_moved_on_is_still_known_as_ours,
        the_last_unit_of_quota_is_given_and_no_more,
        each_month_has_a_quota_of_its_own,
        a_burst_of_accepts_never_passes_the_quota,
        an_id_that_another_job_has_is_taken,
        an_idempotency_key_is_one_jobs_for_a_day_to_the_last_millisecond,
        a_key_that_is_taken_is_told_before_a_quota_that_is_used_up,
        an_idempotency_key_is_its_accounts_own,
        of_requests_that_race_under_one_key_one_is_stored,
        a_rejected_job_gives_its_key_back_and_no_others,
        a_removed_job_keeps_its_key,
        a_place_in_the_cache_is_one_jobs_until_it_is_taken_from_that,
        of_requests_that_race_for_a_place_in_the_cache_one_is_stored,
        a_place_that_is_taken_is_told_after_a_key_and_before_a_quota,
        what_was_charged_is_told_by_kind_and_day_and_what_was_given_back_is_not,
        a_job_whose_result_is_there_is_stored_and_neither_charged_nor_counted,
    }
    advancing {
        a_whole_life_is_stored_step_by_step,
        of_two_workers_one_gets_the_job_and_knows_it_when_it_asks_again,
        a_raced_step_changes_neither_job_nor_quota_nor_key,
        a_step_that_was_overtaken_is_raced,
        a_step_from_where_the_job_has_not_come_yet_is_raced,
        a_step_of_a_job_that_is_not_there_is_raced,
        a_unit_is_given_back_exactly_once,
        a_unit_goes_back_to_the_month_that_it_came_from,
    }
    limiting {
        a_minute_takes_so_many_starts,
        starts_count_once_they_are_limited,
        an_end_of_any_kind_gives_the_place_back_once,
        a_raced_end_gives_no_place_back,
        a_quota_is_told_before_starts_and_those_before_places,
        what_is_refused_takes_nothing,
    }
    listing {
        an_unknown_job_is_not_found,
        jobs_are_listed_newest_first_and_page_by_page,
        other_accounts_jobs_are_unseen,
        only_an_ended_job_is_removed_and_its_delivery_with_it,
        whether_a_job_has_ended_is_judged_by_what_is_stored,
    }
    deliveries {
        of_two_notifiers_one_makes_the_attempt,
        a_recorded_attempt_is_recognised_when_its_reply_was_lost,
        attempts_are_kept_in_order_until_the_last,
        a_step_that_was_overtaken_is_raced,
        a_step_of_a_delivery_that_is_not_there_is_raced,
        a_delivery_that_is_wanted_once_more_is_kept_as_such,
    }
    circuits {
        attempts_are_counted_a_minute_at_a_time,
        attempts_that_end_at_once_are_all_counted,
        a_circuit_opens_is_probed_by_one_and_closes,
        a_step_of_a_circuit_that_moved_on_is_raced_and_forgets_nothing,
        each_receiver_has_a_circuit_of_its_own,
    }
    queues {
        each_message_reaches_its_own_queue_as_it_was_sent,
        a_delayed_message_is_not_received_before_its_time,
        a_message_that_is_received_and_not_deleted_comes_back,
        a_deleted_message_never_comes_back,
        hiding_counts_from_now_and_is_rounded_up_to_whole_seconds,
        hiding_holds_for_one_receive,
        hiding_for_no_time_gives_a_message_back_at_once,
        a_stale_receipt_neither_deletes_nor_hides,
        hiding_what_is_visible_again_changes_nothing,
        hiding_what_was_deleted_is_no_fault,
        the_newest_receipt_deletes_even_what_is_visible_again,
    }
    artifacts {
        a_result_is_read_as_it_was_stored,
        a_result_that_is_there_is_never_written_over,
        a_stream_is_stored_whole,
        nothing_is_stored_of_a_stream_that_ends_with_a_fault,
        what_is_missing_is_none,
        deleting_what_is_gone_is_no_fault,
        a_file_of_a_result_is_an_object_of_its_own,
        a_specification_is_read_as_it_was_stored,
        a_specification_that_is_there_is_never_written_over,
    }
    accounts {
        an_access_key_leads_to_its_own_account,
        an_account_has_its_own_signing_keys,
    }
}
