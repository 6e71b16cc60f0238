# CLASS_TAG_MISSING, CLASS_TAG_INVALID: up to 20 resources at once
aws resourcegroupstaggingapi tag-resources --resource-arn-list RESOURCE_ARN \
  --tags fisc:data-class=confidential

# RETENTION_TAG_MISSING, REQUIRED_TAG_MISSING: with the keys that the parameters ask for
aws resourcegroupstaggingapi tag-resources --resource-arn-list RESOURCE_ARN \
  --tags RETENTION_KEY=7y,OWNER_KEY=TEAM
