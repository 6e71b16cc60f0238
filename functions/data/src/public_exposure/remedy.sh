# PUBLICLY_ACCESSIBLE: databases, replication instances, clusters
aws rds modify-db-instance --db-instance-identifier DB --no-publicly-accessible --apply-immediately
aws redshift modify-cluster --cluster-identifier CLUSTER --no-publicly-accessible

# SNAPSHOT_PUBLIC, SHARED_WITH_UNTRUSTED_ACCOUNT
aws rds modify-db-snapshot-attribute --db-snapshot-identifier SNAPSHOT \
  --attribute-name restore --values-to-remove all
aws ec2 modify-snapshot-attribute --snapshot-id SNAPSHOT_ID \
  --attribute createVolumePermission --operation-type remove --group-names all
# IMAGE_PUBLIC
aws ec2 modify-image-attribute --image-id IMAGE_ID --launch-permission 'Remove=[{Group=all}]'
# DOCUMENT_PUBLIC
aws ssm modify-document-permission --name DOCUMENT --permission-type Share \
  --account-ids-to-remove all

# SNAPSHOT_BLOCK_OFF, IMAGE_BLOCK_OFF, DOCUMENT_SHARING_NOT_BLOCKED, EMR_BLOCK_OFF: per Region
aws ec2 enable-snapshot-block-public-access --state block-all-sharing
aws ec2 enable-image-block-public-access --image-block-public-access-state block-new-sharing
aws ssm update-service-setting --setting-id /ssm/documents/console/public-sharing-permission \
  --setting-value Disable
aws emr put-block-public-access-configuration --block-public-access-configuration \
  'BlockPublicSecurityGroupRules=true,PermittedPublicSecurityGroupRuleRanges=[{MinRange=22,MaxRange=22}]'

# PUBLIC_ENDPOINT
aws eks update-cluster-config --name CLUSTER \
  --resources-vpc-config endpointPublicAccess=false,endpointPrivateAccess=true

# NOT_IN_VPC, DIRECT_INTERNET_ACCESS: both are fixed at birth, so make it anew and move the data
aws opensearch create-domain --domain-name NEW_DOMAIN --engine-version OpenSearch_2.19 \
  --vpc-options SubnetIds=SUBNET_ID,SecurityGroupIds=GROUP_ID \
  --cluster-config InstanceType=r6g.large.search,InstanceCount=1 \
  --ebs-options EBSEnabled=true,VolumeType=gp3,VolumeSize=20
aws sagemaker create-notebook-instance --notebook-instance-name new-notebook \
  --instance-type ml.t3.medium --role-arn ROLE_ARN --subnet-id SUBNET_ID \
  --security-group-ids GROUP_ID --direct-internet-access Disabled

# PUBLIC_FUNCTION_URL: callers then sign their requests
aws lambda update-function-url-config --function-name FUNCTION --auth-type AWS_IAM

# PUBLIC_POLICY, UNTRUSTED_PRINCIPAL: of a function, a queue, a topic
aws lambda remove-permission --function-name FUNCTION --statement-id STATEMENT_ID
aws sqs set-queue-attributes --queue-url QUEUE_URL --attributes '{
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"QUEUE_ARN\",\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"ORGANIZATION_ID\"}}}]}"
}'
