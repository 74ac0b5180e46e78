//! S3 and what speaks its protocol, Azure's and Google's stores, through `object_store`. Credentials are what its documentation says:
//! variables that begin with AWS_, AZURE_ or GOOGLE_, or the machine's own role.

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    Attribute, Attributes, Error, ObjectMeta, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, RetryConfig,
    UpdateVersion,
};
use tokio::runtime::Runtime;

use super::connector::Connector;
use super::store::{CONTENT_TYPE, Cache, Expected, Failure, Found, LARGEST, Listed, Store, Tag};

/// Whose store it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    Amazon,
    Azure,
    Google,
}

impl Provider {
    /// By the scheme of a URL.
    pub(crate) fn of(scheme: &str) -> Option<Self> {
        match scheme {
            "s3" => Some(Provider::Amazon),
            "az" => Some(Provider::Azure),
            "gs" => Some(Provider::Google),
            _ => None,
        }
    }

    const fn variables(self) -> &'static str {
        match self {
            Provider::Amazon => "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION",
            Provider::Azure => "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
            Provider::Google => "GOOGLE_APPLICATION_CREDENTIALS",
        }
    }
}

/// A bucket or container, and a folder in it.
pub(crate) struct Cloud {
    store: Box<dyn ObjectStore>,
    connector: Connector,
    runtime: Runtime,
    provider: Provider,
    /// As it was named, with a slash at its end.
    to: String,
    folder: String,
}

impl Cloud {
    /// `option` named it; `rest` is `BUCKET` or `BUCKET/FOLDER`.
    pub(crate) fn at(provider: Provider, option: &str, to: &str, rest: &str) -> Result<Self, String> {
        let (bucket, folder) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() || folder.contains(['?', '#']) {
            return Err(format!(
                "{option} {to}: expected a bucket, and perhaps a folder in it, such as s3://bucket/flags"
            ));
        }
        let connector = Connector::new();
        // Tried again is elsewhere, with what was learnt in between.
        let retry = RetryConfig { max_retries: 0, ..RetryConfig::default() };
        let store = open(provider, bucket, retry, &connector).map_err(|error| {
            format!("{option} {to}: {error}: the environment says how to get there, by {}", provider.variables())
        })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| format!("cannot start: {error}"))?;
        let to = format!("{}/", to.trim_end_matches('/'));
        Ok(Cloud { store, connector, runtime, provider, to, folder: folder.trim_matches('/').to_owned() })
    }

    fn path(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.folder))
    }

    fn failure(&self, name: &str, error: &Error) -> Failure {
        let what = |remedy: &str| format!("{}{name}: {error}{remedy}", self.to);
        match error {
            Error::AlreadyExists { .. } | Error::Precondition { .. } => Failure::Conflict,
            Error::NotFound { .. } => Failure::Broken(what(": create the bucket")),
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
                Failure::Broken(what(&format!(": see {}", self.provider.variables())))
            }
            error => self.connector.failure(format!("{}{name}: {error}", self.to)),
        }
    }
}

fn open(
    provider: Provider,
    bucket: &str,
    retry: RetryConfig,
    connector: &Connector,
) -> object_store::Result<Box<dyn ObjectStore>> {
    let connector = connector.clone();
    Ok(match provider {
        Provider::Amazon => {
            let builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry);
            Box::new(builder.with_http_connector(connector).build()?)
        }
        Provider::Azure => {
            let builder = MicrosoftAzureBuilder::from_env().with_container_name(bucket).with_retry(retry);
            Box::new(builder.with_http_connector(connector).build()?)
        }
        Provider::Google => {
            let builder = GoogleCloudStorageBuilder::from_env().with_bucket_name(bucket).with_retry(retry);
            Box::new(builder.with_http_connector(connector).build()?)
        }
    })
}

impl Store for Cloud {
    fn read(&self, name: &str) -> Result<Option<Found>, Failure> {
        let read = async {
            let found = self.store.get(&self.path(name)).await?;
            let tag = Tag { e_tag: found.meta.e_tag.clone(), version: found.meta.version.clone() };
            Ok((tag, found.bytes().await?))
        };
        match self.runtime.block_on(read) {
            Ok((_, bytes)) if bytes.len() > LARGEST => {
                Err(Failure::Broken(format!("{}{name}: over {LARGEST} bytes", self.to)))
            }
            Ok((tag, bytes)) => Ok(Some(Found { bytes: bytes.into(), tag })),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failure(name, &error)),
        }
    }

    fn put(&self, name: &str, bytes: &[u8], cache: Cache, expected: Expected<'_>) -> Result<(), Failure> {
        let mode = match expected {
            Expected::Anything => PutMode::Overwrite,
            Expected::Absent => PutMode::Create,
            Expected::Unchanged(Tag { e_tag, version }) => {
                PutMode::Update(UpdateVersion { e_tag: e_tag.clone(), version: version.clone() })
            }
        };
        let mut attributes = Attributes::new();
        attributes.insert(Attribute::CacheControl, cache.control().into());
        attributes.insert(Attribute::ContentType, CONTENT_TYPE.into());
        let options = PutOptions { mode, attributes, ..PutOptions::default() };
        let path = self.path(name);
        let put = self.store.put_opts(&path, bytes.to_vec().into(), options);
        self.runtime.block_on(put).map(|_| ()).map_err(|error| self.failure(name, &error))
    }

    fn compares(&self) -> bool {
        false
    }
}

impl Listed for Cloud {
    fn list(&self) -> Result<Vec<(String, Tag)>, Failure> {
        let folder = Path::from(self.folder.as_str());
        let listed = self.runtime.block_on(self.store.list_with_delimiter(Some(&folder)));
        let listed = listed.map_err(|error| self.failure("", &error))?;
        let one = |ObjectMeta { location, e_tag, version, .. }: ObjectMeta| {
            // Not every store knows what a delimiter is.
            let mut parts = location.prefix_match(&folder)?;
            let name = parts.next()?.as_ref().to_owned();
            parts.next().is_none().then_some((name, Tag { e_tag, version }))
        };
        Ok(listed.objects.into_iter().filter_map(one).collect())
    }

    fn remove(&self, name: &str) -> Result<(), Failure> {
        match self.runtime.block_on(self.store.delete(&self.path(name))) {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failure(name, &error)),
        }
    }
}

/// A bucket in memory, which keeps every expectation.
#[cfg(test)]
impl Cloud {
    pub(crate) fn in_memory() -> Self {
        let store = Box::new(object_store::memory::InMemory::new());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (to, folder) = ("s3://memory/releases/".to_owned(), "releases".to_owned());
        Cloud { store, connector: Connector::new(), runtime, provider: Provider::Amazon, to, folder }
    }
}
