# PRIVATE_ROUTE_TO_IGW, MAIN_TABLE_PUBLIC, PRIVATE_ROUTE_TO_NAT
aws ec2 delete-route --route-table-id ROUTE_TABLE_ID --destination-cidr-block 0.0.0.0/0
# ... a table of its own for the public subnets
aws ec2 create-route-table --vpc-id VPC_ID
aws ec2 create-route --route-table-id PUBLIC_ROUTE_TABLE_ID \
  --destination-cidr-block 0.0.0.0/0 --gateway-id INTERNET_GATEWAY_ID
aws ec2 associate-route-table --route-table-id PUBLIC_ROUTE_TABLE_ID --subnet-id PUBLIC_SUBNET_ID
aws ec2 create-tags --resources PUBLIC_SUBNET_ID --tags Key=Tier,Value=public

# SUBNET_AUTO_PUBLIC_IP
aws ec2 modify-subnet-attribute --subnet-id SUBNET_ID --no-map-public-ip-on-launch

# IGW_VPC_NOT_AUTHORIZED: take the gateway away, or approve the VPC
aws ec2 detach-internet-gateway --internet-gateway-id INTERNET_GATEWAY_ID --vpc-id VPC_ID
aws ec2 create-tags --resources VPC_ID --tags Key=fisc:internet-facing,Value=true
