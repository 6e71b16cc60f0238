# All codes: take the configuration, change it, and give it back with its ETag.
aws cloudfront get-distribution-config --id DISTRIBUTION_ID \
  --query DistributionConfig > distribution.json
# In distribution.json:
# VIEWER_HTTP_ALLOWED: DefaultCacheBehavior and each CacheBehaviors.Items:
#   "ViewerProtocolPolicy": "redirect-to-https"
# NON_ACM_CERTIFICATE, VIEWER_TLS_TOO_OLD: "ViewerCertificate": {
#   "ACMCertificateArn": "CERTIFICATE_ARN", "SSLSupportMethod": "sni-only",
#   "MinimumProtocolVersion": "TLSv1.2_2021", "CloudFrontDefaultCertificate": false}
# ORIGIN_NOT_HTTPS, ORIGIN_OLD_TLS: each CustomOriginConfig:
#   "OriginProtocolPolicy": "https-only", "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]}
ETAG=$(aws cloudfront get-distribution-config --id DISTRIBUTION_ID --query ETag --output text)
aws cloudfront update-distribution --id DISTRIBUTION_ID --if-match "$ETAG" \
  --distribution-config file://distribution.json
