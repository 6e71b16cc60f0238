"""Runs the project's own controls over what its own templates create: every resource of the member
and organization stacks becomes a configuration item, and `fisc scan` judges them.

Usage: own_stacks.py FISC, the path of the `fisc` binary.

It fails on every NON_COMPLIANT that has no reason below, on every reason that is not needed any
more, and when a type that controls judge is left out. Before that it spoils the stacks on purpose:
each of those faults must be found.
"""

import copy
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from stackitems import ACCOUNT, PARTS, REGION, SHAPES, Stack, items
from templates import load

ORGANIZATION = "o-a1b2c3d4e5"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/mrk-1234abcd12ab34cd56ef1234567890ab"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
PARAMETERS = {
    "*": {"orgId": [ORGANIZATION], "trustedAccountIds": [ACCOUNT]},
    "automation-quality": {"enabled": True},
    "data-residency": {"allowedRegions": [REGION]},
}
# What fails and may: control, reason code, the end of the resource's name, and why.
ACCEPTED = [
    (
        "iam-least-privilege",
        "KMS_DECRYPT_ALL_KEYS",
        "-LogIntegrityRole",
        "The key of a trail's logs is not known beforehand and may be another account's; the role may "
        "decrypt through S3 only.",
    ),
    (
        "monitoring-alarms",
        "ALARM_WITHOUT_ACTION",
        "-RunDeadLetterAlarm",
        "No topic was given (AlarmTopicArn); the alarm is still seen in the console.",
    ),
    (
        "monitoring-alarms",
        "ALARM_WITHOUT_ACTION",
        "-FindingsDeadLetterAlarm",
        "No topic was given (AlarmTopicArn); the alarm is still seen in the console.",
    ),
]


def stacks():
    """The stacks as people deploy them, by name."""
    member, organization = load("member.yaml"), load("organization.yaml")
    release = {"Release": "0.1.0-0123456789ab", "ArtifactBucketPrefix": f"fisc-artifacts-{ACCOUNT}"}
    where = {
        "OrganizationId": ORGANIZATION,
        "OrganizationalUnitIds": "ou-a1b2-11112222",
        "Regions": f"{REGION},us-east-1",
    }
    yield Stack(member, "member", **release)
    yield Stack(
        member,
        "member-all",
        **release,
        KmsKeyArn=KEY,
        AlarmTopicArn=TOPIC,
        ExemptionTags="true",
        SuppressNativeFindings="true",
    )
    yield Stack(member, "member-plain", **release, SecurityHub="false")
    yield Stack(organization, "organization", **where, Release=release["Release"])
    yield Stack(
        organization,
        "organization-some",
        **where,
        AccountFilter="INTERSECTION",
        Accounts=f"{ACCOUNT},444455556666",
        ArtifactBucketPrefix="releases",
    )
    artifacts = load("xtask/templates/artifacts.yaml")
    prefix = release["ArtifactBucketPrefix"]
    yield Stack(artifacts, "artifacts", ArtifactBucketPrefix=prefix, OrganizationId=ORGANIZATION)


def rules():
    """Parameters that organization.yaml must refuse, and does not."""
    given = {"OrganizationId": ORGANIZATION, "OrganizationalUnitIds": "r-a1b2"}
    for wrong in (
        {"Regions": "us-east-1,ap-northeast-3"},
        {"Regions": REGION, "AccountFilter": "DIFFERENCE"},
        {"Regions": REGION, "Accounts": ACCOUNT},
    ):
        if not list(Stack(load("organization.yaml"), "organization", **given, **wrong).refused()):
            yield f"organization.yaml takes {wrong}"


class Fisc:
    def __init__(self, binary):
        self.binary = binary

    def json(self, *arguments):
        command = [self.binary, "--lang", "en", *arguments, "--format", "json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(command)}: {done.stdout[:3000]}\n{done.stderr}")
        return json.loads(done.stdout)

    def scan(self, recorded):
        with tempfile.TemporaryDirectory() as folder:
            snapshot, parameters = Path(folder, "items.json"), Path(folder, "parameters.json")
            snapshot.write_text(json.dumps({"configurationItems": recorded}))
            parameters.write_text(json.dumps(PARAMETERS))
            return self.json("scan", str(snapshot), "--parameters", str(parameters), "--at", "2026-11-23")


def failures(report):
    """Control, code and name of every failure."""
    for one in report["evaluations"]:
        if one["compliance"] == "NON_COMPLIANT":
            for reason in one["reasons"]:
                yield one["control"], reason["code"], one["resourceArn"] or one["resourceId"], reason["message"]


def judge(fisc, stack):
    """The failures of a stack that nothing excuses, and the excuses that were used."""
    report = fisc.scan(list(items(stack)))
    if report.get("errors"):
        sys.exit(f"{stack.name}: {json.dumps(report['errors'], indent=1)}")
    used, left = set(), []
    for control, code, name, message in failures(report):
        excuse = next((e for e in ACCEPTED if e[:2] == (control, code) and name.endswith(e[2])), None)
        if excuse:
            used.add(excuse)
        else:
            left.append(f"{stack.name}: {control} {code} {name}: {message}")
    return report, left, used


def spoilt(stack):
    """The stack, each time with one fault that a control must find; the control, and the stack."""
    faults = [
        ("s3-tls-only", "AWS::S3::BucketPolicy", lambda p: p["PolicyDocument"]["Statement"].pop(0)),
        ("s3-data-protection", "AWS::S3::BucketPolicy", lambda p: p["PolicyDocument"]["Statement"][-1].update(Principal={"AWS": "444455556666"}, Action="s3:*", Condition={})),
        ("data-disposal", "AWS::S3::Bucket", lambda p: p.pop("Tags")),
        ("s3-data-protection", "AWS::S3::Bucket", lambda p: p.pop("VersioningConfiguration")),
        ("access-logging", "AWS::S3::Bucket", lambda p: p.pop("LoggingConfiguration", None)),
        ("kms-key-policy", "AWS::KMS::Key", lambda p: p["KeyPolicy"]["Statement"][-1].pop("Condition")),
        ("public-exposure", "AWS::SQS::QueuePolicy", lambda p: p["PolicyDocument"]["Statement"][-1].update(Effect="Allow", Condition={})),
        ("iam-trust-policy", "AWS::IAM::Role", lambda p: p["AssumeRolePolicyDocument"]["Statement"][0].update(Principal="*", Condition={})),
        ("iam-least-privilege", "AWS::IAM::ManagedPolicy", lambda p: p["PolicyDocument"]["Statement"][0].update(Action="*", Resource="*")),
    ]
    for control, kind, act in faults:
        if stack.of(kind):
            other = copy.deepcopy(stack)
            act(other.of(kind)[0][1])
            yield control, kind, other


def main():
    fisc = Fisc(sys.argv[1])
    judged = {kind: [] for kind in SHAPES}
    controls = fisc.json("controls")["controls"]
    types = {kind for control in controls for kind in control["resources"]}
    problems, used, found, evaluations = list(rules()), set(), set(), 0
    for stack in stacks():
        problems += [f"{stack.name}: {text}" for text in stack.refused()]
        for logical, resource in stack.resources.items():
            kind = resource["Type"]
            if kind in types and kind not in SHAPES and kind not in PARTS:
                problems.append(f"{stack.name}: {logical} is a {kind}, which controls judge: it has no item here")
        report, left, excused = judge(fisc, stack)
        problems += left
        used |= excused
        evaluations += len(report["evaluations"])
        seen = {(one["control"], one["resourceType"], one["resourceArn"]) for one in report["evaluations"]}
        # Every control that decides by the item alone must have decided about every item.
        for item in items(stack):
            for control in controls:
                asked = control["trigger"] == "change" and item["resourceType"] in control["resources"]
                if asked and (control["id"], item["resourceType"], item["ARN"]) not in seen:
                    problems.append(f"{stack.name}: {control['id']} said nothing about {item['ARN']}")
        for control, kind, other in spoilt(stack):
            if any(failed == control for failed, *_ in failures(fisc.scan(list(items(other))))):
                found.add((control, kind))
            else:
                problems.append(f"{stack.name}: {control} does not find what was spoilt in its {kind}")
    problems += [f"not needed any more: {excuse}" for excuse in ACCEPTED if excuse not in used]
    if problems:
        sys.exit("\n".join(problems))
    print(f"{evaluations} evaluations of the project's own stacks: no failure that is not explained")
    print(f"{len(found)} faults made on purpose were found")


if __name__ == "__main__":
    main()
