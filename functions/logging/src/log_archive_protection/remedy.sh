# BUCKET_PUBLIC, VERSIONING_OFF
aws s3api put-public-access-block --bucket LOG_BUCKET --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true
aws s3api put-bucket-versioning --bucket LOG_BUCKET --versioning-configuration Status=Enabled

# NOT_WRITE_PROTECTED: nobody can delete a version for a year; COMPLIANCE binds even root
aws s3api put-object-lock-configuration --bucket LOG_BUCKET --object-lock-configuration '{
  "ObjectLockEnabled": "Enabled",
  "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}}
}'

# RETENTION_TOO_SHORT, LIFECYCLE_MISSING: this replaces all rules of the bucket
aws s3api put-bucket-lifecycle-configuration --bucket LOG_BUCKET --lifecycle-configuration '{
  "Rules": [{
    "ID": "archive",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Transitions": [{"Days": 90, "StorageClass": "GLACIER_IR"}],
    "Expiration": {"Days": 2557},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 400}
  }]
}'

# NOT_KMS_ENCRYPTED, ACCESS_LOGGING_OFF
aws s3api put-bucket-encryption --bucket LOG_BUCKET --server-side-encryption-configuration '{
  "Rules": [{
    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "KEY_ARN"},
    "BucketKeyEnabled": true
  }]
}'
aws s3api put-bucket-logging --bucket LOG_BUCKET --bucket-logging-status \
  'LoggingEnabled={TargetBucket=ACCESS_LOG_BUCKET,TargetPrefix=LOG_BUCKET/}'

# WRITER_NOT_RESTRICTED: this replaces the policy; one pair of statements per log service
aws s3api put-bucket-policy --bucket LOG_BUCKET --policy '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:*",
      "Resource": ["arn:aws:s3:::LOG_BUCKET", "arn:aws:s3:::LOG_BUCKET/*"],
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    },
    {
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "s3:GetBucketAcl",
      "Resource": "arn:aws:s3:::LOG_BUCKET",
      "Condition": {"StringEquals": {"aws:SourceArn": "TRAIL_ARN"}}
    },
    {
      "Effect": "Allow",
      "Principal": {"Service": "cloudtrail.amazonaws.com"},
      "Action": "s3:PutObject",
      "Resource": "arn:aws:s3:::LOG_BUCKET/AWSLogs/*",
      "Condition": {"StringEquals": {"aws:SourceArn": "TRAIL_ARN"}}
    }
  ]
}'

# TRAIL_BUCKET_NOT_CENTRAL, CONFIG_BUCKET_NOT_CENTRAL
aws cloudtrail update-trail --name TRAIL --s3-bucket-name LOG_BUCKET
aws configservice put-delivery-channel --delivery-channel \
  'name=default,s3BucketName=LOG_BUCKET,configSnapshotDeliveryProperties={deliveryFrequency=TwentyFour_Hours}'
# CONFIG_HISTORY_TOO_SHORT
aws configservice put-retention-configuration --retention-period-in-days 2557

# TRAIL_ADMIN_UNRESTRICTED, LOG_ADMIN_UNRESTRICTED: a version of the policy without these actions
aws iam create-policy-version --set-as-default \
  --policy-arn arn:aws:iam::ACCOUNT_ID:policy/POLICY --policy-document '{
    "Version": "2012-10-17",
    "Statement": [
      {"Effect": "Allow", "Action": ["cloudtrail:Get*", "cloudtrail:List*"], "Resource": "*"}
    ]
  }'
