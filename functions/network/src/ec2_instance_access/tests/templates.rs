//! What instances are launched from.

use fisc_shared::ec2::Xml;

use super::*;

const TEMPLATE: &str = "lt-0a1b2c3d4e5f60718";

/// Launch template data as Config records them: nothing is open, nothing missing.
fn data() -> Value {
    json!({
        "ImageId": "ami-1", "SecurityGroupIds": ["sg-app"], "SecurityGroups": [],
        "NetworkInterfaces": [], "TagSpecifications": [],
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
        "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": true}}],
    })
}

fn template(data: Value) -> Value {
    events::item(
        ResourceType::EC2_LAUNCH_TEMPLATE.name,
        TEMPLATE,
        json!({
            "LaunchTemplateName": "hbg-app", "Id": TEMPLATE, "LaunchTemplateData": data,
            "DefaultVersionNumber": "3", "LatestVersionNumber": "3", "TagSpecifications": [],
        }),
    )
}

fn with(key: &str, value: Value) -> Value {
    let mut data = data();
    data[key] = value;
    data
}

/// A version as EC2 answers it, from data as Config records them.
fn answered(number: i64, data: &Value) -> Version {
    let item = |text: String| format!("<item>{text}</item>");
    let text = |of: &Value, key: &str, name: &str| {
        of[key].as_str().map_or_else(String::new, |text| format!("<{name}>{text}</{name}>"))
    };
    let flag = |of: &Value, key: &str, name: &str| {
        of[key].as_bool().map_or_else(String::new, |flag| format!("<{name}>{flag}</{name}>"))
    };
    let texts = |of: &Value, key: &str| {
        let all = of[key].as_array().into_iter().flatten();
        all.map(|one| item(one.as_str().unwrap().to_owned())).collect::<String>()
    };
    let each = |key: &str, write: &dyn Fn(&Value) -> String| {
        let all = data[key].as_array().into_iter().flatten();
        all.map(|one| item(write(one))).collect::<String>()
    };
    let interfaces = each("NetworkInterfaces", &|one| {
        format!(
            "{}{}<groupSet>{}</groupSet>",
            flag(one, "AssociatePublicIpAddress", "associatePublicIpAddress"),
            text(one, "NetworkInterfaceId", "networkInterfaceId"),
            texts(one, "Groups"),
        )
    });
    let devices = each("BlockDeviceMappings", &|one| {
        let ebs = flag(&one["Ebs"], "Encrypted", "encrypted");
        format!("{}<ebs>{ebs}</ebs>", text(one, "DeviceName", "deviceName"))
    });
    let options = &data["MetadataOptions"];
    let options = format!(
        "{}{}",
        text(options, "HttpTokens", "httpTokens"),
        text(options, "HttpEndpoint", "httpEndpoint")
    );
    let xml = format!(
        "<item><launchTemplateId>{TEMPLATE}</launchTemplateId><versionNumber>{number}\
         </versionNumber><launchTemplateData>{}<securityGroupIdSet>{}</securityGroupIdSet>\
         <securityGroupSet>{}</securityGroupSet><networkInterfaceSet>{interfaces}\
         </networkInterfaceSet><metadataOptions>{options}</metadataOptions>\
         <blockDeviceMappingSet>{devices}</blockDeviceMappingSet></launchTemplateData></item>",
        text(data, "ImageId", "imageId"),
        texts(data, "SecurityGroupIds"),
        texts(data, "SecurityGroups"),
    );
    Version::read(&Xml::parse("ec2:DescribeLaunchTemplateVersions", xml.as_bytes()).unwrap())
        .expect("a version")
}

fn groups() -> Groups {
    let mut default = group("sg-default", vec![]);
    default.name = "default".to_owned();
    let open = group("sg-open", vec![tcp((22, 22), &["0.0.0.0/0"]), tcp((443, 443), &["::/0"])]);
    let app = group("sg-app", vec![tcp((22, 22), &["10.0.0.0/8"]), tcp((443, 443), &["::/0"])]);
    [default, open, app].into_iter().map(|group| (group.id.clone(), group)).collect()
}

fn decided(item: &Value, versions: &[Version]) -> Vec<String> {
    let verdict = running(&json!({}), false, |run| {
        template::decide(&read_item(item), versions, &groups(), &Bars::of(run).unwrap())
    });
    let reasons = verdict.unwrap();
    let told = |reason: &fisc_shared::Reason| format!("{}: {}", reason.code, reason.message.en);
    reasons.reasons().iter().map(told).collect()
}

/// What is said of data, in the answer of EC2 and in the item alike.
fn told(data: &Value) -> Vec<String> {
    let item = template(data.clone());
    let answered = answered(3, data);
    let recorded = Version::of_item(&read_item(&item)).unwrap().expect("one version");
    assert_eq!(answered, recorded);
    decided(&item, &[answered])
}

const UNSET: &str = "TEMPLATE_SECURITY_UNSET: version 3:";

#[test]
fn a_template_with_all_settings_passes() {
    assert_eq!(told(&data()), NONE);
    let interface =
        json!([{"DeviceIndex": 0, "AssociatePublicIpAddress": false, "Groups": ["sg-app"]}]);
    let mut own_interface = with("NetworkInterfaces", interface);
    own_interface["SecurityGroupIds"] = json!([]);
    assert_eq!(told(&own_interface), NONE);
    // An interface that exists has its groups already.
    own_interface["NetworkInterfaces"] = json!([{"NetworkInterfaceId": "eni-1", "Groups": []}]);
    assert_eq!(told(&own_interface), NONE);
    // Unset, the account's defaults hold.
    assert_eq!(told(&with("MetadataOptions", Value::Null)), NONE);
    let unsaid = json!([{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8}}]);
    assert_eq!(told(&with("BlockDeviceMappings", unsaid)), NONE);
}

#[test]
fn what_a_template_leaves_open_is_named() {
    let interface =
        json!([{"DeviceIndex": 0, "AssociatePublicIpAddress": true, "Groups": ["sg-app"]}]);
    assert_eq!(
        told(&with("NetworkInterfaces", interface)),
        ["TEMPLATE_PUBLIC_IP: Instances get a public address, by version 3"]
    );
    let optional = json!({"HttpTokens": "optional", "HttpEndpoint": "enabled"});
    assert_eq!(
        told(&with("MetadataOptions", optional)),
        ["TEMPLATE_IMDSV1_ALLOWED: Instances are launched with IMDSv1, by version 3"]
    );
    let off = json!({"HttpTokens": "optional", "HttpEndpoint": "disabled"});
    assert_eq!(told(&with("MetadataOptions", off)), NONE);
    for (key, value, gap) in [
        ("ImageId", Value::Null, "no image"),
        ("SecurityGroupIds", json!([]), "no security group"),
        // An interface without groups gets the VPC's default group, whatever others have.
        (
            "NetworkInterfaces",
            json!([{"DeviceIndex": 0, "Groups": ["sg-app"]}, {"DeviceIndex": 1, "Groups": []}]),
            "no security group",
        ),
        ("SecurityGroupIds", json!(["sg-default"]), "the VPC's default group sg-default"),
        ("SecurityGroups", json!(["default"]), "the VPC's default group default"),
        ("SecurityGroupIds", json!(["sg-app", "sg-open"]), "sg-open opens TCP 22 to the internet"),
        (
            "BlockDeviceMappings",
            json!([{"DeviceName": "/dev/xvda", "Ebs": {"Encrypted": false}}]),
            "encryption off for /dev/xvda",
        ),
    ] {
        assert_eq!(told(&with(key, value)), [format!("{UNSET} {gap}")]);
    }
}

#[test]
fn groups_that_are_not_known_here_are_said() {
    let expected = |names: &str| {
        format!(
            "GROUP_NOT_JUDGED: Security groups that are named, or not found here, were not \
             judged: {names}"
        )
    };
    assert_eq!(told(&with("SecurityGroupIds", json!(["sg-gone"]))), [expected("sg-gone")]);
    let mut named = with("SecurityGroups", json!(["hbg-web"]));
    named["SecurityGroupIds"] = json!([]);
    assert_eq!(told(&named), [expected("hbg-web")]);
}

#[test]
fn the_default_and_the_latest_version_count() {
    let public = json!([{"AssociatePublicIpAddress": true, "Groups": ["sg-app"]}]);
    let versions = [answered(3, &data()), answered(12, &with("NetworkInterfaces", public.clone()))];
    let item = template(data());
    assert_eq!(
        decided(&item, &versions),
        ["TEMPLATE_PUBLIC_IP: Instances get a public address, by version 12"]
    );
    // One of two versions: the item does not say which its data are.
    let mut two = item.clone();
    two["configuration"]["LatestVersionNumber"] = json!("12");
    assert_eq!(Version::of_item(&read_item(&two)).unwrap(), None);
    let approved = tagged(item, "fisc:public-ip-approved", "RITM0012");
    assert_eq!(
        decided(&approved, &versions),
        ["PUBLIC_IP_APPROVED: The public address was approved by a tag"]
    );
}

#[test]
fn templates_may_be_left_out_and_offline_only_failures_are_sure() {
    let codes = |item: &Value, parameters: &Value| {
        let item = read_item(item);
        let verdict = running(parameters, true, |run| preview(&item, run)).unwrap();
        verdict.map(|verdict| verdict.reasons().iter().map(|one| one.code).collect::<Vec<_>>())
    };
    let bad = template(with("ImageId", Value::Null));
    assert_eq!(codes(&bad, &json!({})), Some(vec!["TEMPLATE_SECURITY_UNSET"]));
    assert_eq!(codes(&template(data()), &json!({})), None);
    let off = json!({"checkLaunchTemplates": "false"});
    assert_eq!(codes(&bad, &off), Some(vec!["TEMPLATES_NOT_CHECKED"]));
    let mut bare = bad.clone();
    bare["configuration"]["LaunchTemplateData"] = Value::Null;
    let error = running(&json!({}), true, |run| preview(&read_item(&bare), run)).unwrap_err();
    assert!(error.to_string().ends_with("LaunchTemplateData is missing"), "{error}");
}

fn previewed(kind: ResourceType, configuration: &Value) -> Result<Vec<&'static str>, Error> {
    let item = read_item(&events::item(kind.name, "arn:aws:autoscaling:x", configuration.clone()));
    let verdict = running(&json!({}), false, |run| preview(&item, run))?.expect("a verdict");
    Ok(verdict.reasons().iter().map(|one| one.code).collect())
}

#[test]
fn launch_configurations_assign_public_addresses_when_told_to() {
    let told = |public: Value| {
        let configuration = json!({"launchConfigurationName": "old", "imageId": "ami-1",
            "associatePublicIpAddress": public});
        previewed(ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION, &configuration).unwrap()
    };
    assert_eq!(told(json!(true)), ["TEMPLATE_PUBLIC_IP"]);
    assert_eq!(told(json!(false)), NONE);
    assert_eq!(told(Value::Null), NONE, "the subnet decides");
    let bare = previewed(ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION, &json!({}));
    assert!(bare.unwrap_err().to_string().ends_with("launchConfigurationName is missing"));
}

#[test]
fn scaling_groups_launch_from_templates() {
    let told = |parts: Value| previewed(ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP, &parts);
    let from = json!({"launchTemplateId": "lt-1", "version": "7"});
    let mix = json!({"launchTemplate": {"launchTemplateSpecification": from}});
    assert_eq!(told(json!({"launchTemplate": from})).unwrap(), NONE);
    assert_eq!(told(json!({"mixedInstancesPolicy": mix})).unwrap(), NONE);
    assert_eq!(
        told(json!({"launchConfigurationName": "old", "launchTemplate": null})).unwrap(),
        ["ASG_USES_LAUNCH_CONFIGURATION"]
    );
    // An empty part is no template.
    let empty = json!({"launchConfigurationName": "old", "launchTemplate": {},
        "mixedInstancesPolicy": {}});
    assert_eq!(told(empty).unwrap(), ["ASG_USES_LAUNCH_CONFIGURATION"]);
    // While a group moves from one to the other, items may name both.
    let moved = json!({"launchConfigurationName": "old", "launchTemplate": from});
    assert_eq!(told(moved).unwrap(), NONE);
    for none in [json!({}), json!({"launchConfigurationName": ""})] {
        let error = told(none).unwrap_err().to_string();
        assert!(error.ends_with("launchTemplate is missing"), "{error}");
    }
}
