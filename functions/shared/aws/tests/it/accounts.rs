use darkroom_aws::account_book::{AccountBook, AccountRecord, BookError, KeyRecord, NewAccount};
use darkroom_aws::accounts::{BELIEVED_FOR, DynamoAccounts};
use darkroom_aws::signing_keyring::DynamoSigningKeyring;
use darkroom_contract::orders::{NOW, account};
use darkroom_core::account::{Account, Limits, Opens};
use darkroom_core::key::{AccessKey, AccessKeyHash, SigningKey, SigningKeys};
use darkroom_core::port::{Accounts as _, SigningKeyring as _};

use crate::ground::Ground;

fn key(byte: u8) -> KeyRecord {
    KeyRecord {
        hash: AccessKey::from_random([byte; 20]).hash(),
        label: format!("key {byte}"),
        created_at: NOW,
        opens: Opens::Everything,
    }
}

async fn create(book: &AccountBook, byte: u8) -> AccountRecord {
    let new = NewAccount {
        account: Account {
            id: account(byte),
            name: format!("customer {byte}"),
            quota_per_month: 1_000,
            limits: Limits::default(),
        },
        key: key(byte),
        signing_key: SigningKey::from_random([byte; 32]),
        now: NOW + std::time::Duration::from_secs(byte.into()),
    };
    book.create(new).await.unwrap()
}

#[tokio::test]
async fn a_change_of_quota_reaches_an_environment_within_a_minute() {
    let ground = Ground::new().await;
    let book = AccountBook::new(ground.table.clone());
    create(&book, 1).await;
    let accounts = DynamoAccounts::new(ground.table.clone());
    let quota = async || {
        let found = accounts.by_key(&key(1).hash).await.unwrap();
        found.unwrap().account.quota_per_month
    };
    assert_eq!(quota().await, 1_000);
    book.set_quota(&account(1), 5).await.unwrap();
    assert_eq!(quota().await, 1_000, "remembered");
    tokio::time::pause();
    tokio::time::advance(BELIEVED_FOR).await;
    tokio::time::resume();
    assert_eq!(quota().await, 5);
}

#[tokio::test]
async fn an_account_has_four_keys_at_most_and_each_can_be_revoked() {
    let ground = Ground::new().await;
    let book = AccountBook::new(ground.table.clone());
    create(&book, 1).await;
    let for_links = KeyRecord { opens: Opens::Links, ..key(2) };
    book.add_key(&account(1), for_links.clone()).await.unwrap();
    for byte in [3, 4] {
        book.add_key(&account(1), key(byte)).await.unwrap();
    }
    let fifth = book.add_key(&account(1), key(5)).await;
    assert!(matches!(fifth, Err(BookError::TooManyKeys(_))), "{fifth:?}");

    let first = key(1).hash.to_string();
    for short in ["", first.get(..5).unwrap(), "xyzxyz"] {
        let short = book.revoke_key(&account(1), short, true).await;
        assert!(matches!(short, Err(BookError::ShortHash(_))), "{short:?}");
    }
    let unknown = book.revoke_key(&account(1), "000000", false).await;
    assert!(matches!(unknown, Err(BookError::NoKey { .. })), "{unknown:?}");
    let upper = first.get(..6).unwrap().to_ascii_uppercase();
    assert_eq!(book.revoke_key(&account(1), &upper, false).await.unwrap(), key(1));

    let accounts = DynamoAccounts::new(ground.table.clone());
    assert_eq!(accounts.by_key(&key(1).hash).await.unwrap(), None);
    assert_eq!(accounts.by_key(&key(2).hash).await.unwrap().unwrap().opens, Opens::Links);
    assert_eq!(accounts.by_key(&key(3).hash).await.unwrap().unwrap().opens, Opens::Everything);
    // A change of the account writes each key's item anew.
    book.set_quota(&account(1), 7).await.unwrap();
    let fresh = DynamoAccounts::new(ground.table.clone());
    assert_eq!(fresh.by_key(&key(2).hash).await.unwrap().unwrap().opens, Opens::Links);
    assert_eq!(book.show(&account(1)).await.unwrap().keys, [for_links, key(3), key(4)]);
}

#[tokio::test]
async fn the_last_key_goes_only_by_force() {
    let ground = Ground::new().await;
    let book = AccountBook::new(ground.table.clone());
    create(&book, 1).await;
    let hash = key(1).hash.to_string();
    let refused = book.revoke_key(&account(1), &hash, false).await;
    assert!(matches!(refused, Err(BookError::LastKey(_))), "{refused:?}");
    assert_eq!(book.show(&account(1)).await.unwrap().keys, [key(1)]);
    // One for links is none that the account could do without.
    book.add_key(&account(1), KeyRecord { opens: Opens::Links, ..key(2) }).await.unwrap();
    let refused = book.revoke_key(&account(1), &hash, false).await;
    assert!(matches!(refused, Err(BookError::LastKey(_))), "{refused:?}");
    book.revoke_key(&account(1), key(2).hash.as_str(), false).await.unwrap();
    assert_eq!(book.revoke_key(&account(1), &hash, true).await.unwrap(), key(1));
    assert_eq!(book.show(&account(1)).await.unwrap().keys, []);
}

#[tokio::test]
async fn keys_that_share_what_is_given_of_their_hash_are_told_apart_by_more() {
    let ground = Ground::new().await;
    let book = AccountBook::new(ground.table.clone());
    create(&book, 1).await;
    let mut twin = key(2);
    let mut hash = key(1).hash.to_string();
    let last = if hash.pop() == Some('0') { '1' } else { '0' };
    hash.push(last);
    twin.hash = AccessKeyHash::from_stored(hash.clone());
    book.add_key(&account(1), twin.clone()).await.unwrap();
    let either = book.revoke_key(&account(1), hash.get(..63).unwrap(), false).await;
    assert!(matches!(either, Err(BookError::AmbiguousKey { .. })), "{either:?}");
    assert_eq!(book.revoke_key(&account(1), &hash, false).await.unwrap(), twin);
}

#[tokio::test]
async fn a_revoked_account_keeps_its_signing_keys_and_its_name() {
    let ground = Ground::new().await;
    let book = AccountBook::new(ground.table.clone());
    create(&book, 2).await;
    create(&book, 1).await;
    book.revoke(&account(1), NOW).await.unwrap();

    let accounts = DynamoAccounts::new(ground.table.clone());
    assert_eq!(accounts.by_key(&key(1).hash).await.unwrap(), None);
    let keyring = DynamoSigningKeyring::new(ground.table.clone());
    assert!(keyring.signing_keys(&account(1)).await.unwrap().is_some());
    let again = book.add_key(&account(1), key(3)).await;
    assert!(matches!(again, Err(BookError::Revoked(_))), "{again:?}");

    let listed = book.list().await.unwrap();
    let listed: Vec<_> =
        listed.iter().map(|record| (record.account.name.as_str(), record.revoked_at)).collect();
    assert_eq!(listed, [("customer 1", Some(NOW)), ("customer 2", None)]);
}

#[tokio::test]
async fn signing_keys_rotate_and_are_promoted() {
    let ground = Ground::new().await;
    let book = AccountBook::new(ground.table.clone());
    create(&book, 1).await;
    let [old, new] = [[1; 32], [2; 32]].map(SigningKey::from_random);
    let first = book.signing_keys(&account(1)).await.unwrap();
    assert_eq!(first.newest(), &old);

    let owner = account(1);
    let rotated = book.rotate_signing_key(&owner, &first, new.clone(), NOW);
    let rotated = rotated.await.unwrap();
    assert_eq!(rotated.for_seed_header(NOW), &old);
    assert_eq!(rotated.live(NOW), [&new, &old]);
    let promoted = book.promote_signing_key(&account(1)).await.unwrap();
    assert_eq!(promoted.for_seed_header(NOW), &new);

    let keyring = DynamoSigningKeyring::new(ground.table.clone());
    let stored = keyring.signing_keys(&account(1)).await.unwrap();
    assert_eq!(stored, Some(SigningKeys::from_stored(new, NOW, true, Some(old))));
}

#[tokio::test]
async fn of_two_rotations_decided_on_the_same_keys_one_is_made() {
    let ground = Ground::new().await;
    let book = AccountBook::new(ground.table.clone());
    create(&book, 1).await;
    let seen = book.signing_keys(&account(1)).await.unwrap();
    let [one, other] = [[2; 32], [3; 32]].map(SigningKey::from_random);
    let made = book.rotate_signing_key(&account(1), &seen, one, NOW).await.unwrap();
    let late = book.rotate_signing_key(&account(1), &seen, other, NOW).await;
    assert!(matches!(late, Err(BookError::OtherSigningKeys(_))), "{late:?}");
    assert_eq!(book.signing_keys(&account(1)).await.unwrap(), made);
}

#[tokio::test]
async fn an_unknown_account_is_said_to_be_unknown() {
    let ground = Ground::new().await;
    let book = AccountBook::new(ground.table.clone());
    let fault = book.set_quota(&account(9), 1).await.unwrap_err();
    assert!(matches!(fault, BookError::NoAccount(_)), "{fault}");
    let fault = book.promote_signing_key(&account(9)).await.unwrap_err();
    assert!(matches!(fault, BookError::NoAccount(_)), "{fault}");
}
