# DEFAULT_ENCRYPTION_DISABLED: in every Region in use.
for region in $(aws ec2 describe-regions --query 'Regions[].RegionName' --output text); do
  aws ec2 enable-ebs-encryption-by-default --region "$region"
done

# DEFAULT_KEY_NOT_APPROVED: a key of your own, Region by Region.
aws ec2 modify-ebs-default-kms-key-id --region REGION --kms-key-id KEY_ARN
