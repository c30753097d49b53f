//! `darkroom account`, `quota` and `usage`.

use anyhow::Result;
use darkroom_aws::account_book::{AccountRecord, NewAccount as NewEntry};
use darkroom_aws::machine::random_bytes;
use darkroom_core::account::{Account, Limits, Opens};
use darkroom_core::id::AccountId;
use darkroom_core::key::SigningKey;
use darkroom_core::time::Period;
use serde_json::json;

use crate::cli::NewAccount;
use crate::deployment::Deployment;
use crate::keys::NewKey;
use crate::output::{Answer, pairs, table};
use crate::signing;

pub(crate) async fn create(deployment: &Deployment, new: &NewAccount) -> Result<Answer> {
    let key = NewKey::draw("first", Opens::Everything, deployment.now);
    let signing_key = SigningKey::from_random(random_bytes());
    let signing_text = signing::spelling(&signing_key);
    let entry = NewEntry {
        account: Account {
            id: AccountId::from_random(random_bytes()),
            name: new.name.clone(),
            quota_per_month: new.quota,
            limits: Limits::default(),
        },
        key: key.record,
        signing_key,
        now: deployment.now,
    };
    let account = deployment.accounts().create(entry).await?.account;
    let access_key = key.access_key.expose();
    let text = pairs(&[
        ("account", account.id.to_string()),
        ("name", account.name.clone()),
        ("quota per month", account.quota_per_month.to_string()),
        ("access key", format!("{access_key}  (shown only now)")),
        ("signing key", signing_text.clone()),
    ]);
    Ok(Answer {
        json: json!({
            "account": account.id.as_str(),
            "name": account.name,
            "access_key": access_key,
            "signing_key": signing_text,
            "quota_per_month": account.quota_per_month,
        }),
        text,
    })
}

pub(crate) async fn list(deployment: &Deployment) -> Result<Answer> {
    let records = deployment.accounts().list().await?;
    let rows: Vec<_> = records.iter().map(row).collect();
    let headings = ["ACCOUNT", "NAME", "QUOTA", "LIMITS", "KEYS", "CREATED", "STATUS"];
    let entries: Vec<_> = records
        .iter()
        .map(|record| {
            json!({
                "account": record.account.id.as_str(),
                "name": record.account.name,
                "quota_per_month": record.account.quota_per_month,
                "starts_per_minute": record.account.limits.starts_per_minute,
                "at_once": record.account.limits.at_once,
                "keys": record.keys.len(),
                "created_at": record.created_at.to_string(),
                "revoked_at": record.revoked_at.map(|at| at.to_string()),
            })
        })
        .collect();
    let text = if rows.is_empty() {
        "no accounts yet; make one with `darkroom account create --name NAME`".to_owned()
    } else {
        table(headings, &rows)
    };
    Ok(Answer { json: json!({ "accounts": entries }), text })
}

pub(crate) async fn revoke(deployment: &Deployment, account: &AccountId) -> Result<Answer> {
    deployment.accounts().revoke(account, deployment.now).await?;
    let text = format!("account {account} is revoked; its keys stop opening within a minute");
    Ok(Answer {
        json: json!({ "account": account.as_str(), "revoked_at": deployment.now.to_string() }),
        text,
    })
}

pub(crate) async fn set_quota(
    deployment: &Deployment,
    account: &AccountId,
    per_month: u64,
) -> Result<Answer> {
    deployment.accounts().set_quota(account, per_month).await?;
    let text = format!("account {account} may capture {per_month} a month, within a minute");
    Ok(Answer { json: json!({ "account": account.as_str(), "quota_per_month": per_month }), text })
}

pub(crate) async fn set_limits(
    deployment: &Deployment,
    account: &AccountId,
    limits: Limits,
) -> Result<Answer> {
    deployment.accounts().set_limits(account, limits).await?;
    let text =
        format!("limits of account {account}: {}; they count within a minute", in_words(limits));
    Ok(Answer {
        json: json!({
            "account": account.as_str(),
            "starts_per_minute": limits.starts_per_minute,
            "at_once": limits.at_once,
        }),
        text,
    })
}

fn in_words(limits: Limits) -> String {
    match (limits.starts_per_minute, limits.at_once) {
        (None, None) => String::from("none"),
        (Some(starts), None) => format!("{starts} a minute"),
        (None, Some(at_once)) => format!("{at_once} at once"),
        (Some(starts), Some(at_once)) => format!("{starts} a minute, {at_once} at once"),
    }
}

pub(crate) async fn usage(
    deployment: &Deployment,
    account: &AccountId,
    period: Option<Period>,
) -> Result<Answer> {
    let period = period.unwrap_or_else(|| Period::of(deployment.now));
    let book = deployment.accounts();
    let quota = book.show(account).await?.account.quota_per_month;
    let used = book.usage(account, period).await?;
    let left = quota.saturating_sub(used);
    let text = pairs(&[
        ("account", account.to_string()),
        ("period", period.to_string()),
        ("used", used.to_string()),
        ("quota", quota.to_string()),
        ("left", left.to_string()),
    ]);
    Ok(Answer {
        json: json!({
            "account": account.as_str(),
            "period": period.to_string(),
            "used": used,
            "quota_per_month": quota,
            "left": left,
        }),
        text,
    })
}

fn row(record: &AccountRecord) -> [String; 7] {
    let status = record.revoked_at.map_or_else(|| "live".to_owned(), |at| format!("revoked {at}"));
    [
        record.account.id.to_string(),
        record.account.name.clone(),
        record.account.quota_per_month.to_string(),
        in_words(record.account.limits),
        record.keys.len().to_string(),
        record.created_at.to_string(),
        status,
    ]
}
