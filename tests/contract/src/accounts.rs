//! `Accounts` and `SigningKeyring`.

use crate::Ground;
use crate::orders::{account, customer};
use darkroom_core::account::{KeyHolder, Opens};

pub(crate) async fn an_access_key_leads_to_its_own_account(ground: &dyn Ground) {
    for byte in [1, 2] {
        ground.open_account(byte).await;
    }
    for byte in [1, 2] {
        let expected = KeyHolder { account: customer(byte).account, opens: Opens::Everything };
        let found = ground.accounts().by_key(&customer(byte).access_key.hash()).await.unwrap();
        assert_eq!(found, Some(expected));
    }
    let unknown = ground.accounts().by_key(&customer(3).access_key.hash()).await.unwrap();
    assert_eq!(unknown, None);
}

pub(crate) async fn an_account_has_its_own_signing_keys(ground: &dyn Ground) {
    for byte in [1, 2] {
        ground.open_account(byte).await;
    }
    for byte in [1, 2] {
        let keys = ground.keyring().signing_keys(&account(byte)).await.unwrap().unwrap();
        assert_eq!((keys.newest(), keys.previous()), (&customer(byte).signing_key, None));
    }
    assert_eq!(ground.keyring().signing_keys(&account(3)).await.unwrap(), None);
}
