# ACCOUNT_BLOCK_INCOMPLETE
aws s3control put-public-access-block --account-id ACCOUNT_ID --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true

# BUCKET_BLOCK_INCOMPLETE, PUBLIC_POLICY, PUBLIC_ACL
aws s3api put-public-access-block --bucket BUCKET --public-access-block-configuration \
  BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true

# ACCESS_POINT_BLOCK_INCOMPLETE: only a new access point
aws s3control delete-access-point --account-id ACCOUNT_ID --name ACCESS_POINT
aws s3control create-access-point --account-id ACCOUNT_ID --name ACCESS_POINT --bucket BUCKET \
  --vpc-configuration VpcId=VPC_ID
