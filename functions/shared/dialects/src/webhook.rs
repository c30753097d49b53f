//! The POST that announces a job's end, whichever dialect words it.

use bytes::Bytes;
use darkroom_core::id::DeliveryId;
use darkroom_core::signature::Signatures;
use darkroom_core::time::Timestamp;

/// A webhook before it is signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Webhook {
    /// Names in lower case, values printable ASCII; the content type is among
    /// them, signatures are not.
    pub headers: Vec<(String, String)>,
    /// What is posted.
    pub body: WebhookBody,
}

/// The body of a webhook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WebhookBody {
    /// A small JSON document.
    Json(Bytes),
    /// The bytes of the completed job's result, which lie in the bucket.
    Artifact,
}

/// Standard Webhooks' three headers, which both dialects carry beside their own.
pub(crate) fn standard_headers(
    signatures: &Signatures,
    id: &DeliveryId,
    now: Timestamp,
) -> [(String, String); 3] {
    [
        ("webhook-id".to_owned(), id.to_string()),
        ("webhook-timestamp".to_owned(), now.as_secs().to_string()),
        ("webhook-signature".to_owned(), signatures.standard.clone()),
    ]
}
