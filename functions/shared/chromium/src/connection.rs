//! The DevTools link: commands out, answers and events in, over chromiumoxide's
//! `Connection`. When the link ends, every waiting call fails at once.
//!
//! Deadlines aren't here: a caller that stops waiting drops its future.

use std::collections::HashMap;

use chromiumoxide::cdp::browser_protocol::target::SessionId;
use chromiumoxide::error::CdpError;
use chromiumoxide::types::{CallId, Command, EventMessage, Message, Method, MethodId, Response};
use chromiumoxide::{Connection, MethodType};
use futures::StreamExt;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

/// Why a command has no result.
#[derive(Debug, Error)]
pub(crate) enum CallError {
    /// The link to the browser has ended.
    #[error("{method}: the link to the browser has ended")]
    Gone {
        /// The command.
        method: MethodId,
    },
    /// The browser answered with an error.
    #[error("{method}: the browser refused: {text}")]
    Refused {
        /// The command.
        method: MethodId,
        /// The browser's words, for the log only.
        text: String,
    },
    /// The command or its answer doesn't fit the protocol's types.
    #[error("{method}: unreadable: {fault}")]
    Unreadable {
        /// The command.
        method: MethodId,
        /// What doesn't fit.
        fault: serde_json::Error,
    },
}

/// An event as it came; typed by whoever is interested.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    method: String,
    #[serde(rename = "sessionId")]
    session: Option<String>,
    #[serde(default)]
    params: Value,
}

impl Event {
    /// Whether it is of this protocol type.
    pub(crate) fn is<T: MethodType>(&self) -> bool {
        self.method == T::method_id()
    }

    /// Its parameters as `T`; none where they don't fit, since a newer browser
    /// may have changed them.
    pub(crate) fn params<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.params)
            .inspect_err(|fault| tracing::debug!(method = self.method, %fault, "unreadable event"))
            .ok()
    }
}

impl Method for Event {
    fn identifier(&self) -> MethodId {
        self.method.clone().into()
    }
}

impl EventMessage for Event {
    fn session_id(&self) -> Option<&str> {
        self.session.as_deref()
    }
}

/// One end of the link, speaking to the browser itself or to one session.
#[derive(Clone, Debug)]
pub(crate) struct DevTools {
    orders: mpsc::UnboundedSender<Order>,
    session: Option<SessionId>,
}

impl DevTools {
    /// Connects to a browser; `tasks` gets the task that drives the link.
    pub(crate) async fn connect(endpoint: &str, tasks: &mut JoinSet<()>) -> Result<Self, CdpError> {
        let connection = Connection::connect(endpoint).await?;
        let (orders, inbox) = mpsc::unbounded_channel();
        tasks.spawn(drive(connection, inbox));
        Ok(Self { orders, session: None })
    }

    /// The same link, speaking to this session.
    pub(crate) fn session(&self, id: SessionId) -> Self {
        Self { orders: self.orders.clone(), session: Some(id) }
    }

    /// Whether the browser can still be spoken to.
    pub(crate) fn is_open(&self) -> bool {
        !self.orders.is_closed()
    }

    /// Sends a command and waits for its answer.
    pub(crate) async fn call<C: Command>(&self, command: C) -> Result<C::Response, CallError> {
        let method = command.identifier();
        let (reply, answer) = oneshot::channel();
        self.submit(&command, Some(reply))?;
        let Ok(answer) = answer.await else {
            return Err(CallError::Gone { method });
        };
        match answer.error {
            Some(fault) => Err(CallError::Refused { method, text: fault.to_string() }),
            None => C::response_from_value(answer.result.unwrap_or_default())
                .map_err(|fault| CallError::Unreadable { method, fault }),
        }
    }

    /// Sends a command whose answer is of no interest. Needs no runtime, so
    /// that it can be called while something is dropped.
    pub(crate) fn post<C: Command>(&self, command: &C) {
        if let Err(fault) = self.submit(command, None) {
            tracing::debug!(%fault, "command not sent");
        }
    }

    /// The events of this session from now on. The channel ends with the link.
    pub(crate) fn events(&self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        let session = self.session.clone().map(String::from);
        // If the link has ended, the sender is dropped here and the channel is closed.
        let _ended = self.orders.send(Order::Listen { session, sender });
        receiver
    }

    fn submit<C: Command>(
        &self,
        command: &C,
        reply: Option<oneshot::Sender<Response>>,
    ) -> Result<(), CallError> {
        let method = command.identifier();
        let params = serde_json::to_value(command)
            .map_err(|fault| CallError::Unreadable { method: method.clone(), fault })?;
        let order =
            Order::Call { method: method.clone(), session: self.session.clone(), params, reply };
        self.orders.send(order).map_err(|_unsent| CallError::Gone { method })
    }
}

/// What the driving task is asked to do.
#[derive(Debug)]
enum Order {
    Call {
        method: MethodId,
        session: Option<SessionId>,
        params: Value,
        reply: Option<oneshot::Sender<Response>>,
    },
    Listen {
        session: Option<String>,
        sender: mpsc::UnboundedSender<Event>,
    },
}

/// Drives the link until it ends or nobody is left to speak. Then all that waits
/// is dropped, which is how the waiting learn of it.
async fn drive(mut connection: Connection<Event>, mut inbox: mpsc::UnboundedReceiver<Order>) {
    let mut desk = Desk::default();
    loop {
        tokio::select! {
            order = inbox.recv() => match order {
                Some(order) => desk.take(&mut connection, order),
                None => return,
            },
            message = connection.next() => match message {
                Some(Ok(Message::Response(response))) => desk.answer(response),
                Some(Ok(Message::Event(event))) => desk.tell(event),
                // One odd message is no reason to give up the browser.
                Some(Err(CdpError::InvalidMessage(_, fault))) => {
                    tracing::debug!(%fault, "unreadable DevTools message");
                }
                Some(Err(fault)) => {
                    tracing::debug!(%fault, "the DevTools link broke");
                    return;
                }
                None => return,
            },
        }
    }
}

/// Who waits for which answer, and who listens to which session.
#[derive(Default)]
struct Desk {
    waiting: HashMap<CallId, oneshot::Sender<Response>>,
    listening: HashMap<Option<String>, mpsc::UnboundedSender<Event>>,
}

impl Desk {
    fn take(&mut self, connection: &mut Connection<Event>, order: Order) {
        match order {
            Order::Call { method, session, params, reply } => {
                match (connection.submit_command(method, session, params), reply) {
                    (Ok(id), Some(reply)) => {
                        self.waiting.insert(id, reply);
                    }
                    (Ok(_), None) => {}
                    (Err(fault), _) => tracing::debug!(%fault, "command not sent"),
                }
            }
            Order::Listen { session, sender } => {
                self.listening.insert(session, sender);
            }
        }
    }

    fn answer(&mut self, response: Response) {
        if let Some(reply) = self.waiting.remove(&response.id) {
            // Whoever asked may have stopped waiting.
            let _unwanted = reply.send(response);
        }
    }

    fn tell(&mut self, event: Event) {
        let session = event.session.clone();
        if let Some(listener) = self.listening.get(&session)
            && listener.send(event).is_err()
        {
            self.listening.remove(&session);
        }
    }
}
