"""The control iam-trust-policy as the usual Python rule."""
import json
from urllib.parse import unquote

from rule import fails, listed, on_change, passes


def judge(item, clients):
    """One role, one verdict."""
    own = item["awsAccountId"]
    policy = json.loads(unquote(item["configuration"]["assumeRolePolicyDocument"]))
    for statement in listed(policy.get("Statement")):
        if statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        if principal == "*":
            return fails("ANYBODY_TRUSTED")
        condition = statement.get("Condition") or {}
        keys = {key.lower() for part in condition.values() for key in part}
        for who in listed(principal.get("AWS")):
            if who == "*" and "aws:principalorgid" not in keys:
                return fails("ANYBODY_TRUSTED")
            account = who.split(":")[4] if who.startswith("arn:") else who
            if account not in (own, "*"):
                return fails("UNTRUSTED_ACCOUNT")
        for provider in listed(principal.get("Federated")):
            if ":oidc-provider/" in provider and not any(key.endswith(":sub") for key in keys):
                return fails("SUBJECT_NOT_BOUND")
    return passes()


lambda_handler = on_change("AWS::IAM::Role", judge)
