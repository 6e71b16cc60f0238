use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_config::config::BehaviorVersion;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_types::retry::RetryConfig;
use aws_types::region::Region;
use proptest::prelude::*;

use super::*;
use crate::error::{Failure, ServiceError};

/// One request as the server saw it.
#[derive(Debug, Clone)]
struct Seen {
    head: String,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// A server that gives prepared answers in their order, the last one again and again.
struct Server {
    url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    fn new(answers: &[(u16, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a local port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<(u16, String)> =
            answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        let log = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let request = read(&stream);
                let mut log = log.lock().expect("the log");
                let (status, body) = &answers[log.len().min(answers.len() - 1)];
                log.push(request);
                drop(log);
                answer(stream, *status, body);
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("the log").clone()
    }

    fn forms(&self) -> Vec<String> {
        self.seen().into_iter().map(|request| request.body).collect()
    }

    fn ec2(&self) -> Ec2 {
        Ec2::new(&config(&self.url))
    }
}

fn read(stream: &TcpStream) -> Seen {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(reader.read_line(&mut head).expect("a line"), 0, "cut request: {head}");
    }
    let mut seen = Seen { head: head.replace("\r\n", "\n"), body: String::new() };
    let length = seen.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    seen.body = String::from_utf8(body).expect("a form");
    seen
}

fn answer(mut stream: TcpStream, status: u16, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} Any\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).expect("head sent");
    stream.write_all(body.as_bytes()).expect("body sent");
}

fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::new("AKIDEXAMPLE", "secret", Some("token".into()), None, "test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(1)),
        )
        .endpoint_url(url)
        .build()
}

fn refusal(code: &str, message: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors><RequestID>1</RequestID></Response>"#
    )
}

fn service_error(error: Error) -> ServiceError {
    match error {
        Error::Service(error) => error,
        other => panic!("{other:?}"),
    }
}

const SNAPSHOTS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeSnapshotsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
    <requestId>59dbff89-35bd-4eac-99ed-be587EXAMPLE</requestId>
    <snapshotSet>
        <item>
            <snapshotId>snap-1</snapshotId>
            <volumeId>vol-1</volumeId>
            <status>completed</status>
            <startTime>2026-01-31T23:30:12.000Z</startTime>
            <progress>100%</progress>
            <ownerId>111122223333</ownerId>
            <volumeSize>15</volumeSize>
            <description>A &amp; B</description>
            <encrypted>true</encrypted>
            <kmsKeyId>arn:aws:kms:ap-northeast-1:111122223333:key/k</kmsKeyId>
            <tagSet>
                <item><key>Name</key><value>勘定系</value></item>
                <item><key>empty</key><value/></item>
            </tagSet>
        </item>
    </snapshotSet>
    <nextToken>page/2=</nextToken>
</DescribeSnapshotsResponse>"#;

const LAST_SNAPSHOTS: &str = "<DescribeSnapshotsResponse><requestId>2</requestId><snapshotSet>\
    <item><snapshotId>snap-2</snapshotId><status>pending</status>\
    <startTime>2026-02-01T00:00:00Z</startTime><description/><encrypted>false</encrypted></item>\
    </snapshotSet><nextToken/></DescribeSnapshotsResponse>";

const NO_SNAPSHOTS: &str = "<DescribeSnapshotsResponse><snapshotSet/></DescribeSnapshotsResponse>";

#[tokio::test]
async fn a_request_is_a_signed_form() {
    let server = Server::new(&[(200, NO_SNAPSHOTS)]);
    assert_eq!(server.ec2().public_snapshots().await.expect("an answer"), []);
    let seen = server.seen();
    let [request] = seen.as_slice() else { panic!("{seen:?}") };
    assert!(request.head.starts_with("POST / HTTP/1.1\n"), "{}", request.head);
    assert_eq!(
        request.body,
        "Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&RestorableBy.1=all\
         &MaxResults=1000"
    );
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(request.header("x-amz-security-token"), Some("token"));
    let signature = request.header("authorization").expect("a signature");
    assert!(signature.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{signature}");
    assert!(signature.contains("/ap-northeast-1/ec2/aws4_request"), "{signature}");
    let agent = request.header("x-amz-user-agent").expect("a user agent");
    assert!(agent.contains("api/ec2/2016-11-15"), "{agent}");
    assert!(request.header("amz-sdk-invocation-id").is_some());
    assert_eq!(request.header("amz-sdk-request"), Some("attempt=1; max=3"));
}

#[tokio::test]
async fn a_list_is_read_over_all_its_pages() {
    let server = Server::new(&[(200, SNAPSHOTS), (200, LAST_SNAPSHOTS)]);
    let snapshots = server.ec2().snapshots().await.expect("two pages");
    let expected = [
        Snapshot {
            id: "snap-1".to_owned(),
            volume_id: Some("vol-1".to_owned()),
            encrypted: true,
            kms_key_id: Some("arn:aws:kms:ap-northeast-1:111122223333:key/k".to_owned()),
            started: "2026-01-31T23:30:12Z".parse().expect("a time"),
            state: "completed".to_owned(),
            description: Some("A & B".to_owned()),
            tags: [("Name", "勘定系"), ("empty", "")]
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
        },
        Snapshot {
            id: "snap-2".to_owned(),
            volume_id: None,
            encrypted: false,
            kms_key_id: None,
            started: "2026-02-01T00:00:00Z".parse().expect("a time"),
            state: "pending".to_owned(),
            description: None,
            tags: Tags::new(),
        },
    ];
    assert_eq!(snapshots, expected);
    let form = "Action=DescribeSnapshots&Version=2016-11-15&Owner.1=self&MaxResults=1000";
    assert_eq!(server.forms(), [form.to_owned(), format!("{form}&NextToken=page%2F2%3D")]);
}

#[tokio::test]
async fn a_page_that_leads_to_itself_is_an_error() {
    let server = Server::new(&[(200, SNAPSHOTS)]);
    let error = server.ec2().snapshots().await.expect_err("an endless list");
    assert!(error.to_string().contains("nextToken"), "{error}");
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn a_denied_call_names_its_action_and_is_not_tried_again() {
    let message = "You are not authorized to perform this operation. User: arn:aws:iam::1:role/r \
                   is not authorized to perform: ec2:DescribeSnapshots because no identity-based \
                   policy allows it. Encoded authorization failure message: AbC123";
    for code in ["UnauthorizedOperation", "AuthFailure"] {
        let server = Server::new(&[(403, &refusal(code, message))]);
        let error = server.ec2().snapshots().await.expect_err("denied");
        assert_eq!(error.kind(), "AccessDenied");
        let error = service_error(error);
        assert_eq!(error.action, "ec2:DescribeSnapshots");
        assert_eq!(error.failure, Failure::Denied);
        assert!(error.is(code));
        assert!(error.message.ends_with("policy allows it."), "{}", error.message);
        assert_eq!(server.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_throttled_call_is_tried_again() {
    let throttled = refusal("RequestLimitExceeded", "Request limit exceeded.");
    let server = Server::new(&[(503, &throttled), (503, &throttled), (200, LAST_SNAPSHOTS)]);
    assert_eq!(server.ec2().snapshots().await.expect("the third try").len(), 1);
    assert_eq!(server.seen().len(), 3);

    // EC2 throttles some calls with status 400: the code counts.
    let server = Server::new(&[(400, &refusal("Throttling", "Rate exceeded"))]);
    let error = service_error(server.ec2().snapshots().await.expect_err("throttled"));
    assert_eq!(error.failure, Failure::Throttled);
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn adaptive_retries_serve_too() {
    let throttled = refusal("RequestLimitExceeded", "Request limit exceeded.");
    let server = Server::new(&[(503, &throttled), (200, NO_SNAPSHOTS)]);
    // After one throttled call of a quiet client this mode waits ten seconds and more: cut here.
    let retries =
        RetryConfig::adaptive().with_max_attempts(2).with_max_backoff(Duration::from_millis(10));
    let config = config(&server.url).into_builder().retry_config(retries).build();
    assert_eq!(Ec2::new(&config).snapshots().await.expect("the second try"), []);
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn errors_of_the_service_keep_code_and_message() {
    let server = Server::new(&[(500, &refusal("InternalError", "An internal error"))]);
    let error = service_error(server.ec2().ebs_encryption_by_default().await.expect_err("500"));
    assert_eq!(error.failure, Failure::Refused);
    assert_eq!(error.message, "An internal error");
    assert_eq!(server.seen().len(), 3, "EC2's internal errors are tried again");

    let gone = refusal("InvalidInstanceID.NotFound", "The instance ID 'i-1' does not exist");
    let server = Server::new(&[(400, &gone)]);
    let error = service_error(server.ec2().user_data("i-1").await.expect_err("gone"));
    assert!(error.is("InvalidInstanceID.NotFound"));
    assert_eq!(error.action, "ec2:DescribeInstanceAttribute");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn an_answer_that_is_not_of_ec2_is_no_answer() {
    for (status, body) in [
        (403, "<html><body>Forbidden by proxy</body></html>"),
        (302, ""),
        (404, "not found"),
        (200, ""),
        (200, "<html>login<br></html>"),
        (200, SNAPSHOTS.strip_suffix("</DescribeSnapshotsResponse>").expect("the end")),
        (200, SNAPSHOTS.split_once("</snapshotSet>").expect("the list").0),
        (200, "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
    ] {
        let server = Server::new(&[(status, body)]);
        let error = service_error(server.ec2().snapshots().await.expect_err(body));
        assert_eq!(error.failure, Failure::Malformed, "{status} {body}");
        assert!(!error.to_string().contains("snap-1"), "{error}");
        assert_eq!(server.seen().len(), 1, "{status} {body}");
    }
}

#[tokio::test]
async fn an_answer_that_lacks_something_is_an_error_that_names_it() {
    for (body, field) in [
        ("<Any><other/></Any>".to_owned(), "Any.snapshotSet"),
        (LAST_SNAPSHOTS.replace("<encrypted>false</encrypted>", ""), "snapshotSet.item.encrypted"),
        (LAST_SNAPSHOTS.replace("false", "maybe"), "snapshotSet.item.encrypted as a boolean"),
        (LAST_SNAPSHOTS.replace("2026-02-01T", ""), "snapshotSet.item.startTime as a time"),
        (LAST_SNAPSHOTS.replace("snap-2", ""), "snapshotSet.item.snapshotId"),
    ] {
        let server = Server::new(&[(200, &body)]);
        match server.ec2().snapshots().await.expect_err(field) {
            Error::Answer { action, field: missing } => {
                assert_eq!((action, missing.as_str()), ("ec2:DescribeSnapshots", field));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn settings_that_lack_a_region_show_at_the_first_call() {
    let nothing = SdkConfig::builder().build();
    let error = Ec2::new(&nothing).snapshots().await.expect_err("no Region");
    assert_eq!(error.kind(), "WrongEnvironment");

    let server = Server::new(&[(200, NO_SNAPSHOTS)]);
    let mut builder = config(&server.url).into_builder();
    builder.set_credentials_provider(None);
    let error = Ec2::new(&builder.build()).snapshots().await.expect_err("no credentials");
    assert_eq!(service_error(error).failure, Failure::NoAnswer);
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn a_service_that_is_not_there_does_not_answer() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port");
    let error = Ec2::new(&config(&format!("http://{port}"))).snapshots().await.expect_err("closed");
    assert_eq!(service_error(error).failure, Failure::NoAnswer);
}

/// What a typed call makes of an answer, and the form it sends.
macro_rules! typed {
    ($body:expr, $call:expr) => {{
        let server = Server::new(&[(200, $body)]);
        let ec2 = server.ec2();
        let result = $call(&ec2).await;
        (result, server.forms().concat())
    }};
}

#[tokio::test]
async fn sharing_is_read_with_every_kind_of_grantee() {
    let (sharing, form) = typed!(
        "<R><snapshotId>snap-1</snapshotId><createVolumePermission><item><group>all</group></item>\
         <item><userId>111122223333</userId></item></createVolumePermission></R>",
        async |ec2: &Ec2| ec2.snapshot_sharing("snap-1").await
    );
    let sharing = sharing.expect("an answer");
    assert!(sharing.public && sharing.any());
    assert_eq!(sharing.accounts, ["111122223333"]);
    assert_eq!(
        form,
        "Action=DescribeSnapshotAttribute&Version=2016-11-15&SnapshotId=snap-1\
         &Attribute=createVolumePermission"
    );

    let (sharing, form) = typed!(
        "<R><imageId>ami-1</imageId><launchPermission><item><organizationArn>arn:o</organizationArn>\
         </item><item><organizationalUnitArn>arn:ou</organizationalUnitArn></item>\
         </launchPermission></R>",
        async |ec2: &Ec2| ec2.image_sharing("ami-1").await
    );
    let sharing = sharing.expect("an answer");
    assert!(!sharing.public);
    assert_eq!(sharing.organizations, ["arn:o", "arn:ou"]);
    assert!(form.contains("Action=DescribeImageAttribute&"), "{form}");
    assert!(form.ends_with("&ImageId=ami-1&Attribute=launchPermission"), "{form}");

    let (none, _) = typed!("<R><createVolumePermission/></R>", async |ec2: &Ec2| ec2
        .snapshot_sharing("snap-1")
        .await);
    assert!(!none.expect("an answer").any());
    for body in [
        "<R><snapshotId>snap-1</snapshotId></R>",
        "<R><createVolumePermission><item><galaxy>x</galaxy></item></createVolumePermission></R>",
        "<R><createVolumePermission><item><group>some</group></item></createVolumePermission></R>",
    ] {
        let (unknown, _) = typed!(body, async |ec2: &Ec2| ec2.snapshot_sharing("snap-1").await);
        assert!(matches!(unknown, Err(Error::Answer { .. })), "{body}");
    }
}

#[tokio::test]
async fn settings_of_the_region_are_read() {
    for (state, expected) in [
        ("unblocked", Some(BlockPublicAccess::Unblocked)),
        ("block-new-sharing", Some(BlockPublicAccess::NewSharing)),
        ("block-all-sharing", Some(BlockPublicAccess::AllSharing)),
        ("block-some", None),
        ("", None),
    ] {
        let body = format!("<R><state>{state}</state></R>");
        let (block, _) = typed!(&body, Ec2::snapshot_block);
        assert_eq!(block.ok(), expected, "{state}");
        let body =
            format!("<R><imageBlockPublicAccessState>{state}</imageBlockPublicAccessState></R>");
        let (block, _) = typed!(&body, Ec2::image_block);
        assert_eq!(block.ok(), expected, "{state}");
    }
    assert!(BlockPublicAccess::Unblocked < BlockPublicAccess::NewSharing);
    assert!(BlockPublicAccess::NewSharing < BlockPublicAccess::AllSharing);

    let (on, form) = typed!(
        "<R><ebsEncryptionByDefault>true</ebsEncryptionByDefault></R>",
        Ec2::ebs_encryption_by_default
    );
    assert!(on.expect("an answer"));
    assert_eq!(form, "Action=GetEbsEncryptionByDefault&Version=2016-11-15");
    let (unknown, _) = typed!("<R/>", Ec2::ebs_encryption_by_default);
    assert!(matches!(unknown, Err(Error::Answer { .. })));
    let (key, _) = typed!("<R><kmsKeyId>alias/aws/ebs</kmsKeyId></R>", Ec2::ebs_default_key);
    assert_eq!(key.expect("an answer"), "alias/aws/ebs");
}

#[tokio::test]
async fn images_are_read() {
    let (images, form) = typed!(
        "<R><imagesSet><item><imageId>ami-1</imageId><imageState>available</imageState>\
         <isPublic>true</isPublic><name>web</name><creationDate>2026-01-02T03:04:05.000Z\
         </creationDate></item></imagesSet></R>",
        Ec2::images
    );
    let images = images.expect("an answer");
    assert_eq!(images.len(), 1);
    assert!(images[0].public);
    assert_eq!(images[0].name.as_deref(), Some("web"));
    assert_eq!(images[0].created, "2026-01-02T03:04:05Z".parse().ok());
    assert_eq!(form, "Action=DescribeImages&Version=2016-11-15&Owner.1=self&MaxResults=1000");
}

#[tokio::test]
async fn user_data_is_decoded_and_never_shown() {
    // "#!/bin/sh\nexport DB_PASSWORD=hunter2\n", wrapped.
    let encoded = "IyEvYmluL3NoCmV4cG9ydCBEQl9Q\n  QVNTV09SRD1odW50ZXIyCg==";
    let body =
        format!("<R><instanceId>i-1</instanceId><userData><value>{encoded}</value></userData></R>");
    let (data, form) = typed!(&body, async |ec2: &Ec2| ec2.user_data("i-1").await);
    let data = data.expect("an answer").expect("user data");
    assert_eq!(data.text(), "#!/bin/sh\nexport DB_PASSWORD=hunter2\n");
    assert_eq!(data.bytes().len(), 37);
    assert_eq!(format!("{data:?}"), "user data of 37 bytes");
    assert_eq!(
        form,
        "Action=DescribeInstanceAttribute&Version=2016-11-15&InstanceId=i-1&Attribute=userData"
    );

    for none in ["<userData/>", "", "<userData><value/></userData>"] {
        let body = format!("<R><instanceId>i-1</instanceId>{none}</R>");
        let (data, _) = typed!(&body, async |ec2: &Ec2| ec2.user_data("i-1").await);
        assert_eq!(data.expect("an answer"), None, "{none}");
    }
    for wrong in [
        "<R><instanceId>i-1</instanceId><userData><value>c2VjcmV0!</value></userData></R>",
        "<R><instanceId>i-2</instanceId><userData><value>c2VjcmV0</value></userData></R>",
        "<R><userData><value>c2VjcmV0</value></userData></R>",
    ] {
        let (data, _) = typed!(wrong, async |ec2: &Ec2| ec2.user_data("i-1").await);
        let error = data.expect_err(wrong);
        assert!(matches!(error, Error::Answer { .. }));
        assert!(!format!("{error} {error:?}").contains("c2Vj"), "{error}");
    }
    let xml = Xml::parse("ec2:DescribeInstanceAttribute", body.as_bytes()).expect("XML");
    let client = format!("{xml:?} {:?} {:?}", xml.at("userData"), client::Answer(body.into()));
    assert!(!client.contains("IyEv"), "{client}");
}

/// What was logged, for reading it back.
#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn answers_are_not_logged() {
    // While there is one dispatcher only, a callsite that another test's thread meets first is
    // switched off for good.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let guard = tracing::subscriber::set_default(subscriber);
    for (status, body) in [
        (200, "<R><instanceId>i-1</instanceId><userData><value>c2VjcmV0</value></userData></R>"),
        (200, "<R><instanceId>i-1</instanceId><userData><value>c2VjcmV0</value>"),
        (404, "<R>c2VjcmV0</R>"),
    ] {
        let server = Server::new(&[(status, body)]);
        let _ = server.ec2().user_data("i-1").await;
    }
    drop(guard);
    let log = String::from_utf8(log.0.lock().expect("the log").clone()).expect("text");
    assert!(log.contains("REDACTED"), "the SDK logs at this level: {log}");
    assert!(!log.contains("c2Vj"), "{log}");
}

#[tokio::test]
async fn launch_template_versions_come_once() {
    let version = |number, default, data| {
        format!(
            "<item><launchTemplateId>lt-1</launchTemplateId><versionNumber>{number}\
             </versionNumber><defaultVersion>{default}</defaultVersion><launchTemplateData>{data}\
             </launchTemplateData></item>"
        )
    };
    let data = "<userData>aGVsbG8=</userData>";
    let body = format!(
        "<R><launchTemplateVersionSet>{}{}{}</launchTemplateVersionSet></R>",
        version(3, true, data),
        version(12, false, ""),
        version(3, true, data),
    );
    let (versions, form) =
        typed!(&body, async |ec2: &Ec2| ec2.launch_template_versions(Some("lt-1")).await);
    let versions = versions.expect("an answer");
    let numbers: Vec<_> = versions.iter().map(|v| (v.version, v.default)).collect();
    assert_eq!(numbers, [(3, true), (12, false)]);
    assert_eq!(versions[0].user_data.as_ref().map(UserData::bytes), Some(&b"hello"[..]));
    assert_eq!(versions[1].user_data, None);
    assert!(!format!("{versions:?}").contains("hello"));
    assert_eq!(
        form,
        "Action=DescribeLaunchTemplateVersions&Version=2016-11-15\
         &LaunchTemplateVersion.1=%24Default&LaunchTemplateVersion.2=%24Latest\
         &LaunchTemplateId=lt-1"
    );
    let (_, form) = typed!(&body, async |ec2: &Ec2| ec2.launch_template_versions(None).await);
    assert!(form.ends_with("&MaxResults=200"), "{form}");
}

#[tokio::test]
async fn networks_are_read() {
    let (endpoints, form) = typed!(
        "<R><vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Gateway\
         </vpcEndpointType><vpcId>vpc-1</vpcId><serviceName>com.amazonaws.ap-northeast-1.s3\
         </serviceName><state>Available</state><routeTableIdSet><item>rtb-1</item></routeTableIdSet>\
         <subnetIdSet/><privateDnsEnabled>false</privateDnsEnabled></item></vpcEndpointSet></R>",
        async |ec2: &Ec2| ec2.vpc_endpoints(&[("vpc-id", &["vpc-1"])]).await
    );
    let endpoints = endpoints.expect("an answer");
    assert_eq!(endpoints[0].state, "available");
    assert_eq!(endpoints[0].kind, "Gateway");
    assert_eq!(endpoints[0].route_tables, ["rtb-1"]);
    assert_eq!(endpoints[0].subnets, [""; 0]);
    assert!(form.contains("&Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&"), "{form}");

    let (interfaces, _) = typed!(
        "<R><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>\
         <vpcId>vpc-1</vpcId><subnetId>subnet-1</subnetId><interfaceType>interface</interfaceType>\
         <status>in-use</status><requesterManaged>false</requesterManaged><association><publicIp>\
         203.0.113.1</publicIp></association><attachment><instanceId>i-1</instanceId></attachment>\
         <groupSet><item><groupId>sg-1</groupId><groupName>a</groupName></item></groupSet>\
         </item></networkInterfaceSet></R>",
        async |ec2: &Ec2| ec2.network_interfaces(&[]).await
    );
    let interfaces = interfaces.expect("an answer");
    assert_eq!(interfaces[0].public_ip.as_deref(), Some("203.0.113.1"));
    assert_eq!(interfaces[0].instance_id.as_deref(), Some("i-1"));
    assert_eq!(interfaces[0].groups, ["sg-1"]);

    let (subnets, form) = typed!(
        "<R><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>\
         <mapPublicIpOnLaunch>true</mapPublicIpOnLaunch></item></subnetSet></R>",
        async |ec2: &Ec2| ec2.subnets(&[("subnet-id", &["subnet-1", "subnet-2"])]).await
    );
    assert!(subnets.expect("an answer")[0].public_ip_on_launch);
    assert!(form.contains("&Filter.1.Value.2=subnet-2&"), "{form}");
}

#[tokio::test]
async fn places_of_subnets_are_asked_for_in_parts_and_must_all_be_known() {
    let answer = |ids: std::ops::Range<usize>| {
        let subnets: String = ids
            .map(|id| {
                format!(
                    "<item><subnetId>subnet-{id}</subnetId>\
                     <availabilityZone>ap-northeast-1a</availabilityZone>\
                     <availableIpAddressCount>{id}</availableIpAddressCount></item>"
                )
            })
            .collect();
        format!("<R><subnetSet>{subnets}</subnetSet></R>")
    };
    let (first, second) = (answer(0..200), answer(200..201));
    let server = Server::new(&[(200, &first), (200, &second)]);
    let ids: Vec<String> = (0..201).map(|id| format!("subnet-{id}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let places = server.ec2().subnet_places(&ids).await.unwrap();
    assert_eq!(places.len(), 201);
    assert_eq!(places[200].zone, "ap-northeast-1a");
    assert_eq!(places[200].free_addresses, 200);
    let forms = server.forms();
    assert!(forms[0].contains("Filter.1.Name=subnet-id") && forms[0].contains("Value.200="));
    assert!(!forms[0].contains("Value.201="), "{}", forms[0]);

    let error = server.ec2().subnet_places(&["subnet-lost"]).await.unwrap_err();
    let error = error.to_string();
    assert_eq!(error, "the answer of ec2:DescribeSubnets lacks the subnet subnet-lost");
    assert!(server.ec2().subnet_places(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn vpn_connections_are_read_without_their_keys() {
    let (connections, form) = typed!(
        "<R><vpnConnectionSet><item><vpnConnectionId>vpn-1</vpnConnectionId><state>available\
         </state><customerGatewayConfiguration>&lt;pre_shared_key&gt;s3cret&lt;/pre_shared_key&gt;\
         </customerGatewayConfiguration><transitGatewayId>tgw-1</transitGatewayId><options>\
         <outsideIpAddressType>PrivateIpv4</outsideIpAddressType>\
         <transportTransitGatewayAttachmentId>tgw-attach-1</transportTransitGatewayAttachmentId>\
         <tunnelOptionSet><item><preSharedKey>s3cret</preSharedKey></item></tunnelOptionSet>\
         </options><vgwTelemetry><item><status>UP</status></item><item><status>DOWN</status></item>\
         </vgwTelemetry></item></vpnConnectionSet></R>",
        async |ec2: &Ec2| ec2.vpn_connections(&[]).await
    );
    let connections = connections.expect("an answer");
    assert_eq!(connections[0].outside_ip_type.as_deref(), Some("PrivateIpv4"));
    assert_eq!(connections[0].transport_attachment_id.as_deref(), Some("tgw-attach-1"));
    assert_eq!(connections[0].tunnels_up, 1);
    assert!(!format!("{connections:?}").contains("s3cret"));
    assert_eq!(form, "Action=DescribeVpnConnections&Version=2016-11-15", "EC2 does not page here");
}

#[tokio::test]
async fn volumes_are_read() {
    let (volumes, _) = typed!(
        "<R><volumeSet><item><volumeId>vol-1</volumeId><status>in-use</status><createTime>\
         2026-01-01T00:00:00.000Z</createTime><snapshotId/><encrypted>false</encrypted>\
         <attachmentSet><item><instanceId>i-1</instanceId></item></attachmentSet></item>\
         </volumeSet></R>",
        async |ec2: &Ec2| ec2.volumes(&[]).await
    );
    let volumes = volumes.expect("an answer");
    assert!(!volumes[0].encrypted);
    assert_eq!(volumes[0].snapshot_id, None);
    assert_eq!(volumes[0].instances, ["i-1"]);
    assert_eq!(volumes[0].tags, Tags::new());
}

#[test]
fn depth_and_doctypes_are_bounded() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert!(Xml::parse("ec2:Any", nested(60).as_bytes()).is_ok());
    assert!(Xml::parse("ec2:Any", nested(100).as_bytes()).is_err());
    assert!(Xml::parse("ec2:Any", nested(200_000).as_bytes()).is_err());
    assert!(Xml::parse("ec2:Any", "<a>".repeat(1_000_000).as_bytes()).is_err());
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Xml::parse("ec2:Any", &bytes);
    }

    #[test]
    fn no_cut_or_changed_answer_breaks_the_reader(
        cut in 0..SNAPSHOTS.len(),
        place in 0..SNAPSHOTS.len(),
        byte in any::<u8>(),
    ) {
        let mut bytes = SNAPSHOTS.as_bytes().to_vec();
        bytes[place] = byte;
        if let Ok(xml) = Xml::parse("ec2:Any", &bytes) {
            for item in xml.list("snapshotSet") {
                let _ = item.time("startTime");
            }
        }
        // A cut answer never reads as a shorter list.
        prop_assert!(Xml::parse("ec2:Any", &SNAPSHOTS.as_bytes()[..cut]).is_err());
    }

    #[test]
    fn every_text_is_read_as_it_was(text in "[^\\p{C}\r\n]{1,40}") {
        let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let xml = Xml::parse("ec2:Any", format!("<a><b>{escaped}</b></a>").as_bytes());
        let xml = xml.expect("XML");
        prop_assert_eq!(xml.text("b").unwrap_or_default(), text.trim());
    }

    #[test]
    fn a_form_has_as_many_pairs_as_parameters(values in proptest::collection::vec(".*", 0..5)) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let form = Ec2Call::new("ec2:Any").list("Id", &values).form(None);
        prop_assert!(form.is_ascii());
        prop_assert_eq!(form.split('&').count(), 2 + values.len());
        prop_assert_eq!(form.matches('=').count(), 2 + values.len());
    }
}
