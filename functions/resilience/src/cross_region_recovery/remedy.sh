# S3_NOT_REPLICATED: both buckets are versioned; the role may read here and replicate there
aws s3api put-bucket-replication --bucket BUCKET --replication-configuration '{
  "Role": "ROLE_ARN",
  "Rules": [{
    "ID": "second-region",
    "Status": "Enabled",
    "Priority": 1,
    "Filter": {"Prefix": ""},
    "DeleteMarkerReplication": {"Status": "Disabled"},
    "Destination": {"Bucket": "arn:aws:s3:::DR_BUCKET"}
  }]
}'
# DYNAMODB_NO_REPLICA
aws dynamodb update-table --table-name TABLE \
  --replica-updates 'Create={RegionName=ap-northeast-3}'
# RDS_NO_CROSS_REGION_COPY: an encrypted instance needs a key of the second Region
aws rds start-db-instance-automated-backups-replication --region ap-northeast-3 \
  --source-db-instance-arn DB_ARN --kms-key-id DR_KEY_ARN --backup-retention-period 7
# AURORA_NO_GLOBAL_SECONDARY
aws rds create-global-cluster --global-cluster-identifier GLOBAL \
  --source-db-cluster-identifier CLUSTER_ARN
aws rds create-db-cluster --region ap-northeast-3 --db-cluster-identifier SECONDARY \
  --global-cluster-identifier GLOBAL --engine aurora-postgresql --kms-key-id DR_KEY_ARN
# EFS_NOT_REPLICATED, SECRET_NOT_REPLICATED
aws efs create-replication-configuration --source-file-system-id FILE_SYSTEM_ID \
  --destinations Region=ap-northeast-3
aws secretsmanager replicate-secret-to-regions --secret-id SECRET_ID \
  --add-replica-regions Region=ap-northeast-3
# REDSHIFT_SNAPSHOT_NOT_COPIED
aws redshift enable-snapshot-copy --cluster-identifier CLUSTER --destination-region ap-northeast-3 \
  --retention-period 7
# ECR_NOT_REPLICATED: this replaces the registry's rules
aws ecr put-replication-configuration --replication-configuration '{
  "rules": [{"destinations": [{"region": "ap-northeast-3", "registryId": "123456789012"}]}]
}'

# TARGET_REGION_NOT_APPROVED
aws secretsmanager remove-regions-from-replication --secret-id SECRET_ID \
  --remove-replica-regions REGION
# DRS_NOT_REPLICATING, DRS_LAG_OVER_RPO: the cause is in dataReplicationInfo
aws drs describe-source-servers --region ap-northeast-3 \
  --query 'items[].[sourceServerID, dataReplicationInfo.dataReplicationError]'
aws drs start-replication --region ap-northeast-3 --source-server-id s-0123456789abcdef0
# COPY_STALE
aws backup start-copy-job --recovery-point-arn RECOVERY_POINT_ARN --source-backup-vault-name VAULT \
  --destination-backup-vault-arn arn:aws:backup:ap-northeast-3:ACCOUNT_ID:backup-vault:VAULT \
  --iam-role-arn BACKUP_ROLE_ARN
