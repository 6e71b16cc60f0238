use super::super::saml::Validity;
use super::*;

fn error(text: &str) -> String {
    let error = Metadata::parse(text, "BankIdP").unwrap_err();
    assert_eq!(error.kind(), "UnexpectedAnswer");
    let text = error.to_string();
    let start =
        "the answer of iam:GetSAMLProvider lacks a readable SAMLMetadataDocument of BankIdP: ";
    text.strip_prefix(start).unwrap_or_else(|| panic!("{text}")).to_owned()
}

#[test]
fn only_the_identity_provider_and_its_keys_count() {
    let read = |text: &str| Metadata::parse(text, "BankIdP").unwrap();
    let one = read(&document(&signing(NEXT)));
    assert_eq!(one.entity_ids, ["https://idp.bank.example/saml"]);
    let expected = Validity {
        from: "2026-10-01T00:00:00Z".parse().unwrap(),
        until: "2096-10-01T00:00:00Z".parse().unwrap(),
    };
    assert_eq!(one.signing, [expected]);

    // The document's signature, a service provider and a token service beside it (AD FS).
    let next = STANDARD.encode(NEXT);
    let signature = format!(
        "<ds:Signature><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{next}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>"
    );
    for beside in [
        signature,
        format!("<md:SPSSODescriptor>{}</md:SPSSODescriptor>", signing(NEXT)),
        format!("<md:RoleDescriptor>{}</md:RoleDescriptor>", signing(NEXT)),
    ] {
        let beside = read(&document_with(&signing(ENDING), &beside));
        assert_eq!(beside, read(&document(&signing(ENDING))));
        assert_eq!(beside.signing.len(), 1);
    }

    // Other prefixes, or none, for the same namespaces.
    let plain = document(&signing(NEXT))
        .replace("xmlns:md=", "xmlns=")
        .replace("md:", "")
        .replace("xmlns:ds=", "xmlns:dsig=")
        .replace("ds:", "dsig:");
    assert!(plain.contains("<IDPSSODescriptor") && plain.contains("<dsig:X509Data>"), "{plain}");
    assert_eq!(read(&plain), one);
    // A certificate "without end" is later than the clock can tell.
    assert_eq!(read(&document(&signing(ENDLESS))).signing[0].until, Timestamp::MAX);
}

#[test]
fn what_cannot_be_read_is_an_error_that_says_so() {
    assert!(error("").contains("root"), "{}", error(""));
    assert!(error("<md:EntityDescriptor/>").contains("md"));
    let text = document(&signing(NEXT));
    assert_eq!(
        error(&text.replace("IDPSSODescriptor", "SPSSODescriptor")),
        "no identity provider is in it"
    );
    assert_eq!(error(&text.replace("entityID=", "id=")), "entityID is missing");
    // A document type could make a small document a huge one.
    let bomb = text.replacen("<md:E", "<!DOCTYPE x [<!ENTITY a \"b\">]><md:E", 1);
    assert!(error(&bomb).contains("DTD"), "{}", error(&bomb));

    let cut = &NEXT[..NEXT.len() - 1];
    assert!(error(&document(&signing(cut))).starts_with("an X509Certificate cannot be read: "));
    let mut long = NEXT.to_vec();
    long.push(0);
    assert!(error(&document(&signing(&long))).starts_with("an X509Certificate cannot be read: "));
    let certificate = |text: &str| {
        let key = signing(NEXT);
        let (start, rest) = key.split_once("<ds:X509Certificate>").unwrap();
        let (_, end) = rest.split_once("</ds:X509Certificate>").unwrap();
        document(&format!("{start}<ds:X509Certificate>{text}</ds:X509Certificate>{end}"))
    };
    assert!(error(&certificate("MII?")).starts_with("an X509Certificate is not base64: "));
    assert!(error(&certificate("")).starts_with("an X509Certificate cannot be read: "));
    // What is not for signing is not read.
    let encryption = certificate("").replace("use=\"signing\"", "use=\"encryption\"");
    assert!(Metadata::parse(&encryption, "BankIdP").unwrap().signing.is_empty());
}
