//! DNS over HTTPS (RFC 8484): one POST a question, side by side on one HTTP/2 connection.

use bytes::Bytes;
use cooee_machine::ResolveFailure;
use h2::client::SendRequest;
use h2::{Reason, RecvStream};
use hickory_proto::op::Message;
use http::{HeaderMap, Request, StatusCode, header};
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::Ask;
use super::encrypted::Fault;

const MEDIA_TYPE: &str = "application/dns-message";
/// The longest DNS message.
const BODY_MAX: usize = 65_535;
/// Header fields that a server may send with an answer, in octets.
const HEADERS_MAX: u32 = 16 * 1024;

/// A connection. It ends when the last clone is dropped.
#[derive(Clone, Debug)]
pub(super) struct Channel {
    requests: SendRequest<Bytes>,
    uri: http::Uri,
    /// Held by the task that moves the connection's octets: closed when that has ended.
    alive: tokio::sync::watch::Receiver<()>,
}

impl Channel {
    /// Takes over a connection whose server has proven itself and speaks HTTP/2.
    pub(super) async fn start<S>(stream: S, authority: &str, path: &str) -> Result<Self, Fault>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let uri = http::Uri::builder().scheme("https").authority(authority).path_and_query(path).build();
        let uri = uri.map_err(|_| Fault::Failed(ResolveFailure::NoResolver))?;
        let mut builder = h2::client::Builder::new();
        builder.enable_push(false).max_header_list_size(HEADERS_MAX).initial_window_size(BODY_MAX as u32);
        let (requests, connection) = builder.handshake(stream).await.map_err(|error| fault(&error))?;
        let (ending, alive) = tokio::sync::watch::channel(());
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection for DNS over HTTPS ended");
            }
            drop(ending);
        });
        Ok(Self { requests, uri, alive })
    }

    pub(super) fn is_closed(&self) -> bool {
        self.alive.has_changed().is_err()
    }

    pub(super) async fn exchange(&self, ask: &Ask) -> Result<Message, Fault> {
        // The id is 0, so that equal questions are equal requests (4.1).
        let question = ask.padded_request().to_vec().map_err(|_| Fault::Failed(ResolveFailure::Refused))?;
        let request = Request::post(self.uri.clone())
            .header(header::CONTENT_TYPE, MEDIA_TYPE)
            .header(header::ACCEPT, MEDIA_TYPE)
            .header(header::CONTENT_LENGTH, question.len())
            .body(())
            .map_err(|_| Fault::Failed(ResolveFailure::Refused))?;
        let mut requests = self.requests.clone().ready().await.map_err(|error| fault(&error))?;
        let (response, mut body) = requests.send_request(request, false).map_err(|error| fault(&error))?;
        body.send_data(question.into(), true).map_err(|error| fault(&error))?;
        let (head, body) = response.await.map_err(|error| fault(&error))?.into_parts();
        if head.status != StatusCode::OK {
            tracing::debug!(status = %head.status, "a DNS question over HTTPS was refused");
            let is_its_own = head.status.is_server_error();
            return Err(Fault::Failed(if is_its_own { ResolveFailure::ServerFailure } else { ResolveFailure::Refused }));
        }
        let answer = read(body, &head.headers).await?;
        if ask.is_answered_by(&answer, answer.metadata.id) { Ok(answer) } else { Err(Fault::Failed(ResolveFailure::Refused)) }
    }
}

async fn read(mut body: RecvStream, headers: &HeaderMap) -> Result<Message, Fault> {
    let refused = Fault::Failed(ResolveFailure::Refused);
    if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes() != MEDIA_TYPE.as_bytes()) {
        return Err(refused);
    }
    let mut octets = Vec::new();
    while let Some(part) = body.data().await {
        let part = part.map_err(|error| fault(&error))?;
        // The connection's window is shared by all. An error says that the stream is over, which the next turn finds out.
        let _ = body.flow_control().release_capacity(part.len());
        if octets.len() + part.len() > BODY_MAX {
            return Err(refused);
        }
        octets.extend_from_slice(&part);
    }
    let mut message = Message::from_vec(&octets).map_err(|_| refused)?;
    age(&mut message, headers);
    Ok(message)
}

/// An answer out of an HTTP cache is as old as it says (RFC 8484 5.1).
fn age(message: &mut Message, headers: &HeaderMap) {
    let age = headers.get(header::AGE).and_then(|age| age.to_str().ok()?.parse::<u32>().ok()).unwrap_or(0);
    for record in message.answers.iter_mut().chain(&mut message.authorities) {
        record.ttl = record.ttl.saturating_sub(age);
    }
}

/// A connection that was being closed is worth another; a stream that was refused as such is not.
fn fault(error: &h2::Error) -> Fault {
    match error.reason() {
        Some(Reason::NO_ERROR | Reason::REFUSED_STREAM) => Fault::Closed,
        Some(_) if !error.is_io() => Fault::Failed(ResolveFailure::Refused),
        _ => Fault::Closed,
    }
}
