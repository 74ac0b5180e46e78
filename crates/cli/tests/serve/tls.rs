//! TLS to a PostgreSQL whose certificate the test made itself.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;

use crate::cluster::Cluster;
use crate::records::{exposure, request};
use crate::server::Folder;

/// A certificate for names, which an authority of its own has signed, and that authority's.
fn certificate(names: &[&str]) -> (String, String, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_pem = authority.self_signed(&authority_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let issuer = Issuer::new(authority, authority_key);
    let signed = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    (signed.pem(), key.serialize_pem(), authority_pem)
}

/// One that signed itself and may sign others, as PostgreSQL's manual makes it.
fn self_signed(names: &[&str]) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

struct Tested {
    cluster: Cluster,
    folder: Folder,
}

impl Tested {
    fn start(certificate: &str, key: &str) -> Option<Self> {
        let cluster = Cluster::on_tls(certificate, key)?;
        let mut client = postgres::Client::connect(&cluster.create("shop"), postgres::NoTls).unwrap();
        client
            .batch_execute("CREATE ROLE clerk LOGIN PASSWORD 'sesame'; GRANT CREATE ON SCHEMA public TO clerk")
            .unwrap();
        Some(Self { cluster, folder: Folder::new() })
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.site().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn url(&self, query: &str) -> String {
        format!("{}?{query}", self.cluster.tcp_url("clerk:sesame", "shop"))
    }

    /// Stores an exposure, and says whether it went through TLS.
    fn check(&self, query: &str) {
        let server = Folder::new().start(&["--db", &self.url(query)]);
        assert_eq!(server.post(request(&[exposure(1, "bold")])).json(), json!({}), "{query}");
        // Reports and counts connect by themselves.
        assert_eq!(server.get("/api/exposures", &[]).json()["total"], 1);
        let mut client = postgres::Client::connect(&self.cluster.url("shop"), postgres::NoTls).unwrap();
        let encrypted = client
            .query_one(
                "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE ssl AND usename = 'clerk'",
                &[],
            )
            .unwrap()
            .get::<_, i64>(0);
        assert!(encrypted > 0, "{query}");
    }

    fn refused(&self, query: &str, expected: &str) {
        let message = self.folder.fail(&["--db", &self.url(query)]);
        assert!(message.contains(expected) && !message.contains("sesame"), "{query}: {message}");
    }
}

#[test]
fn certificate_is_verified_as_far_as_the_mode_says() {
    let (certificate_pem, key, authority) = certificate(&["127.0.0.1"]);
    let Some(tested) = Tested::start(&certificate_pem, &key) else { return };
    let authority = tested.file("authority.pem", &authority);
    let stranger = tested.file("stranger.pem", &certificate(&["127.0.0.1"]).2);
    tested.check("");
    tested.check("sslmode=prefer");
    tested.check("sslmode=require");
    tested.check(&format!("sslmode=require&sslrootcert={authority}"));
    tested.check(&format!("sslmode=verify-ca&sslrootcert={authority}"));
    tested.check(&format!("sslmode=verify-full&sslrootcert={authority}"));
    for mode in ["require", "verify-ca", "verify-full"] {
        tested.refused(&format!("sslmode={mode}&sslrootcert={stranger}"), "invalid peer certificate: ");
    }
    // What this machine trusts has no such authority.
    tested.refused("sslmode=verify-full", "UnknownIssuer");
    tested.refused("sslmode=verify-ca&sslrootcert=system", "UnknownIssuer");
    tested.refused("sslmode=disable", "add sslmode=verify-full to the URL");
    let empty = tested.file("empty.pem", "");
    tested.refused(&format!("sslmode=verify-full&sslrootcert={empty}"), "it has no certificate");
}

#[test]
fn certificate_of_another_host_is_refused_where_the_host_is_verified() {
    let (certificate_pem, key, authority) = certificate(&["db.shop.example"]);
    let Some(tested) = Tested::start(&certificate_pem, &key) else { return };
    let authority = tested.file("authority.pem", &authority);
    tested.check(&format!("sslmode=verify-ca&sslrootcert={authority}"));
    tested.refused(&format!("sslmode=verify-full&sslrootcert={authority}"), "not valid for name");
}

#[test]
fn certificate_that_signed_itself_is_its_own_authority() {
    let (certificate_pem, key) = self_signed(&["127.0.0.1"]);
    let Some(tested) = Tested::start(&certificate_pem, &key) else { return };
    let own = tested.file("own.pem", &certificate_pem);
    let stranger = tested.file("stranger.pem", &self_signed(&["127.0.0.1"]).0);
    tested.check(&format!("sslmode=verify-full&sslrootcert={own}"));
    tested.refused(&format!("sslmode=verify-ca&sslrootcert={stranger}"), "invalid peer certificate");
}
