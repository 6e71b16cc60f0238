# NTP_SERVER_NOT_APPROVED, NTP_NOT_SET: a set cannot be changed, only replaced
aws ec2 create-dhcp-options --dhcp-configurations \
  Key=domain-name-servers,Values=AmazonProvidedDNS Key=ntp-servers,Values=169.254.169.123
aws ec2 associate-dhcp-options --dhcp-options-id DHCP_OPTIONS_ID --vpc-id VPC_ID

# DB_TIMEZONE_NOT_UTC, CLUSTER_TIMEZONE_NOT_UTC: MySQL and MariaDB; PostgreSQL: timezone
aws rds modify-db-parameter-group --db-parameter-group-name PARAMETER_GROUP --parameters \
  ParameterName=time_zone,ParameterValue=UTC,ApplyMethod=immediate
aws rds modify-db-cluster-parameter-group --db-cluster-parameter-group-name PARAMETER_GROUP \
  --parameters ParameterName=timezone,ParameterValue=UTC,ApplyMethod=immediate
# ... a local zone that was approved
aws rds add-tags-to-resource --resource-name DB_ARN \
  --tags Key=fisc:db-local-timezone-approved,Value=REASON

# TIME_ASSOCIATION_NON_COMPLIANT
aws ssm start-associations-once --association-ids ASSOCIATION_ID
