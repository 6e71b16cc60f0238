#!/usr/bin/env python3
"""Proves by the product itself that what a remedy's template makes passes the control.

The resources of functions/<domain>/src/<control>/remedy.yaml are turned into the configuration
items that AWS Config would record of them, and `fisc scan` judges them. As a counter-check the
same resources with nothing set must not pass, where that is a failure. So are policies that its
commands (remedy.sh) set. Only controls that a
configuration item decides, at least for the type, are in the list.

Usage: remedies_pass.py FISC_BINARY
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

from remedies import recorded

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT, REGION = "111122223333", "ap-northeast-1"

# Control, logical names of the resources that must pass, whether they fail with nothing set, and
# rule parameters.
CASES = [
    ("data-classification", ["Bucket"], True, {}),
    ("data-disposal", ["Bucket"], True, {"requireMultipartAbort": "true"}),
    ("s3-data-protection", ["Bucket"], True, {"trustedAccountIds": "444455556666",
                                               "lockDataRoles": "log"}),
    ("s3-network-restriction", ["Bucket"], False, {"allowedVpceIds": "vpce-endpoint"}),
    ("s3-tls-only", ["Bucket"], True, {"minTlsVersion": "1.2"}),
    ("transfer-integrity", ["Bucket"], False, {}),
    ("transfer-integrity", ["Task"], False, {"requireTaskLogging": "true"}),
    ("encryption-at-rest", ["Bucket", "Volume", "Topic", "Queue", "Table"], False, {}),
    ("kms-key-lifecycle", ["Key"], False, {}),
    ("kms-key-policy", ["Key"], False, {}),
    ("iam-least-privilege", ["Policy"], False, {}),
    ("iam-trust-policy", ["Operator", "Vendor", "Deployment"], False,
     {"trustedAccountIds": "444455556666", "vendorAccountIds": "777788889999"}),
    ("iam-permissions-boundary", ["Role"], True, {"scope": "all"}),
    ("network-acl", ["Acl"], False, {"enforceNotAllowAll": "true", "checkEgress": "true"}),
    ("private-routing", ["PublicSubnet", "PrivateSubnet"], False, {}),
    ("security-group-egress", ["Group"], True, {"checkEgressPorts": "true"}),
    ("security-group-ingress", ["LoadBalancerGroup", "ServerGroup"], False, {}),
    ("cloudfront-tls", ["Distribution"], True, {}),
    ("network-link-encryption", ["Connection"], False, {"strictProposals": "true"}),
    ("plaintext-secrets", ["Task"], False, {}),
    ("access-logging", ["Task"], True, {}),
    ("change-control", ["Rollout", "Careful"], True, {"iacTagKeys": ""}),
    ("s3-public-access", ["Bucket"], False, {}),
    ("log-archive-protection", ["Archive"], False, {}),
    ("network-firewall", ["Policy"], False, {}),
    ("automation-quality", ["Nightly"], False, {"enabled": "true"}),
    ("backup-vault", ["Backups"], False, {}),
    ("access-logging", ["Bucket"], True, {}),
    ("multi-az", ["Database"], False, {}),
    ("public-exposure", ["Database"], False, {}),
    ("data-service-tls", ["FileSystem"], False, {}),
    ("supported-versions", ["Function"], False, {}),
    ("ec2-instance-access", ["Fleet"], False, {}),
    ("monitoring-alarms", ["Cluster"], False, {"criticalTag": ""}),
    ("workload-tracing", ["Function", "Stage", "Machine", "Api"], True, {}),
]

# Policies that the commands of remedy.sh set: control, operation and option that carry the document,
# what it is set on, and rule parameters. Every such command of the file is judged.
COMMANDS = [
    ("s3-tls-only", "put-bucket-policy", "--policy", "AWS::S3::Bucket", {"minTlsVersion": "1.2"}),
    ("s3-data-protection", "put-bucket-policy", "--policy", "AWS::S3::Bucket",
     {"orgId": "o-abcdefghij"}),
    ("s3-network-restriction", "put-bucket-policy", "--policy", "AWS::S3::Bucket",
     {"allowedVpceIds": "vpce-0123456789abcdef0"}),
    ("transfer-integrity", "put-bucket-policy", "--policy", "AWS::S3::Bucket", {}),
    ("kms-key-policy", "put-key-policy", "--policy", "AWS::KMS::Key", {}),
    ("iam-least-privilege", "create-policy-version", "--policy-document",
     "AWS::IAM::ManagedPolicy", {}),
    ("iam-trust-policy", "update-assume-role-policy", "--policy-document", "AWS::IAM::Role",
     {"trustedAccountIds": "444455556666", "vendorAccountIds": "777788889999"}),
]
# What a reader puts for the placeholders.
PLACEHOLDERS = {
    "TRUSTED_ACCOUNT_ID": "444455556666",
    "VENDOR_ACCOUNT_ID": "777788889999",
    "VPC_ENDPOINT_ID": "vpce-0123456789abcdef0",
    "ORGANIZATION_ID": "o-abcdefghij",
    "ACCOUNT_ID": ACCOUNT,
    "REGION": REGION,
    "BUCKET": "target",
    "KEY_ID": "11112222-3333-4444-5555-666677778888",
}

SAMPLES = {
    "TrustedAccountId": "444455556666",
    "ReaderAccountId": "444455556666",
    "VendorAccountId": "777788889999",
    "KeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11112222-3333-4444-5555-666677778888",
    "CertificateArn": f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/11112222",
    "KeyAdminRoleArn": f"arn:aws:iam::{ACCOUNT}:role/key-admin",
    "KeyUserRoleArn": f"arn:aws:iam::{ACCOUNT}:role/key-user",
    "AdminRoleArn": f"arn:aws:iam::{ACCOUNT}:role/admin",
    "BoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
    "LoadBalancerArn": f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/a/b",
    "Repository": "our-organization/app",
}


class Loader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation's functions."""


def short_form(loader, suffix, node):
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {f"!{suffix}": value}


Loader.add_multi_constructor("!", short_form)


class Template:
    """A remedy's template, with its functions worked out."""

    def __init__(self, resources):
        self.resources = resources
        # Whether resources are made with nothing set.
        self.bare = False

    def properties(self, name):
        return self.resolved(self.resources[name].get("Properties", {}))

    def of_type(self, kind):
        return [self.resolved(one["Properties"])
                for one in self.resources.values() if one["Type"] == kind]

    def resolved(self, value):
        if isinstance(value, list):
            return [self.resolved(one) for one in value]
        if not isinstance(value, dict):
            return value
        if set(value) == {"!Ref"}:
            return self.reference(value["!Ref"])
        if set(value) == {"!GetAtt"}:
            name, attribute = value["!GetAtt"].split(".")
            return self.attribute(name, attribute)
        if set(value) == {"!Sub"}:
            text = value["!Sub"]
            for start in text.split("${")[1:]:
                name = start.split("}")[0]
                inner = self.attribute(*name.split(".")) if "." in name else self.reference(name)
                text = text.replace("${" + name + "}", inner)
            return text
        if set(value) & {"!Select", "!GetAZs", "!Split"}:
            return "chosen"
        return {key: self.resolved(one) for key, one in value.items()}

    def reference(self, name):
        pseudo = {"AWS::Partition": "aws", "AWS::AccountId": ACCOUNT, "AWS::Region": REGION}
        if name in pseudo:
            return pseudo[name]
        if name in self.resources:
            kind = self.resources[name]["Type"]
            prefix = {"AWS::EC2::VPCEndpoint": "vpce-", "AWS::EC2::SecurityGroup": "sg-"}
            return prefix.get(kind, "") + name.lower()
        return SAMPLES.get(name, name.lower())

    def attribute(self, name, attribute):
        if attribute == "Arn" and self.resources[name]["Type"] == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{self.reference(name)}"
        return f"arn:aws:service:{REGION}:{ACCOUNT}:{name.lower()}"


def lower(value):
    """Names as the older dialect of AWS Config writes them."""
    if isinstance(value, list):
        return [lower(one) for one in value]
    if isinstance(value, dict):
        return {lower_name(key): lower(one) for key, one in value.items()}
    return value


def lower_name(name):
    if name.startswith("IKE"):
        return "ike" + name[3:]
    return name[:1].lower() + name[1:]


def tags(properties):
    return {one["Key"]: one["Value"] for one in properties.get("Tags", [])}


def bucket(template, name, properties):
    logical = {"!Ref": name}
    policies = [
        one["Properties"]["PolicyDocument"]
        for one in template.resources.values()
        if one["Type"] == "AWS::S3::BucketPolicy" and one["Properties"]["Bucket"] == logical
    ] if not template.bare else []
    lock = properties.get("ObjectLockConfiguration", {})
    retention = lock.get("Rule", {}).get("DefaultRetention", {})
    encryption = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
    rules = properties.get("LifecycleConfiguration", {}).get("Rules", [])
    supplement = {
        "AccessControlList": json.dumps({"grantList": [], "owner": {"id": "owner"}}),
        "BucketPolicy": {
            "policyText": json.dumps(template.resolved(policies[0])) if policies else None
        },
        "BucketVersioningConfiguration": {
            "status": properties.get("VersioningConfiguration", {}).get("Status", "Off"),
            "isMfaDeleteEnabled": None,
        },
        "BucketTaggingConfiguration": {"tagSets": [{"tags": tags(properties)}]},
        "PublicAccessBlockConfiguration": lower(
            properties.get("PublicAccessBlockConfiguration", {})),
        "ServerSideEncryptionConfiguration": {"rules": [
            {
                "applyServerSideEncryptionByDefault": {
                    "sseAlgorithm": one["ServerSideEncryptionByDefault"]["SSEAlgorithm"],
                    "kmsMasterKeyID": one["ServerSideEncryptionByDefault"].get("KMSMasterKeyID"),
                },
                "bucketKeyEnabled": one.get("BucketKeyEnabled", False),
            }
            for one in encryption
        ] or [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]},
        "BucketLifecycleConfiguration": {"rules": [
            {
                "id": one["Id"], "prefix": None, "status": one["Status"],
                "filter": {"predicate": None},
                "expirationInDays": one.get("ExpirationInDays", -1),
                "noncurrentVersionExpirationInDays":
                    one.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", -1),
                "transitions": [
                    {"days": move["TransitionInDays"], "date": None,
                     "storageClass": move["StorageClass"]}
                    for move in one.get("Transitions", [])
                ],
                "abortIncompleteMultipartUpload":
                    lower(one.get("AbortIncompleteMultipartUpload")),
            }
            for one in rules
        ]},
    }
    logging = properties.get("LoggingConfiguration", {})
    supplement["BucketLoggingConfiguration"] = {
        "destinationBucketName": logging.get("DestinationBucketName"),
        "logFilePrefix": logging.get("LogFilePrefix"),
    }
    if lock:
        supplement["ObjectLockConfiguration"] = {
            "objectLockEnabled": "Enabled",
            "rule": {"defaultRetention": {
                "mode": retention["Mode"], "days": retention["Days"], "years": None,
            }},
        }
    return {"name": template.reference(name)}, supplement


def key(template, name, properties):
    arn = SAMPLES["KeyArn"]
    configuration = {
        "keyId": arn.split("/")[1], "arn": arn, "enabled": properties.get("Enabled", True),
        "keyState": "Enabled", "keyManager": "CUSTOMER", "keyUsage": "ENCRYPT_DECRYPT",
        "origin": properties.get("Origin", "AWS_KMS"),
        "keySpec": properties.get("KeySpec", "SYMMETRIC_DEFAULT"), "multiRegion": False,
        "awsaccountId": ACCOUNT,
    }
    return configuration, {"Policy": json.dumps(properties.get("KeyPolicy", {}))}


def permissions(rules, source):
    return [
        {
            "ipProtocol": one["IpProtocol"],
            "fromPort": one.get("FromPort"), "toPort": one.get("ToPort"),
            "ipv4Ranges": [{"cidrIp": one["CidrIp"]}] if "CidrIp" in one else [],
            "ipv6Ranges": [], "prefixListIds": [],
            "userIdGroupPairs":
                [{"groupId": one[source], "userId": ACCOUNT}] if source in one else [],
        }
        for one in rules
    ]


def group(template, name, properties):
    # Without a rule of its own, a group lets everything out.
    everything = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
    egress = properties.get("SecurityGroupEgress", everything)
    ingress = properties.get("SecurityGroupIngress", [])
    return {
        "groupId": f"sg-{name.lower()}", "groupName": name, "ownerId": ACCOUNT, "vpcId": "vpc-1",
        "ipPermissions": permissions(ingress, "SourceSecurityGroupId"),
        "ipPermissionsEgress": permissions(egress, "DestinationSecurityGroupId"), "tags": [],
    }, {}


def acl(template, name, properties):
    entries = [
        {
            "cidrBlock": one["CidrBlock"], "egress": one.get("Egress", False),
            "portRange": lower(one["PortRange"]), "protocol": str(one["Protocol"]),
            "ruleAction": one["RuleAction"], "ruleNumber": one["RuleNumber"],
        }
        for one in template.of_type("AWS::EC2::NetworkAclEntry")
    ]
    entries += [
        {"cidrBlock": "0.0.0.0/0", "egress": egress, "protocol": "-1", "ruleAction": "deny",
         "ruleNumber": 32767}
        for egress in (False, True)
    ]
    return {"networkAclId": "acl-1", "vpcId": "vpc-1", "entries": entries,
            "associations": [{"subnetId": "subnet-1"}], "isDefault": False}, {}


def policy(template, name, properties):
    document = json.dumps(properties.get("PolicyDocument", {}))
    return {
        "policyName": name, "arn": f"arn:aws:iam::{ACCOUNT}:policy/{name}", "path": "/",
        "defaultVersionId": "v1", "attachmentCount": 1, "permissionsBoundaryUsageCount": 0,
        "policyVersionList":
            [{"document": document, "versionId": "v1", "isDefaultVersion": True}],
    }, {}


def role(template, name, properties):
    configuration = {
        "path": "/", "roleName": name, "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "assumeRolePolicyDocument": json.dumps(properties.get("AssumeRolePolicyDocument", {})),
        "instanceProfileList": [], "rolePolicyList": [], "attachedManagedPolicies": [], "tags": [],
    }
    if "PermissionsBoundary" in properties:
        configuration["permissionsBoundary"] = {
            "permissionsBoundaryType": "Policy",
            "permissionsBoundaryArn": properties["PermissionsBoundary"],
        }
    return configuration, {}


def distribution(template, name, properties):
    given = properties.get("DistributionConfig", {
        "Enabled": True,
        "DefaultCacheBehavior": {"TargetOriginId": "a", "ViewerProtocolPolicy": "allow-all"},
        "Origins": [{"Id": "a", "DomainName": "a.example", "CustomOriginConfig": {
            "OriginProtocolPolicy": "http-only", "OriginSSLProtocols": ["TLSv1"]}}],
    })
    config = lower(given)
    items = lambda values: {"quantity": len(values), "items": values}
    config["aliases"] = items(config.get("aliases", []))
    for origin in config["origins"]:
        custom = origin["customOriginConfig"]
        custom["originSslProtocols"] = items(custom.pop("originSSLProtocols"))
    config["origins"] = items(config["origins"])
    config["cacheBehaviors"] = items([])
    viewer = config.setdefault("viewerCertificate", {"cloudFrontDefaultCertificate": True})
    if "acmCertificateArn" in viewer:
        viewer |= {"aCMCertificateArn": viewer["acmCertificateArn"],
                   "sSLSupportMethod": viewer.pop("sslSupportMethod"),
                   "cloudFrontDefaultCertificate": False}
    return {"id": "E1", "distributionConfig": config}, {}


def vpn(template, name, properties):
    return {"vpnConnectionId": "vpn-1", "state": "available", "type": "ipsec.1", "options": {
        "tunnelOptions": lower(properties.get("VpnTunnelOptionsSpecifications", [{}, {}]))}}, {}


def stage(template, name, properties):
    return {"stageName": "production", "tracingEnabled": properties.get("TracingEnabled", False)}, {}


def function(template, name, properties):
    return {"functionName": name, "tracingConfig": {"mode": "PassThrough"}} | lower(properties), {}


def task(template, name, properties):
    containers = properties.get("ContainerDefinitions", [{"Name": "a", "Image": "b"}])
    return {"Family": name, "Status": "ACTIVE", "ContainerDefinitions": containers}, {}


def deployment_group(template, name, properties):
    return {"deploymentGroupName": name} | lower(properties), {}


def strategy(template, name, properties):
    at_once = {"GrowthFactor": 100, "DeploymentDurationInMinutes": 0, "FinalBakeTimeInMinutes": 0}
    return {"Id": "strategy", "Name": name} | at_once | properties, {}


def database(template, name, properties):
    made = {"PubliclyAccessible": False, "MultiAZ": False, "BackupRetentionPeriod": 1,
            "AutoMinorVersionUpgrade": True, "EngineVersion": "17.7"}
    configuration = lower(made | properties)
    return configuration | {"dBInstanceIdentifier": name, "dBInstanceStatus": "available"}, {}


def firewall_policy(template, name, properties):
    return {"firewallPolicy": lower(properties.get("FirewallPolicy", {})),
            "firewallPolicyResponse": {"firewallPolicyName": name, "numberOfAssociations": 1}}, {}


def older(template, name, properties):
    return lower(properties), {}


def same(template, name, properties):
    return properties, {}


MAKERS = {
    "AWS::S3::Bucket": bucket,
    "AWS::KMS::Key": key,
    "AWS::EC2::SecurityGroup": group,
    "AWS::EC2::NetworkAcl": acl,
    "AWS::EC2::Subnet": older,
    "AWS::EC2::Volume": older,
    "AWS::IAM::ManagedPolicy": policy,
    "AWS::IAM::Role": role,
    "AWS::CloudFront::Distribution": distribution,
    "AWS::EC2::VPNConnection": vpn,
    "AWS::ApiGateway::Stage": stage,
    "AWS::Lambda::Function": function,
    "AWS::RDS::DBInstance": database,
    "AWS::NetworkFirewall::FirewallPolicy": firewall_policy,
    "AWS::AutoScaling::AutoScalingGroup": older,
    "AWS::ECS::TaskDefinition": task,
    "AWS::CodeDeploy::DeploymentGroup": deployment_group,
    "AWS::AppConfig::DeploymentStrategy": strategy,
}
# Types that AWS Config names otherwise.
NAMES = {"AWS::IAM::ManagedPolicy": "AWS::IAM::Policy"}


def item(template, name, bare):
    """What AWS Config would record of a resource."""
    template.bare = bare
    kind = template.resources[name]["Type"]
    properties = {} if bare else template.properties(name)
    configuration, supplement = MAKERS.get(kind, same)(template, name, properties)
    if kind == "AWS::DynamoDB::Table":
        described = {"status": "ENABLED", "sseType": "KMS",
                     "kmsMasterKeyArn": properties.get("SSESpecification", {}).get("KMSMasterKeyId")}
        configuration = {"tableName": name, "sseDescription": described}
    return {
        "configurationItemVersion": "1.3", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-11-18T00:00:00.000Z",
        "awsAccountId": ACCOUNT, "awsRegion": "us-east-1" if "CloudFront" in kind else REGION,
        "resourceType": NAMES.get(kind, kind), "resourceId": template.reference(name),
        "resourceName": template.reference(name), "ARN": template.attribute(name, "Arn"),
        "tags": {} if bare else tags(template.properties(name)) if kind != "AWS::SSM::Document"
        else {}, "relationships": [],
        "configuration": configuration, "supplementaryConfiguration": supplement,
    }


def verdicts(fisc, control, parameters, items):
    """Compliance and reasons by resource id."""
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "items.json").write_text(json.dumps({"configurationItems": items}))
        (here / "parameters.json").write_text(json.dumps({control: parameters}))
        run = subprocess.run(
            [fisc, "scan", "items.json", "--control", control, "--parameters", "parameters.json",
             "--format", "json", "--lang", "en", "--at", "2026-11-20"],
            cwd=here, capture_output=True, text=True,
        )
    if not run.stdout:
        sys.exit(f"{control}: {run.stderr}")
    return {
        one["resourceId"]: (one["compliance"], one["reasons"])
        for one in json.loads(run.stdout)["evaluations"]
    }, run.stderr


def commanded(script, operation, option):
    """The policy documents that commands of a shell file set."""
    with tempfile.TemporaryDirectory() as folder:
        for call in recorded(script, Path(folder)):
            if operation in call:
                text = call[call.index(option) + 1]
                if text.startswith("file://"):
                    text = (Path(folder) / text.removeprefix("file://")).read_text()
                for name, value in PLACEHOLDERS.items():
                    text = re.sub(rf"(?<![A-Z_]){name}(?![A-Z_])", value, text)
                yield json.loads(text)


def with_policy(kind, document):
    """A resource with nothing but this policy, and the tags that bring it into scope."""
    tagged = [{"Key": "fisc:data-class", "Value": "restricted"},
              {"Key": "fisc:integrity-required", "Value": "true"}]
    versioned = {"Tags": tagged, "VersioningConfiguration": {"Status": "Enabled"}}
    holds = {"AWS::S3::Bucket": versioned, "AWS::KMS::Key": {"KeyPolicy": document},
             "AWS::IAM::ManagedPolicy": {"PolicyDocument": document},
             "AWS::IAM::Role": {"AssumeRolePolicyDocument": document}}
    return Template({
        "Target": {"Type": kind, "Properties": holds[kind]},
        "Policy": {"Type": "AWS::S3::BucketPolicy",
                   "Properties": {"Bucket": {"!Ref": "Target"}, "PolicyDocument": document}},
    })


def check_commands(fisc):
    """What is wrong with the policies that commands set."""
    for control, operation, option, kind, parameters in COMMANDS:
        script = next(ROOT.glob(f"functions/*/src/{control.replace('-', '_')}/remedy.sh"))
        documents = list(commanded(script, operation, option))
        if not documents:
            yield f"{control}: no {operation} in {script.name}"
        for document in documents:
            template = with_policy(kind, document)
            found, said = verdicts(fisc, control, parameters, [item(template, "Target", False)])
            compliance, reasons = found.get("target", ("no verdict", said))
            if compliance != "COMPLIANT":
                yield f"{control}: the policy of {operation}: {compliance} {reasons}"


def main(fisc):
    bad = 0
    for problem in check_commands(fisc):
        bad += 1
        print(problem)
    for control, names, fails_bare, parameters in CASES:
        path = next(ROOT.glob(f"functions/*/src/{control.replace('-', '_')}/remedy.yaml"))
        template = Template(yaml.load(path.read_text(), Loader)["Resources"])
        for bare in (False, True) if fails_bare else (False,):
            items = [item(template, name, bare) for name in names]
            found, said = verdicts(fisc, control, parameters, items)
            for name in names:
                compliance, reasons = found.get(template.reference(name), ("no verdict", said))
                if compliance != ("NON_COMPLIANT" if bare else "COMPLIANT"):
                    bad += 1
                    print(f"{control}: {name}{' with nothing set' if bare else ''}: "
                          f"{compliance} {reasons}")
    print(f"{len({case[0] for case in CASES})} controls judged what their templates make, "
          f"{len(COMMANDS)} what their commands set, {bad} problems")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).resolve())))
