"""The control s3-tls-only as the usual Python rule."""
import json

from rule import fails, listed, on_change, passes


def denies_plain(statement):
    """Whether a statement denies everything to everybody over plain HTTP."""
    condition = {
        operator.lower(): {key.lower(): value for key, value in keys.items()}
        for operator, keys in (statement.get("Condition") or {}).items()
    }
    flag = condition.get("bool", condition.get("boolifexists", {})).get("aws:securetransport")
    flag = flag[0] if isinstance(flag, list) and flag else flag
    actions = listed(statement.get("Action"))
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and ("s3:*" in actions or "*" in actions)
        and len(condition) == 1
        and str(flag).lower() == "false"
    )


def judge(item, clients):
    """One bucket, one verdict."""
    part = (item.get("supplementaryConfiguration") or {}).get("BucketPolicy") or {}
    part = json.loads(part) if isinstance(part, str) else part
    text = part.get("policyText")
    if not text:
        return fails("BUCKET_POLICY_MISSING")
    name = item["resourceName"]
    wanted = {f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"}
    covered = set()
    for statement in json.loads(text).get("Statement", []):
        if denies_plain(statement):
            covered |= set(listed(statement.get("Resource")))
    if wanted <= covered or "*" in covered:
        return passes()
    return fails("PLAIN_HTTP_NOT_DENIED")


lambda_handler = on_change("AWS::S3::Bucket", judge)
