# WEAK_TLS_POLICY, NON_ACM_CERTIFICATE
aws elbv2 modify-listener --listener-arn LISTENER_ARN \
  --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09 \
  --certificates CertificateArn=CERTIFICATE_ARN

# HTTP_NOT_REDIRECTED: the default action, and every other rule of the listener
aws elbv2 modify-listener --listener-arn HTTP_LISTENER_ARN --default-actions \
  'Type=redirect,RedirectConfig={Protocol=HTTPS,Port=443,StatusCode=HTTP_301}'
aws elbv2 delete-rule --rule-arn RULE_ARN

# PLAINTEXT_LISTENER: a Network Load Balancer
aws elbv2 modify-listener --listener-arn LISTENER_ARN --protocol TLS --port 443 \
  --ssl-policy ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09 \
  --certificates CertificateArn=CERTIFICATE_ARN
# ... or TLS ends on the target
aws elbv2 add-tags --resource-arns LISTENER_ARN --tags Key=fisc:tls-on-target,Value=APPROVAL_NUMBER
# ... a Classic Load Balancer
aws elb create-load-balancer-listeners --load-balancer-name LOAD_BALANCER --listeners \
  Protocol=HTTPS,LoadBalancerPort=443,InstanceProtocol=HTTPS,InstancePort=443,SSLCertificateId=CERTIFICATE_ARN
aws elb create-load-balancer-policy --load-balancer-name LOAD_BALANCER --policy-name tls12 \
  --policy-type-name SSLNegotiationPolicyType --policy-attributes \
  AttributeName=Reference-Security-Policy,AttributeValue=ELBSecurityPolicy-TLS-1-2-2017-01
aws elb set-load-balancer-policies-of-listener --load-balancer-name LOAD_BALANCER \
  --load-balancer-port 443 --policy-names tls12
aws elb delete-load-balancer-listeners --load-balancer-name LOAD_BALANCER --load-balancer-ports 80
