"""The control s3-data-protection as the usual Python rule."""
import json

from rule import fails, listed, on_change, passes


def part_of(item, name):
    """A part of the supplementary configuration, which may be JSON in a string."""
    part = (item.get("supplementaryConfiguration") or {}).get(name) or {}
    return json.loads(part) if isinstance(part, str) else part


def judge(item, clients):
    """One bucket, one verdict."""
    own = item["awsAccountId"]
    if part_of(item, "BucketVersioningConfiguration").get("status") != "Enabled":
        return fails("VERSIONING_DISABLED")
    text = part_of(item, "BucketPolicy").get("policyText")
    for statement in json.loads(text).get("Statement", []) if text else []:
        if statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        if principal == "*" and not statement.get("Condition"):
            return fails("UNTRUSTED_PRINCIPAL")
        for who in listed(principal.get("AWS")) if isinstance(principal, dict) else []:
            account = who.split(":")[4] if who.startswith("arn:") else who
            if account != own:
                return fails("UNTRUSTED_PRINCIPAL")
    owner = (part_of(item, "AccessControlList").get("owner") or {}).get("id")
    for grant in part_of(item, "AccessControlList").get("grantList") or []:
        if (grant.get("grantee") or {}).get("id") != owner:
            return fails("UNTRUSTED_ACL_GRANT")
    return passes()


lambda_handler = on_change("AWS::S3::Bucket", judge)
