//! The deployment's resources, by the outputs of its CloudFormation stack.

use std::collections::HashMap;

use anyhow::{Context as _, Result, anyhow, bail};
use aws_sdk_cloudformation::Client;

/// A deployed stack.
#[derive(Debug)]
pub(crate) struct Stack {
    name: String,
    outputs: HashMap<String, String>,
}

impl Stack {
    pub(crate) async fn find(client: &Client, name: &str) -> Result<Self> {
        let described = client.describe_stacks().stack_name(name).send().await;
        let described = described.with_context(|| {
            format!(
                "stack {name:?} can't be read; name another with --stack, and see that AWS_REGION, \
                 AWS_PROFILE or AWS_ENDPOINT_URL lead to it (for the local stack: `source .local/env`)"
            )
        })?;
        let stack = described.stacks.unwrap_or_default().pop();
        let stack = stack.with_context(|| format!("there is no stack {name:?}"))?;
        let outputs = stack.outputs.unwrap_or_default().into_iter();
        Ok(Self {
            name: name.to_owned(),
            outputs: outputs.filter_map(|it| it.output_key.zip(it.output_value)).collect(),
        })
    }

    pub(crate) fn output(&self, key: &str) -> Result<&str> {
        self.outputs.get(key).map(String::as_str).ok_or_else(|| {
            anyhow!(
                "stack {:?} has no output {key}; is it one of Darkroom's, deployed to its end?",
                self.name
            )
        })
    }

    /// The user whose key signs result URLs.
    pub(crate) fn signer_user(&self) -> Result<&str> {
        let Some(user) = self.outputs.get("SignerUser") else {
            bail!(
                "stack {:?} has no signing user (it was deployed with CreateSigner=false): its result \
                 URLs are Darkroom's own links, and there is no key to rotate",
                self.name
            );
        };
        Ok(user)
    }
}
