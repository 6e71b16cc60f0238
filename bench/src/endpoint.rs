//! The emulated AWS behind TLS, as a Lambda meets AWS: with a certificate of a test authority,
//! which the client finds in a bundle beside all authorities that the machine trusts.
//!
//! Nothing of the product changes for it: the SDK's client takes its bundle from `SSL_CERT_FILE`,
//! Python's from `AWS_CA_BUNDLE`.

use std::fs;
use std::io::BufReader;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Instant;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::error::{Error, at, tls};
use crate::http::Message;

/// Where a machine keeps the authorities that it trusts.
const SYSTEM: [&str; 3] =
    ["/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"];

/// A TLS endpoint in front of a plain one.
#[derive(Debug)]
pub(crate) struct Endpoint {
    address: SocketAddr,
}

impl Endpoint {
    /// Listens; writes the bundle of trusted authorities to `bundle`. Of every request for
    /// `operation` the time of its arrival goes to `seen`.
    ///
    /// # Errors
    /// When no certificate can be made or no port is free.
    pub(crate) fn start(
        upstream: String,
        bundle: &Path,
        operation: &'static str,
        seen: Sender<Instant>,
    ) -> Result<Self, Error> {
        let key = KeyPair::generate().map_err(tls)?;
        let mut authority = CertificateParams::new(Vec::new()).map_err(tls)?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name.push(DnType::CommonName, "benchmark authority");
        let authority = CertifiedIssuer::self_signed(authority, key).map_err(tls)?;
        let key = KeyPair::generate().map_err(tls)?;
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).map_err(tls)?;
        let leaf = leaf.signed_by(&key, &authority).map_err(tls)?;
        let system = SYSTEM.iter().find_map(|path| fs::read_to_string(path).ok());
        let all = system.unwrap_or_default() + &authority.pem();
        fs::write(bundle, all).map_err(at(&bundle.display()))?;

        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(tls)?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone(), authority.der().clone()], key)
            .map_err(tls)?;
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").map_err(at(&"a local port"))?;
        let address = listener.local_addr().map_err(at(&"a local port"))?;
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, upstream, seen) =
                    (Arc::clone(&config), upstream.clone(), seen.clone());
                thread::spawn(move || serve(stream, config, &upstream, operation, &seen));
            }
        });
        Ok(Self { address })
    }

    /// The URL.
    #[must_use]
    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }
}

/// Passes requests on until one side closes.
fn serve(
    stream: TcpStream,
    config: Arc<ServerConfig>,
    upstream: &str,
    operation: &str,
    seen: &Sender<Instant>,
) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let session = ServerConnection::new(config).ok()?;
    let mut client = BufReader::new(StreamOwned::new(session, stream));
    let server = TcpStream::connect(upstream).ok()?;
    server.set_nodelay(true).ok()?;
    let mut server = BufReader::new(server);
    while let Some(request) = Message::read(&mut client).ok()? {
        let target = request.header("x-amz-target").unwrap_or_default();
        if target.ends_with(operation) || request.line.contains(operation) {
            // Nobody listens any more when the measurement is over.
            let _ = seen.send(Instant::now());
        }
        request.forward(server.get_mut()).ok()?;
        let answer = Message::read(&mut server).ok()??;
        answer.forward(client.get_mut()).ok()?;
    }
    Some(())
}
