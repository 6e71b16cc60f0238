"""The control multi-az as the usual Python rule, for buckets."""
import json

from rule import fails, on_change, passes

ONE_ZONE = {"ONEZONE_IA", "OneZoneInfrequentAccess", "REDUCED_REDUNDANCY", "ReducedRedundancy"}


def judge(item, clients):
    """One bucket, one verdict."""
    part = (item.get("supplementaryConfiguration") or {}).get("BucketLifecycleConfiguration") or {}
    part = json.loads(part) if isinstance(part, str) else part
    for rule in part.get("rules") or []:
        moves = (rule.get("transitions") or []) + (rule.get("noncurrentVersionTransitions") or [])
        if rule.get("status") == "Enabled" and any(m.get("storageClass") in ONE_ZONE for m in moves):
            return fails("BUCKET_SINGLE_AZ_CLASS")
    return passes()


lambda_handler = on_change("AWS::S3::Bucket", judge)
