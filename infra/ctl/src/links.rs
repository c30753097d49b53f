//! `darkroom sign`: captures by GET that need no secret.

use std::time::Duration;

use anyhow::{Result, bail};
use darkroom_core::id::AccountId;
use darkroom_core::job::Dialect;
use darkroom_core::signature::sign_link;
use darkroom_dialects::text_to_sign;
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
    if query.contains('#') || !query.split('&').any(|part| part.starts_with("access_key=")) {
        bail!(
            "the link needs an access_key, of which `key create --links-only` makes one for links, and no #"
        );
    }
    let (dialect, query) = if path.ends_with("/api/v1/capture") {
        let ends = deployment.now + Duration::from_secs(expires_in.into());
        (Dialect::ScreenNabster, format!("{query}&expires={}", ends.as_secs()))
    } else {
        (Dialect::Nodium, query.to_owned())
    };
    let keys = deployment.accounts().signing_keys(account).await?;
    let signature = sign_link(&keys, &text_to_sign(dialect, &query), deployment.now);
    let link = format!("{path}?{query}&signature={signature}");
    Ok(Answer { json: json!({ "account": account.as_str(), "link": link }), text: link })
}
