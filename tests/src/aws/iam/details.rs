//! What GetAccountAuthorizationDetails shows: users, groups, roles and customer managed policies.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::aws::protocol::escape;

/// What all of them have.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entity {
    name: String,
    id: String,
    path: String,
    created: String,
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Entity {
    fn new(name: &str, id: &str) -> Self {
        assert!((1..=128).contains(&name.len()), "{name}: not a name of IAM");
        let word = id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        assert!((16..=128).contains(&id.len()) && word, "{id}: not an id of IAM");
        Self {
            name: name.to_owned(),
            id: id.to_owned(),
            path: "/".to_owned(),
            created: "2020-04-01T00:00:00Z".to_owned(),
        }
    }

    /// The elements that all have, with the names that `kind` gives them.
    fn xml(&self, kind: &str, account: &str) -> String {
        let arn =
            format!("arn:aws:iam::{account}:{}{}{}", kind.to_lowercase(), self.path, self.name);
        let (path, name, arn) = (escape(&self.path), escape(&self.name), escape(&arn));
        let Self { id, created, .. } = self;
        format!(
            "<Path>{path}</Path><{kind}Name>{name}</{kind}Name><{kind}Id>{id}</{kind}Id><Arn>{arn}</Arn><CreateDate>{created}</CreateDate>"
        )
    }
}

/// The setters that all have.
macro_rules! entity {
    ($type:ident) => {
        impl $type {
            /// The same under a path such as `/ops/`.
            #[must_use]
            pub fn path(mut self, path: &str) -> Self {
                assert!(path.starts_with('/') && path.ends_with('/'), "{path}: not a path");
                path.clone_into(&mut self.entity.path);
                self
            }

            /// The same, made at another time.
            #[must_use]
            pub fn created(mut self, at: Timestamp) -> Self {
                self.entity.created = time(at);
                self
            }
        }
    };
}

entity!(UserDetail);
entity!(GroupDetail);
entity!(RoleDetail);
entity!(PolicyDetail);

/// The policies of a user, a group or a role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Policies {
    /// Names and documents.
    inline: Vec<(String, Value)>,
    /// ARNs.
    attached: Vec<String>,
    /// ARN.
    boundary: Option<String>,
}

fn policy_arn(arn: &str) -> String {
    assert!(arn.starts_with("arn:") && arn.contains(":policy/"), "{arn}: not a policy's ARN");
    arn.to_owned()
}

/// IAM encodes policies for URLs.
fn encoded(document: &Value) -> String {
    document.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}

impl Policies {
    fn xml(&self, kind: &str) -> String {
        let inline = members(&self.inline, |(name, document)| {
            let (name, document) = (escape(name), encoded(document));
            format!("<PolicyName>{name}</PolicyName><PolicyDocument>{document}</PolicyDocument>")
        });
        let attached = members(&self.attached, |arn| {
            let name = arn.rsplit('/').next().unwrap_or_default();
            let (name, arn) = (escape(name), escape(arn));
            format!("<PolicyName>{name}</PolicyName><PolicyArn>{arn}</PolicyArn>")
        });
        let boundary = self.boundary.as_ref().map(|arn| {
            let arn = escape(arn);
            format!("<PermissionsBoundary><PermissionsBoundaryType>Policy</PermissionsBoundaryType><PermissionsBoundaryArn>{arn}</PermissionsBoundaryArn></PermissionsBoundary>")
        });
        format!(
            "<{kind}PolicyList>{inline}</{kind}PolicyList><AttachedManagedPolicies>{attached}</AttachedManagedPolicies>{}",
            boundary.unwrap_or_default()
        )
    }
}

/// The setters of those that hold policies.
macro_rules! holder {
    ($type:ident) => {
        impl $type {
            /// The same with a managed policy, by its ARN.
            #[must_use]
            pub fn policy(mut self, arn: &str) -> Self {
                self.policies.attached.push(policy_arn(arn));
                self
            }

            /// The same with an inline policy.
            #[must_use]
            pub fn inline(mut self, name: &str, document: Value) -> Self {
                self.policies.inline.push((name.to_owned(), document));
                self
            }
        }
    };
}

holder!(UserDetail);
holder!(GroupDetail);
holder!(RoleDetail);

/// A user as GetAccountAuthorizationDetails shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserDetail {
    entity: Entity,
    tags: Vec<(String, String)>,
    groups: Vec<String>,
    policies: Policies,
}

impl UserDetail {
    /// A user with the id that IAM and AWS Config know it by (`AIDA…`).
    #[must_use]
    pub fn new(name: &str, id: &str) -> Self {
        Self {
            entity: Entity::new(name, id),
            tags: Vec::new(),
            groups: Vec::new(),
            policies: Policies::default(),
        }
    }

    /// The same user with a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The same user as a member of a group.
    #[must_use]
    pub fn group(mut self, name: &str) -> Self {
        self.groups.push(name.to_owned());
        self
    }

    /// The same user with a permissions boundary, by its ARN.
    #[must_use]
    pub fn boundary(mut self, arn: &str) -> Self {
        self.policies.boundary = Some(policy_arn(arn));
        self
    }

    fn xml(&self, account: &str) -> String {
        let tags = members(&self.tags, |(key, value)| {
            format!("<Key>{}</Key><Value>{}</Value>", escape(key), escape(value))
        });
        let groups = members(&self.groups, |name| escape(name));
        format!(
            "{}<GroupList>{groups}</GroupList>{}<Tags>{tags}</Tags>",
            self.entity.xml("User", account),
            self.policies.xml("User")
        )
    }
}

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDetail {
    entity: Entity,
    policies: Policies,
}

impl GroupDetail {
    /// A group with the id that IAM and AWS Config know it by (`AGPA…`).
    #[must_use]
    pub fn new(name: &str, id: &str) -> Self {
        Self { entity: Entity::new(name, id), policies: Policies::default() }
    }

    fn xml(&self, account: &str) -> String {
        format!("{}{}", self.entity.xml("Group", account), self.policies.xml("Group"))
    }
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleDetail {
    entity: Entity,
    last_used: Option<String>,
    trust: Value,
    policies: Policies,
}

impl RoleDetail {
    /// A role that was never used, with the id that IAM and AWS Config know it by (`AROA…`).
    #[must_use]
    pub fn new(name: &str, id: &str) -> Self {
        let trust = json!({"Version": "2012-10-17", "Statement": []});
        Self {
            entity: Entity::new(name, id),
            last_used: None,
            trust,
            policies: Policies::default(),
        }
    }

    /// The same role with a trust policy.
    #[must_use]
    pub fn trust(mut self, document: Value) -> Self {
        self.trust = document;
        self
    }

    /// The same role, last used at a time.
    #[must_use]
    pub fn last_used(mut self, at: Timestamp) -> Self {
        self.last_used = Some(time(at));
        self
    }

    fn xml(&self, account: &str) -> String {
        let used = self.last_used.as_ref().map(|date| {
            format!("<LastUsedDate>{date}</LastUsedDate><Region>ap-northeast-1</Region>")
        });
        let trust = encoded(&self.trust);
        format!(
            "{}<AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument><InstanceProfileList/>{}<RoleLastUsed>{}</RoleLastUsed><Tags/>",
            self.entity.xml("Role", account),
            self.policies.xml("Role"),
            used.unwrap_or_default()
        )
    }
}

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDetail {
    entity: Entity,
    updated: Option<String>,
    attached: usize,
    bounds: usize,
    document: Option<Value>,
}

impl PolicyDetail {
    /// A policy that is attached to nothing, with the id that IAM and AWS Config know it by
    /// (`ANPA…`).
    #[must_use]
    pub fn new(name: &str, id: &str) -> Self {
        Self {
            entity: Entity::new(name, id),
            updated: None,
            attached: 0,
            bounds: 0,
            document: None,
        }
    }

    /// The same policy with a newer version.
    #[must_use]
    pub fn updated(mut self, at: Timestamp) -> Self {
        self.updated = Some(time(at));
        self
    }

    /// The same policy with the document of its default version, the second one.
    #[must_use]
    pub fn document(mut self, document: Value) -> Self {
        self.document = Some(document);
        self
    }

    /// The same policy, attached to so many users, groups and roles.
    #[must_use]
    pub const fn attached(mut self, count: usize) -> Self {
        self.attached = count;
        self
    }

    /// The same policy as the permissions boundary of so many users and roles.
    #[must_use]
    pub const fn bounds(mut self, count: usize) -> Self {
        self.bounds = count;
        self
    }

    fn xml(&self, account: &str) -> String {
        let updated = self.updated.as_ref().unwrap_or(&self.entity.created);
        let old = json!({"Version": "2012-10-17", "Statement": []});
        let versions = self.document.iter().map(|document| {
            [("v1", &old, false), ("v2", document, true)]
                .map(|(id, document, default)| {
                    let document = encoded(document);
                    format!("<member><Document>{document}</Document><VersionId>{id}</VersionId><IsDefaultVersion>{default}</IsDefaultVersion></member>")
                })
                .concat()
        });
        let versions: String = versions.collect();
        format!(
            "{}<DefaultVersionId>v{}</DefaultVersionId><AttachmentCount>{}</AttachmentCount><PermissionsBoundaryUsageCount>{}</PermissionsBoundaryUsageCount><IsAttachable>true</IsAttachable><UpdateDate>{updated}</UpdateDate><PolicyVersionList>{versions}</PolicyVersionList>",
            self.entity.xml("Policy", account),
            if self.document.is_some() { 2 } else { 1 },
            self.attached,
            self.bounds
        )
    }
}

fn members<T>(all: &[T], xml: impl Fn(&T) -> String) -> String {
    all.iter().map(|one| format!("<member>{}</member>", xml(one))).collect()
}

/// One entry of whichever list.
#[derive(Debug, Clone)]
pub(super) enum Detail {
    User(UserDetail),
    Group(GroupDetail),
    Role(RoleDetail),
    Policy(PolicyDetail),
}

/// The values of the filter; policies of AWS are not emulated.
pub(super) const FILTERS: [&str; 5] =
    ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

impl Detail {
    /// The value of the filter that asks for it.
    pub(super) const fn filter(&self) -> &'static str {
        match self {
            Self::User(_) => "User",
            Self::Group(_) => "Group",
            Self::Role(_) => "Role",
            Self::Policy(_) => "LocalManagedPolicy",
        }
    }
}

/// A page of entries, each in the list of its kind.
pub(super) fn lists(page: &[Detail], account: &str) -> String {
    let mut lists = [
        ("UserDetailList", String::new()),
        ("GroupDetailList", String::new()),
        ("RoleDetailList", String::new()),
        ("Policies", String::new()),
    ];
    for detail in page {
        let (list, xml) = match detail {
            Detail::User(user) => (0, user.xml(account)),
            Detail::Group(group) => (1, group.xml(account)),
            Detail::Role(role) => (2, role.xml(account)),
            Detail::Policy(policy) => (3, policy.xml(account)),
        };
        lists[list].1 += &format!("<member>{xml}</member>");
    }
    lists.iter().map(|(name, members)| format!("<{name}>{members}</{name}>")).collect()
}
