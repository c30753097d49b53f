//! What an account has used: both shapes that Nodium's public docs give, in one. A credit is a unit of
//! quota: each capture is one, whatever its kind.

use std::time::Duration;

use bytes::Bytes;
use darkroom_core::time::{Day, Timestamp};
use darkroom_core::usage::CaptureKind;
use http::{Response, StatusCode};
use serde::Serialize;

use crate::answer;
use crate::call::{Balance, Starts};

#[derive(Serialize)]
struct Told {
    total: u64,
    available: u64,
    used: u64,
    concurrency: Concurrency,
    credits_used: u64,
    credits_remaining: u64,
    credits_total: u64,
    screenshots_taken: u64,
    period_start: String,
    period_end: String,
    breakdown: Breakdown,
}

/// Captures that may be asked for within a minute, as ScreenshotOne has it; `null` without a limit.
#[derive(Serialize)]
struct Concurrency {
    limit: Option<u32>,
    remaining: Option<u32>,
    /// Nanoseconds since 1970.
    reset: Option<u64>,
}

#[derive(Serialize)]
struct Breakdown {
    screenshot: Share,
    full_page: Share,
    pdf: Share,
    video: Share,
}

#[derive(Serialize)]
struct Share {
    count: u64,
    credits: u64,
}

#[derive(Serialize)]
struct OfDay {
    date: String,
    screenshots: u64,
    credits: u64,
}

/// The answer to `/usage`.
pub(crate) fn balance(balance: &Balance) -> Response<Bytes> {
    let Balance { period, usage, quota, starts } = balance;
    let share = |kind| {
        let units = usage.by_kind.get(&kind).copied().unwrap_or_default();
        Share { count: units, credits: units }
    };
    let (used, left) = (usage.used, balance.left());
    let body = Told {
        total: *quota,
        available: left,
        used,
        concurrency: concurrency(*starts),
        credits_used: used,
        credits_remaining: left,
        credits_total: *quota,
        screenshots_taken: used,
        period_start: period.start().to_string(),
        period_end: (period.end() - Duration::from_millis(1)).to_string(),
        breakdown: Breakdown {
            screenshot: share(CaptureKind::Screenshot),
            full_page: share(CaptureKind::FullPage),
            pdf: share(CaptureKind::Pdf),
            video: share(CaptureKind::Video),
        },
    };
    answer::json(StatusCode::OK, &body)
}

fn concurrency(starts: Option<Starts>) -> Concurrency {
    let nanos = |at: Timestamp| at.as_millis().saturating_mul(1_000_000);
    Concurrency {
        limit: starts.map(|starts| starts.limit),
        remaining: starts.map(|starts| starts.limit.saturating_sub(starts.made)),
        reset: starts.map(|starts| nanos(starts.reset_at)),
    }
}

/// The answer to `/usage/daily`.
pub(crate) fn daily(days: &[(Day, u64)]) -> Response<Bytes> {
    let of_day = |(day, units): &(Day, u64)| OfDay {
        date: day.to_string(),
        screenshots: *units,
        credits: *units,
    };
    let body: Vec<_> = days.iter().map(of_day).collect();
    answer::json(StatusCode::OK, &body)
}
