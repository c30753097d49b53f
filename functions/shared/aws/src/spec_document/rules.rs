//! What makes a capture fail, as it is stored.

use darkroom_core::capture::{FailRules, HostErrors, UrlPattern};
use serde::{Deserialize, Serialize};

use super::choice;
use crate::item::{Unreadable, parsed};

choice!(HostErrorsDocument for HostErrors { "fail" = Fail, "draw" = Draw });

/// The core's `FailRules`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesDocument {
    host_errors: HostErrorsDocument,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    content_contains: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    content_missing: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    request_failed: Vec<String>,
}

impl From<&FailRules> for RulesDocument {
    fn from(rules: &FailRules) -> Self {
        let FailRules { host_errors, content_contains, content_missing, request_failed } = rules;
        Self {
            host_errors: (*host_errors).into(),
            content_contains: content_contains.clone(),
            content_missing: content_missing.clone(),
            request_failed: request_failed.iter().map(|it| it.as_str().to_owned()).collect(),
        }
    }
}

impl TryFrom<RulesDocument> for FailRules {
    type Error = Unreadable;

    fn try_from(document: RulesDocument) -> Result<Self, Unreadable> {
        let patterns = document.request_failed.iter();
        let patterns = patterns.map(|text| parsed("request_failed", text, UrlPattern::parse));
        Ok(Self {
            host_errors: document.host_errors.into(),
            content_contains: document.content_contains,
            content_missing: document.content_missing,
            request_failed: patterns.collect::<Result<_, _>>()?,
        })
    }
}
