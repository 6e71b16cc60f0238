# LONG_TERM_KEY_ACTIVE, MULTIPLE_ACTIVE_KEYS, KEY_AND_PASSWORD: stop the key, and delete it when
# nothing missed it
aws iam update-access-key --user-name USER --access-key-id ACCESS_KEY_ID --status Inactive
aws iam delete-access-key --user-name USER --access-key-id ACCESS_KEY_ID
# ... a key that was approved
aws iam tag-user --user-name USER --tags Key=fisc:long-term-key-approved,Value=REASON

# KEY_NOT_ROTATED: make a second key, switch the workload over, then delete the old one as above
aws iam create-access-key --user-name USER

# KEY_EXPOSED: delete the key, read what was done with it, and only then lift the quarantine
aws iam delete-access-key --user-name USER --access-key-id ACCESS_KEY_ID
aws cloudtrail lookup-events \
  --lookup-attributes AttributeKey=AccessKeyId,AttributeValue=ACCESS_KEY_ID
aws iam detach-user-policy --user-name USER \
  --policy-arn arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3
