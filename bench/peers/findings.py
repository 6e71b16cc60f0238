"""The findings function in Python: changed compliance from the queue to Security Hub."""
import json

import boto3

hub = boto3.client("securityhub")


def finding(change):
    """The finding of a changed compliance."""
    detail = change["detail"]
    account, region = detail["awsAccountId"], detail["awsRegion"]
    result = detail["newEvaluationResult"]
    control = detail["configRuleName"].removeprefix("fisc-")
    resource = detail["resourceId"]
    passed = result["complianceType"] == "COMPLIANT"
    return {
        "SchemaVersion": "2018-10-08",
        "Id": f"arn:aws:securityhub:{region}:{account}:fisc/{control}/{resource}",
        "ProductArn": f"arn:aws:securityhub:{region}:{account}:product/{account}/default",
        "GeneratorId": f"fisc/{control}",
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/Industry and Regulatory Standards/FISC"],
        "CreatedAt": result["resultRecordedTime"],
        "UpdatedAt": result["resultRecordedTime"],
        "Severity": {"Label": "INFORMATIONAL" if passed else "HIGH"},
        "Title": control,
        "Description": result.get("annotation") or control,
        "Resources": [{"Type": "Other", "Id": resource, "Region": region, "Partition": "aws"}],
        "Compliance": {"Status": "PASSED" if passed else "FAILED"},
        "Workflow": {"Status": "RESOLVED" if passed else "NEW"},
        "RecordState": "ACTIVE",
    }


def lambda_handler(event, context):
    """A batch of the queue, one import."""
    findings = [finding(json.loads(record["body"])) for record in event["Records"]]
    answer = hub.batch_import_findings(Findings=findings)
    failed = {one["Id"] for one in answer.get("FailedFindings", [])}
    failures = [
        {"itemIdentifier": record["messageId"]}
        for record, one in zip(event["Records"], findings)
        if one["Id"] in failed
    ]
    return {"batchItemFailures": failures}
