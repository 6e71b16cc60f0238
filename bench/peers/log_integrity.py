"""The control log-integrity as the usual Python rule, up to the list of digests."""
from datetime import datetime, timedelta, timezone

from rule import fails, on_change, passes


def judge(item, clients):
    """One trail, the digests of a day, one verdict."""
    trail = item["configuration"]
    if not trail.get("logFileValidationEnabled"):
        return fails("VALIDATION_DISABLED")
    account, region = item["awsAccountId"], item["awsRegion"]
    parts = [trail.get("s3KeyPrefix"), "AWSLogs", account, "CloudTrail-Digest", region]
    day = datetime.now(timezone.utc) - timedelta(days=1)
    prefix = "/".join(part for part in parts if part) + day.strftime("/%Y/%m/%d/")
    s3 = clients.build_client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=trail["s3BucketName"], Prefix=prefix)
    if not any(page.get("Contents") for page in pages):
        return fails("DIGEST_MISSING")
    return passes()


lambda_handler = on_change("AWS::CloudTrail::Trail", judge)
