//! `object_store`'s requests, sent by the HTTP client that the program has already.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::client::{
    ClientConfigKey, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use ureq::http::Request;

use super::agent::{Agent, is_busy};
use super::store::Failure;

/// Sends requests, one at a time.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    agent: Agent,
    last: Arc<Mutex<Last>>,
}

/// What came of the last request. `object_store` tells most failures apart by their texts alone.
#[derive(Clone, Debug, Default)]
enum Last {
    #[default]
    None,
    Status(u16),
    Failed(Failure),
}

impl Connector {
    pub(crate) fn new() -> Self {
        Connector { agent: Agent::following(0), last: Arc::default() }
    }

    /// What an error of `object_store` without a kind of its own means; `text` describes it.
    pub(crate) fn failure(&self, text: String) -> Failure {
        match self.last.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            Last::Failed(Failure::Busy(what)) => Failure::Busy(what),
            Last::Failed(Failure::Broken(what)) => Failure::Broken(what),
            Last::Status(status) if is_busy(status) => Failure::Busy(text),
            Last::None | Last::Status(_) | Last::Failed(Failure::Conflict) => Failure::Broken(text),
        }
    }

    fn note(&self, last: Last) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let allows_http = options.get_config_value(&ClientConfigKey::AllowHttp).is_some_and(|value| value == "true");
        Ok(HttpClient::new(Service { connector: self.clone(), allows_http }))
    }
}

#[derive(Debug)]
struct Service {
    connector: Connector,
    allows_http: bool,
}

#[async_trait]
impl HttpService for Service {
    /// Blocks: whoever publishes waits for nothing else.
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        if !self.allows_http && parts.uri.scheme_str() != Some("https") {
            let what = format!("{}: not https, which the variable for plain HTTP alone allows", parts.uri);
            self.connector.note(Last::Failed(Failure::Broken(what.clone())));
            return Err(HttpError::new(HttpErrorKind::Unknown, std::io::Error::other(what)));
        }
        let body = body.collect().await?.to_bytes();
        match self.connector.agent.send(Request::from_parts(parts, &*body)) {
            Ok(answer) => {
                self.connector.note(Last::Status(answer.status));
                let mut response = HttpResponse::new(answer.body.into());
                // A status that came over HTTP is one.
                *response.status_mut() = answer.status.try_into().unwrap_or_default();
                *response.headers_mut() = answer.headers;
                Ok(response)
            }
            Err(failure) => {
                self.connector.note(Last::Failed(failure.clone()));
                let what = match failure {
                    Failure::Busy(what) | Failure::Broken(what) => what,
                    Failure::Conflict => String::new(),
                };
                Err(HttpError::new(HttpErrorKind::Unknown, std::io::Error::other(what)))
            }
        }
    }
}
