# ASG_SINGLE_AZ, WORKLOAD_SINGLE_AZ
aws autoscaling update-auto-scaling-group --auto-scaling-group-name AUTO_SCALING_GROUP \
  --vpc-zone-identifier SUBNET_ID_1,SUBNET_ID_2
# LB_SINGLE_AZ, NETWORK_PATH_SINGLE_AZ
aws elbv2 set-subnets --load-balancer-arn LOAD_BALANCER_ARN --subnets SUBNET_ID_1 SUBNET_ID_2
aws ec2 modify-vpc-endpoint --vpc-endpoint-id VPC_ENDPOINT_ID --add-subnet-ids SUBNET_ID_2
aws ec2 modify-transit-gateway-vpc-attachment --transit-gateway-attachment-id ATTACHMENT_ID \
  --add-subnet-ids SUBNET_ID_2
aws network-firewall associate-subnets --firewall-name FIREWALL \
  --subnet-mappings SubnetId=SUBNET_ID_2
# ECS_SERVICE_SINGLE_AZ, EKS_NODES_SINGLE_AZ, LAMBDA_VPC_SINGLE_AZ
aws ecs update-service --cluster CLUSTER --service SERVICE --desired-count 2 \
  --network-configuration \
  'awsvpcConfiguration={subnets=[SUBNET_ID_1,SUBNET_ID_2],securityGroups=[GROUP_ID]}'
aws eks create-nodegroup --cluster-name CLUSTER --nodegroup-name two-zones \
  --subnets SUBNET_ID_1 SUBNET_ID_2 --node-role NODE_ROLE_ARN
aws lambda update-function-configuration --function-name FUNCTION \
  --vpc-config SubnetIds=SUBNET_ID_1,SUBNET_ID_2,SecurityGroupIds=GROUP_ID

# RDS_SINGLE_AZ, FAILOVER_TARGET_SMALLER
aws rds modify-db-instance --db-instance-identifier DB --multi-az --apply-immediately
aws rds create-db-instance --db-instance-identifier READER --db-cluster-identifier CLUSTER \
  --engine aurora-postgresql --db-instance-class db.r8g.large --availability-zone ZONE
# CACHE_SINGLE_AZ, REDSHIFT_SINGLE_AZ, DMS_SINGLE_AZ
aws elasticache modify-replication-group --replication-group-id GROUP \
  --automatic-failover-enabled --multi-az-enabled --apply-immediately
aws redshift modify-cluster --cluster-identifier CLUSTER --multi-az
aws dms modify-replication-instance --replication-instance-arn INSTANCE_ARN --multi-az \
  --apply-immediately
# SEARCH_SINGLE_AZ
aws opensearch update-domain-config --domain-name DOMAIN --cluster-config \
  'InstanceCount=3,ZoneAwarenessEnabled=true,ZoneAwarenessConfig={AvailabilityZoneCount=3},DedicatedMasterEnabled=true,DedicatedMasterType=m6g.large.search,DedicatedMasterCount=3'
# FILE_SYSTEM_SINGLE_AZ, BROKER_SINGLE_AZ: EFS by mount targets; others must be made anew
aws efs create-mount-target --file-system-id FILE_SYSTEM_ID --subnet-id SUBNET_ID_2 \
  --security-groups GROUP_ID
aws mq create-broker --broker-name BROKER --engine-type ACTIVEMQ --engine-version 5.19 \
  --deployment-mode ACTIVE_STANDBY_MULTI_AZ --host-instance-type mq.m5.large \
  --no-publicly-accessible --subnet-ids SUBNET_ID_1 SUBNET_ID_2 \
  --users "Username=admin,Password=$(aws secretsmanager get-random-password \
    --exclude-punctuation --query RandomPassword --output text)"

# NAT_SHARED_ACROSS_AZ: a gateway in each zone, and its subnets' route to it
aws ec2 create-nat-gateway --subnet-id PUBLIC_SUBNET_ID_2 --allocation-id ALLOCATION_ID
aws ec2 replace-route --route-table-id ROUTE_TABLE_ID_2 --destination-cidr-block 0.0.0.0/0 \
  --nat-gateway-id NAT_GATEWAY_ID_2
# BUCKET_SINGLE_AZ_CLASS: this replaces the bucket's rules
aws s3api put-bucket-lifecycle-configuration --bucket BUCKET --lifecycle-configuration '{
  "Rules": [{
    "ID": "cheaper",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}]
  }]
}'
