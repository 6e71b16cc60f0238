//! Buckets in the shape in which AWS Config records them, for tests.

use fisc_shared::ConfigurationItem;
use fisc_testkit::events;
use serde_json::{Value, json};

/// The account that holds the sample buckets.
pub(crate) const ACCOUNT: &str = "111122223333";
/// The canonical user id of their owner.
pub(crate) const OWNER: &str = "94822b8db52de59639cf5646d215c2b308373678aae695d9ca3ab0bf5e892b2f";

/// A bucket with everything blocked, no policy, and the owner alone in its access control list;
/// `members` of the supplementary configuration replace those, null takes one away.
pub(crate) fn bucket(members: &Value) -> ConfigurationItem {
    bucket_with(members, &json!({}))
}

/// Likewise, with tags.
pub(crate) fn bucket_with(members: &Value, tags: &Value) -> ConfigurationItem {
    let mut item = events::item("AWS::S3::Bucket", "reports", json!({"name": "reports"}));
    item["ARN"] = "arn:aws:s3:::reports".into();
    item["tags"] = tags.clone();
    let mut supplementary = json!({
        "AccessControlList": acl(&[json!({"id": OWNER, "displayName": null})]),
        "BucketPolicy": {"policyText": null},
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
        "PublicAccessBlockConfiguration": block(true),
    });
    for (name, value) in members.as_object().into_iter().flatten() {
        match value {
            Value::Null => drop(supplementary.as_object_mut().and_then(|map| map.remove(name))),
            value => supplementary[name] = value.clone(),
        }
    }
    item["supplementaryConfiguration"] = supplementary;
    ConfigurationItem::from_json(&item.to_string()).expect("an item")
}

/// All four settings on or off.
pub(crate) fn block(on: bool) -> Value {
    json!({"blockPublicAcls": on, "ignorePublicAcls": on, "blockPublicPolicy": on, "restrictPublicBuckets": on})
}

/// An access control list that grants to these, as the text that items hold.
pub(crate) fn acl(grantees: &[Value]) -> Value {
    let grants: Vec<Value> =
        grantees.iter().map(|one| json!({"grantee": one, "permission": "Read"})).collect();
    let list = json!({"grantSet": null, "grantList": grants, "isRequesterCharged": false,
                      "owner": {"displayName": null, "id": OWNER}});
    list.to_string().into()
}

/// A bucket policy with these statements.
pub(crate) fn policy(statements: &Value) -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    json!({"policyText": document.to_string()})
}
