# IMDSV1_ALLOWED
aws ec2 modify-instance-metadata-options --instance-id INSTANCE_ID --http-tokens required \
  --http-endpoint enabled
# INSTANCE_PROFILE_MISSING
aws ec2 associate-iam-instance-profile --instance-id INSTANCE_ID --iam-instance-profile Name=PROFILE

# PUBLIC_IP_ASSIGNED: give an elastic address back; an automatic one goes with the interface
aws ec2 disassociate-address --association-id ASSOCIATION_ID
aws ec2 modify-network-interface-attribute --network-interface-id INTERFACE_ID \
  --no-associate-public-ip-address

# INBOUND_ADMIN_PORT, BASTION_PATH_TOO_WIDE: administer with Session Manager instead
aws ec2 revoke-security-group-ingress --group-id GROUP_ID --protocol tcp --port 22 --cidr 0.0.0.0/0

# TEMPLATE_PUBLIC_IP, TEMPLATE_IMDSV1_ALLOWED, TEMPLATE_SECURITY_UNSET
aws ec2 create-launch-template-version --launch-template-id LAUNCH_TEMPLATE_ID \
  --launch-template-data '{
    "ImageId": "IMAGE_ID",
    "InstanceType": "m7g.large",
    "MetadataOptions": {"HttpTokens": "required"},
    "NetworkInterfaces": [
      {"DeviceIndex": 0, "AssociatePublicIpAddress": false, "Groups": ["GROUP_ID"]}
    ],
    "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": true}}]
  }'
aws ec2 modify-launch-template --launch-template-id LAUNCH_TEMPLATE_ID --default-version VERSION
# ASG_USES_LAUNCH_CONFIGURATION
aws autoscaling update-auto-scaling-group --auto-scaling-group-name AUTO_SCALING_GROUP \
  --launch-template 'LaunchTemplateId=LAUNCH_TEMPLATE_ID,Version=$Default'

# IN_DEFAULT_VPC: an image of the instance, started in a private subnet of your own
aws ec2 create-image --instance-id INSTANCE_ID --name IMAGE
aws ec2 run-instances --count 1 --launch-template LaunchTemplateId=LAUNCH_TEMPLATE_ID \
  --image-id IMAGE_ID --subnet-id PRIVATE_SUBNET_ID
