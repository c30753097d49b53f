//! Uploads of results to storage of their customers': a PUT, or the POST of a form, that the
//! customer signed.

use async_trait::async_trait;
use bytes::Bytes;
use darkroom_core::artifact::ByteSize;
use darkroom_core::delivery::Answer;
use darkroom_core::failure::{Failure, FailureKind};
use darkroom_core::port::{ByteStream, Parcel, PostBody, Uploader};
use darkroom_core::storage::{Field, SignedUpload, file_name, refusal};
use futures::{StreamExt as _, stream};
use http::Method;
use http::header::{CONTENT_TYPE, HeaderName};
use tokio::time::timeout;

use super::{HttpSender, Outgoing, Refusal, SendFault, Sent, is_success};

/// What uploads say they come from.
const USER_AGENT: &str = "Darkroom-Storage/1.0";

/// The longest code of an error that is repeated, in bytes; Amazon S3's own have up to 50.
const MAX_CODE_BYTES: usize = 64;

#[async_trait]
impl Uploader for HttpSender {
    async fn upload(&self, to: &SignedUpload, parcel: Parcel) -> Result<(), Failure> {
        let (job, budget) = (parcel.job, parcel.within);
        let Body { size, content, media_type } = Body::of(to, parcel);
        let mut headers: Vec<_> = to.headers.iter().map(owned).collect();
        // The type of a form is its own; that of a file may have been signed.
        headers.retain(|(name, _)| to.form.is_none() || !is_content_type(name));
        if !headers.iter().any(|(name, _)| is_content_type(name)) {
            headers.push((CONTENT_TYPE.to_string(), media_type));
        }
        let outgoing = Outgoing {
            method: if to.form.is_some() { Method::POST } else { Method::PUT },
            url: to.url.as_url(),
            headers: &headers,
            user_agent: USER_AGENT,
            size,
            body: PostBody::Stream(content),
            send_by: None,
            budget,
        };
        let mut address = None;
        let sent = timeout(budget, self.send(outgoing, &mut address)).await;
        let failure = match sent.unwrap_or(Err(SendFault::Slow)) {
            Ok(Sent { answer, is_whole: true }) if is_taken(to, &answer) => return Ok(()),
            Ok(Sent { answer, is_whole: false }) if is_taken(to, &answer) => {
                unanswered(&SendFault::Slow)
            }
            Ok(Sent { answer, .. }) => refused(&answer),
            Err(fault) => unanswered(&fault),
        };
        tracing::info!(job.id = %job, url = to.url.for_log(), ?address,
            failure.kind = failure.kind.name(), failure.message, "a result was not uploaded");
        Err(failure)
    }
}

fn owned(header: &darkroom_core::capture::Header) -> (String, String) {
    (header.name.clone(), header.value.expose().to_owned())
}

fn is_content_type(name: &str) -> bool {
    name.parse::<HeaderName>().is_ok_and(|name| name == CONTENT_TYPE)
}

/// What is sent.
struct Body {
    size: ByteSize,
    content: ByteStream,
    media_type: String,
}

impl Body {
    fn of(to: &SignedUpload, parcel: Parcel) -> Self {
        let media_type = parcel.format.media_type();
        match &to.form {
            None => Self {
                size: parcel.size,
                content: parcel.content,
                media_type: media_type.to_owned(),
            },
            Some(fields) => Self::form(fields, parcel),
        }
    }

    /// A form by RFC 7578, the file last: Amazon S3 ignores what comes after it.
    fn form(fields: &[Field], parcel: Parcel) -> Self {
        let boundary = format!("darkroom-{}", parcel.token);
        let mut head = String::new();
        for Field { name, value } in fields {
            head.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n",
                value.expose()
            ));
        }
        head.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: {}\r\n\r\n",
            file_name(parcel.job, parcel.format),
            parcel.format.media_type()
        ));
        let tail = format!("\r\n--{boundary}--\r\n");
        let size = parcel.size.as_bytes() + (head.len() + tail.len()) as u64;
        let piece = |text: String| stream::iter([Ok(Bytes::from(text))]);
        Self {
            size: ByteSize::from_bytes(size),
            content: piece(head).chain(parcel.content).chain(piece(tail)).boxed(),
            media_type: format!("multipart/form-data; boundary={boundary}"),
        }
    }
}

/// A form that names where its browser goes next is answered with 303.
fn is_taken(to: &SignedUpload, answer: &Answer) -> bool {
    let goes_on = |field: &Field| {
        let names = ["success_action_redirect", "redirect"];
        names.iter().any(|name| field.name.eq_ignore_ascii_case(name))
    };
    let may_go_on = to.form.as_ref().is_some_and(|form| form.iter().any(goes_on));
    is_success(answer) || (may_go_on && answer.status == 303)
}

/// Why storage didn't take a result, from what it answered.
fn refused(answer: &Answer) -> Failure {
    let status = answer.status;
    let code = code(&answer.body_head);
    let kind = refusal(status, code);
    let advice = match kind {
        FailureKind::StorageDenied => {
            "check that the upload was signed for this method and these headers, and hasn't expired"
        }
        FailureKind::StorageUnavailable => "the capture can be sent again",
        _ => "check the URL, and what has to be sent with it",
    };
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    Failure::new(kind, format!("Your own storage answered with {status}{code}; {advice}"))
}

/// The code of an error in XML, as Amazon S3 and the storage of others tell it.
fn code(body: &str) -> Option<&str> {
    let (_, rest) = body.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    let is_code = (1..=MAX_CODE_BYTES).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_code.then_some(code)
}

/// Why nothing was uploaded.
fn unanswered(fault: &SendFault) -> Failure {
    let (kind, message) = match fault {
        SendFault::Refused(Refusal::Forbidden(_)) => (
            FailureKind::StorageInvalid,
            "Your own storage lies at an address that is not allowed; give one that is reachable from the internet",
        ),
        SendFault::Refused(Refusal::NoAddress | Refusal::Lookup(_) | Refusal::Slow) => (
            FailureKind::StorageUnavailable,
            "The host name of your own storage could not be resolved; check it, or send the capture again",
        ),
        SendFault::Link(_) => (
            FailureKind::StorageUnavailable,
            "No TLS connection to your own storage came about; check its certificate, or send the capture again",
        ),
        SendFault::Dial(_) => (
            FailureKind::StorageUnavailable,
            "Your own storage could not be reached; check its URL, or send the capture again",
        ),
        SendFault::Slow | SendFault::Late => (
            FailureKind::StorageUnavailable,
            "Your own storage took too long; the capture can be sent again",
        ),
        SendFault::Broken(_) => (
            FailureKind::StorageUnavailable,
            "Your own storage broke the connection off; the capture can be sent again",
        ),
        SendFault::Unwritable(_) => (
            FailureKind::StorageInvalid,
            "What is to be sent to your own storage can't be written as HTTP; check its URL and headers",
        ),
        SendFault::Unreadable(_) => return Failure::plain(FailureKind::Storage),
    };
    Failure::new(kind, message)
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use darkroom_core::address::Reach;
    use darkroom_core::capture::{Format, Header};
    use darkroom_core::id::{ClaimToken, JobId};
    use darkroom_core::port::{Clock, PortError, PortResult};
    use darkroom_core::secret::SecretText;
    use darkroom_core::time::Timestamp;
    use darkroom_core::url::UploadUrl;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::time::Instant;

    use super::*;
    use crate::zoo::{host, receive, receive_head};

    struct Stopped;

    #[async_trait]
    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(0)
        }

        async fn rest(&self, _span: Duration) {}
    }

    fn sender(reach: Reach) -> HttpSender {
        HttpSender::new(reach, Arc::new(Stopped)).unwrap()
    }

    fn open() -> Reach {
        Reach::with_loopback_except(vec![])
    }

    fn to(address: SocketAddr) -> SignedUpload {
        let url = format!("http://{address}/shots/a%20b.png?X-Signature=a%2Fb");
        let url = UploadUrl::parse(&url, &open()).unwrap();
        SignedUpload { url, headers: Vec::new(), form: None }
    }

    fn header(name: &str, value: &str) -> Header {
        Header { name: name.to_owned(), value: SecretText::new(value.to_owned()) }
    }

    fn field(name: &str, value: &str) -> Field {
        Field { name: name.to_owned(), value: SecretText::new(value.to_owned()) }
    }

    fn parcel_of(pieces: Vec<PortResult<Bytes>>) -> Parcel {
        Parcel {
            job: JobId::parse_decimal("8472910").unwrap(),
            token: ClaimToken::from_random([7; 16]),
            format: Format::Png,
            size: ByteSize::from_bytes(5),
            content: stream::iter(pieces).boxed(),
            within: Duration::from_millis(500),
        }
    }

    fn parcel() -> Parcel {
        parcel_of(vec![Ok(Bytes::from_static(b"he")), Ok(Bytes::from_static(b"llo"))])
    }

    /// Uploads to storage that answers so; what came there is told too.
    async fn upload(
        to: impl FnOnce(SocketAddr) -> SignedUpload,
        answer: &'static str,
    ) -> (Result<(), Failure>, crate::zoo::Received) {
        let (address, storage) = host(move |mut stream| async move {
            let received = receive(&mut stream).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            let _gone = stream.read_u8().await;
            received
        })
        .await;
        let result = sender(open()).upload(&to(address), parcel()).await;
        (result, storage.await.unwrap())
    }

    const TAKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

    #[tokio::test]
    async fn a_file_is_put_as_it_was_signed() {
        let (result, received) = upload(to, TAKEN).await;
        assert_eq!(result, Ok(()));
        assert!(received.head.starts_with("PUT /shots/a%20b.png?X-Signature=a%2Fb HTTP/1.1\r\n"));
        assert_eq!(received.body, b"hello");
        for (name, value) in
            [("content-type", "image/png"), ("content-length", "5"), ("user-agent", USER_AGENT)]
        {
            assert_eq!(received.field(name), Some(value), "{name}");
        }
        let signed = |address| SignedUpload {
            headers: vec![
                header("Content-Type", "image/x-own"),
                header("x-ms-blob-type", "BlockBlob"),
            ],
            ..to(address)
        };
        let (_, received) = upload(signed, TAKEN).await;
        assert_eq!(received.field("content-type"), Some("image/x-own"));
        assert_eq!(received.field("x-ms-blob-type"), Some("BlockBlob"));
    }

    #[tokio::test]
    async fn a_form_has_its_fields_in_order_and_the_file_last() {
        let form = |address| SignedUpload {
            headers: vec![header("content-type", "text/plain")],
            form: Some(vec![
                field("key", "a/${filename}"),
                field("policy", "b64=="),
                field("redirect", "https://e.com/"),
            ]),
            ..to(address)
        };
        let moved_on = "HTTP/1.1 303 See Other\r\nlocation: /done\r\ncontent-length: 0\r\n\r\n";
        let (result, received) = upload(form, moved_on).await;
        assert_eq!(result, Ok(()));
        assert!(received.head.starts_with("POST /shots/a%20b.png?X-Signature=a%2Fb HTTP/1.1\r\n"));
        let token = ClaimToken::from_random([7; 16]);
        let expected = format!(
            "--darkroom-{token}\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\n\
             a/${{filename}}\r\n\
             --darkroom-{token}\r\nContent-Disposition: form-data; name=\"policy\"\r\n\r\n\
             b64==\r\n\
             --darkroom-{token}\r\nContent-Disposition: form-data; name=\"redirect\"\r\n\r\n\
             https://e.com/\r\n\
             --darkroom-{token}\r\nContent-Disposition: form-data; name=\"file\"; \
             filename=\"8472910.png\"\r\nContent-Type: image/png\r\n\r\nhello\r\n\
             --darkroom-{token}--\r\n"
        );
        assert_eq!(String::from_utf8(received.body.clone()).unwrap(), expected);
        let media_type = format!("multipart/form-data; boundary=darkroom-{token}");
        assert_eq!(received.field("content-type"), Some(media_type.as_str()));
    }

    fn kind(result: Result<(), Failure>) -> FailureKind {
        result.unwrap_err().kind
    }

    #[tokio::test]
    async fn what_storage_answers_tells_whether_to_try_again() {
        let denied = "HTTP/1.1 403 Forbidden\r\ncontent-length: 60\r\n\r\n\
                      <Error><Code>AccessDenied</Code><Message>a b</Message></Error>";
        let (result, _) = upload(to, denied).await;
        let failure = result.unwrap_err();
        assert_eq!(failure.kind, FailureKind::StorageDenied);
        assert!(failure.message.contains("answered with 403 AccessDenied;"), "{failure}");
        let slow = "HTTP/1.1 400 Bad Request\r\ncontent-length: 42\r\n\r\n\
                    <Error><Code>RequestTimeout</Code></Error>";
        assert_eq!(kind(upload(to, slow).await.0), FailureKind::StorageUnavailable);
        let moved = "HTTP/1.1 303 See Other\r\nlocation: /login\r\ncontent-length: 0\r\n\r\n";
        let form = |address| SignedUpload { form: Some(vec![field("key", "a")]), ..to(address) };
        assert_eq!(kind(upload(to, moved).await.0), FailureKind::StorageInvalid);
        assert_eq!(kind(upload(form, moved).await.0), FailureKind::StorageInvalid);
    }

    #[tokio::test]
    async fn storage_that_says_yes_and_goes_before_all_was_sent_has_not_taken_it() {
        let (address, _storage) = host(|mut stream| async move {
            receive_head(&mut stream).await.unwrap();
            stream.write_all(TAKEN.as_bytes()).await.unwrap();
        })
        .await;
        let pieces = stream::iter([Ok(Bytes::from_static(b"he"))]).chain(stream::pending());
        let parcel = Parcel { content: pieces.boxed(), ..parcel() };
        let result = sender(open()).upload(&to(address), parcel).await;
        assert_eq!(kind(result), FailureKind::StorageUnavailable);
    }

    #[test]
    fn only_what_looks_like_a_code_is_repeated() {
        assert_eq!(code("<Code>NoSuchBucket</Code>"), Some("NoSuchBucket"));
        for other in ["", "<Code>", "<Code></Code>", "<Code><b></Code>", "<Code>a b</Code>"] {
            assert_eq!(code(other), None, "{other}");
        }
        assert_eq!(code(&format!("<Code>{}</Code>", "a".repeat(65))), None);
    }

    #[tokio::test]
    async fn storage_that_never_answers_has_its_time_and_no_more() {
        let (address, _storage) = host(|mut stream| async move {
            let _gone = stream.read_to_end(&mut Vec::new()).await;
        })
        .await;
        let began = Instant::now();
        let result = sender(open()).upload(&to(address), parcel()).await;
        assert_eq!(kind(result), FailureKind::StorageUnavailable);
        assert!(began.elapsed() >= Duration::from_millis(500));
    }

    #[tokio::test]
    async fn nothing_is_uploaded_to_a_forbidden_address_nor_of_a_result_that_cannot_be_read() {
        let (address, _storage) = host(|mut stream| async move {
            let _gone = stream.read_to_end(&mut Vec::new()).await;
        })
        .await;
        let result = sender(Reach::public()).upload(&to(address), parcel()).await;
        assert_eq!(kind(result), FailureKind::StorageInvalid);
        let fault = PortError::Unavailable { service: "s3", cause: String::new() };
        let broken = parcel_of(vec![Ok(Bytes::from_static(b"he")), Err(fault)]);
        let result = sender(open()).upload(&to(address), broken).await;
        assert_eq!(kind(result), FailureKind::Storage);
    }
}
