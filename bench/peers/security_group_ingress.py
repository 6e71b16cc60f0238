"""The control security-group-ingress as the usual Python rule."""
import ipaddress

from rule import fails, on_change, passes

PUBLIC_PORTS = {80, 443}
WIDEST = {4: 8, 6: 32}


def judge(item, clients):
    """One security group, one verdict."""
    group = item["configuration"]
    for permission in group.get("ipPermissions") or []:
        ranges = [one["cidrIp"] for one in permission.get("ipv4Ranges") or []]
        ranges += [one["cidrIpv6"] for one in permission.get("ipv6Ranges") or []]
        first, last = permission.get("fromPort", 0), permission.get("toPort", 65535)
        for text in ranges:
            network = ipaddress.ip_network(text, strict=False)
            if network.is_private or network.prefixlen > WIDEST[network.version]:
                continue
            if permission.get("ipProtocol") == "-1":
                return fails("ALL_TRAFFIC_OPEN")
            if not set(range(first, last + 1)) <= PUBLIC_PORTS:
                return fails("PORT_OPEN_TO_INTERNET")
    if group.get("groupName") == "default" and group.get("ipPermissions"):
        return fails("DEFAULT_GROUP_USED")
    return passes()


lambda_handler = on_change("AWS::EC2::SecurityGroup", judge)
