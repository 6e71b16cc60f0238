"""The control plaintext-secrets as the usual Python rule, for instances."""
import base64
import re

from rule import fails, on_change, passes

NAME = re.compile(r"(?i)(passw(or)?d|passwd|pwd|secret|token|api_?-?key|access_?-?key|credential)")
VALUE = re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b|-----BEGIN ([A-Z]+ )?PRIVATE KEY-----")
ASSIGNED = re.compile(r"^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_-]*)\s*[=:]\s*(\S+)")


def judge(item, clients):
    """One instance, one call, one verdict."""
    answer = clients.build_client("ec2").describe_instance_attribute(
        InstanceId=item["resourceId"], Attribute="userData"
    )
    encoded = (answer.get("UserData") or {}).get("Value") or ""
    text = base64.b64decode(encoded).decode("utf-8", "replace")
    for line in text.splitlines():
        assigned = ASSIGNED.match(line)
        literal = assigned and NAME.search(assigned.group(1)) and "$" not in assigned.group(2)
        if literal or VALUE.search(line):
            return fails("USERDATA_SECRET")
    return passes()


lambda_handler = on_change("AWS::EC2::Instance", judge)
