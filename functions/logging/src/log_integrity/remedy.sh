# VALIDATION_DISABLED
aws cloudtrail update-trail --name TRAIL --enable-log-file-validation

# DIGEST_DELIVERY_FAILED: the error tells whether the bucket or the key refuses
aws cloudtrail get-trail-status --name TRAIL --query LatestDigestDeliveryError

# DIGEST_MISSING, DIGEST_CHAIN_GAP, DIGEST_SIGNATURE_INVALID, DIGEST_LINK_MISMATCH,
# DIGEST_MALFORMED, LOG_FILE_MISSING, LOG_FILE_ALTERED: an incident. Freeze the bucket, verify the
# whole period (fisc verify-logs takes the same options), and see who changed it.
aws s3api put-object-lock-configuration --bucket LOG_BUCKET --object-lock-configuration '{
  "ObjectLockEnabled": "Enabled",
  "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 365}}
}'
aws cloudtrail validate-logs --start-time 2026-11-01T00:00:00Z --verbose \
  --trail-arn arn:aws:cloudtrail:REGION:ACCOUNT_ID:trail/TRAIL
aws s3api list-object-versions --bucket LOG_BUCKET --prefix AWSLogs/ACCOUNT_ID/ \
  --query 'DeleteMarkers[].[Key, LastModified]'
