//! The POST that announces a job's end, whichever dialect words it.

use bytes::Bytes;

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
