use super::*;

fn trail(changes: &Value) -> Value {
    let mut item = json!({
        "configurationItemCaptureTime": "2026-11-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": ACCOUNT, "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::CloudTrail::Trail", "resourceId": "audit",
        "configuration": {
            "name": "audit", "s3BucketName": "audit-log", "isMultiRegionTrail": true,
    "includeGlobalServiceEvents": true,
            "homeRegion": "ap-northeast-1",
            "trailARN": "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/audit",
            "logFileValidationEnabled": true,
        },
        "supplementaryConfiguration": {"Tags": []},
    });
    for (name, value) in changes.as_object().unwrap() {
        item["configuration"][name] = value.clone();
    }
    item
}

#[test]
fn a_trail_is_judged_at_home_where_an_archive_is_declared() {
    let declared = json!({"logArchiveAccountIds": ARCHIVE});
    assert_eq!(codes(&trail(&json!({})), &json!({})), ["ARCHIVE_NOT_DECLARED"]);
    assert_eq!(previewed(&trail(&json!({})), &declared).unwrap(), None);
    let archive = json!({"logArchiveAccountIds": [ARCHIVE, ACCOUNT]});
    assert_eq!(codes(&trail(&json!({})), &archive), ["IS_LOG_ARCHIVE"]);
    let shadow = json!({"trailARN": "arn:aws:cloudtrail:ap-northeast-3:111122223333:trail/audit"});
    assert_eq!(codes(&trail(&shadow), &declared), ["SHADOW_TRAIL"]);
    let foreign = json!({"trailARN": "arn:aws:cloudtrail:ap-northeast-1:999988887777:trail/audit"});
    assert_eq!(codes(&trail(&foreign), &declared), ["OTHER_OWNER"]);
    assert!(previewed(&trail(&json!({"s3BucketName": null})), &declared).is_err());
}
