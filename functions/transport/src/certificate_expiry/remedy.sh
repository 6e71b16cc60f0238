# CERTIFICATE_EXPIRING, CERTIFICATE_INVALID, NO_MANAGED_RENEWAL, EMAIL_VALIDATION, WEAK_KEY:
# a certificate that ACM renews; put its CNAME records into the zone and use it instead of the old
aws acm request-certificate --domain-name DOMAIN --validation-method DNS --key-algorithm RSA_2048
aws elbv2 modify-listener --listener-arn LISTENER_ARN --certificates CertificateArn=CERTIFICATE_ARN

# RENEWAL_NOT_SUCCEEDING: shows the records that ACM does not find
aws acm describe-certificate \
  --certificate-arn arn:aws:acm:REGION:ACCOUNT_ID:certificate/CERTIFICATE_ID \
  --query 'Certificate.DomainValidationOptions[].ResourceRecord'

# SERVER_CERTIFICATE_EXPIRING, SERVER_CERTIFICATE_PRESENT: once nothing uses it any more
aws iam delete-server-certificate --server-certificate-name SERVER_CERTIFICATE

# DB_CA_EXPIRING: clients need the new root certificate first
aws rds modify-db-instance --db-instance-identifier DB \
  --ca-certificate-identifier rds-ca-rsa2048-g1 --apply-immediately

# PRIVATE_CA_EXPIRING: a new CA certificate for the same key
aws acm-pca get-certificate-authority-csr --certificate-authority-arn CA_ARN --output text > ca.csr
aws acm-pca issue-certificate --certificate-authority-arn CA_ARN --csr fileb://ca.csr \
  --signing-algorithm SHA256WITHRSA --validity Value=10,Type=YEARS \
  --template-arn arn:aws:acm-pca:::template/RootCACertificate/V1
aws acm-pca get-certificate --certificate-authority-arn CA_ARN \
  --certificate-arn CERTIFICATE_ARN --query Certificate --output text > ca.pem
aws acm-pca import-certificate-authority-certificate --certificate-authority-arn CA_ARN \
  --certificate fileb://ca.pem
