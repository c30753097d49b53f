//! `darkroom sign`: captures by GET that need no secret.

use std::time::Duration;

use anyhow::{Result, bail};
use darkroom_core::account::Opens;
use darkroom_core::id::AccountId;
use darkroom_core::job::Dialect;
use darkroom_core::key::AccessKey;
use darkroom_core::signature::sign_link;
use darkroom_dialects::{text_to_sign, unsigned_query};
use serde_json::json;

use crate::deployment::Deployment;
use crate::output::Answer;

pub(crate) async fn sign(
    deployment: &Deployment,
    account: &AccountId,
    url: &str,
    expires_in: u16,
) -> Result<Answer> {
    let Some((path, query)) = url.split_once('?') else {
        bail!("{url} has no parameters; give the whole link, with url and access_key");
    };
    let nodium = ["/api/v1/screenshot/take", "/api/v1/screenshot/animate"];
    let dialect = if nodium.iter().any(|end| path.ends_with(end)) {
        Dialect::Nodium
    } else if path.ends_with("/api/v1/capture") {
        Dialect::ScreenNabster
    } else {
        bail!(
            "{path} is no capture; links lead to /api/v1/screenshot/take or /animate, or to \
             /api/v1/capture"
        );
    };
    let Some(mut query) = unsigned_query(query) else {
        bail!("the link's parameters are garbled; percent-encode their values (a bare % as %25)");
    };
    check_key(deployment, account, &query).await?;
    if dialect == Dialect::ScreenNabster {
        let ends = deployment.now + Duration::from_secs(expires_in.into());
        query = format!("{query}&expires={}", ends.as_secs());
    }
    let keys = deployment.accounts().signing_keys(account).await?;
    let signature = sign_link(&keys, &text_to_sign(dialect, &query));
    let link = format!("{path}?{query}&signature={signature}");
    Ok(Answer { json: json!({ "account": account.as_str(), "link": link }), text: link })
}

/// The key in a link is read by everybody, so it has to be one for links.
async fn check_key(deployment: &Deployment, account: &AccountId, query: &str) -> Result<()> {
    let given = query.split('&').find_map(|part| part.strip_prefix("access_key="));
    let Some(key) = given.and_then(AccessKey::parse) else {
        bail!(
            "the link needs an access_key; `darkroom key create {account} --links-only` makes one"
        );
    };
    let record = deployment.accounts().show(account).await?;
    match record.keys.iter().find(|own| own.hash == key.hash()).map(|own| own.opens) {
        Some(Opens::Links) => Ok(()),
        Some(Opens::Everything) => bail!(
            "the link's access_key opens everything, and whoever reads the link would have it; \
             `darkroom key create {account} --links-only` makes one for links"
        ),
        None => bail!(
            "the link's access_key is none of account {account}'s; see `darkroom key list {account}`"
        ),
    }
}
