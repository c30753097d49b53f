//! `darkroom key`: what clients send.

use anyhow::Result;
use darkroom_aws::account_book::KeyRecord;
use darkroom_aws::machine::random_bytes;
use darkroom_core::account::Opens;
use darkroom_core::id::AccountId;
use darkroom_core::key::AccessKey;
use darkroom_core::time::Timestamp;
use serde_json::{Value, json};

use crate::deployment::Deployment;
use crate::output::{Answer, pairs, table};

/// Digits of a hash that are shown: enough to tell two keys apart.
const SHOWN_DIGITS: usize = 12;

/// An access key that was just drawn: the only time that it is seen.
pub(crate) struct NewKey {
    pub(crate) access_key: AccessKey,
    pub(crate) record: KeyRecord,
}

impl NewKey {
    pub(crate) fn draw(label: &str, opens: Opens, now: Timestamp) -> Self {
        let access_key = AccessKey::from_random(random_bytes());
        let (hash, label) = (access_key.hash(), label.to_owned());
        let record = KeyRecord { hash, label, created_at: now, opens };
        Self { access_key, record }
    }
}

pub(crate) async fn create(
    deployment: &Deployment,
    account: &AccountId,
    label: &str,
    opens: Opens,
) -> Result<Answer> {
    let key = NewKey::draw(label, opens, deployment.now);
    let hash = shown_hash(&key.record);
    deployment.accounts().add_key(account, key.record).await?;
    let access_key = key.access_key.expose();
    let text = pairs(&[
        ("account", account.to_string()),
        ("hash", hash.clone()),
        ("access key", format!("{access_key}  (shown only now)")),
    ]);
    Ok(Answer {
        json: json!({ "account": account.as_str(), "hash": hash, "access_key": access_key }),
        text,
    })
}

pub(crate) async fn list(deployment: &Deployment, account: &AccountId) -> Result<Answer> {
    let record = deployment.accounts().show(account).await?;
    let rows: Vec<_> = record
        .keys
        .iter()
        .map(|key| {
            let opens = opens(key).to_owned();
            [shown_hash(key), key.label.clone(), key.created_at.to_string(), opens]
        })
        .collect();
    let text = if rows.is_empty() {
        format!("account {account} has no access keys")
    } else {
        table(["HASH", "LABEL", "CREATED", "OPENS"], &rows)
    };
    let keys: Vec<_> = record.keys.iter().map(entry).collect();
    Ok(Answer { json: json!({ "account": account.as_str(), "keys": keys }), text })
}

pub(crate) async fn revoke(
    deployment: &Deployment,
    account: &AccountId,
    hash: &str,
    force: bool,
) -> Result<Answer> {
    let key = deployment.accounts().revoke_key(account, hash, force).await?;
    let text = format!("key {} stops opening within a minute", shown_hash(&key));
    Ok(Answer { json: json!({ "account": account.as_str(), "revoked": entry(&key) }), text })
}

fn entry(key: &KeyRecord) -> Value {
    json!({
        "hash": shown_hash(key),
        "label": key.label,
        "created_at": key.created_at.to_string(),
        "opens": opens(key),
    })
}

const fn opens(key: &KeyRecord) -> &'static str {
    match key.opens {
        Opens::Everything => "everything",
        Opens::Links => "links",
    }
}

fn shown_hash(key: &KeyRecord) -> String {
    key.hash.as_str().chars().take(SHOWN_DIGITS).collect()
}
