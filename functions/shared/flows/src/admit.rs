//! Whose a request is, by its key or by the signature of its link.

use std::time::Duration;

use darkroom_core::account::{Account, KeyHolder, Opens};
use darkroom_core::key::AccessKey;
use darkroom_core::port::{Accounts, Clock, SigningKeyring};
use darkroom_core::signature::signs_link;
use darkroom_dialects::{Credential, Refusal, SignedLink};

use crate::refusal::of_port;

/// How far ahead the end of a link may lie that has one (ScreenNabster's public docs).
const LONGEST_LINK: Duration = Duration::from_secs(15 * 60);

/// The ports that admission needs.
#[derive(Clone, Copy)]
pub(crate) struct AdmitPorts<'a> {
    pub(crate) accounts: &'a dyn Accounts,
    pub(crate) keyring: &'a dyn SigningKeyring,
    pub(crate) clock: &'a dyn Clock,
}

/// The account that a credential proves.
pub(crate) async fn admit(
    ports: AdmitPorts<'_>,
    credential: Credential,
) -> Result<Account, Refusal> {
    match credential {
        Credential::NotNeeded | Credential::Missing => Err(Refusal::KeyMissing),
        Credential::Malformed => Err(Refusal::KeyInvalid),
        Credential::Key(key) => {
            let KeyHolder { account, opens } = holder(ports, &key).await?;
            match opens {
                Opens::Everything => Ok(account),
                Opens::Links => Err(Refusal::SignatureMissing),
            }
        }
        Credential::Link(link) => signer(ports, &link).await,
    }
}

async fn holder(ports: AdmitPorts<'_>, key: &AccessKey) -> Result<KeyHolder, Refusal> {
    let holder = ports.accounts.by_key(&key.hash()).await.map_err(of_port)?;
    holder.ok_or(Refusal::KeyInvalid)
}

/// The account that signed this link.
async fn signer(ports: AdmitPorts<'_>, link: &SignedLink) -> Result<Account, Refusal> {
    let account = holder(ports, &link.key).await?.account;
    let keys = ports.keyring.signing_keys(&account.id).await.map_err(of_port)?;
    let (Some(keys), Some(signature)) = (keys, link.signature) else {
        return Err(Refusal::SignatureInvalid);
    };
    let now = ports.clock.now();
    if !link.texts.iter().any(|text| signs_link(&keys, text, &signature, now)) {
        return Err(Refusal::SignatureInvalid);
    }
    match link.expires_at {
        Some(at) if at <= now || at > now + LONGEST_LINK => Err(Refusal::LinkExpired),
        Some(_) | None => Ok(account),
    }
}
