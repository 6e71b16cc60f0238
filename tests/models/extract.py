#!/usr/bin/env python3
"""Writes the compact service models that the emulated AWS answers by.

    pip install botocore
    python3 tests/models/extract.py

To emulate one more operation, add it to OPERATIONS (and, for a new service, a line to MODELS in
tests/src/aws/stub/model.rs), then run the script again. Only operations that read belong here.

The models are those of botocore (Apache License 2.0), without documentation and without what
the listed operations do not reach. Constraints of values are kept for inputs only: an answer
may hold values that are newer than the model. Of every enum one value is kept as an example, for
answers that are made up. Patterns are left out: the kit has no such engine.
"""

import json
from pathlib import Path

try:
    from botocore.session import get_session
except ImportError:
    from awscli.botocore.session import get_session

# botocore's name of the service -> operation -> IAM action, where it is not `<prefix>:<operation>`.
OPERATIONS = {
    "accessanalyzer": {
        "GetAnalyzer": None,
        "ListAnalyzers": None,
        "ListFindings": None,
        "ListFindingsV2": "access-analyzer:ListFindings",
    },
    "account": {"GetAlternateContact": None},
    "acm-pca": {"DescribeCertificateAuthority": None, "ListCertificateAuthorities": None},
    "apigateway": {
        "GetDomainNames": "apigateway:GET",
        "GetRestApis": "apigateway:GET",
        "GetStages": "apigateway:GET",
        "GetUsagePlans": "apigateway:GET",
    },
    "apigatewayv2": {"GetDomainNames": "apigateway:GET"},
    "application-autoscaling": {"DescribeScalableTargets": None, "DescribeScalingPolicies": None},
    "appsync": {"ListGraphqlApis": None},
    "artifact": {
        "GetAccountSettings": None,
        "GetReportMetadata": None,
        "ListCustomerAgreements": None,
        "ListReports": None,
    },
    "autoscaling": {
        "DescribeAutoScalingGroups": None,
        "DescribePolicies": None,
        "DescribeScheduledActions": None,
    },
    "backup": {
        "DescribeBackupVault": None,
        "DescribeProtectedResource": None,
        "DescribeRegionSettings": None,
        "GetBackupPlan": None,
        "GetBackupSelection": None,
        "GetBackupVaultAccessPolicy": None,
        "ListBackupPlans": None,
        "ListBackupSelections": None,
        "ListBackupVaults": None,
        "ListCopyJobs": None,
        "ListProtectedResources": None,
        "ListRecoveryPointsByBackupVault": None,
        "ListRecoveryPointsByResource": None,
        "ListRestoreJobs": None,
        "ListRestoreJobsByProtectedResource": None,
        "ListRestoreTestingPlans": None,
        "ListRestoreTestingSelections": None,
    },
    "bcm-data-exports": {"GetExport": None, "ListExports": None},
    "budgets": {
        "DescribeBudgets": "budgets:ViewBudget",
        "DescribeNotificationsForBudget": "budgets:ViewBudget",
        "DescribeSubscribersForNotification": "budgets:ViewBudget",
    },
    "ce": {"GetCostAndUsage": None, "ListCostAllocationTags": None},
    "cloudformation": {"DescribeStacks": None, "ListStackInstances": None, "ListStackSets": None},
    "cloudtrail": {
        "GetEventDataStore": None,
        "GetEventSelectors": None,
        "GetInsightSelectors": None,
        "ListEventDataStores": None,
        "LookupEvents": None,
    },
    "cloudwatch": {
        "DescribeAlarms": None,
        "DescribeAlarmsForMetric": None,
        "DescribeAnomalyDetectors": None,
        "GetMetricData": None,
        "ListDashboards": None,
        "ListMetrics": None,
    },
    "cognito-identity": {
        "DescribeIdentityPool": None,
        "GetIdentityPoolRoles": None,
        "ListIdentityPools": None,
    },
    "cognito-idp": {"DescribeUserPool": None, "GetUserPoolMfaConfig": None, "ListUserPools": None},
    "config": {
        "DescribeAggregateComplianceByConfigRules": None,
        "DescribeConfigRules": None,
        "DescribeConfigurationAggregatorSourcesStatus": None,
        "DescribeConfigurationAggregators": None,
        "DescribeConfigurationRecorderStatus": None,
        "DescribeConfigurationRecorders": None,
        "DescribeConformancePackStatus": None,
        "DescribeDeliveryChannelStatus": None,
        "DescribeDeliveryChannels": None,
        "DescribeRemediationConfigurations": None,
        "DescribeRetentionConfigurations": None,
        "GetAggregateComplianceDetailsByConfigRule": None,
        "GetDiscoveredResourceCounts": None,
    },
    "controltower": {"GetLandingZone": None, "ListEnabledControls": None, "ListLandingZones": None},
    "cur": {"DescribeReportDefinitions": None},
    "detective": {
        "ListDatasourcePackages": None,
        "ListGraphs": None,
        "ListInvitations": None,
        "ListMembers": None,
    },
    "directconnect": {
        "DescribeConnections": None,
        "DescribeDirectConnectGatewayAssociations": None,
        "DescribeDirectConnectGateways": None,
        "DescribeLags": None,
        "DescribeVirtualInterfaces": None,
        "ListVirtualInterfaceTestHistory": None,
    },
    "dlm": {"GetLifecyclePolicies": None, "GetLifecyclePolicy": None},
    "dms": {"DescribeReplicationTasks": None},
    "drs": {"DescribeJobs": None, "DescribeSourceServers": None},
    "dynamodb": {
        "DescribeContinuousBackups": None,
        "DescribeGlobalTable": None,
        "DescribeTable": None,
        "ListTables": None,
    },
    "ec2": {
        "DescribeAddresses": None,
        "DescribeCustomerGateways": None,
        "DescribeFlowLogs": None,
        "DescribeImageAttribute": None,
        "DescribeImages": None,
        "DescribeInstanceAttribute": None,
        "DescribeInstanceStatus": None,
        "DescribeInstanceTypes": None,
        "DescribeInstances": None,
        "DescribeInternetGateways": None,
        "DescribeLaunchTemplateVersions": None,
        "DescribeNatGateways": None,
        "DescribeNetworkInterfaces": None,
        "DescribeRouteTables": None,
        "DescribeSecurityGroups": None,
        "DescribeSnapshotAttribute": None,
        "DescribeSnapshots": None,
        "DescribeSubnets": None,
        "DescribeTrafficMirrorSessions": None,
        "DescribeTransitGatewayAttachments": None,
        "DescribeVolumes": None,
        "DescribeVpcEndpoints": None,
        "DescribeVpcPeeringConnections": None,
        "DescribeVpcs": None,
        "DescribeVpnConnections": None,
        "GetEbsDefaultKmsKeyId": None,
        "GetEbsEncryptionByDefault": None,
        "GetImageBlockPublicAccessState": None,
        "GetManagedPrefixListEntries": None,
        "GetSnapshotBlockPublicAccessState": None,
    },
    "ecr": {
        "DescribeRegistry": None,
        "DescribeRepositories": None,
        "GetRegistryScanningConfiguration": None,
        "GetRepositoryPolicy": None,
    },
    "ecs": {"DescribeTasks": None, "ListTasks": None},
    "efs": {
        "DescribeFileSystemPolicy": None,
        "DescribeFileSystems": None,
        "DescribeMountTargets": None,
        "DescribeReplicationConfigurations": None,
    },
    "eks": {
        "DescribeAddon": None,
        "DescribeClusterVersions": None,
        "DescribeNodegroup": None,
        "ListAddons": None,
        "ListNodegroups": None,
    },
    "elasticache": {
        "DescribeCacheClusters": None,
        "DescribeReplicationGroups": None,
        "ListTagsForResource": None,
    },
    "elasticbeanstalk": {"DescribePlatformVersion": None},
    "elb": {"DescribeLoadBalancerAttributes": None},
    "elbv2": {
        "DescribeCapacityReservation": "elasticloadbalancing:DescribeCapacityReservation",
        "DescribeListenerCertificates": None,
        "DescribeListeners": None,
        "DescribeLoadBalancerAttributes": None,
        "DescribeLoadBalancers": None,
        "DescribeRules": None,
        "DescribeTags": None,
        "DescribeTargetGroupAttributes": None,
        "DescribeTargetGroups": None,
        "DescribeTargetHealth": None,
    },
    "emr": {
        "DescribeCluster": "elasticmapreduce:DescribeCluster",
        "GetBlockPublicAccessConfiguration": None,
        "ListClusters": "elasticmapreduce:ListClusters",
        "ListInstances": None,
    },
    "events": {
        "DescribeArchive": None,
        "DescribeEventBus": None,
        "DescribeRule": None,
        "ListArchives": None,
        "ListEventBuses": None,
        "ListRules": None,
        "ListTargetsByRule": None,
    },
    "fis": {
        "GetExperimentTemplate": None,
        "ListExperimentTemplates": None,
        "ListExperiments": None,
    },
    "fms": {"GetAdminAccount": None, "ListPolicies": None},
    "fsx": {"DescribeFileSystems": None},
    "globalaccelerator": {
        "ListAccelerators": None,
        "ListEndpointGroups": None,
        "ListListeners": None,
    },
    "guardduty": {
        "DescribeOrganizationConfiguration": None,
        "GetAdministratorAccount": None,
        "GetDetector": None,
        "GetFindings": None,
        "GetMalwareProtectionPlan": None,
        "ListCoverage": None,
        "ListDetectors": None,
        "ListFindings": None,
        "ListMalwareProtectionPlans": None,
        "ListOrganizationAdminAccounts": None,
    },
    "health": {
        "DescribeAffectedEntities": None,
        "DescribeEvents": None,
        "DescribeHealthServiceStatusForOrganization": None,
    },
    "iam": {
        "GetAccountPasswordPolicy": None,
        "GetGroupPolicy": None,
        "GetLoginProfile": None,
        "GetOpenIDConnectProvider": None,
        "GetPolicy": None,
        "GetPolicyVersion": None,
        "GetRole": None,
        "GetSAMLProvider": None,
        "ListAttachedGroupPolicies": None,
        "ListEntitiesForPolicy": None,
        "ListGroupPolicies": None,
        "ListOpenIDConnectProviders": None,
        "ListSAMLProviders": None,
        "ListServerCertificates": None,
    },
    "inspector2": {"BatchGetAccountStatus": None, "ListFindings": None},
    "kafka": {"ListKafkaVersions": None},
    "kms": {"DescribeCustomKeyStores": None, "GetKeyPolicy": None, "ListAliases": None},
    "lambda": {
        "GetFunction": None,
        "GetFunctionConfiguration": None,
        "GetPolicy": None,
        "ListFunctionUrlConfigs": None,
        "ListFunctions": None,
    },
    "logs": {
        "DescribeAccountPolicies": None,
        "DescribeDeliveries": None,
        "DescribeDeliveryDestinations": None,
        "DescribeDeliverySources": None,
        "DescribeExportTasks": None,
        "DescribeLogGroups": None,
        "DescribeLogStreams": None,
        "DescribeMetricFilters": None,
        "DescribeSubscriptionFilters": None,
        "ListTagsForResource": None,
    },
    "macie2": {"GetAutomatedDiscoveryConfiguration": None, "GetMacieSession": None},
    "mq": {"DescribeBrokerEngineTypes": None},
    "network-firewall": {
        "DescribeFirewall": None,
        "DescribeFirewallPolicy": None,
        "DescribeLoggingConfiguration": None,
        "ListFirewalls": None,
    },
    "notifications": {
        "ListChannels": None,
        "ListEventRules": None,
        "ListNotificationConfigurations": None,
    },
    "opensearch": {"ListVersions": "es:ListVersions"},
    "organizations": {
        "DescribePolicy": None,
        "ListAccounts": None,
        "ListAccountsForParent": None,
        "ListDelegatedAdministrators": None,
        "ListOrganizationalUnitsForParent": None,
        "ListParents": None,
        "ListPolicies": None,
        "ListPoliciesForTarget": None,
        "ListRoots": None,
        "ListTagsForResource": None,
        "ListTargetsForPolicy": None,
    },
    "rds": {
        "DescribeCertificates": None,
        "DescribeDBClusterParameters": None,
        "DescribeDBClusterSnapshotAttributes": None,
        "DescribeDBClusters": None,
        "DescribeDBEngineVersions": None,
        "DescribeDBInstances": None,
        "DescribeDBMajorEngineVersions": None,
        "DescribeDBParameters": None,
        "DescribeDBSnapshotAttributes": None,
        "DescribeDBSnapshots": None,
        "DescribeEvents": None,
        "DescribeGlobalClusters": None,
        "DescribeOptionGroups": None,
        "DescribePendingMaintenanceActions": None,
    },
    "redshift": {
        "DescribeClusterParameters": None,
        "DescribeClusters": None,
        "DescribeLoggingStatus": None,
    },
    "resiliencehub": {"DescribeApp": None, "ListAppAssessments": None, "ListApps": None},
    "resourcegroupstaggingapi": {"GetResources": None},
    "route53": {
        "GetHealthCheckStatus": None,
        "ListHealthChecks": None,
        "ListHostedZones": None,
        "ListResourceRecordSets": None,
    },
    "route53resolver": {
        "ListResolverQueryLogConfigAssociations": None,
        "ListResolverQueryLogConfigs": None,
    },
    "s3": {
        "GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
        "GetBucketOwnershipControls": None,
        "GetBucketPolicy": None,
        "GetBucketReplication": "s3:GetReplicationConfiguration",
        "GetBucketTagging": None,
        "GetBucketVersioning": None,
        "GetObjectLockConfiguration": "s3:GetBucketObjectLockConfiguration",
        "ListBuckets": "s3:ListAllMyBuckets",
    },
    "s3control": {"GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock"},
    "secretsmanager": {
        "DescribeSecret": None,
        "GetResourcePolicy": None,
        "ListSecretVersionIds": None,
        "ListSecrets": None,
    },
    "securityhub": {
        "DescribeHub": None,
        "DescribeOrganizationConfiguration": None,
        "DescribeSecurityHubV2": None,
        "GetAdministratorAccount": None,
        "GetEnabledStandards": None,
        "GetFindingAggregator": None,
        "ListEnabledProductsForImport": None,
        "ListFindingAggregators": None,
        "ListMembers": None,
        "ListOrganizationAdminAccounts": None,
    },
    "service-quotas": {
        "GetAutoManagementConfiguration": None,
        "ListAWSDefaultServiceQuotas": None,
        "ListServiceQuotas": None,
    },
    "shield": {"DescribeSubscription": None, "GetSubscriptionState": None, "ListProtections": None},
    "sns": {
        "GetTopicAttributes": None,
        "ListSubscriptions": None,
        "ListSubscriptionsByTopic": None,
        "ListTopics": None,
    },
    "sqs": {"GetQueueAttributes": None, "ListQueues": None},
    "ssm": {
        "DescribeAssociation": None,
        "DescribeDocument": None,
        "DescribeDocumentPermission": None,
        "DescribeInstanceInformation": None,
        "DescribeInstancePatchStates": None,
        "DescribeMaintenanceWindowExecutions": None,
        "DescribeMaintenanceWindowTargets": None,
        "DescribeMaintenanceWindowTasks": None,
        "DescribeMaintenanceWindows": None,
        "DescribeOpsItems": None,
        "DescribeParameters": None,
        "DescribePatchBaselines": None,
        "DescribePatchGroups": None,
        "GetCalendarState": None,
        "GetDefaultPatchBaseline": None,
        "GetDocument": None,
        "GetMaintenanceWindowTask": None,
        "GetParameter": None,
        "GetPatchBaseline": None,
        "GetServiceSetting": None,
        "ListAssociations": None,
        "ListComplianceItems": None,
        "ListDocuments": None,
        "ListInventoryEntries": None,
        "ListResourceComplianceSummaries": None,
    },
    "stepfunctions": {"DescribeStateMachine": None},
    "support": {
        "DescribeSeverityLevels": None,
        "DescribeTrustedAdvisorCheckResult": None,
        "DescribeTrustedAdvisorCheckSummaries": None,
        "DescribeTrustedAdvisorChecks": None,
    },
    "synthetics": {
        "DescribeCanaries": None,
        "DescribeCanariesLastRun": None,
        "DescribeRuntimeVersions": None,
    },
    "wafv2": {
        "DescribeManagedRuleGroup": None,
        "GetLoggingConfiguration": None,
        "GetRuleGroup": None,
        "GetWebACL": None,
        "GetWebACLForResource": None,
        "ListResourcesForWebACL": None,
        "ListWebACLs": None,
    },
}

# The prefix of IAM actions, where it is not the signing name.
IAM_PREFIX = {
    "cloudwatch": "cloudwatch",
    "resourcegroupstaggingapi": "tag",
    "stepfunctions": "states",
}

# Services to which the Rust SDK speaks smithy-rpc-v2-cbor.
CBOR = {"cloudwatch", "health"}

# Error codes of services that once spoke the query protocol; botocore's models lost them.
QUERY_CODES = {
    "sqs": {
        "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
        "UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
    }
}

# Listings without a token unless the request says how much it wants.
TOKEN_NEEDS_LIMIT = {("sqs", "ListQueues")}

# Paging that botocore has no paginator for and that does not follow from the shapes:
# input token, output token, limit key, result key. None: the operation has no pages.
PAGING = {
    ("detective", "ListDatasourcePackages"): None,
    ("route53", "ListResourceRecordSets"): None,
    ("s3", "ListBuckets"): ("ContinuationToken", "ContinuationToken", "MaxBuckets", "Buckets"),
    ("ssm", "DescribeDocumentPermission"): ("NextToken", "NextToken", "MaxResults", "AccountIds"),
}

# Limits of page sizes that the API references give and the models do not.
LIMIT_RANGE = {"rds": (20, 100), "redshift": (20, 100), "elasticache": (20, 100)}

# Root elements that the models do not name.
ROOT = {
    ("s3", "GetBucketLifecycleConfiguration"): "LifecycleConfiguration",
    ("s3", "ListBuckets"): "ListAllMyBucketsResult",
}

CONSTRAINTS = ("min", "max", "enum")

# Of values that an enum allows, those that describe something in use: made-up answers say these.
USUAL = (
    "ACTIVE", "Active", "active", "ENABLED", "Enabled", "enabled", "AVAILABLE", "Available",
    "available", "ASSOCIATED", "in-use", "InService", "RUNNING", "running", "COMPLETED",
    "completed", "SUCCEEDED", "Success", "OK", "LATEST", "assigned", "READY",
)
TOKENS = ("NextToken", "nextToken", "Marker", "NextMarker", "position")
LIMITS = ("MaxResults", "maxResults", "MaxRecords", "MaxItems", "PageSize", "Limit", "limit")


class Model:
    """One service's model, cut down to some operations."""

    def __init__(self, session, name, operations):
        loader = session.get_component("data_loader")
        self.name = name
        self.raw = loader.load_service_model(name, "service-2")
        try:
            self.paginators = loader.load_service_model(name, "paginators-1")["pagination"]
        except Exception:  # no such file, under a name that differs between botocore and awscli
            self.paginators = {}
        self.operations = operations
        self.shapes = {}
        self.errors = {}

    def compact(self):
        meta = self.raw["metadata"]
        signing = meta.get("signingName", meta["endpointPrefix"])
        protocol = meta["protocol"]
        if protocol == "smithy-rpc-v2-cbor":
            # Of most of these services the Rust SDK still speaks an older protocol.
            older = next(one for one in ("json", "query") if one in meta["protocols"])
            protocol = "cbor" if self.name in CBOR else older
        out = {
            "service": self.name,
            "signing": signing,
            "protocol": protocol,
            "version": meta["apiVersion"],
        }
        for ours, theirs in (
            ("jsonVersion", "jsonVersion"),
            ("target", "targetPrefix"),
            ("namespace", "xmlNamespace"),
        ):
            if theirs in meta and (ours != "jsonVersion" or protocol == "json"):
                out[ours] = meta[theirs]
        if "awsQueryCompatible" in meta:
            out["queryCompatible"] = True
        prefix = IAM_PREFIX.get(self.name, signing)
        # The inputs come first: they decide which constraints are kept.
        for name in self.operations:
            self.take(self.raw["operations"][name].get("input", {}).get("shape"), True)
        out["operations"] = {
            name: self.operation(name, action or f"{prefix}:{name}")
            for name, action in sorted(self.operations.items())
        }
        out["errors"] = dict(sorted(self.errors.items()))
        out["shapes"] = dict(sorted(self.shapes.items()))
        return out

    def operation(self, name, action):
        raw = self.raw["operations"][name]
        out = {
            "action": action,
            "method": raw["http"]["method"],
            "uri": raw["http"]["requestUri"],
        }
        if "responseCode" in raw["http"]:
            out["status"] = raw["http"]["responseCode"]
        if "input" in raw:
            out["input"] = raw["input"]["shape"]
        if "output" in raw:
            out["output"] = raw["output"]["shape"]
            self.take(out["output"], False)
            if "resultWrapper" in raw["output"]:
                out["wrapper"] = raw["output"]["resultWrapper"]
        if (self.name, name) in ROOT:
            out["root"] = ROOT[self.name, name]
        paging = self.paging(name, raw)
        if paging:
            out["paging"] = paging
        for error in raw.get("errors", []):
            shape = self.raw["shapes"][error["shape"]]
            info = {"code": error["shape"], "status": 500 if shape.get("fault") else 400}
            info["code"] = shape.get("error", {}).get("code", info["code"])
            info["code"] = QUERY_CODES.get(self.name, {}).get(error["shape"], info["code"])
            info["status"] = shape.get("error", {}).get("httpStatusCode", info["status"])
            self.errors[error["shape"]] = info
        out["errors"] = sorted(error["shape"] for error in raw.get("errors", []))
        return out

    def paging(self, name, raw):
        members = lambda side: self.raw["shapes"][raw[side]["shape"]]["members"] if side in raw else {}
        given, answered = members("input"), members("output")
        if (self.name, name) in PAGING:
            if PAGING[self.name, name] is None:
                return None
            token_in, token_out, limit, result = PAGING[self.name, name]
            more = None
        elif name in self.paginators:
            of = self.paginators[name]
            token_in, token_out = of["input_token"], of["output_token"]
            limit, result, more = of.get("limit_key"), of["result_key"], of.get("more_results")
        else:
            token_in = next((one for one in TOKENS if one in given), None)
            token_out = next((one for one in TOKENS if one in answered), None)
            lists = [
                one
                for one, member in answered.items()
                if self.raw["shapes"][member["shape"]]["type"] == "list"
            ]
            if token_in is None or token_out is None:
                return None
            assert len(lists) == 1, (self.name, name, lists)
            limit = next((one for one in LIMITS if one in given), None)
            result, more = lists[0], None
        results = result if isinstance(result, list) else [result]
        results = [one.split("||")[0].strip() for one in results]
        assert token_in in given and token_out in answered, (self.name, name)
        assert limit is None or limit in given, (self.name, name)
        assert all(one.split(".")[0] in answered for one in results), (self.name, name)
        out = {"input": token_in, "output": token_out, "result": results[0]}
        if limit:
            out["limit"] = limit
            if self.name in LIMIT_RANGE:
                out["min"], out["max"] = LIMIT_RANGE[self.name]
        if more:
            out["more"] = more
        if (self.name, name) in TOKEN_NEEDS_LIMIT:
            out["needsLimit"] = True
        return out

    def take(self, name, constrained):
        """Keeps a shape and what it reaches; returns how members refer to it."""
        if name is None:
            return None
        raw = self.raw["shapes"][name]
        kind = raw["type"]
        if name in self.shapes:
            return name
        if kind not in ("structure", "list", "map"):
            out = {"type": kind}
            if constrained:
                out.update((key, raw[key]) for key in CONSTRAINTS if key in raw)
            if "timestampFormat" in raw:
                out["format"] = raw["timestampFormat"]
            if raw.get("enum"):
                usual = (one for one in USUAL if one in raw["enum"])
                out["example"] = next(usual, raw["enum"][0])
            if len(out) == 1:
                return f"${kind}"
            self.shapes[name] = out
            return name
        out = self.shapes[name] = {"type": kind}
        if constrained:
            out.update((key, raw[key]) for key in CONSTRAINTS if key in raw)
        if kind == "list":
            out["member"] = self.take(raw["member"]["shape"], constrained)
            if "locationName" in raw["member"]:
                out["name"] = raw["member"]["locationName"]
        elif kind == "map":
            for side in ("key", "value"):
                # Keys are always strings.
                out[side] = self.take(raw[side]["shape"], constrained)
                if "locationName" in raw[side]:
                    out[f"{side}Name"] = raw[side]["locationName"]
        else:
            if constrained and raw.get("required"):
                out["required"] = raw["required"]
            if raw.get("union"):
                out["union"] = True
            if "payload" in raw:
                out["payload"] = raw["payload"]
            for key, theirs in (("name", "locationName"), ("namespace", "xmlNamespace")):
                if isinstance(raw.get(theirs), str):
                    out[key] = raw[theirs]
            out["members"] = {
                member: self.member(member, info, constrained) for member, info in raw["members"].items()
            }
        if raw.get("flattened"):
            out["flattened"] = True
        return name

    def member(self, member, info, constrained):
        shape = self.take(info["shape"], constrained)
        out = {"shape": shape}
        for ours, theirs in (
            ("name", "locationName"),
            ("in", "location"),
            ("query", "queryName"),
            ("format", "timestampFormat"),
            ("flattened", "flattened"),
            ("attribute", "xmlAttribute"),
        ):
            if theirs in info and info[theirs] != member:
                out[ours] = info[theirs]
        return shape if len(out) == 1 else out


def text(model):
    """JSON with one operation, error or shape a line, so that a change can be read."""
    lines = []
    for key, value in model.items():
        if isinstance(value, dict):
            entries = [f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in value.items()]
            lines.append(f"{json.dumps(key)}: {{\n" + ",\n".join(entries) + "\n}")
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    session = get_session()
    folder = Path(__file__).resolve().parent
    for name, operations in OPERATIONS.items():
        model = Model(session, name, operations).compact()
        (folder / f"{name}.json").write_text(text(model), encoding="utf-8")


if __name__ == "__main__":
    main()
