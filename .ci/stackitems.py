"""The resources of a stack as AWS Config records them: intrinsic functions resolved for given
parameters, and each resource in the shape of its configuration item."""

import hashlib
import json
import re
from urllib.parse import quote

ACCOUNT = "111122223333"
REGION = "ap-northeast-1"
CAPTURED = "2026-11-23T00:00:00.000Z"
NOTHING = object()


class Stack:
    """A template with values for its parameters."""

    def __init__(self, template, name, **parameters):
        self.template = template
        self.name = name
        declared = template.get("Parameters", {})
        unknown = parameters.keys() - declared.keys()
        assert not unknown, f"{name}: no parameters {unknown}"
        values = {key: one.get("Default") for key, one in declared.items()} | parameters
        missing = [key for key, value in values.items() if value is None]
        assert not missing, f"{name}: no values for {missing}"
        self.values = {key: self.typed(declared[key], value) for key, value in values.items()}
        self.values |= {
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": name,
            "AWS::NoValue": NOTHING,
        }
        self.resources = {
            logical: one
            for logical, one in template["Resources"].items()
            if "Condition" not in one or self.condition(one["Condition"])
        }
        self.properties = {
            logical: self.value(one.get("Properties", {})) for logical, one in self.resources.items()
        }

    @staticmethod
    def typed(declaration, value):
        if declaration["Type"] == "CommaDelimitedList" and isinstance(value, str):
            return value.split(",")
        return value

    def of(self, kind):
        """The resources of a type, with their properties."""
        found = ((n, self.properties[n]) for n, one in self.resources.items() if one["Type"] == kind)
        return list(found)

    def condition(self, name):
        return self.value(self.template["Conditions"][name])

    def refused(self):
        """What the template's own rules say against the parameters."""
        for one in self.template.get("Rules", {}).values():
            if self.value(one.get("RuleCondition", True)):
                for assertion in one["Assertions"]:
                    if not self.value(assertion["Assert"]):
                        yield assertion["AssertDescription"]

    def value(self, value):
        """The value with every function carried out."""
        if isinstance(value, list):
            return [one for one in map(self.value, value) if one is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (function, argument), = value.items()
            if function == "Condition" and isinstance(argument, str):
                return self.condition(argument)
            if function == "Ref" or function.startswith("Fn::"):
                return self.call(function, argument)
        resolved = {key: self.value(one) for key, one in value.items()}
        return {key: one for key, one in resolved.items() if one is not NOTHING}

    def call(self, function, argument):
        if function == "Ref":
            return self.values[argument] if argument in self.values else self.ref(argument)
        if function == "Fn::GetAtt":
            logical, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
            return self.attribute(logical, attribute)
        if function == "Fn::Sub":
            text, own = argument if isinstance(argument, list) else (argument, {})
            own = {key: self.value(one) for key, one in own.items()}
            return re.sub(r"\$\{([^}]+)\}", lambda hit: self.named(hit.group(1), own), text)
        if function == "Fn::If":
            name, yes, no = argument
            return self.value(yes if self.condition(name) else no)
        argument = self.value(argument)
        if function == "Fn::Equals":
            return argument[0] == argument[1]
        if function == "Fn::Not":
            return not argument[0]
        if function == "Fn::And":
            return all(argument)
        if function == "Fn::Or":
            return any(argument)
        if function == "Fn::Join":
            return argument[0].join(argument[1])
        if function == "Fn::Split":
            return argument[1].split(argument[0])
        if function == "Fn::Contains":
            return argument[1] in argument[0]
        if function == "Fn::Select":
            return argument[1][int(argument[0])]
        raise NotImplementedError(function)

    def named(self, name, own):
        if name in own:
            return own[name]
        if name in self.values:
            return self.values[name]
        logical, _, attribute = name.partition(".")
        return self.attribute(logical, attribute) if attribute else self.ref(logical)

    def physical(self, logical):
        """The name that the resource has, or CloudFormation gives it."""
        properties = self.template["Resources"][logical].get("Properties", {})
        for key in ("BucketName", "LogGroupName", "StackSetName", "ConfigRuleName"):
            if key in properties:
                return self.value(properties[key])
        return f"{self.name}-{logical}"

    def ref(self, logical):
        kind, name = self.template["Resources"][logical]["Type"], self.physical(logical)
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
        if kind in ("AWS::IAM::ManagedPolicy", "AWS::SecurityHub::Insight"):
            return self.attribute(logical, "Arn")
        if kind == "AWS::KMS::Key":
            return self.attribute(logical, "Arn").rsplit("/", 1)[1]
        return name

    def attribute(self, logical, attribute):
        kind, name = self.template["Resources"][logical]["Type"], self.physical(logical)
        if attribute == "QueueName":
            return name
        assert attribute == "Arn", f"{logical}.{attribute}"
        return {
            "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/{name}",
            "AWS::SQS::Queue": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
            "AWS::S3::Bucket": f"arn:aws:s3:::{name}",
            "AWS::Lambda::Function": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}",
            "AWS::Logs::LogGroup": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}:*",
            "AWS::Events::Rule": f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{name}",
            "AWS::CloudWatch::Alarm": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
            "AWS::KMS::Key": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0a1b2c3d-0000-4000-8000-"
            + unique(name)[:12].lower(),
            "AWS::SecurityHub::Insight": f"arn:aws:securityhub:{REGION}:{ACCOUNT}:insight/{name}",
        }[kind]


def unique(name):
    """What IAM puts after the prefix of an id."""
    return hashlib.sha256(name.encode()).hexdigest()[:17].upper()


def document(policy):
    """A policy as IAM's items hold it."""
    return quote(json.dumps(policy), safe="")


def role(stack, logical, properties):
    inline = list(properties.get("Policies", []))
    for _, policy in stack.of("AWS::IAM::RolePolicy"):
        if policy["RoleName"] == stack.physical(logical):
            inline.append(policy)
    attached = properties.get("ManagedPolicyArns", [])
    name = stack.physical(logical)
    return {
        "path": "/",
        "roleName": name,
        "roleId": "AROA" + unique(name),
        "arn": stack.attribute(logical, "Arn"),
        "createDate": CAPTURED,
        "assumeRolePolicyDocument": document(properties["AssumeRolePolicyDocument"]),
        "instanceProfileList": [],
        "rolePolicyList": [
            {"policyName": one["PolicyName"], "policyDocument": document(one["PolicyDocument"])}
            for one in inline
        ],
        "attachedManagedPolicies": [
            {"policyName": arn.rsplit("/", 1)[1], "policyArn": arn} for arn in attached
        ],
        "permissionsBoundary": None,
        "tags": [],
        "roleLastUsed": {"lastUsedDate": CAPTURED, "region": REGION},
    }, {}


def policy(stack, logical, properties):
    version = {"versionId": "v1", "isDefaultVersion": True, "createDate": CAPTURED}
    return {
        "path": "/",
        "policyName": stack.physical(logical),
        "policyId": "ANPA" + unique(stack.physical(logical)),
        "arn": stack.attribute(logical, "Arn"),
        "createDate": CAPTURED,
        "updateDate": CAPTURED,
        "defaultVersionId": "v1",
        "attachmentCount": 1,
        "permissionsBoundaryUsageCount": 0,
        "isAttachable": True,
        "policyVersionList": [version | {"document": document(properties["PolicyDocument"])}],
        "tags": [],
    }, {}


def queue(stack, logical, properties):
    configuration = {
        "QueueArn": stack.attribute(logical, "Arn"),
        "QueueName": stack.physical(logical),
        "QueueUrl": stack.ref(logical),
        "CreatedTimestamp": 1763856000,
        "LastModifiedTimestamp": 1763856000,
        "DelaySeconds": 0,
        "MaximumMessageSize": 262144,
        "MessageRetentionPeriod": properties.get("MessageRetentionPeriod", 345600),
        "ReceiveMessageWaitTimeSeconds": 0,
        "VisibilityTimeout": properties.get("VisibilityTimeout", 30),
        # SQS encrypts by itself where nothing is said.
        "SqsManagedSseEnabled": str(properties.get("SqsManagedSseEnabled", "KmsMasterKeyId" not in properties)).lower(),
    }
    if "KmsMasterKeyId" in properties:
        configuration["KmsMasterKeyId"] = properties["KmsMasterKeyId"]
    if "RedrivePolicy" in properties:
        configuration["RedrivePolicy"] = json.dumps(properties["RedrivePolicy"])
    for _, attached in stack.of("AWS::SQS::QueuePolicy"):
        if stack.ref(logical) in attached["Queues"]:
            configuration["Policy"] = json.dumps(attached["PolicyDocument"])
    return configuration, {}


def lower(value):
    """Keys in camelCase, as the items of older types have them."""
    if isinstance(value, list):
        return [lower(one) for one in value]
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: lower(one) for key, one in value.items()}
    return value


def function(stack, logical, properties):
    known = {"Code", "DeadLetterConfig", "Tags", "Environment", "Role", "LoggingConfig"}
    name = stack.physical(logical)
    configuration = lower({key: one for key, one in properties.items() if key not in known})
    configuration |= {
        "functionName": name,
        "functionArn": stack.attribute(logical, "Arn"),
        "role": properties["Role"],
        "version": "$LATEST",
        "packageType": "Zip",
        "tracingConfig": lower(properties.get("TracingConfig", {"Mode": "PassThrough"})),
        "deadLetterConfig": lower(properties["DeadLetterConfig"]),
        "layers": [],
    }
    tags = {one["Key"]: one["Value"] for one in properties["Tags"]}
    supplementary = {"Tags": tags}
    statements = []
    for permission, one in stack.of("AWS::Lambda::Permission"):
        if one["FunctionName"] in (name, stack.attribute(logical, "Arn")):
            condition = {}
            if "SourceAccount" in one:
                condition["StringEquals"] = {"AWS:SourceAccount": one["SourceAccount"]}
            if "SourceArn" in one:
                condition["ArnLike"] = {"AWS:SourceArn": one["SourceArn"]}
            statements.append({
                "Sid": permission,
                "Effect": "Allow",
                "Principal": {"Service": one["Principal"]},
                "Action": one["Action"],
                "Resource": stack.attribute(logical, "Arn"),
                "Condition": condition,
            })
    if statements:
        text = json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": statements})
        supplementary["Policy"] = text
    return configuration, supplementary


def key(stack, logical, properties):
    arn = stack.attribute(logical, "Arn")
    return {
        "keyId": arn.rsplit("/", 1)[1],
        "arn": arn,
        "creationDate": 1763856000000,
        "enabled": True,
        "description": properties["Description"],
        "keyUsage": "ENCRYPT_DECRYPT",
        "keyState": "Enabled",
        "origin": "AWS_KMS",
        "keyManager": "CUSTOMER",
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "keySpec": "SYMMETRIC_DEFAULT",
        "encryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "signingAlgorithms": [],
        "macAlgorithms": [],
        "multiRegion": False,
        "awsaccountId": ACCOUNT,
    }, {
        "KeyRotationStatus": properties.get("EnableKeyRotation", False),
        "Policy": json.dumps(properties["KeyPolicy"]),
        "Tags": [],
    }


def lifecycle(rule):
    incomplete = rule.get("AbortIncompleteMultipartUpload")
    noncurrent = rule.get("NoncurrentVersionExpiration", {})
    return {
        "id": rule["Id"],
        "prefix": rule.get("Prefix"),
        "status": rule["Status"],
        "filter": {"predicate": None},
        "expirationInDays": rule.get("ExpirationInDays", -1),
        "expiredObjectDeleteMarker": False,
        "noncurrentVersionExpirationInDays": noncurrent.get("NoncurrentDays", -1),
        "transitions": None,
        "noncurrentVersionTransitions": None,
        "abortIncompleteMultipartUpload": incomplete
        and {"daysAfterInitiation": incomplete["DaysAfterInitiation"]},
    }


def bucket(stack, logical, properties):
    name = stack.physical(logical)
    owner = {"displayName": None, "id": "94822b8db52de59639cf5646d215c2b308373678aae695d9ca3ab0bf5e892b2f"}
    grants = {
        "grantSet": None,
        "grantList": [{"grantee": owner, "permission": "FullControl"}],
        "owner": owner,
        "isRequesterCharged": False,
    }
    encryption = properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", [])
    logging = properties.get("LoggingConfiguration", {})
    supplementary = {
        "AccessControlList": json.dumps(grants),
        "BucketAccelerateConfiguration": {"status": None},
        "BucketLoggingConfiguration": {
            "destinationBucketName": logging.get("DestinationBucketName"),
            "logFilePrefix": logging.get("LogFilePrefix"),
        },
        "BucketLifecycleConfiguration": {
            "rules": [lifecycle(one) for one in properties["LifecycleConfiguration"]["Rules"]]
        },
        "BucketNotificationConfiguration": {"configurations": {}},
        "BucketPolicy": {"policyText": None},
        "BucketVersioningConfiguration": {
            "status": properties.get("VersioningConfiguration", {}).get("Status", "Off"),
            "isMfaDeleteEnabled": None,
        },
        "IsRequesterPaysEnabled": False,
        "OwnershipControls": {"rules": lower(properties["OwnershipControls"]["Rules"])},
        "ServerSideEncryptionConfiguration": {
            "rules": [
                {
                    "applyServerSideEncryptionByDefault": {
                        "sseAlgorithm": one["ServerSideEncryptionByDefault"]["SSEAlgorithm"],
                        "kmsMasterKeyID": one["ServerSideEncryptionByDefault"].get("KMSMasterKeyID"),
                    },
                    "bucketKeyEnabled": one.get("BucketKeyEnabled", False),
                }
                for one in encryption
            ]
        },
    }
    if "PublicAccessBlockConfiguration" in properties:
        block = lower(properties["PublicAccessBlockConfiguration"])
        supplementary["PublicAccessBlockConfiguration"] = block
    for _, attached in stack.of("AWS::S3::BucketPolicy"):
        if attached["Bucket"] == name:
            text = json.dumps(attached["PolicyDocument"])
            supplementary["BucketPolicy"] = {"policyText": text}
    return {"name": name, "owner": owner, "creationDate": CAPTURED}, supplementary


def alarm(stack, logical, properties):
    configuration = {
        "alarmName": stack.physical(logical),
        "alarmArn": stack.attribute(logical, "Arn"),
        "actionsEnabled": True,
        "alarmActions": properties.get("AlarmActions", []),
        "insufficientDataActions": [],
        "okactions": [],
        "threshold": float(properties["Threshold"]),
    }
    plain = {key: one for key, one in properties.items() if key not in ("AlarmActions", "Threshold")}
    return lower(plain) | configuration, {}


def rule(stack, logical, properties):
    arn, name = stack.attribute(logical, "Arn"), stack.physical(logical)
    given = {"Arn": arn, "Name": name, "EventBusName": "default", "State": "ENABLED"}
    return given | properties, {}


def log_group(stack, logical, properties):
    return {"Arn": stack.attribute(logical, "Arn")} | properties, {}


# The type that AWS Config records, and how.
SHAPES = {
    "AWS::IAM::Role": ("AWS::IAM::Role", role),
    "AWS::IAM::ManagedPolicy": ("AWS::IAM::Policy", policy),
    "AWS::SQS::Queue": ("AWS::SQS::Queue", queue),
    "AWS::Lambda::Function": ("AWS::Lambda::Function", function),
    "AWS::KMS::Key": ("AWS::KMS::Key", key),
    "AWS::S3::Bucket": ("AWS::S3::Bucket", bucket),
    "AWS::CloudWatch::Alarm": ("AWS::CloudWatch::Alarm", alarm),
    "AWS::Events::Rule": ("AWS::Events::Rule", rule),
    "AWS::Logs::LogGroup": ("AWS::Logs::LogGroup", log_group),
}
# Parts of the items above.
PARTS = {
    "AWS::IAM::RolePolicy",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
}
ID_IS_ARN = {"AWS::Events::Rule"}
ID_IS_REF = {"AWS::SQS::Queue", "AWS::KMS::Key"}
# Types on which CloudFormation leaves its own tags.
TAGGED = {"AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::KMS::Key"}
GLOBAL = {"AWS::IAM::Role", "AWS::IAM::ManagedPolicy"}


def items(stack):
    """The configuration items of a stack."""
    for logical, resource in stack.resources.items():
        kind = resource["Type"]
        if kind not in SHAPES:
            continue
        recorded, shape = SHAPES[kind]
        properties = stack.properties[logical]
        configuration, supplementary = shape(stack, logical, properties)
        arn, name = stack.attribute(logical, "Arn"), stack.physical(logical)
        identity = name
        if kind in ID_IS_ARN:
            identity = arn
        elif kind in ID_IS_REF:
            identity = stack.ref(logical)
        elif kind in GLOBAL:
            identity = configuration.get("roleId") or configuration.get("policyId")
        tags = {one["Key"]: one["Value"] for one in properties.get("Tags", [])}
        if kind in TAGGED:
            tags |= {
                "aws:cloudformation:logical-id": logical,
                "aws:cloudformation:stack-name": stack.name,
            }
        yield {
            "configurationItemVersion": "1.3",
            "configurationItemCaptureTime": CAPTURED,
            "configurationStateId": 1763856000000,
            "awsAccountId": ACCOUNT,
            "configurationItemStatus": "OK",
            "resourceType": recorded,
            "resourceId": identity,
            "resourceName": name,
            "ARN": arn,
            "awsRegion": "global" if kind in GLOBAL else REGION,
            "availabilityZone": "Not Applicable",
            "resourceCreationTime": CAPTURED,
            "tags": tags,
            "relatedEvents": [],
            "relationships": [],
            "configuration": configuration,
            "supplementaryConfiguration": supplementary,
        }
