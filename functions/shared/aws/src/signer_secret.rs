//! The secret that holds what signs links.

use aws_sdk_secretsmanager::Client;
use darkroom_core::port::{PortError, PortResult};
use darkroom_core::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::fault::port_error;

/// What signs links to results.
#[derive(Clone, Debug)]
pub struct SignerKeys {
    /// Signs Darkroom's own links.
    pub link_key: Secret,
    /// Signs S3's URLs; none in accounts that forbid IAM users, and before the
    /// first `darkroom signer rotate`.
    pub credentials: Option<SignerCredentials>,
}

/// An access key of the IAM user that may read results and nothing else.
#[derive(Clone, Debug)]
pub struct SignerCredentials {
    /// Its id, which stands in every URL that it signs.
    pub access_key_id: String,
    /// Its secret half.
    pub secret_access_key: Secret,
}

#[derive(Serialize, Deserialize)]
struct Document {
    link_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_access_key: Option<String>,
}

/// Reads the keys from the secret with this ARN.
///
/// # Errors
///
/// [`PortError::Corrupt`] if the secret doesn't hold them, else what kept it from
/// being read.
pub async fn read(client: &Client, arn: &str) -> PortResult<SignerKeys> {
    let reply = client.get_secret_value().secret_id(arn).send().await;
    let reply = reply.map_err(|error| port_error("secretsmanager GetSecretValue", error))?;
    let text = reply.secret_string.ok_or_else(|| corrupt("the secret holds no text"))?;
    // The parser's own message could quote the secret.
    let document: Document = serde_json::from_str(&text)
        .map_err(|_may_quote| corrupt("the secret isn't JSON with a link_key"))?;
    Ok(document.into())
}

/// Writes the keys to the secret with this ARN.
///
/// # Errors
///
/// What kept it from being written.
pub async fn write(client: &Client, arn: &str, keys: &SignerKeys) -> PortResult<()> {
    let text = serde_json::to_string(&Document::from(keys))
        .map_err(|_may_quote| corrupt("the keys can't be written as JSON"))?;
    client
        .put_secret_value()
        .secret_id(arn)
        .secret_string(text)
        .send()
        .await
        .map(drop)
        .map_err(|error| port_error("secretsmanager PutSecretValue", error))
}

impl From<Document> for SignerKeys {
    fn from(document: Document) -> Self {
        let credentials = document.access_key_id.zip(document.secret_access_key);
        Self {
            link_key: Secret::new(document.link_key.into_bytes()),
            credentials: credentials.map(|(access_key_id, secret)| SignerCredentials {
                access_key_id,
                secret_access_key: Secret::new(secret.into_bytes()),
            }),
        }
    }
}

impl From<&SignerKeys> for Document {
    fn from(keys: &SignerKeys) -> Self {
        let text = |secret: &Secret| String::from_utf8_lossy(secret.expose()).into_owned();
        let credentials = keys.credentials.as_ref();
        Self {
            link_key: text(&keys.link_key),
            access_key_id: credentials.map(|pair| pair.access_key_id.clone()),
            secret_access_key: credentials.map(|pair| text(&pair.secret_access_key)),
        }
    }
}

fn corrupt(cause: &str) -> PortError {
    PortError::Corrupt { service: "secretsmanager", cause: cause.to_owned() }
}
