use darkroom_aws::signer_secret::{self, SignerKeys};

use crate::deployed::Deployed;
use crate::tampered::Write;

async fn keys(deployed: &Deployed) -> SignerKeys {
    let client = aws_sdk_secretsmanager::Client::new(&deployed.config);
    let arn = deployed.output("SignerSecretArn").await;
    signer_secret::read(&client, &arn).await.unwrap()
}

async fn signing_id(deployed: &Deployed) -> Option<String> {
    keys(deployed).await.credentials.map(|pair| pair.access_key_id)
}

async fn iam_ids(deployed: &Deployed) -> Vec<String> {
    let client = aws_sdk_iam::Client::new(&deployed.config);
    let user = deployed.output("SignerUser").await;
    let listed = client.list_access_keys().user_name(user).send().await.unwrap();
    let ids = listed.access_key_metadata.into_iter().filter_map(|key| key.access_key_id);
    ids.collect()
}

#[tokio::test]
async fn a_rotation_keeps_the_old_key_and_refuses_to_break_its_urls() {
    let deployed = Deployed::new().await;
    let link_key = keys(&deployed).await.link_key;
    assert_eq!(signing_id(&deployed).await, None);

    let rotate = |more: &[&str]| {
        let answer = deployed.json(&[&["signer", "rotate"], more].concat());
        answer["access_key_id"].as_str().unwrap().to_owned()
    };
    let first = rotate(&[]);
    assert_eq!(signing_id(&deployed).await, Some(first.clone()));
    let second = rotate(&[]);
    assert_eq!(iam_ids(&deployed).await, [first.clone(), second.clone()]);

    let refused = deployed.fault(&["signer", "rotate"]);
    assert!(refused.contains(&first) && refused.contains("--force"), "{refused}");
    assert_eq!(signing_id(&deployed).await, Some(second.clone()));
    let third = rotate(&["--force"]);
    assert_eq!(iam_ids(&deployed).await, [second, third.clone()]);
    assert_eq!(signing_id(&deployed).await, Some(third));
    assert_eq!(keys(&deployed).await.link_key, link_key);
}

#[tokio::test]
async fn a_key_that_the_secret_names_is_kept_though_the_reply_was_lost() {
    let mut deployed = Deployed::new().await;
    deployed.tamper(Write::ReplyLost);
    let answer = deployed.json(&["signer", "rotate"]);
    let id = answer["access_key_id"].as_str().unwrap().to_owned();
    assert_eq!(signing_id(&deployed).await, Some(id.clone()));
    assert_eq!(iam_ids(&deployed).await, [id]);
}

#[tokio::test]
async fn a_key_is_deleted_again_only_if_the_secret_is_seen_not_to_name_it() {
    let cases = [
        (Write::Refused, 1, "could not be put into the secret, and was deleted again"),
        (Write::RefusedAndUnreadable, 2, "no key was deleted for it"),
    ];
    for (write, left, said) in cases {
        let mut deployed = Deployed::new().await;
        deployed.json(&["signer", "rotate"]);
        let signing = signing_id(&deployed).await;
        deployed.tamper(write);
        let fault = deployed.fault(&["signer", "rotate"]);
        assert!(fault.contains(said), "{write:?}: {fault}");
        assert_eq!(iam_ids(&deployed).await.len(), left, "{write:?}");
        assert_eq!(signing_id(&deployed).await, signing, "{write:?}");
    }
}
