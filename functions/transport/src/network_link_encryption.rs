//! `network-link-encryption`: Direct Connect lines are encrypted, and VPN tunnels admit approved
//! cryptography only.
//!
//! A leased line is private, but not encrypted: whoever reaches a carrier's equipment reads it. A
//! line passes when MACsec is mandatory on it, or when all that it carries can run in VPN tunnels.
//! A VPN in turn is as strong as the weakest proposal that its tunnels accept, and AWS accepts
//! weak ones unless told otherwise.
//!
//! Config does not record Direct Connect: its lines have one verdict on the account in each
//! Region, made daily. VPN connections are judged by their item, on change. That item holds
//! pre-shared keys; it is never logged.
//!
//! Which VPN runs over which line, nothing tells: the overlay is a heuristic, by the kinds of
//! virtual interfaces on a line and of VPN connections recorded in the same Region. Where it is
//! too lenient, turn acceptVpnOverlay off; where it is too strict, name the line in
//! exemptConnectionIds.
//!
//! Criteria: 実4, 実4 5, 実7 2 ask for it; 実3 8 implies it. To fix a line, associate a MACsec key
//! and set its encryption mode to must_encrypt, or run a VPN over it; to fix a tunnel, take the
//! weak values out of its options.

mod lines;
mod vpn;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_directconnect::types::VirtualInterface;
use aws_types::SdkConfig;
use fisc_services::DirectConnect;
use fisc_services::direct_connect::{
    DESCRIBE_CONNECTIONS, DESCRIBE_LAGS, DESCRIBE_VIRTUAL_INTERFACES,
};
use fisc_shared::config_service::ConfigService;
use fisc_shared::inventory;
use fisc_shared::item::ItemStatus;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Reason, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck,
    Severity, Text, Trigger, Verdict, message,
};
use futures::try_join;

use lines::Line;
use vpn::Outside;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "network-link-encryption",
    domain: Domain::Transport,
    severity: Severity::High,
    title: Text::new(
        "Direct Connect lines are encrypted and VPN tunnels admit approved cryptography only",
        "Direct Connect の回線が暗号化され、VPN トンネルが承認済みの暗号方式だけを許可している",
    ),
    why: Text::new(
        "Between a bank's data center and AWS, a leased line crosses the equipment of carriers and \
         data centers in plain text unless it is encrypted. A VPN protects only as well as the \
         weakest algorithm that it accepts.",
        "データセンターと AWS を結ぶ専用線は、暗号化しなければ、通信事業者やデータセンターの設備を\
         平文のまま通過します。VPN による保護は、許可されている中で最も弱い暗号方式の強度に\
         とどまります。",
    ),
    fix: Text::new(
        "In the Direct Connect console open the connection or LAG, associate a MACsec key and set \
         the encryption mode to must_encrypt; where the location has no MACsec, run Site-to-Site \
         VPN over the line (private IP VPN over a transit virtual interface). For VPN connections \
         (VPC > Site-to-Site VPN > Modify VPN tunnel options) choose ikev2, AES256 or \
         AES256-GCM-16, SHA2 and Diffie-Hellman groups from 14 on, in both phases.",
        "Direct Connect コンソールで接続または LAG に MACsec キーを関連付け、暗号化モードを \
         must_encrypt にします。MACsec を利用できないロケーションでは、回線上で Site-to-Site \
         VPN(トランジット仮想インターフェイスのプライベート IP VPN など)を使用します。VPN 接続は\
         「VPN トンネルオプションを変更」で、両フェーズとも ikev2、AES256 または AES256-GCM-16、\
         SHA2、グループ 14 以上の Diffie-Hellman に限定します。",
    ),
    remedy: Remedy::new(
        include_str!("network_link_encryption/remedy.sh"),
        include_str!("network_link_encryption/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/directconnect/latest/UserGuide/encryption-in-transit.html",
    criteria: Criteria { explicit: &["実4", "実4 5", "実7 2"], implied: &["実3 8"] },
    resources: &[ResourceType::ACCOUNT, ResourceType::EC2_VPN_CONNECTION],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
        Action::any(DESCRIBE_CONNECTIONS),
        Action::any(DESCRIBE_LAGS),
        Action::any(DESCRIBE_VIRTUAL_INTERFACES),
    ],
    parameters: &[
        ACCEPT_VPN_OVERLAY.spec,
        EXEMPT_CONNECTION_IDS.spec,
        ALLOWED_IKE_VERSIONS.spec,
        ALLOWED_ENCRYPTION.spec,
        ALLOWED_INTEGRITY.spec,
        MIN_DH_GROUP.spec,
        STRICT_PROPOSALS.spec,
    ],
    requirements: &[
        &DX_NOT_ENCRYPTED,
        &DX_MACSEC_DOWN,
        &VPN_WEAK_IKE,
        &VPN_WEAK_CIPHER,
        &VPN_WEAK_DH_GROUP,
        &VPN_DEFAULT_PROPOSALS,
    ],
    remarks: &[&NO_LINE, &LINE_EXEMPT, &VPN_OVERLAY, &VPN_DELETED],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &[ResourceType::ACCOUNT] },
};

const ACCEPT_VPN_OVERLAY: Param<bool> = Param::flag(
    "acceptVpnOverlay",
    true,
    Text::new(
        "A Site-to-Site VPN over the line counts as encryption (heuristic)",
        "回線上の Site-to-Site VPN を暗号化とみなす(推定)",
    ),
);
const EXEMPT_CONNECTION_IDS: Param<Vec<String>> = Param::list(
    "exemptConnectionIds",
    &[],
    Text::new(
        "Ids of connections and LAGs whose traffic is encrypted by applications, as attested",
        "アプリケーションによる通信の暗号化を確認済みの接続と LAG の ID",
    ),
);
const ALLOWED_IKE_VERSIONS: Param<Vec<String>> = Param::list(
    "allowedIkeVersions",
    &["ikev2"],
    Text::new("Accepted IKE versions", "認める IKE バージョン"),
);
const ALLOWED_ENCRYPTION: Param<Vec<String>> = Param::list(
    "allowedEncryption",
    &["AES256", "AES256-GCM-16"],
    Text::new(
        "Accepted encryption algorithms of both phases",
        "認める暗号化アルゴリズム(両フェーズ)",
    ),
);
const ALLOWED_INTEGRITY: Param<Vec<String>> = Param::list(
    "allowedIntegrity",
    &["SHA2-256", "SHA2-384", "SHA2-512"],
    Text::new(
        "Accepted integrity algorithms of both phases",
        "認める整合性アルゴリズム(両フェーズ)",
    ),
);
const MIN_DH_GROUP: Param<i64> = Param::integer(
    "minDhGroup",
    14,
    1,
    31,
    Text::new(
        "Smallest accepted number of a Diffie-Hellman group",
        "認める Diffie-Hellman グループ番号の下限",
    ),
);
const STRICT_PROPOSALS: Param<bool> = Param::flag(
    "strictProposals",
    false,
    Text::new(
        "Options that are not set fail, because the defaults of AWS admit weak values",
        "AWS のデフォルト値は弱い値も許可するため、未設定のオプションを不適合とする",
    ),
);

const fn of_vpn(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::EC2_VPN_CONNECTION], title, rule }
}

const DX_NOT_ENCRYPTED: Requirement = Requirement::of_account(
    "DX_NOT_ENCRYPTED",
    1,
    Text::new(
        "A Direct Connect line is not encrypted",
        "暗号化されていない Direct Connect の回線があります",
    ),
    Text::new(
        "Fails when an available connection or LAG has another encryptionMode than must_encrypt \
         (should_encrypt falls back to plain text), is not in exemptConnectionIds, and is not \
         overlaid by VPN. With acceptVpnOverlay a line is overlaid when each virtual interface on \
         it is of this account, and either public while a VPN connection with public addresses \
         is available in the Region, or transit while one with private addresses is.",
        "利用可能な接続または LAG の encryptionMode が must_encrypt 以外であり(should_encrypt は\
         平文に戻ることがある)、exemptConnectionIds に含まれず、VPN によっても保護されていない\
         とき不適合です。acceptVpnOverlay が true の場合、回線上のすべての仮想インターフェイスが\
         このアカウントのものであり、パブリックであってパブリックアドレスの VPN 接続が同じ\
         リージョンで利用可能であるか、トランジットであってプライベートアドレスの VPN 接続が\
         利用可能であれば、VPN で保護されているとみなします。",
    ),
);
const DX_MACSEC_DOWN: Requirement = Requirement::of_account(
    "DX_MACSEC_DOWN",
    2,
    Text::new(
        "MACsec is not up on a Direct Connect line that requires it",
        "MACsec を必須とする Direct Connect の回線で暗号化が確立していません",
    ),
    Text::new(
        "Fails when an available connection with the encryptionMode must_encrypt has another \
         portEncryptionStatus than Encryption Up.",
        "encryptionMode が must_encrypt である利用可能な接続の portEncryptionStatus が \
         Encryption Up 以外のとき不適合です。",
    ),
);
const VPN_WEAK_IKE: Requirement = of_vpn(
    "VPN_WEAK_IKE",
    2,
    Text::new(
        "A tunnel admits an IKE version that is not accepted",
        "認められていない IKE バージョンを許可するトンネルがあります",
    ),
    Text::new(
        "Fails when a tunnel lists an IKE version outside allowedIkeVersions.",
        "トンネルの IKE バージョンに allowedIkeVersions 以外が含まれるとき不適合です。",
    ),
);
const VPN_WEAK_CIPHER: Requirement = of_vpn(
    "VPN_WEAK_CIPHER",
    2,
    Text::new(
        "A tunnel admits an algorithm that is not accepted",
        "認められていない暗号方式を許可するトンネルがあります",
    ),
    Text::new(
        "Fails when a tunnel lists, in either phase, an encryption algorithm outside \
         allowedEncryption or an integrity algorithm outside allowedIntegrity.",
        "トンネルのいずれかのフェーズに、allowedEncryption 以外の暗号化アルゴリズムまたは \
         allowedIntegrity 以外の整合性アルゴリズムが含まれるとき不適合です。",
    ),
);
const VPN_WEAK_DH_GROUP: Requirement = of_vpn(
    "VPN_WEAK_DH_GROUP",
    2,
    Text::new(
        "A tunnel admits a weak Diffie-Hellman group",
        "弱い Diffie-Hellman グループを許可するトンネルがあります",
    ),
    Text::new(
        "Fails when a tunnel lists, in either phase, a group below minDhGroup. Groups from 19 on \
         are elliptic curves and pass.",
        "トンネルのいずれかのフェーズに minDhGroup 未満のグループが含まれるとき不適合です。19 以降は\
         楕円曲線のグループであり適合とします。",
    ),
);
const VPN_DEFAULT_PROPOSALS: Requirement = of_vpn(
    "VPN_DEFAULT_PROPOSALS",
    3,
    Text::new(
        "A tunnel admits the defaults of AWS",
        "AWS のデフォルト値を許可するトンネルがあります",
    ),
    Text::new(
        "With strictProposals: fails when a tunnel does not list its IKE versions, or the \
         encryption, integrity or groups of a phase.",
        "strictProposals を指定した場合: IKE バージョン、またはいずれかのフェーズの暗号化、整合性、\
         グループの指定がないトンネルがあるとき不適合です。",
    ),
);

const NO_LINE: Remark = Remark::new(
    "NO_DIRECT_CONNECT",
    "No Direct Connect connection or LAG is available in this Region",
    "このリージョンに利用可能な Direct Connect の接続または LAG はありません",
);
const LINE_EXEMPT: Remark = Remark::new(
    "LINE_EXEMPT",
    "A line is exempt: its traffic is encrypted by applications, as attested",
    "アプリケーションによる暗号化を確認済みとして除外した回線があります",
);
const VPN_OVERLAY: Remark = Remark::new(
    "VPN_OVERLAY",
    "A line without MACsec counts as encrypted by the VPN over it",
    "MACsec を使用しない回線を、回線上の VPN により暗号化されているとみなしています",
);
const VPN_DELETED: Remark = Remark::new(
    "VPN_DELETED",
    "The VPN connection is deleted or being deleted",
    "VPN 接続は削除済みまたは削除中です",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    Ok(Some(vpn::evaluate(item, run)?))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Lines { direct_connect: DirectConnect::new(sdk), config: ConfigService::new(sdk) })
}

struct Lines {
    direct_connect: DirectConnect,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Lines {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        Ok(vpn::evaluate(item, run)?)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let lines = &self.direct_connect;
        let (connections, lags) = try_join!(lines.connections(), lines.lags())?;
        let lines = lines::lines(&connections, &lags)?;
        let overlay = if needs_overlay(&lines, run) {
            let (interfaces, vpns) = try_join!(self.direct_connect.interfaces(), self.vpns())?;
            Some(Overlay { interfaces, vpns })
        } else {
            None
        };
        let verdict = decide(&lines, overlay.as_ref(), run)?;
        let resource = Resource::account(run.account_id, run.region);
        Ok(vec![Evaluated { resource, verdict, at: run.now }])
    }
}

/// What could encrypt a line without MACsec.
struct Overlay {
    interfaces: Vec<VirtualInterface>,
    vpns: Vec<Outside>,
}

fn is_exempt(line: &Line, run: &Run<'_>) -> bool {
    run.parameters.get(&EXEMPT_CONNECTION_IDS).contains(&line.id)
}

/// Whether some line passes only if VPN runs over it.
fn needs_overlay(lines: &[Line], run: &Run<'_>) -> bool {
    run.parameters.get(&ACCEPT_VPN_OVERLAY)
        && lines.iter().any(|line| !line.is_encrypted() && !is_exempt(line, run))
}

/// The verdict on all lines of the account in a Region.
fn decide(lines: &[Line], overlay: Option<&Overlay>, run: &Run<'_>) -> Result<Verdict, Error> {
    if lines.is_empty() {
        return Ok(Verdict::not_applicable(&NO_LINE));
    }
    let (mut plain, mut down) = (Vec::new(), Vec::new());
    let (mut exempt, mut overlaid) = (Vec::new(), Vec::new());
    for line in lines {
        if is_exempt(line, run) {
            exempt.push(line.id.clone());
            continue;
        }
        down.extend(line.down.iter().cloned());
        if line.is_encrypted() {
            continue;
        }
        let covered = match overlay {
            Some(Overlay { interfaces, vpns }) => {
                lines::is_overlaid(line, interfaces, vpns, run.account_id)?
            }
            None => false,
        };
        if covered {
            overlaid.push(line.id.clone());
        } else {
            plain.push(format!("{} ({})", line.id, line.mode));
        }
    }
    let mut failures = Failures::new();
    if !plain.is_empty() {
        let (count, Message { en, ja }) = (plain.len(), Message::named(&plain));
        failures.because(
            &DX_NOT_ENCRYPTED,
            message!(
                "{count} Direct Connect line(s) are not encrypted: {en}",
                "{count} 件の Direct Connect の回線が暗号化されていません: {ja}"
            ),
        );
    }
    if !down.is_empty() {
        let (count, Message { en, ja }) = (down.len(), Message::named(&down));
        failures.because(
            &DX_MACSEC_DOWN,
            message!(
                "MACsec is required but not up on {count} connection(s): {en}",
                "{count} 件の接続で、必須である MACsec が確立していません: {ja}"
            ),
        );
    }
    Ok(failures.into_verdict_with(notes(&exempt, &overlaid)))
}

/// Why lines without MACsec pass.
fn notes(exempt: &[String], overlaid: &[String]) -> Vec<Reason> {
    let mut notes = Vec::new();
    if !overlaid.is_empty() {
        let Message { en, ja } = Message::named(overlaid);
        notes.push(VPN_OVERLAY.because(message!(
            "Lines that count as encrypted by VPN: {en}",
            "VPN により暗号化されているとみなした回線: {ja}"
        )));
    }
    if !exempt.is_empty() {
        let Message { en, ja } = Message::named(exempt);
        notes.push(LINE_EXEMPT.because(message!("Exempt lines: {en}", "除外した回線: {ja}")));
    }
    notes
}

impl Lines {
    /// What the working VPN connections of the Region look like from outside.
    async fn vpns(&self) -> Result<Vec<Outside>, Error> {
        let items = self.config.recorded(ResourceType::EC2_VPN_CONNECTION.name).await?;
        let mut vpns = Vec::new();
        for item in items.iter().filter(|item| item.status == ItemStatus::Recorded) {
            vpns.extend(vpn::outside(item)?);
        }
        Ok(vpns)
    }
}

#[cfg(test)]
mod tests;
