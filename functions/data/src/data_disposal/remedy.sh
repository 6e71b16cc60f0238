# NO_EXPIRATION_RULE, NO_NONCURRENT_EXPIRATION, NO_MULTIPART_ABORT: this replaces all rules of the
# bucket, so take over those that it has
aws s3api get-bucket-lifecycle-configuration --bucket BUCKET
aws s3api put-bucket-lifecycle-configuration --bucket BUCKET --lifecycle-configuration '{
  "Rules": [{
    "ID": "dispose",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "Expiration": {"Days": 2557},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}
  }]
}'

# VOLUME_UNATTACHED
aws ec2 create-snapshot --volume-id VOLUME_ID --description "final"
aws ec2 delete-volume --volume-id VOLUME_ID

# DISPOSAL_DATE_PASSED: delete the resource, or set a later date that was approved
aws resourcegroupstaggingapi tag-resources --resource-arn-list RESOURCE_ARN \
  --tags fisc:disposal-date=2031-03-31
