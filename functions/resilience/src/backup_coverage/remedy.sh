# NOT_IN_BACKUP_PLAN, S3_NOT_PROTECTED, FSX_BACKUP_OFF, RECOVERY_POINT_TOO_OLD: the plan selects by
# tag, and the Region backs the type up
aws backup create-backup-selection --backup-plan-id PLAN_ID --backup-selection '{
  "SelectionName": "by-tag",
  "IamRoleArn": "BACKUP_ROLE_ARN",
  "ListOfTags": [{
    "ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"
  }]
}'
aws resourcegroupstaggingapi tag-resources --resource-arn-list RESOURCE_ARN --tags backup=daily
aws backup update-region-settings \
  --resource-type-opt-in-preference EBS=true,EC2=true,RDS=true,Aurora=true,DynamoDB=true,EFS=true,S3=true
aws backup list-backup-jobs --by-state FAILED
aws backup start-backup-job --backup-vault-name VAULT --resource-arn RESOURCE_ARN \
  --iam-role-arn BACKUP_ROLE_ARN

# RDS_BACKUP_OFF, RESTORABLE_TIME_LAGS
aws rds modify-db-instance --db-instance-identifier DB --backup-retention-period 7 \
  --apply-immediately
aws rds modify-db-cluster --db-cluster-identifier CLUSTER --backup-retention-period 7 \
  --apply-immediately
# DYNAMODB_PITR_OFF
aws dynamodb update-continuous-backups --table-name TABLE --point-in-time-recovery-specification \
  PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=35
# REDSHIFT_SNAPSHOT_SHORT, CACHE_BACKUP_OFF
aws redshift modify-cluster --cluster-identifier CLUSTER --automated-snapshot-retention-period 7
aws elasticache modify-replication-group --replication-group-id GROUP \
  --snapshot-retention-limit 7 --apply-immediately

# EXEMPTION_WITHOUT_SOURCE: what it is rebuilt from
aws resourcegroupstaggingapi tag-resources --resource-arn-list RESOURCE_ARN \
  --tags fisc:backup-exempt=s3://SOURCE_BUCKET
