# DB_TLS_NOT_FORCED: PostgreSQL; MySQL and MariaDB: require_secure_transport (static: a reboot)
aws rds modify-db-parameter-group --db-parameter-group-name PARAMETER_GROUP --parameters \
  ParameterName=rds.force_ssl,ParameterValue=1,ApplyMethod=immediate
aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name PARAMETER_GROUP \
  --parameters ParameterName=require_secure_transport,ParameterValue=ON,ApplyMethod=immediate
# ... Oracle
aws rds add-option-to-option-group --option-group-name OPTION_GROUP --apply-immediately --options \
  'OptionName=NATIVE_NETWORK_ENCRYPTION,OptionSettings=[{Name=SQLNET.ENCRYPTION_SERVER,Value=REQUIRED}]'

# HTTPS_NOT_ENFORCED, WEAK_TLS_POLICY, NODE_ENCRYPTION_OFF: it cannot be turned off again
aws opensearch update-domain-config --domain-name DOMAIN \
  --domain-endpoint-options EnforceHTTPS=true,TLSSecurityPolicy=Policy-Min-TLS-1-2-PFS-2023-10 \
  --node-to-node-encryption-options Enabled=true

# EFS_TLS_NOT_ENFORCED: this replaces the policy
aws efs put-file-system-policy --file-system-id FILE_SYSTEM_ID --policy '{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "RefusePlaintext",
      "Effect": "Deny",
      "Principal": {"AWS": "*"},
      "Action": "*",
      "Condition": {"Bool": {"aws:SecureTransport": "false"}}
    },
    {
      "Sid": "MountInTheVpc",
      "Effect": "Allow",
      "Principal": {"AWS": "*"},
      "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
      "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    }
  ]
}'

# POLICY_TLS_NOT_ENFORCED: a queue; a topic likewise with set-topic-attributes and sns:Publish. This
# replaces the policy
aws sqs set-queue-attributes --queue-url QUEUE_URL --attributes '{
  "Policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"sqs:*\",\"Resource\":\"QUEUE_ARN\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"
}'

# DMS_SSL_OFF
aws dms modify-endpoint --endpoint-arn ENDPOINT_ARN --ssl-mode verify-full \
  --certificate-arn CERTIFICATE_ARN

# MSK_PLAINTEXT_ALLOWED: InCluster can only be chosen for a new cluster
aws kafka update-security --cluster-arn CLUSTER_ARN --current-version VERSION \
  --encryption-info 'EncryptionInTransit={ClientBroker=TLS}'

# API_DOMAIN_TLS, CLIENT_CERT_NOT_VERIFIED
aws apigateway update-domain-name --domain-name DOMAIN --patch-operations \
  op=replace,path=/securityPolicy,value=TLS_1_2 \
  op=replace,path=/mutualTlsAuthentication/truststoreUri,value=s3://BUCKET/truststore.pem
