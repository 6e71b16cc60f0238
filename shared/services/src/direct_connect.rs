//! Direct Connect's lines. The SDK has no paginators for it, although its answers may come in
//! pages.

use aws_sdk_directconnect::Client;
use aws_sdk_directconnect::types::{
    Connection, DirectConnectGatewayAssociation, Lag, VirtualInterface,
};
use aws_types::SdkConfig;
use fisc_shared::Error;
use fisc_shared::error::Call;

/// [`DirectConnect::connections`]
pub const DESCRIBE_CONNECTIONS: &str = "directconnect:DescribeConnections";
/// [`DirectConnect::lags`]
pub const DESCRIBE_LAGS: &str = "directconnect:DescribeLags";
/// [`DirectConnect::interfaces`]
pub const DESCRIBE_VIRTUAL_INTERFACES: &str = "directconnect:DescribeVirtualInterfaces";
/// [`DirectConnect::associations`]
pub const DESCRIBE_ASSOCIATIONS: &str = "directconnect:DescribeDirectConnectGatewayAssociations";

/// What all pages of a listing hold; an empty token is none.
macro_rules! all {
    ($request:expr, $action:expr, $list:ident) => {{
        let (mut all, mut token) = (Vec::new(), None);
        loop {
            let page = $request.set_next_token(token).send().await.call($action)?;
            all.extend(page.$list.unwrap_or_default());
            token = page.next_token.filter(|token| !token.is_empty());
            if token.is_none() {
                return Ok(all);
            }
        }
    }};
}

/// A reader of the account's lines in one Region.
#[derive(Debug, Clone)]
pub struct DirectConnect {
    client: Client,
}

impl DirectConnect {
    /// A reader by the SDK's settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// The client, for other calls.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// The connections.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn connections(&self) -> Result<Vec<Connection>, Error> {
        all!(self.client.describe_connections(), DESCRIBE_CONNECTIONS, connections)
    }

    /// The link aggregation groups.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn lags(&self) -> Result<Vec<Lag>, Error> {
        all!(self.client.describe_lags(), DESCRIBE_LAGS, lags)
    }

    /// The virtual interfaces.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn interfaces(&self) -> Result<Vec<VirtualInterface>, Error> {
        all!(
            self.client.describe_virtual_interfaces(),
            DESCRIBE_VIRTUAL_INTERFACES,
            virtual_interfaces
        )
    }

    /// What a Direct Connect gateway is associated with.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn associations(
        &self,
        gateway: &str,
    ) -> Result<Vec<DirectConnectGatewayAssociation>, Error> {
        all!(
            {
                let request = self.client.describe_direct_connect_gateway_associations();
                request.direct_connect_gateway_id(gateway)
            },
            DESCRIBE_ASSOCIATIONS,
            direct_connect_gateway_associations
        )
    }
}
