//! `darkroom signing`: what webhooks are signed with.

use anyhow::{Result, bail};
use darkroom_aws::machine::random_bytes;
use darkroom_core::id::AccountId;
use darkroom_core::key::{SigningKey, SigningKeys};
use serde_json::json;

use crate::deployment::Deployment;
use crate::output::{Answer, table};

pub(crate) async fn show(deployment: &Deployment, account: &AccountId) -> Result<Answer> {
    let keys = deployment.accounts().signing_keys(account).await?;
    Ok(answer(deployment, account, &keys))
}

pub(crate) async fn rotate(
    deployment: &Deployment,
    account: &AccountId,
    force: bool,
) -> Result<Answer> {
    let book = deployment.accounts();
    let present = book.signing_keys(account).await?;
    if present.live(deployment.now).len() > 1 && !force {
        let ends = present.newest_since() + SigningKeys::ROTATION;
        bail!(
            "account {account} is in a rotation until {ends}: receivers may still check with the old \
             key; wait, or say --force to forget it now"
        );
    }
    let fresh = SigningKey::from_random(random_bytes());
    let keys = book.rotate_signing_key(account, &present, fresh, deployment.now).await?;
    Ok(answer(deployment, account, &keys))
}

pub(crate) async fn promote(deployment: &Deployment, account: &AccountId) -> Result<Answer> {
    let keys = deployment.accounts().promote_signing_key(account).await?;
    Ok(answer(deployment, account, &keys))
}

pub(crate) fn spelling(key: &SigningKey) -> String {
    String::from_utf8_lossy(key.spelling().expose()).into_owned()
}

fn answer(deployment: &Deployment, account: &AccountId, keys: &SigningKeys) -> Answer {
    let in_header = keys.for_seed_header(deployment.now);
    let live = keys.live(deployment.now);
    let rows: Vec<_> = live
        .iter()
        .map(|&key| {
            let header = if key == in_header { "yes" } else { "no" };
            let ends = if key == keys.newest() {
                String::new()
            } else {
                (keys.newest_since() + SigningKeys::ROTATION).to_string()
            };
            [spelling(key), header.to_owned(), ends]
        })
        .collect();
    let entries: Vec<_> = live
        .iter()
        .map(|&key| json!({ "signing_key": spelling(key), "in_single_header": key == in_header }))
        .collect();
    Answer {
        json: json!({
            "account": account.as_str(),
            "newest_since": keys.newest_since().to_string(),
            "keys": entries,
        }),
        text: table(["SIGNING KEY", "IN THE SINGLE HEADER", "SIGNS UNTIL"], &rows),
    }
}
