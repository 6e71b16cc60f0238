"""The control s3-tls-only as the usual Python rule: rdklib, boto3, the Lambda runtime client."""
import json

from rdklib import ComplianceType, ConfigRule, Evaluation, Evaluator


def denies_plain(statement):
    """Whether a statement denies everything to everybody over plain HTTP."""
    condition = {
        operator.lower(): {key.lower(): value for key, value in keys.items()}
        for operator, keys in (statement.get("Condition") or {}).items()
    }
    flag = condition.get("bool", condition.get("boolifexists", {})).get("aws:securetransport")
    flag = flag[0] if isinstance(flag, list) and flag else flag
    actions = statement.get("Action")
    actions = actions if isinstance(actions, list) else [actions]
    return (
        statement.get("Effect") == "Deny"
        and statement.get("Principal") in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        and ("s3:*" in actions or "*" in actions)
        and len(condition) == 1
        and str(flag).lower() == "false"
    )


class TlsOnly(ConfigRule):
    """One bucket, one verdict."""

    def evaluate_change(self, event, client_factory, configuration_item, valid_rule_parameters):
        parts = configuration_item.get("supplementaryConfiguration") or {}
        part = parts.get("BucketPolicy") or {}
        part = json.loads(part) if isinstance(part, str) else part
        text = part.get("policyText")
        if not text:
            return [Evaluation(ComplianceType.NON_COMPLIANT, annotation="BUCKET_POLICY_MISSING")]
        policy = json.loads(text)
        name = configuration_item["resourceName"]
        wanted = {f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"}
        covered = set()
        for statement in policy.get("Statement", []):
            if denies_plain(statement):
                resources = statement.get("Resource", [])
                covered |= set(resources if isinstance(resources, list) else [resources])
        if wanted <= covered or "*" in covered:
            return [Evaluation(ComplianceType.COMPLIANT)]
        return [Evaluation(ComplianceType.NON_COMPLIANT, annotation="PLAIN_HTTP_NOT_DENIED")]

    def evaluate_parameters(self, rule_parameters):
        return rule_parameters


def lambda_handler(event, context):
    event["ruleParameters"] = json.dumps({"AssumeRoleMode": "false"})
    return Evaluator(TlsOnly(), ["AWS::S3::Bucket"]).handle(event, context)
