//! One resource of each type as AWS Config records it, and how it changes.

use fisc_shared::ResourceType;
use serde_json::{Value, json};

/// A change: a path and the value to put there; null takes the field away.
pub(super) type Change = (&'static str, Value);

pub(super) struct Fixture {
    pub(super) resource: ResourceType,
    configuration: Value,
    supplementary: Value,
    /// Changes after which the resource fails, and the code.
    pub(super) bad: Vec<(Vec<Change>, &'static str)>,
    /// Changes after which it passes all the same, perhaps with a note.
    pub(super) also_good: Vec<Vec<Change>>,
    /// Fields without which nothing can be said, and changes that make them count.
    pub(super) needed: Vec<&'static str>,
    /// Changes after which nothing can be said.
    pub(super) unreadable: Vec<Vec<Change>>,
    /// Changes after which the resource is not judged, and the remark.
    pub(super) not_judged: Vec<(Vec<Change>, &'static str)>,
}

impl Fixture {
    fn new(resource: ResourceType, configuration: Value) -> Self {
        Self {
            resource,
            configuration,
            supplementary: json!({}),
            bad: Vec::new(),
            also_good: Vec::new(),
            needed: Vec::new(),
            unreadable: Vec::new(),
            not_judged: Vec::new(),
        }
    }

    fn with(mut self, supplementary: Value) -> Self {
        self.supplementary = supplementary;
        self
    }

    fn fails(mut self, code: &'static str, changes: &[Change]) -> Self {
        self.bad.push((changes.to_vec(), code));
        self
    }

    fn passes(mut self, changes: &[Change]) -> Self {
        self.also_good.push(changes.to_vec());
        self
    }

    fn needs(mut self, paths: &[&'static str]) -> Self {
        self.needed.extend(paths);
        self
    }

    fn is_unreadable(mut self, changes: &[Change]) -> Self {
        self.unreadable.push(changes.to_vec());
        self
    }

    fn is_not_judged(mut self, remark: &'static str, changes: &[Change]) -> Self {
        self.not_judged.push((changes.to_vec(), remark));
        self
    }

    /// The resource with its logs on.
    pub(super) fn good(&self) -> Value {
        item(self.resource, self.configuration.clone(), self.supplementary.clone())
    }

    pub(super) fn changed(&self, changes: &[Change]) -> Value {
        changes
            .iter()
            .fold(self.good(), |item, (path, value)| super::with(&item, path, value.clone()))
    }
}

/// An item in the dialect of events; null parts are left out.
pub(super) fn item(resource: ResourceType, configuration: Value, supplementary: Value) -> Value {
    let mut item = json!({
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": "2026-10-01T00:00:00.000Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": resource.name,
        "resourceId": "hbg-ib", "resourceName": "hbg-ib", "tags": {}, "relationships": [],
    });
    for (name, part) in
        [("configuration", configuration), ("supplementaryConfiguration", supplementary)]
    {
        if !part.is_null() {
            item[name] = part;
        }
    }
    item
}

/// In the order of the table.
pub(super) fn fixtures() -> Vec<Fixture> {
    vec![
        bucket(),
        load_balancer(),
        classic_load_balancer(),
        distribution(),
        rest_stage(),
        v2_stage(),
        graphql_api(),
        db_instance(),
        db_cluster(),
        task_definition(),
        eks_cluster(),
        redshift(),
        open_search(),
        elasticsearch(),
        msk_cluster(),
        broker(),
        state_machine(),
        build_project(),
        datasync_task(),
        connector(),
        environment(),
        glue_job(),
    ]
}

pub(super) const OWNER: &str = "94822b8db52de59639cf5646d215c2b308373678aae695d9ca3ab0bf5e892b2f";

/// An access control list that grants to these besides the owner, as the text that items hold.
pub(super) fn acl(others: &[Value]) -> Value {
    let mut grants =
        vec![json!({"grantee": {"id": OWNER, "displayName": null}, "permission": "FullControl"})];
    grants.extend(others.iter().map(|one| json!({"grantee": one, "permission": "Write"})));
    let list = json!({"grantSet": null, "grantList": grants, "isRequesterCharged": false,
                      "owner": {"displayName": null, "id": OWNER}});
    list.to_string().into()
}

/// A bucket policy that lets a service write.
pub(super) fn policy_for(effect: &str, principal: Value) -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": [{
        "Sid": "Logs", "Effect": effect, "Principal": principal, "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::hbg-ib/*",
    }]});
    json!({"policyText": document.to_string()})
}

fn bucket() -> Fixture {
    const DESTINATION: &str =
        "/supplementaryConfiguration/BucketLoggingConfiguration/destinationBucketName";
    const POLICY: &str = "/supplementaryConfiguration/BucketPolicy";
    const ACL: &str = "/supplementaryConfiguration/AccessControlList";
    let delivered = |service: &str| {
        [(DESTINATION, Value::Null), (POLICY, policy_for("Allow", json!({ "Service": service })))]
    };
    let off = (DESTINATION, Value::Null);
    Fixture::new(
        ResourceType::S3_BUCKET,
        json!({
            "name": "hbg-ib", "owner": {"displayName": null, "id": OWNER},
            "creationDate": "2019-02-12T07:21:45.000Z",
        }),
    )
    .with(json!({
        "AccessControlList": acl(&[]),
        "BucketAccelerateConfiguration": {"status": null},
        "BucketLoggingConfiguration": {
            "destinationBucketName": "hbg-log-archive", "logFilePrefix": "s3-access/hbg-ib/",
        },
        "BucketNotificationConfiguration": {"configurations": {}},
        "BucketPolicy": {"policyText": null},
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
        "IsRequesterPaysEnabled": false,
    }))
    .fails("S3_ACCESS_LOG_OFF", &[off.clone()])
    .fails("S3_ACCESS_LOG_OFF", &[(DESTINATION, json!(""))])
    // CloudTrail writes an audit log, whose reading is worth an access log.
    .fails("S3_ACCESS_LOG_OFF", &delivered("cloudtrail.amazonaws.com"))
    .fails(
        "S3_ACCESS_LOG_OFF",
        &[
            off.clone(),
            (POLICY, policy_for("Deny", json!({"Service": "logging.s3.amazonaws.com"}))),
        ],
    )
    .fails("S3_ACCESS_LOG_OFF", &[off.clone(), (POLICY, policy_for("Allow", json!("*")))])
    .fails("S3_ACCESS_LOG_OFF", &[off.clone(), (ACL, acl(&[json!("AllUsers")]))])
    // Nobody is asked who receives logs while there are some.
    .passes(&[(POLICY, Value::Null), (ACL, Value::Null)])
    .is_not_judged("LOG_TARGET", &delivered("logging.s3.amazonaws.com"))
    .is_not_judged("LOG_TARGET", &delivered("logdelivery.elasticloadbalancing.amazonaws.com"))
    .is_not_judged("LOG_TARGET", &delivered("delivery.logs.amazonaws.com"))
    .is_not_judged("LOG_TARGET", &[off.clone(), (ACL, acl(&[json!("LogDelivery")]))])
    .needs(&["/supplementaryConfiguration/BucketLoggingConfiguration"])
    .is_unreadable(&[off.clone(), (POLICY, Value::Null)])
    .is_unreadable(&[off, (ACL, Value::Null)])
}

pub(super) const ALB: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/hbg-ib/09fcaf83";

/// The attributes of a load balancer.
pub(super) fn attributes(values: &[(&str, &str)]) -> Value {
    values.iter().map(|(key, value)| json!({"key": key, "value": value})).collect()
}

fn load_balancer() -> Fixture {
    const ATTRIBUTES: &str = "/supplementaryConfiguration/LoadBalancerAttributes";
    const TYPE: &str = "/configuration/type";
    let logs = |enabled: &'static str| {
        let bucket = if enabled == "true" { "hbg-log-archive" } else { "" };
        [("access_logs.s3.enabled", enabled), ("access_logs.s3.bucket", bucket)]
    };
    let address = |enabled: &'static str, mode: &'static str| {
        let mut all = logs(enabled).to_vec();
        all.push(("routing.http.xff_header_processing.mode", mode));
        attributes(&all)
    };
    let off = (ATTRIBUTES, attributes(&logs("false")));
    Fixture::new(
        ResourceType::ELBV2_LOAD_BALANCER,
        json!({
            "loadBalancerArn": ALB, "dNSName": "hbg-ib-24720373.ap-northeast-1.elb.amazonaws.com",
            "canonicalHostedZoneId": "ZDQACDH2F3TFS3", "createdTime": "2023-04-10T02:00:00.000Z",
            "loadBalancerName": "hbg-ib", "scheme": "internet-facing",
            "vpcId": "vpc-a959ff755d4a2a1a1", "state": {"code": "active"}, "type": "application",
            "availabilityZones": [], "securityGroups": ["sg-ef64ffce5d181035b"],
            "ipAddressType": "ipv4",
        }),
    )
    .with(json!({
        "LoadBalancerAttributes": attributes(&[
            ("access_logs.s3.enabled", "true"), ("idle_timeout.timeout_seconds", "60"),
            ("access_logs.s3.prefix", "alb/hbg-ib"), ("deletion_protection.enabled", "true"),
            ("access_logs.s3.bucket", "hbg-log-archive"),
        ]),
        "Tags": [],
    }))
    .fails("LB_ACCESS_LOG_OFF", &[off.clone()])
    .fails("CLIENT_IP_DROPPED", &[(ATTRIBUTES, address("true", "remove"))])
    .passes(&[(ATTRIBUTES, address("true", "append"))])
    .passes(&[(ATTRIBUTES, address("true", "preserve"))])
    .passes(&[(TYPE, json!("network"))])
    .is_not_judged("NLB_LISTENERS_UNKNOWN", &[(TYPE, json!("network")), off])
    .is_not_judged("NO_ACCESS_LOG_KIND", &[(TYPE, json!("gateway")), (ATTRIBUTES, json!([]))])
    .needs(&[ATTRIBUTES, TYPE])
    // Another attribute that ends alike does not count.
    .is_unreadable(&[(ATTRIBUTES, attributes(&[("connection_logs.s3.enabled", "true")]))])
    .is_unreadable(&[(ATTRIBUTES, address("true", "forward"))])
    .is_unreadable(&[(ATTRIBUTES, json!({"access_logs.s3.enabled": "true"}))])
    .is_unreadable(&[(TYPE, json!("quantum"))])
}

fn classic_load_balancer() -> Fixture {
    const LOG: &str = "/supplementaryConfiguration/LoadBalancerAttributes/accessLog";
    Fixture::new(
        ResourceType::ELB_LOAD_BALANCER,
        json!({
            "loadBalancerName": "hbg-ib", "listenerDescriptions": [], "scheme": "internal",
            "dnsname": "hbg-ib-341918405.ap-northeast-1.elb.amazonaws.com", "vpcid": "vpc-70a35a16",
        }),
    )
    .with(json!({
        "LoadBalancerAttributes": {
            "crossZoneLoadBalancing": {"enabled": true},
            "accessLog": {"enabled": true},
            "connectionDraining": {"enabled": true, "timeout": 300},
            "connectionSettings": {"idleTimeout": 60}, "additionalAttributes": [],
        },
        "LoadBalancerPolicies": [], "Tags": [],
    }))
    .fails("LB_ACCESS_LOG_OFF", &[(LOG, json!({"enabled": false}))])
    .needs(&[LOG, "/supplementaryConfiguration/LoadBalancerAttributes"])
    .is_unreadable(&[(LOG, json!({}))])
}

fn distribution() -> Fixture {
    const LOGGING: &str = "/configuration/distributionConfig/logging";
    const DEFAULT: &str = "/configuration/distributionConfig/defaultCacheBehavior";
    const OTHERS: &str = "/configuration/distributionConfig/cacheBehaviors";
    const STREAM: &str = "arn:aws:cloudfront::111122223333:realtime-log-config/hbg";
    let off =
        (LOGGING, json!({"enabled": false, "includeCookies": false, "bucket": "", "prefix": ""}));
    let real_time = json!({"targetOriginId": "hbg-ib", "realtimeLogConfigArn": STREAM});
    let one_of_two = json!({"quantity": 2, "items": [
        {"pathPattern": "/a", "realtimeLogConfigArn": STREAM},
        {"pathPattern": "/b"},
    ]});
    let both = json!({"quantity": 1, "items": [
        {"pathPattern": "/a", "realtimeLogConfigArn": STREAM},
    ]});
    Fixture::new(
        ResourceType::CLOUDFRONT_DISTRIBUTION,
        json!({
            "id": "E1HIBARIEXAMPLE", "domainName": "d106f6b1005ad1.cloudfront.net",
            "distributionConfig": {
                "callerReference": "106f6b1005ad1", "aliases": {"quantity": 0}, "enabled": true,
                "defaultCacheBehavior": {"targetOriginId": "hbg-ib"},
                "cacheBehaviors": {"quantity": 0},
                "logging": {
                    "enabled": true, "includeCookies": false,
                    "bucket": "hbg-log-archive.s3.amazonaws.com", "prefix": "cdn/",
                },
            },
        }),
    )
    .fails("CLOUDFRONT_LOG_OFF", &[off.clone()])
    .fails("CLOUDFRONT_LOG_OFF", &[off.clone(), (OTHERS, both.clone())])
    .fails("CLOUDFRONT_LOG_OFF", &[off.clone(), (DEFAULT, real_time.clone()), (OTHERS, one_of_two)])
    .passes(&[off.clone(), (DEFAULT, real_time.clone())])
    .passes(&[off.clone(), (DEFAULT, real_time), (OTHERS, both)])
    .is_not_judged(
        "DISTRIBUTION_DISABLED",
        &[off.clone(), ("/configuration/distributionConfig/enabled", json!(false))],
    )
    .needs(&[LOGGING, "/configuration/distributionConfig/enabled"])
    .is_unreadable(&[off, (DEFAULT, Value::Null)])
}

fn rest_stage() -> Fixture {
    const SETTINGS: &str = "/configuration/methodSettings";
    const ACCESS: &str = "/configuration/accessLogSettings";
    let level = |level: &str| json!({"metricsEnabled": true, "loggingLevel": level});
    let quiet = json!({"metricsEnabled": true, "throttlingBurstLimit": 500});
    let settings = |all: &Value, one: &Value| json!({"*/*": all, "~1transfers/POST": one});
    Fixture::new(
        ResourceType::API_GATEWAY_STAGE,
        json!({
            "deploymentId": "6ea6ea", "stageName": "prod", "cacheClusterEnabled": false,
            "cacheClusterStatus": "NOT_AVAILABLE", "methodSettings": {"*/*": level("ERROR")},
            "tracingEnabled": true, "createdDate": "Apr 12, 2023 3:00:00 AM",
            "lastUpdatedDate": "Apr 12, 2023 3:00:00 AM",
            "accessLogSettings": {
                "format": "$context.requestId",
                "destinationArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:/hbg/api",
            },
        }),
    )
    .fails("API_EXECUTION_LOG_OFF", &[(SETTINGS, json!({}))])
    .fails("API_EXECUTION_LOG_OFF", &[(SETTINGS, json!({"*/*": level("OFF")}))])
    .fails("API_EXECUTION_LOG_OFF", &[(SETTINGS, json!({ "*/*": quiet.clone() }))])
    // One method that logs is not all of them, and one that does not is one too many.
    .fails("API_EXECUTION_LOG_OFF", &[(SETTINGS, json!({"~1transfers/POST": level("INFO")}))])
    .fails("API_EXECUTION_LOG_OFF", &[(SETTINGS, settings(&level("INFO"), &level("OFF")))])
    .fails("API_ACCESS_LOG_OFF", &[(ACCESS, Value::Null)])
    .fails("API_ACCESS_LOG_OFF", &[(ACCESS, json!({"format": "$context.requestId"}))])
    .passes(&[(SETTINGS, settings(&level("INFO"), &level("ERROR")))])
    .needs(&[SETTINGS])
    .is_unreadable(&[(SETTINGS, settings(&level("INFO"), &quiet))])
}

fn v2_stage() -> Fixture {
    const ACCESS: &str = "/configuration/accessLogSettings";
    Fixture::new(
        ResourceType::API_GATEWAY_V2_STAGE,
        json!({
            "stageName": "$default", "defaultRouteSettings": {"detailedMetricsEnabled": false},
            "routeSettings": {}, "stageVariables": {}, "autoDeploy": true,
            "createdDate": "Feb 21, 2022 6:36:34 PM",
            "lastUpdatedDate": "Feb 21, 2022 6:36:34 PM",
            "accessLogSettings": {
                "format": "$context.requestId",
                "destinationArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:/hbg/http",
            },
        }),
    )
    .fails("API_ACCESS_LOG_OFF", &[(ACCESS, Value::Null)])
    .fails("API_ACCESS_LOG_OFF", &[(ACCESS, json!({"destinationArn": ""}))])
    .needs(&["/configuration/stageName"])
}

fn graphql_api() -> Fixture {
    const LOG: &str = "/configuration/LogConfig";
    let config = |level: Value, role: Value| json!({"FieldLogLevel": level, "CloudWatchLogsRoleArn": role, "ExcludeVerboseContent": true});
    let role = json!("arn:aws:iam::111122223333:role/hbg-appsync-logs");
    Fixture::new(
        ResourceType::APPSYNC_GRAPHQL_API,
        json!({
            "ApiId": "qwertyuiop", "Name": "hbg-ib", "AuthenticationType": "AWS_IAM",
            "LogConfig": config(json!("ERROR"), role.clone()), "XrayEnabled": false,
        }),
    )
    .fails("APPSYNC_LOG_OFF", &[(LOG, Value::Null)])
    .fails("APPSYNC_LOG_OFF", &[(LOG, config(json!("NONE"), role.clone()))])
    .fails("APPSYNC_LOG_OFF", &[(LOG, config(Value::Null, role.clone()))])
    .fails("APPSYNC_LOG_OFF", &[(LOG, config(json!("ALL"), Value::Null))])
    .passes(&[(LOG, config(json!("ALL"), role))])
    .needs(&["/configuration/ApiId"])
}

fn db_instance() -> Fixture {
    const EXPORTS: &str = "/configuration/enabledCloudwatchLogsExports";
    const STATUS: &str = "/configuration/dBInstanceStatus";
    const ENGINE: &str = "/configuration/engine";
    Fixture::new(
        ResourceType::RDS_DB_INSTANCE,
        json!({
            "dBInstanceIdentifier": "hbg-core-if-db", "dBInstanceClass": "db.r7g.large",
            "engine": "postgres", "dBInstanceStatus": "available", "engineVersion": "16.4",
            "dbiResourceId": "db-NY3QOWGUOZ2M32XTD4JWJAX47A",
            "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        }),
    )
    .fails("DB_LOG_EXPORT_MISSING", &[(EXPORTS, json!([]))])
    .fails("DB_LOG_EXPORT_MISSING", &[(EXPORTS, json!(["upgrade"]))])
    // A stopped instance has its settings all the same.
    .fails("DB_LOG_EXPORT_MISSING", &[(EXPORTS, json!([])), (STATUS, json!("stopped"))])
    .is_not_judged("BEING_CREATED", &[(EXPORTS, json!([])), (STATUS, json!("creating"))])
    .is_not_judged("BEING_DELETED", &[(EXPORTS, json!([])), (STATUS, json!("deleting"))])
    .is_not_judged(
        "JUDGED_ON_CLUSTER",
        &[(EXPORTS, json!([])), ("/configuration/dBClusterIdentifier", json!("hbg-ib"))],
    )
    .is_not_judged("ENGINE_WITHOUT_EXPORTS", &[(ENGINE, json!("custom-oracle-ee"))])
    .needs(&[EXPORTS, ENGINE, STATUS])
}

fn db_cluster() -> Fixture {
    const EXPORTS: &str = "/configuration/enabledCloudwatchLogsExports";
    const STATUS: &str = "/configuration/status";
    Fixture::new(
        ResourceType::RDS_DB_CLUSTER,
        json!({
            "status": "available", "engine": "aurora-mysql",
            "engineVersion": "8.0.mysql_aurora.3.08.0", "dbClusterResourceId": "cluster-hbg",
            "enabledCloudwatchLogsExports": ["audit", "error"], "engineMode": "provisioned",
            "activityStreamStatus": "stopped", "dbclusterIdentifier": "hbg-ib",
        }),
    )
    .fails("DB_LOG_EXPORT_MISSING", &[(EXPORTS, json!(["audit"]))])
    .fails("DB_LOG_EXPORT_MISSING", &[(EXPORTS, json!([]))])
    .is_not_judged(
        "SERVERLESS_EXPORTS",
        &[(EXPORTS, json!([])), ("/configuration/engineMode", json!("serverless"))],
    )
    .is_not_judged("BEING_CREATED", &[(EXPORTS, json!([])), (STATUS, json!("creating"))])
    .is_not_judged("BEING_DELETED", &[(EXPORTS, json!([])), (STATUS, json!("deleting"))])
    .needs(&[EXPORTS, "/configuration/engine", STATUS])
}

fn task_definition() -> Fixture {
    const CONTAINERS: &str = "/configuration/ContainerDefinitions";
    const STATUS: &str = "/configuration/Status";
    let app = |log: Value| json!({"Name": "app", "Image": "hbg-core-if:2.4.1", "Essential": true, "LogConfiguration": log});
    let by = |driver: &str| json!({"LogDriver": driver, "SecretOptions": []});
    let router = json!({"Name": "log-router", "FirelensConfiguration": {"Type": "fluentbit"}});
    let off = (CONTAINERS, json!([app(Value::Null)]));
    Fixture::new(
        ResourceType::ECS_TASK_DEFINITION,
        json!({
            "Family": "hbg-core-if", "Status": "ACTIVE", "NetworkMode": "awsvpc",
            "ContainerDefinitions": [app(by("awslogs"))],
            "TaskDefinitionArn": "arn:aws:ecs:ap-northeast-1:111122223333:task-definition/hbg-core-if:14",
        }),
    )
    .fails("CONTAINER_LOG_MISSING", &[off.clone()])
    .fails("CONTAINER_LOG_MISSING", &[(CONTAINERS, json!([app(by("json-file"))]))])
    .fails("CONTAINER_LOG_MISSING", &[(CONTAINERS, json!([app(by("none"))]))])
    .fails(
        "CONTAINER_LOG_MISSING",
        &[(CONTAINERS, json!([app(by("awslogs")), {"Name": "sidecar", "Image": "proxy:1"}]))],
    )
    .passes(&[(CONTAINERS, json!([app(by("awsfirelens")), router]))])
    .is_not_judged("TASK_DEFINITION_INACTIVE", &[off.clone(), (STATUS, json!("INACTIVE"))])
    .is_not_judged("TASK_DEFINITION_INACTIVE", &[off, (STATUS, json!("DELETE_IN_PROGRESS"))])
    .needs(&[CONTAINERS, STATUS])
    .is_unreadable(&[(CONTAINERS, json!([app(json!({"SecretOptions": []}))]))])
    .is_unreadable(&[(STATUS, json!("PAUSED"))])
}

fn eks_cluster() -> Fixture {
    const LOGGING: &str = "/configuration/Logging";
    let types = |names: &[&str]| {
        let types: Vec<Value> = names.iter().map(|name| json!({ "Type": name })).collect();
        json!({"ClusterLogging": {"EnabledTypes": types}})
    };
    Fixture::new(
        ResourceType::EKS_CLUSTER,
        json!({
            "Arn": "arn:aws:eks:ap-northeast-1:111122223333:cluster/hbg", "Name": "hbg",
            "Version": "1.29", "RoleArn": "arn:aws:iam::111122223333:role/hbg-eks",
            "ResourcesVpcConfig": {"SecurityGroupIds": [], "SubnetIds": []},
            "Logging": types(&["api", "audit", "authenticator"]), "Tags": [],
        }),
    )
    .fails("EKS_CONTROL_PLANE_LOG_OFF", &[(LOGGING, Value::Null)])
    .fails("EKS_CONTROL_PLANE_LOG_OFF", &[(LOGGING, json!({}))])
    .fails("EKS_CONTROL_PLANE_LOG_OFF", &[(LOGGING, types(&[]))])
    .fails("EKS_CONTROL_PLANE_LOG_OFF", &[(LOGGING, types(&["api", "audit"]))])
    .passes(&[(LOGGING, types(&["authenticator", "audit"]))])
    .needs(&["/configuration/Name"])
}

fn redshift() -> Fixture {
    const ON: &str = "/supplementaryConfiguration/LoggingStatus/loggingEnabled";
    const STATUS: &str = "/configuration/clusterStatus";
    Fixture::new(
        ResourceType::REDSHIFT_CLUSTER,
        json!({
            "clusterIdentifier": "hbg-dwh", "nodeType": "ra3.xlplus", "clusterStatus": "available",
            "encrypted": true,
        }),
    )
    .with(json!({"LoggingStatus": {
        "loggingEnabled": true, "bucketName": "hbg-log-archive", "s3KeyPrefix": null,
        "lastSuccessfulDeliveryTime": "2026-09-30T14:29:31.000Z", "lastFailureTime": null,
        "lastFailureMessage": null,
    }}))
    .fails("REDSHIFT_AUDIT_LOG_OFF", &[(ON, json!(false))])
    // Logs to CloudWatch Logs have no bucket.
    .passes(&[("/supplementaryConfiguration/LoggingStatus/bucketName", Value::Null)])
    .is_not_judged("BEING_CREATED", &[(ON, json!(false)), (STATUS, json!("creating"))])
    .is_not_judged("BEING_DELETED", &[(ON, json!(false)), (STATUS, json!("final-snapshot"))])
    .needs(&[ON, "/supplementaryConfiguration/LoggingStatus", STATUS])
}

fn open_search() -> Fixture {
    const LOGS: &str = "/configuration/LogPublishingOptions";
    const FINE: &str = "/configuration/AdvancedSecurityOptions";
    let on = json!({"Enabled": true, "CloudWatchLogsLogGroupArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:/hbg/search:*"});
    let off = json!({"Enabled": false});
    Fixture::new(
        ResourceType::OPENSEARCH_DOMAIN,
        json!({
            "Id": "111122223333/hbg", "DomainName": "hbg", "EngineVersion": "OpenSearch_2.17",
            "LogPublishingOptions": {"ES_APPLICATION_LOGS": on, "AUDIT_LOGS": on},
            "AdvancedSecurityOptions": {"Enabled": true, "InternalUserDatabaseEnabled": false},
        }),
    )
    .fails("OPENSEARCH_LOG_OFF", &[(LOGS, json!({}))])
    .fails("OPENSEARCH_LOG_OFF", &[(LOGS, json!({"ES_APPLICATION_LOGS": on}))])
    .fails("OPENSEARCH_LOG_OFF", &[(LOGS, json!({"ES_APPLICATION_LOGS": on, "AUDIT_LOGS": off}))])
    .fails("OPENSEARCH_LOG_OFF", &[(LOGS, json!({"ES_APPLICATION_LOGS": off, "AUDIT_LOGS": on}))])
    .fails("OPENSEARCH_LOG_OFF", &[(LOGS, json!({"SEARCH_SLOW_LOGS": on, "AUDIT_LOGS": on}))])
    .passes(&[(LOGS, json!({"ES_APPLICATION_LOGS": on})), (FINE, json!({"Enabled": false}))])
    .needs(&[LOGS, FINE])
    .is_unreadable(&[(LOGS, json!({"ES_APPLICATION_LOGS": {}, "AUDIT_LOGS": on}))])
}

fn elasticsearch() -> Fixture {
    const LOGS: &str = "/configuration/logPublishingOptions";
    const FINE: &str = "/configuration/advancedSecurityOptions";
    let on = json!({"enabled": true, "cloudWatchLogsLogGroupArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:/hbg/es:*"});
    Fixture::new(
        ResourceType::ELASTICSEARCH_DOMAIN,
        json!({
            "domainId": "111122223333/hbg", "domainName": "hbg", "created": true, "deleted": false,
            "processing": false, "elasticsearchVersion": "7.10",
            "logPublishingOptions": {"ES_APPLICATION_LOGS": on, "AUDIT_LOGS": on},
            "advancedSecurityOptions": {"enabled": true, "internalUserDatabaseEnabled": true},
        }),
    )
    .fails("OPENSEARCH_LOG_OFF", &[(LOGS, Value::Null)])
    .fails("OPENSEARCH_LOG_OFF", &[(LOGS, json!({"ES_APPLICATION_LOGS": on}))])
    .passes(&[(LOGS, json!({"ES_APPLICATION_LOGS": on})), (FINE, json!({"enabled": false}))])
    .is_not_judged("BEING_DELETED", &[(LOGS, Value::Null), ("/configuration/deleted", json!(true))])
    .needs(&[FINE])
}

fn msk_cluster() -> Fixture {
    const LOGS: &str = "/configuration/LoggingInfo/BrokerLogs";
    let sinks = |cloudwatch: bool, firehose: bool, s3: bool| {
        json!({
            "CloudWatchLogs": {"Enabled": cloudwatch}, "Firehose": {"Enabled": firehose},
            "S3": {"Enabled": s3},
        })
    };
    Fixture::new(
        ResourceType::MSK_CLUSTER,
        json!({
            "ClusterName": "hbg-events", "KafkaVersion": "3.6.0", "NumberOfBrokerNodes": 3,
            "LoggingInfo": {"BrokerLogs": sinks(true, false, false)},
        }),
    )
    .fails("MSK_BROKER_LOG_OFF", &[(LOGS, sinks(false, false, false))])
    .fails("MSK_BROKER_LOG_OFF", &[(LOGS, json!({}))])
    .fails("MSK_BROKER_LOG_OFF", &[("/configuration/LoggingInfo", Value::Null)])
    .passes(&[(LOGS, sinks(false, true, false))])
    .passes(&[(LOGS, sinks(false, false, true))])
    .passes(&[(LOGS, json!({"S3": {"Enabled": true, "Bucket": "hbg-log-archive"}}))])
    .needs(&["/configuration/ClusterName", LOGS])
    .is_unreadable(&[(LOGS, json!({"S3": {"Bucket": "hbg-log-archive"}}))])
}

fn broker() -> Fixture {
    const LOGS: &str = "/configuration/Logs";
    const ENGINE: &str = "/configuration/EngineType";
    let off = |general: bool, audit: bool| (LOGS, json!({"General": general, "Audit": audit}));
    Fixture::new(
        ResourceType::MQ_BROKER,
        json!({
            "BrokerName": "hbg-mq", "EngineType": "ACTIVEMQ", "EngineVersion": "5.18",
            "Logs": {"General": true, "Audit": true},
        }),
    )
    .fails("MQ_LOG_OFF", &[off(false, true)])
    .fails("MQ_LOG_OFF", &[off(true, false)])
    .fails("MQ_LOG_OFF", &[off(true, false), (ENGINE, json!("ActiveMQ"))])
    .fails("MQ_LOG_OFF", &[off(false, false), (ENGINE, json!("RABBITMQ"))])
    .passes(&[(LOGS, json!({"General": true})), (ENGINE, json!("RabbitMQ"))])
    .needs(&[LOGS, ENGINE, "/configuration/Logs/General", "/configuration/Logs/Audit"])
    .is_unreadable(&[(ENGINE, json!("ARTEMIS"))])
}

fn state_machine() -> Fixture {
    const LOGGING: &str = "/configuration/LoggingConfiguration";
    let group = json!({"CloudWatchLogsLogGroup": {"LogGroupArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:/hbg/sfn:*"}});
    let at = |level: &str, groups: &[&Value]| json!({"Level": level, "IncludeExecutionData": false, "Destinations": groups});
    Fixture::new(
        ResourceType::STEP_FUNCTIONS_STATE_MACHINE,
        json!({
            "Arn": "arn:aws:states:ap-northeast-1:111122223333:stateMachine:hbg-eod",
            "StateMachineName": "hbg-eod", "StateMachineType": "STANDARD",
            "LoggingConfiguration": at("ALL", &[&group]), "Tags": [],
        }),
    )
    .fails("SFN_LOG_OFF", &[(LOGGING, Value::Null)])
    .fails("SFN_LOG_OFF", &[(LOGGING, at("OFF", &[]))])
    .fails("SFN_LOG_OFF", &[(LOGGING, at("OFF", &[&group]))])
    .fails("SFN_LOG_OFF", &[(LOGGING, at("FATAL", &[&group]))])
    .fails("SFN_LOG_OFF", &[(LOGGING, at("ALL", &[]))])
    .passes(&[(LOGGING, at("ERROR", &[&group]))])
    .needs(&["/configuration/StateMachineName", "/configuration/LoggingConfiguration/Level"])
    .is_unreadable(&[(LOGGING, at("DEBUG", &[&group]))])
}

fn build_project() -> Fixture {
    const LOGS: &str = "/configuration/logsConfig";
    let sinks = |cloudwatch: &str, s3: &str| json!({"cloudWatchLogs": {"status": cloudwatch}, "s3Logs": {"status": s3}});
    Fixture::new(
        ResourceType::CODEBUILD_PROJECT,
        json!({
            "name": "hbg-ib-build", "serviceRole": "arn:aws:iam::111122223333:role/hbg-build",
            "logsConfig": sinks("ENABLED", "DISABLED"),
        }),
    )
    .fails("CODEBUILD_LOG_OFF", &[(LOGS, sinks("DISABLED", "DISABLED"))])
    .fails("CODEBUILD_LOG_OFF", &[(LOGS, json!({"cloudWatchLogs": {"status": "DISABLED"}}))])
    .passes(&[(LOGS, sinks("DISABLED", "ENABLED"))])
    // CloudWatch Logs are on unless turned off.
    .passes(&[(LOGS, Value::Null)])
    .passes(&[(LOGS, json!({"s3Logs": {"status": "DISABLED"}}))])
    .needs(&["/configuration/name"])
    .is_unreadable(&[(LOGS, sinks("PAUSED", "ENABLED"))])
}

fn datasync_task() -> Fixture {
    const GROUP: &str = "/configuration/CloudWatchLogGroupArn";
    const LEVEL: &str = "/configuration/Options/LogLevel";
    Fixture::new(
        ResourceType::DATASYNC_TASK,
        json!({
            "TaskArn": "arn:aws:datasync:ap-northeast-1:111122223333:task/task-08de6e66977",
            "Name": "hbg-zengin", "Status": "AVAILABLE",
            "CloudWatchLogGroupArn": "arn:aws:logs:ap-northeast-1:111122223333:log-group:/hbg/ds",
            "Options": {"VerifyMode": "ONLY_FILES_TRANSFERRED", "LogLevel": "TRANSFER"},
        }),
    )
    .fails("DATASYNC_LOG_OFF", &[(GROUP, Value::Null)])
    .fails("DATASYNC_LOG_OFF", &[(LEVEL, json!("OFF"))])
    .passes(&[(LEVEL, json!("BASIC"))])
    .needs(&["/configuration/Options", LEVEL])
    .is_unreadable(&[(LEVEL, json!("LOUD"))])
}

fn connector() -> Fixture {
    const ROLE: &str = "/configuration/LoggingRole";
    Fixture::new(
        ResourceType::TRANSFER_CONNECTOR,
        json!({
            "ConnectorId": "c-0123456789abcdef0", "Url": "sftp://files.example.jp",
            "AccessRole": "arn:aws:iam::111122223333:role/hbg-transfer",
            "LoggingRole": "arn:aws:iam::111122223333:role/hbg-transfer-logs",
        }),
    )
    .fails("TRANSFER_LOG_OFF", &[(ROLE, Value::Null)])
    .fails("TRANSFER_LOG_OFF", &[(ROLE, json!(""))])
    .needs(&["/configuration/ConnectorId"])
}

fn environment() -> Fixture {
    const OPTIONS: &str = "/configuration/optionSettings";
    let logs = |value: &str| {
        json!({"aws:elasticbeanstalk:cloudwatch:logs": {
            "RetentionInDays": {"value": "7"}, "DeleteOnTerminate": {"value": "false"},
            "StreamLogs": {"value": value},
        }})
    };
    Fixture::new(
        ResourceType::BEANSTALK_ENVIRONMENT,
        json!({
            "applicationName": "hbg", "environmentId": "e-test", "environmentName": "hbg-loan",
            "optionSettings": logs("True"), "status": "Ready",
            "tier": {"name": "WebServer", "type": "Standard", "version": "1.0"},
        }),
    )
    .fails("BEANSTALK_LOG_STREAM_OFF", &[(OPTIONS, logs("false"))])
    .fails("BEANSTALK_LOG_STREAM_OFF", &[(OPTIONS, json!({}))])
    .fails(
        "BEANSTALK_LOG_STREAM_OFF",
        &[(OPTIONS, json!({"aws:elasticbeanstalk:cloudwatch:logs": {"RetentionInDays": {"value": "7"}}}))],
    )
    // Health events are not the logs of the instances.
    .fails(
        "BEANSTALK_LOG_STREAM_OFF",
        &[(OPTIONS, json!({"aws:elasticbeanstalk:cloudwatch:logs:health": {"HealthStreamingEnabled": {"value": "true"}}}))],
    )
    .passes(&[(OPTIONS, logs("true"))])
    .is_not_judged(
        "BEING_DELETED",
        &[(OPTIONS, logs("false")), ("/configuration/status", json!("Terminated"))],
    )
    .needs(&[OPTIONS, "/configuration/status"])
    .is_unreadable(&[(OPTIONS, logs("perhaps"))])
}

fn glue_job() -> Fixture {
    const ARGUMENT: &str = "/configuration/DefaultArguments/--enable-continuous-cloudwatch-log";
    const VERSION: &str = "/configuration/GlueVersion";
    const KIND: &str = "/configuration/Command/Name";
    let off = (ARGUMENT, Value::Null);
    Fixture::new(
        ResourceType::GLUE_JOB,
        json!({
            "Id": "hbg-etl", "Name": "hbg-etl", "Role": "arn:aws:iam::111122223333:role/hbg-etl",
            "DefaultArguments": {
                "--job-language": "python", "--enable-continuous-cloudwatch-log": "true",
                "--enable-metrics": "true",
            },
            "Command": {"Name": "glueetl", "PythonVersion": "3"}, "GlueVersion": "4.0",
        }),
    )
    .fails("GLUE_JOB_LOG_OFF", &[off.clone()])
    .fails("GLUE_JOB_LOG_OFF", &[(ARGUMENT, json!("false"))])
    .fails("GLUE_JOB_LOG_OFF", &[("/configuration/DefaultArguments", Value::Null)])
    .fails("GLUE_JOB_LOG_OFF", &[off.clone(), (KIND, json!("gluestreaming"))])
    .fails("GLUE_JOB_LOG_OFF", &[off.clone(), (VERSION, json!("0.9"))])
    .passes(&[off.clone(), (VERSION, json!("5.0"))])
    .passes(&[off.clone(), (VERSION, json!("10.1"))])
    .passes(&[off, (KIND, json!("pythonshell")), (VERSION, json!("3.0"))])
    .needs(&["/configuration/Command", VERSION])
    .is_unreadable(&[(KIND, json!("gluequantum"))])
    .is_unreadable(&[(VERSION, json!("latest"))])
}
