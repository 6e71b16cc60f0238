# LAMBDA_RUNTIME_UNSUPPORTED
aws lambda update-function-configuration --function-name FUNCTION --runtime python3.13

# EKS_VERSION_UNSUPPORTED: one minor version at a time, then the node groups
aws eks update-cluster-version --name CLUSTER --kubernetes-version 1.34
aws eks update-nodegroup-version --cluster-name CLUSTER --nodegroup-name NODE_GROUP

# RDS_MAJOR_UNSUPPORTED, RDS_ENGINE_DEPRECATED, AUTO_MINOR_UPGRADE_OFF: try it on a restored copy
aws rds describe-db-engine-versions --engine postgres --engine-version 13 \
  --query 'DBEngineVersions[].ValidUpgradeTarget[].EngineVersion'
aws rds modify-db-instance --db-instance-identifier DB --engine-version 17 \
  --allow-major-version-upgrade --auto-minor-version-upgrade

# OPENSEARCH_OUTDATED
aws opensearch upgrade-domain --domain-name DOMAIN --target-version OpenSearch_2.19
aws opensearch start-service-software-update --domain-name DOMAIN
# MQ_ENGINE_UNSUPPORTED, KAFKA_VERSION_DEPRECATED, BEANSTALK_PLATFORM_RETIRED
aws mq update-broker --broker-id BROKER_ID --engine-version 5.19 --auto-minor-version-upgrade
aws kafka update-cluster-kafka-version --cluster-arn CLUSTER_ARN --current-version VERSION \
  --target-kafka-version 3.9.x
aws elasticbeanstalk update-environment --environment-name ENVIRONMENT --platform-arn PLATFORM_ARN
# GLUE_VERSION_UNSUPPORTED: what is not named here goes back to its default
aws glue update-job --job-name JOB --job-update \
  'Role=ROLE_ARN,Command={Name=glueetl,ScriptLocation=s3://BUCKET/job.py},GlueVersion=5.0'
# FARGATE_PLATFORM_OLD
aws ecs update-service --cluster CLUSTER --service SERVICE --platform-version LATEST \
  --force-new-deployment
# OTHER_ENGINE_UNSUPPORTED: ElastiCache, canaries
aws elasticache modify-replication-group --replication-group-id GROUP --engine valkey \
  --engine-version 8.1 --apply-immediately
aws synthetics update-canary --name canary --runtime-version RUNTIME_VERSION

# VERSION_TABLE_STALE: deploy a newer release of these rules

# OS_UNSUPPORTED, AMI_DEPRECATED: a version of the launch template with a current image
aws ssm get-parameter --query Parameter.Value \
  --name /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64
aws ec2 create-launch-template-version --launch-template-id LAUNCH_TEMPLATE_ID \
  --source-version VERSION --launch-template-data ImageId=IMAGE_ID
