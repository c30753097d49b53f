//! What an account has used, and may still use.

use std::time::Duration;

use darkroom_core::account::Account;
use darkroom_core::id::JobId;
use darkroom_core::port::JobPage;
use darkroom_core::time::{Day, Minute, Period};
use darkroom_core::usage::Usage;
use darkroom_dialects::{Balance, Days, Fault, Refusal, Starts};

use crate::jobs::list;
use crate::refusal::of_port;
use crate::status::StatusPorts;

/// Counts are kept for thirteen months; whole ones are told.
const KEPT: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// How an account stands in this month.
///
/// # Errors
///
/// [`Refusal::Busy`] when the store failed.
pub async fn balance(ports: StatusPorts<'_>, account: &Account) -> Result<Balance, Refusal> {
    let now = ports.clock.now();
    let period = Period::of(now);
    let usage = ports.jobs.usage(&account.id, period).await.map_err(of_port)?;
    let starts = match account.limits.starts_per_minute {
        None => None,
        Some(limit) => {
            let minute = Minute::of(now);
            let made = ports.jobs.starts(&account.id, minute).await.map_err(of_port)?;
            Some(Starts { limit: limit.get(), made, reset_at: minute.end() })
        }
    };
    Ok(Balance { period, usage, quota: account.quota_per_month, starts })
}

/// What was charged on each of these days, the first one first; none is told that is to come.
///
/// # Errors
///
/// [`Refusal::Invalid`] for days of which nothing is kept any more; [`Refusal::Busy`] when the store
/// failed.
pub async fn daily(
    ports: StatusPorts<'_>,
    account: &Account,
    days: Days,
) -> Result<Vec<(Day, u64)>, Refusal> {
    let now = ports.clock.now();
    let (today, oldest) = (Day::of(now), Day::of(now - KEPT));
    let to = days.to.unwrap_or(today).min(today);
    let from = days.from.unwrap_or_else(|| to.period().first_day());
    if from < oldest {
        let message =
            format!("`{}` must not be before {oldest}; no counts are kept from before", Days::FROM);
        return Err(Refusal::Invalid(vec![Fault { option: Days::FROM.to_owned(), message }]));
    }
    let mut told = Vec::new();
    let mut known: Option<(Period, Usage)> = None;
    let mut next = Some(from).filter(|day| *day <= to);
    while let Some(day) = next {
        let period = day.period();
        let usage = match known.take() {
            Some((of, usage)) if of == period => usage,
            Some(_) | None => ports.jobs.usage(&account.id, period).await.map_err(of_port)?,
        };
        told.push((day, usage.by_day.get(&day).copied().unwrap_or_default()));
        known = Some((period, usage));
        next = day.next().filter(|day| *day <= to);
    }
    Ok(told)
}

/// How an account stands, and a page of what it was charged for or not, the newest first.
///
/// # Errors
///
/// [`Refusal::Busy`] when the store failed.
pub async fn rows(
    ports: StatusPorts<'_>,
    account: &Account,
    before: Option<JobId>,
    limit: u8,
) -> Result<(Balance, JobPage), Refusal> {
    let balance = balance(ports, account).await?;
    Ok((balance, list(ports, account, before, limit).await?))
}
