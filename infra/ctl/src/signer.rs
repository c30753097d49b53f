//! `darkroom signer rotate`: a new key for the IAM user that signs result URLs.

use anyhow::{Context as _, Error, Result};
use darkroom_aws::signer_secret::{self, SignerCredentials, SignerKeys};
use darkroom_core::port::PortError;
use darkroom_core::secret::Secret;
use darkroom_core::time::Timestamp;
use serde_json::json;

use crate::deployment::Deployment;
use crate::output::Answer;
use crate::signer_plan::{IamKey, KNOWN_EVERYWHERE, Situation, live_until};

pub(crate) async fn rotate(deployment: &Deployment, force: bool) -> Result<Answer> {
    let user = deployment.stack.signer_user()?;
    let arn = deployment.stack.output("SignerSecretArn")?;
    let secrets_manager = &deployment.clients.secrets_manager;
    let keys = signer_secret::read(secrets_manager, arn).await?;
    let situation = situation(deployment, user, &keys).await?;
    let gives_way = situation.gives_way(force)?;
    if let Some(key) = gives_way {
        delete(deployment, user, &key.id).await?;
    }

    let credentials = create(deployment, user).await?;
    let id = credentials.access_key_id.clone();
    until_known_everywhere(deployment).await;
    let keys = SignerKeys { credentials: Some(credentials), ..keys };
    if let Err(fault) = signer_secret::write(secrets_manager, arn, &keys).await {
        after_failed_write(deployment, user, &id, fault).await?;
    }
    Ok(answer(user, &id, gives_way, &situation))
}

/// The reply to a write may be lost, and the write made: deleting a key that the
/// secret names would break every URL signed from then on. Fails unless it names it.
async fn after_failed_write(
    deployment: &Deployment,
    user: &str,
    id: &str,
    fault: PortError,
) -> Result<()> {
    until_known_everywhere(deployment).await;
    let arn = deployment.stack.output("SignerSecretArn")?;
    let fault = Error::new(fault);
    let named = match signer_secret::read(&deployment.clients.secrets_manager, arn).await {
        Ok(keys) => keys.credentials.is_some_and(|pair| pair.access_key_id == id),
        Err(unread) => {
            return Err(fault.context(format!(
                "the new key {id} of {user} may be in the secret or not, which can't be read now \
                 ({unread}): no key was deleted for it; rotate again once the secret can be read"
            )));
        }
    };
    if named {
        return Ok(());
    }
    let came_of_it = match delete(deployment, user, id).await {
        Ok(()) => "and was deleted again".to_owned(),
        Err(kept) => format!(
            "nor be deleted again ({kept:#}); it signs nothing, so delete it with `aws iam \
             delete-access-key --user-name {user} --access-key-id {id}`"
        ),
    };
    Err(fault.context(format!("the new key {id} could not be put into the secret, {came_of_it}")))
}

async fn until_known_everywhere(deployment: &Deployment) {
    if deployment.on_aws {
        tokio::time::sleep(KNOWN_EVERYWHERE).await;
    }
}

async fn situation(deployment: &Deployment, user: &str, keys: &SignerKeys) -> Result<Situation> {
    let listed = deployment.iam.list_access_keys().user_name(user).send().await;
    let listed = listed.with_context(|| format!("the keys of IAM user {user} can't be listed"))?;
    let iam_keys = listed.access_key_metadata.into_iter().filter_map(|key| {
        let created_at = key.create_date.and_then(|at| u64::try_from(at.secs()).ok());
        let created_at = Timestamp::from_secs(created_at.unwrap_or_default());
        key.access_key_id.map(|id| IamKey { id, created_at })
    });
    Ok(Situation {
        keys: iam_keys.collect(),
        signing: keys.credentials.as_ref().map(|pair| pair.access_key_id.clone()),
        now: deployment.now,
    })
}

async fn create(deployment: &Deployment, user: &str) -> Result<SignerCredentials> {
    let made = deployment.iam.create_access_key().user_name(user).send().await;
    let made = made.with_context(|| format!("no new key could be made for IAM user {user}"))?;
    let key = made.access_key.context("IAM made a key and did not tell it")?;
    Ok(SignerCredentials {
        access_key_id: key.access_key_id,
        secret_access_key: Secret::new(key.secret_access_key.into_bytes()),
    })
}

async fn delete(deployment: &Deployment, user: &str, id: &str) -> Result<()> {
    let deleting = deployment.iam.delete_access_key().user_name(user).access_key_id(id);
    let deleted = deleting.send().await;
    deleted.with_context(|| format!("key {id} of IAM user {user} could not be deleted"))?;
    Ok(())
}

fn answer(user: &str, id: &str, deleted: Option<&IamKey>, situation: &Situation) -> Answer {
    let deleted = deleted.map(|key| key.id.as_str());
    let still_there = |key: &&IamKey| Some(key.id.as_str()) != deleted;
    let kept: Vec<_> = situation.keys.iter().filter(still_there).collect();
    let live_until = live_until(situation.now).to_string();
    let mut text =
        format!("key {id} of {user} signs result URLs, in every function within 5 minutes\n");
    for key in &kept {
        text.push_str(&format!("key {} stays active; its URLs end by {live_until}\n", key.id));
    }
    if let Some(deleted) = deleted {
        text.push_str(&format!("key {deleted} is deleted\n"));
    }
    let kept = kept.iter().map(|key| json!({ "access_key_id": key.id, "live_until": live_until }));
    let kept: Vec<_> = kept.collect();
    Answer {
        json: json!({ "user": user, "access_key_id": id, "kept": kept, "deleted": deleted }),
        text,
    }
}
