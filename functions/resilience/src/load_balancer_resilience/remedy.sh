# TARGET_HEALTH_CHECK_OFF, TARGETS_UNHEALTHY
aws elbv2 modify-target-group --target-group-arn TARGET_GROUP_ARN --health-check-enabled \
  --health-check-protocol HTTPS --health-check-path /health
aws elbv2 describe-target-health --target-group-arn TARGET_GROUP_ARN
aws elbv2 register-targets --target-group-arn TARGET_GROUP_ARN --targets Id=INSTANCE_ID

# CROSS_ZONE_OFF: Network and Gateway Load Balancers, then Classic ones
aws elbv2 modify-load-balancer-attributes --load-balancer-arn LOAD_BALANCER_ARN \
  --attributes Key=load_balancing.cross_zone.enabled,Value=true
aws elb modify-load-balancer-attributes --load-balancer-name LOAD_BALANCER \
  --load-balancer-attributes 'CrossZoneLoadBalancing={Enabled=true}'
# LB_SUBNET_NEARLY_FULL, SURGE_CAPACITY_NOT_RESERVED
aws elbv2 set-subnets --load-balancer-arn LOAD_BALANCER_ARN --subnets SUBNET_ID_1 SUBNET_ID_2
aws elbv2 modify-capacity-reservation --load-balancer-arn LOAD_BALANCER_ARN \
  --minimum-load-balancer-capacity CapacityUnits=100

# FAILOVER_RECORD_UNCHECKED, FAILOVER_ROUTING_MISSING
aws route53 create-health-check --caller-reference primary-1 --health-check-config \
  Type=HTTPS,FullyQualifiedDomainName=PRIMARY_DOMAIN,Port=443,ResourcePath=/health
aws route53 change-resource-record-sets --hosted-zone-id HOSTED_ZONE_ID --change-batch '{
  "Changes": [
    {"Action": "UPSERT", "ResourceRecordSet": {
      "Name": "www.example.com", "Type": "CNAME", "TTL": 60,
      "SetIdentifier": "primary", "Failover": "PRIMARY", "HealthCheckId": "HEALTH_CHECK_ID",
      "ResourceRecords": [{"Value": "PRIMARY_DOMAIN"}]
    }},
    {"Action": "UPSERT", "ResourceRecordSet": {
      "Name": "www.example.com", "Type": "CNAME", "TTL": 60,
      "SetIdentifier": "secondary", "Failover": "SECONDARY",
      "ResourceRecords": [{"Value": "SECONDARY_DOMAIN"}]
    }}
  ]
}'
# ACCELERATOR_SINGLE_REGION
aws globalaccelerator create-endpoint-group --region us-west-2 --listener-arn LISTENER_ARN \
  --endpoint-group-region ap-northeast-3 --endpoint-configurations EndpointId=LOAD_BALANCER_ARN
# ORIGIN_FAILOVER_MISSING: in distribution.json an OriginGroups item with two members, and its id as
# the TargetOriginId of the default behaviour
aws cloudfront get-distribution-config --id DISTRIBUTION_ID \
  --query DistributionConfig > distribution.json
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match ENTITY_TAG \
  --distribution-config file://distribution.json
