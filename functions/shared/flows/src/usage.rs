//! What an account has used, and may still use.

use darkroom_core::account::Account;
use darkroom_core::id::JobId;
use darkroom_core::port::JobPage;
use darkroom_core::time::{Day, Minute, Period};
use darkroom_core::usage::Usage;
use darkroom_dialects::{Balance, Days, Refusal, Starts};

use crate::jobs::list;
use crate::refusal::of_port;
use crate::status::StatusPorts;

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

/// What was charged on each of these days, the first one first.
///
/// # Errors
///
/// [`Refusal::Busy`] when the store failed.
pub async fn daily(
    ports: StatusPorts<'_>,
    account: &Account,
    days: Days,
) -> Result<Vec<(Day, u64)>, Refusal> {
    let today = Day::of(ports.clock.now());
    let to = days.to.unwrap_or(today);
    let from = days.from.unwrap_or_else(|| to.period().first_day());
    let mut told = Vec::new();
    let mut known: Option<(Period, Usage)> = None;
    let mut day = from;
    while day <= to {
        let period = day.period();
        let usage = match known.take() {
            Some((of, usage)) if of == period => usage,
            Some(_) | None => ports.jobs.usage(&account.id, period).await.map_err(of_port)?,
        };
        told.push((day, usage.by_day.get(&day).copied().unwrap_or_default()));
        known = Some((period, usage));
        day = day.next();
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
