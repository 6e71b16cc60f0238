# NOT_ENCRYPTED, KMS_ENCRYPTION_REQUIRED, CUSTOMER_KEY_REQUIRED: a bucket
aws s3api put-bucket-encryption --bucket BUCKET --server-side-encryption-configuration '{
  "Rules": [{
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "KEY_ARN"},
    "BucketKeyEnabled": true
  }]
}'
# ... a topic, a queue, a stream, a table, a secret
aws sns set-topic-attributes --topic-arn TOPIC_ARN \
  --attribute-name KmsMasterKeyId --attribute-value KEY_ARN
aws sqs set-queue-attributes --queue-url QUEUE_URL --attributes KmsMasterKeyId=KEY_ARN
aws kinesis start-stream-encryption --stream-name STREAM --encryption-type KMS --key-id KEY_ARN
aws dynamodb update-table --table-name TABLE \
  --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=KEY_ARN
aws secretsmanager update-secret --secret-id SECRET_ID --kms-key-id KEY_ARN

# ... a volume: an encrypted copy in the same zone, then swap the volumes of the stopped instance
aws ec2 create-snapshot --volume-id VOLUME_ID
aws ec2 copy-snapshot --source-region REGION --source-snapshot-id SNAPSHOT_ID \
  --encrypted --kms-key-id KEY_ARN
aws ec2 create-volume --snapshot-id ENCRYPTED_SNAPSHOT_ID --availability-zone ZONE

# ... a DB instance: an encrypted copy of its snapshot, restored under a new name
aws rds create-db-snapshot --db-instance-identifier DB --db-snapshot-identifier DB_PLAIN
aws rds copy-db-snapshot --source-db-snapshot-identifier DB_PLAIN \
  --target-db-snapshot-identifier DB_ENCRYPTED --kms-key-id KEY_ARN
aws rds restore-db-instance-from-db-snapshot --db-snapshot-identifier DB_ENCRYPTED \
  --db-instance-identifier NEW_DB

# SNAPSHOT_NOT_ENCRYPTED: find them, copy them encrypted as above, delete the old ones
aws ec2 describe-snapshots --owner-ids self --filters Name=encrypted,Values=false \
  --query 'Snapshots[].SnapshotId'
aws ec2 delete-snapshot --snapshot-id SNAPSHOT_ID
