# PREFERENCES_MISSING
cat > preferences.json <<'JSON'
{
  "schemaVersion": "1.0",
  "description": "Preferences of Session Manager",
  "sessionType": "Standard_Stream",
  "inputs": {
    "s3BucketName": "LOG_BUCKET",
    "s3KeyPrefix": "sessions",
    "s3EncryptionEnabled": true,
    "cloudWatchLogGroupName": "",
    "cloudWatchEncryptionEnabled": true,
    "cloudWatchStreamingEnabled": true,
    "kmsKeyId": "KEY_ID",
    "runAsEnabled": false,
    "runAsDefaultUser": "",
    "idleSessionTimeout": "20"
  }
}
JSON
aws ssm create-document --name SSM-SessionManagerRunShell --document-type Session \
  --document-format JSON --content file://preferences.json

# NO_LOG_DESTINATION, LOG_NOT_ENCRYPTED, DESTINATION_NOT_FOUND, DESTINATION_NOT_PROTECTED
aws ssm update-document --name SSM-SessionManagerRunShell --document-version '$LATEST' \
  --document-format JSON --content file://preferences.json

# UNLOGGED_SESSION_ALLOWED: only the document whose sessions are logged
aws iam create-policy-version --set-as-default \
  --policy-arn arn:aws:iam::ACCOUNT_ID:policy/POLICY --policy-document '{
    "Version": "2012-10-17",
    "Statement": [{
      "Effect": "Allow",
      "Action": "ssm:StartSession",
      "Resource": [
        "arn:aws:ec2:REGION:ACCOUNT_ID:instance/*",
        "arn:aws:ssm:REGION:ACCOUNT_ID:document/SSM-SessionManagerRunShell"
      ]
    }]
  }'
