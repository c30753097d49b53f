use std::num::NonZeroU32;

use darkroom_aws::accounts::DynamoAccounts;
use darkroom_aws::table::Table;
use darkroom_core::account::{Account, Limits};
use darkroom_core::key::{AccessKey, SigningKey};
use darkroom_core::port::Accounts as _;
use serde_json::Value;

use crate::deployed::Deployed;

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap()
}

async fn opened(deployed: &Deployed, access_key: &str) -> Option<Account> {
    let client = aws_sdk_dynamodb::Client::new(&deployed.config);
    let table = Table::new(client, deployed.output("TableName").await);
    let key = AccessKey::parse(access_key).unwrap();
    let holder = DynamoAccounts::new(table).by_key(&key.hash()).await.unwrap();
    holder.map(|holder| holder.account)
}

#[tokio::test]
async fn an_accounts_keys_open_until_they_are_revoked() {
    let deployed = Deployed::new().await;
    assert!(deployed.text(&["account", "list"]).starts_with("no accounts yet"));
    let made = deployed.json(&["account", "create", "--name", "Ünï", "--quota", "7"]);
    let (id, first) = (text(&made, "account"), text(&made, "access_key"));
    assert!(SigningKey::parse(text(&made, "signing_key")).is_some());
    let account = opened(&deployed, first).await.unwrap();
    assert_eq!((account.name.as_str(), account.quota_per_month), ("Ünï", 7));

    let second = deployed.json(&["key", "create", id, "--label", "spare"]);
    assert!(opened(&deployed, text(&second, "access_key")).await.is_some());
    let hashes = ["third", "fourth"].map(|label| {
        let made = deployed.json(&["key", "create", id, "--label", label, "--links-only"]);
        text(&made, "hash").to_owned()
    });
    let fifth = deployed.fault(&["key", "create", id]);
    assert!(fifth.contains("has four access keys"), "{fifth}");
    assert!(deployed.text(&["key", "list", id]).contains("links"));
    for hash in hashes {
        deployed.json(&["key", "revoke", id, &hash]);
    }

    let listed = deployed.json(&["key", "list", id]);
    let hash = text(&listed["keys"][0], "hash");
    let short = deployed.fault(&["key", "revoke", id, hash.get(..5).unwrap()]);
    assert!(short.contains("at least 6 hex digits"), "{short}");
    deployed.json(&["key", "revoke", id, hash]);
    assert_eq!(opened(&deployed, first).await, None);
    let last = deployed.fault(&["key", "revoke", id, text(&second, "hash")]);
    assert!(last.contains("`darkroom key create acct_") && last.contains("--force"), "{last}");
    deployed.json(&["quota", "set", id, "9"]);
    let account = opened(&deployed, text(&second, "access_key")).await.unwrap();
    assert_eq!(account.quota_per_month, 9);

    deployed.json(&["limits", "set", id, "--starts-per-minute", "30", "--at-once", "5"]);
    let limits = |number| Limits {
        starts_per_minute: NonZeroU32::new(number),
        at_once: NonZeroU32::new(5).filter(|_| number > 0),
    };
    let account = opened(&deployed, text(&second, "access_key")).await.unwrap();
    assert_eq!(account.limits, limits(30));
    let listed = deployed.text(&["account", "list"]);
    assert!(listed.contains("30 a minute, 5 at once"), "{listed}");
    deployed.json(&["limits", "set", id]);
    let account = opened(&deployed, text(&second, "access_key")).await.unwrap();
    assert_eq!(account.limits, limits(0));

    deployed.json(&["account", "revoke", id]);
    assert_eq!(opened(&deployed, text(&second, "access_key")).await, None);
    let again = deployed.fault(&["key", "create", id]);
    assert!(again.contains("was revoked"), "{again}");
    let listed = deployed.text(&["account", "list"]);
    assert!(listed.contains("Ünï") && listed.contains("revoked 20"), "{listed}");
}

#[tokio::test]
async fn no_listing_shows_an_access_key() {
    let deployed = Deployed::new().await;
    let made = deployed.json(&["account", "create", "--name", "a"]);
    let (id, key) = (text(&made, "account"), text(&made, "access_key"));
    for listing in [&["account", "list"][..], &["key", "list", id], &["usage", id]] {
        assert!(!deployed.text(listing).contains(key), "{listing:?}");
        assert!(!deployed.json(listing).to_string().contains(key), "{listing:?}");
    }
}

#[tokio::test]
async fn signing_keys_rotate_one_at_a_time() {
    let deployed = Deployed::new().await;
    let made = deployed.json(&["account", "create", "--name", "a"]);
    let id = text(&made, "account");
    let old = text(&made, "signing_key");
    let shown = deployed.json(&["signing", "show", id]);
    assert_eq!(shown["keys"][0]["signing_key"], old);

    let rotated = deployed.json(&["signing", "rotate", id]);
    let in_header = |answer: &Value| {
        let keys = answer["keys"].as_array().unwrap();
        let key = keys.iter().find(|key| key["in_single_header"] == true).unwrap();
        text(key, "signing_key").to_owned()
    };
    assert_eq!(in_header(&rotated), old);
    let early = deployed.fault(&["signing", "rotate", id]);
    assert!(early.contains("is in a rotation until"), "{early}");
    for promote in ["signing", "key"] {
        let promoted = deployed.json(&[promote, "promote", id]);
        assert_ne!(in_header(&promoted), old);
    }
    let forced = deployed.json(&["signing", "rotate", id, "--force"]);
    assert!(!forced.to_string().contains(old), "{forced}");
}

#[tokio::test]
async fn what_is_wrong_is_said_with_how_to_mend_it() {
    let deployed = Deployed::new().await;
    let unknown = "acct_00000000000000000000";
    let cases: [(&[&str], &str); 7] = [
        (&["--stack", "nope", "account", "list"], "name another with --stack"),
        (&["usage", unknown], "`darkroom account list` shows them all"),
        (&["usage", "me"], "an account's id looks like acct_"),
        (&["usage", unknown, "--period", "11/26"], "a month is written like 2026-11"),
        (&["limits", "set", unknown, "--at-once", "0"], "leave it out for no limit"),
        (&["job", "show", "8472910"], "there is no job 8472910"),
        (&["job", "show", "order-1"], "the UUID that ScreenNabster calls job_id"),
    ];
    for (arguments, expected) in cases {
        let fault = deployed.fault(arguments);
        assert!(fault.contains(expected), "{arguments:?}: {fault}");
    }
}

#[tokio::test]
async fn only_a_key_for_links_is_signed_into_one() {
    let deployed = Deployed::new().await;
    let made = deployed.json(&["account", "create", "--name", "a", "--quota", "7"]);
    let id = text(&made, "account");
    let for_links = deployed.json(&["key", "create", id, "--links-only"]);
    let for_links = text(&for_links, "access_key");
    let take =
        |key: &str| format!("https://x.example/api/v1/screenshot/take?b=%27&a='&access_key={key}");
    let link = deployed.json(&["sign", id, &take(for_links)]);
    let link = text(&link, "link").to_owned();
    assert!(link.contains("?b=%27&a=%27&access_key=") && link.contains("&signature="), "{link}");
    assert_eq!(deployed.json(&["sign", id, &link])["link"], link.as_str());
    for (url, expected) in [
        (take(text(&made, "access_key")), "opens everything"),
        (take("dr_live_x"), "needs an access_key"),
        (take(for_links).replace("take", "status"), "is no capture"),
        (take("%zz"), "garbled"),
    ] {
        let fault = deployed.fault(&["sign", id, &url]);
        assert!(fault.contains(expected), "{fault}");
    }
}
