# VPN_TUNNEL_DOWN: the state, and the settings of both tunnels for your router
aws ec2 describe-vpn-connections --vpn-connection-ids VPN_CONNECTION_ID \
  --query 'VpnConnections[].VgwTelemetry[].[OutsideIpAddress, Status, StatusMessage]'
aws ec2 get-vpn-connection-device-types
aws ec2 get-vpn-connection-device-sample-configuration --vpn-connection-id VPN_CONNECTION_ID \
  --vpn-connection-device-type-id DEVICE_TYPE_ID

# CUSTOMER_GATEWAY_SINGLE, DX_WITHOUT_BACKUP_PATH
aws ec2 create-customer-gateway --type ipsec.1 --bgp-asn 65000 --ip-address SECOND_ADDRESS
aws ec2 create-vpn-connection --type ipsec.1 --customer-gateway-id CUSTOMER_GATEWAY_ID_2 \
  --transit-gateway-id TRANSIT_GATEWAY_ID

# DX_CONNECTION_SINGLE, DX_INTERFACE_SINGLE: at another location
aws directconnect describe-locations
aws directconnect create-connection --location LOCATION_CODE --bandwidth 1Gbps \
  --connection-name second --request-mac-sec
aws directconnect create-transit-virtual-interface --connection-id CONNECTION_ID_2 \
  --new-transit-virtual-interface \
  virtualInterfaceName=second,vlan=101,asn=65000,directConnectGatewayId=DX_GATEWAY_ID

# VPC_PEERING_MESH: attach the VPCs to a hub, change their routes, then delete the peerings
aws ec2 create-transit-gateway --description hub
aws ec2 create-transit-gateway-vpc-attachment --transit-gateway-id TRANSIT_GATEWAY_ID \
  --vpc-id VPC_ID --subnet-ids SUBNET_ID_1 SUBNET_ID_2
aws ec2 delete-vpc-peering-connection --vpc-peering-connection-id PEERING_ID
