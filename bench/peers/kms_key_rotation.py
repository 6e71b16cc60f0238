"""The control kms-key-rotation as the usual Python rule: rdklib, boto3, the Lambda runtime client."""
import json

from rdklib import ComplianceType, ConfigRule, Evaluation, Evaluator


class KeyRotation(ConfigRule):
    """One key, one call, one verdict."""

    def evaluate_change(self, event, client_factory, configuration_item, valid_rule_parameters):
        key = configuration_item["configuration"]
        applies = (
            key["keyManager"] == "CUSTOMER"
            and key["keyState"] == "Enabled"
            and key["origin"] == "AWS_KMS"
            and key["keySpec"] == "SYMMETRIC_DEFAULT"
        )
        if not applies:
            return [Evaluation(ComplianceType.NOT_APPLICABLE)]
        kms = client_factory.build_client("kms")
        answer = kms.get_key_rotation_status(KeyId=key["keyId"])
        if not answer["KeyRotationEnabled"]:
            return [Evaluation(ComplianceType.NON_COMPLIANT, annotation="ROTATION_DISABLED")]
        if answer.get("RotationPeriodInDays", 365) > 365:
            return [Evaluation(ComplianceType.NON_COMPLIANT, annotation="ROTATION_TOO_SLOW")]
        return [Evaluation(ComplianceType.COMPLIANT)]

    def evaluate_parameters(self, rule_parameters):
        return rule_parameters


def lambda_handler(event, context):
    event["ruleParameters"] = json.dumps({"AssumeRoleMode": "false"})
    return Evaluator(KeyRotation(), ["AWS::KMS::Key"]).handle(event, context)
