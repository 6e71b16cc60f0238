# ROOT_ACCESS_KEY_PRESENT of a member account, from the management account; with the credentials
# that assume-root returns in the environment for the two commands after it.
aws sts assume-root --target-principal MEMBER_ACCOUNT_ID \
  --task-policy-arn arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials
aws iam list-access-keys
aws iam delete-access-key --access-key-id ACCESS_KEY_ID

# ROOT_USED_RECENTLY: see what root did, and do it with a role next time
aws cloudtrail lookup-events --region us-east-1 \
  --lookup-attributes AttributeKey=Username,AttributeValue=root
