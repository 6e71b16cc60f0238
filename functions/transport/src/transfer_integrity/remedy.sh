# VERIFICATION_OFF, TASK_LOGGING_OFF
aws datasync update-task --task-arn TASK_ARN --cloud-watch-log-group-arn LOG_GROUP_ARN \
  --options VerifyMode=ONLY_FILES_TRANSFERRED,LogLevel=BASIC

# UNSIGNED_PAYLOAD_ALLOWED: this replaces the policy; add its other statements
cat > policy.json <<'JSON'
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "RefuseUnsignedPayload",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:PutObject",
      "Resource": "arn:aws:s3:::BUCKET/*",
      "Condition": {"StringEquals": {"s3:x-amz-content-sha256": "UNSIGNED-PAYLOAD"}}
    },
    {
      "Sid": "RefuseOldSignature",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "s3:PutObject",
      "Resource": "arn:aws:s3:::BUCKET/*",
      "Condition": {"StringNotEquals": {"s3:signatureversion": "AWS4-HMAC-SHA256"}}
    }
  ]
}
JSON
aws s3api put-bucket-policy --bucket BUCKET --policy file://policy.json
