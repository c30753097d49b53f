//! Banners that ask for consent are refused as a reader would refuse them, in whichever
//! frame they are: by autoconsent, which knows their buttons. It runs in a world of its own in
//! every document and tells what it does; what it wants to know of the page's own
//! world is asked there for it.

use std::collections::HashMap;
use std::time::Duration;

use chromiumoxide::cdp::browser_protocol::page::{AddScriptToEvaluateOnNewDocumentParams, FrameId};
use chromiumoxide::cdp::js_protocol::runtime::{
    self, AddBindingParams, EvaluateParams, EventBindingCalled, EventExecutionContextCreated,
    EventExecutionContextDestroyed, EventExecutionContextsCleared, ExecutionContextId,
};
use darkroom_core::capture::{CaptureSpec, Clutter, JavaScript};
use darkroom_core::failure::Failure;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::filters::{ConsentRules, Filters};
use crate::connection::{CallError, DevTools, Event};
use crate::fault;
use crate::page::Page;
use crate::watcher::read;

/// The world that autoconsent runs in, and what it calls to tell us something.
const WORLD: &str = "darkroom-consent";
const BINDING: &str = "darkroomConsent";

/// How long a page's banners are waited for in all.
const LIMIT: Duration = Duration::from_secs(6);

/// How long the page may take to come to a look for banners.
const BEGINNING: Duration = Duration::from_millis(1_500);

/// How long a page that has loaded is given to show a banner in any case.
const LOOKING: Duration = Duration::from_millis(650);

/// So many looks are waited for in each frame; they are half a second apart, and later
/// ones come when something changes.
const LOOKS: u32 = 2;

/// As long after such a look it has found nothing.
const LOOK: Duration = Duration::from_millis(250);

/// How long something that asks for consent may take to show its banner. Many ask only
/// in some countries.
const SHOWING: Duration = Duration::from_secs(3);

/// How long a banner may take to be refused.
const ANSWERING: Duration = Duration::from_secs(5);

/// How long another frame may take to go on with what one has begun.
const HANDING_OVER: Duration = Duration::from_secs(1);

/// How long a banner that was answered may take to fade.
const FADING: Duration = Duration::from_millis(500);

/// How long the page's own world may take to answer: others wait meanwhile, and autoconsent
/// waits for a second.
const ASKING: Duration = Duration::from_millis(400);

/// The banners of one page.
#[derive(Debug)]
pub(crate) struct Consent {
    told: watch::Receiver<Told>,
}

/// Has the page's banners answered from now on, if that is wanted.
pub(crate) async fn begin(
    page: &Page,
    spec: &CaptureSpec,
    filters: &Filters,
) -> Result<Option<Consent>, Failure> {
    let wanted = |clutter| spec.blocking.clutter.contains(&clutter);
    let (known, guessed) = (wanted(Clutter::CookieBanners), wanted(Clutter::GuessedBanners));
    if !known && !guessed || spec.emulation.java_script == JavaScript::Off {
        return Ok(None);
    }
    let source = source(filters.consent().await?, known, guessed);
    let script = AddScriptToEvaluateOnNewDocumentParams {
        world_name: Some(WORLD.to_owned()),
        // A document that is written needs it in the empty page.
        run_immediately: Some(true),
        ..AddScriptToEvaluateOnNewDocumentParams::new(source)
    };
    let binding = AddBindingParams {
        execution_context_name: Some(WORLD.to_owned()),
        ..AddBindingParams::new(BINDING)
    };
    let tools = page.attach().await?;
    let events = tools.events();
    let arranged = async {
        tools.call(runtime::EnableParams {}).await?;
        tools.call(binding).await?;
        page.tools.call(script).await
    };
    arranged.await.map_err(|fault| fault::of_call(&fault))?;
    let (sender, told) = watch::channel(Told::default());
    let desk = Desk {
        tools,
        frames: HashMap::new(),
        own: HashMap::new(),
        instances: HashMap::new(),
        told: sender,
    };
    page.spawn(desk.serve(events));
    Ok(Some(Consent { told }))
}

/// What runs in each document.
fn source(consent: ConsentRules<'_>, known: bool, guessed: bool) -> String {
    let none = r#"{"v":1,"s":[],"r":[],"index":{"frameRuleRange":[0,0],"frameStringEnd":0}}"#;
    let rules = Value::from(if known { consent.rules } else { none });
    let config = json!({
        "enabled": true,
        "autoAction": "optOut",
        "enablePrehide": false,
        "heuristicMode": if guessed { "tier2" } else { "off" },
        "logs": { "errors": false },
    });
    let prelude = include_str!("../script/consent.js");
    let script = consent.script;
    format!(
        "(() => {{\nconst rules = JSON.parse({rules});\nconst config = {config};\n{prelude}\n{script}\n}})();"
    )
}

impl Consent {
    /// Waits until every banner that is there is answered, and until none is to be
    /// expected, but not for ever.
    pub(crate) async fn answered(&self) {
        let begun = Instant::now();
        let end = begun + LIMIT;
        let mut told = self.told.clone();
        loop {
            let busy = told.borrow_and_update().busy_until(begun);
            let until = busy.min(end);
            if until <= Instant::now() {
                break;
            }
            tokio::select! {
                changed = told.changed() => if changed.is_err() { break },
                () = sleep_until(until) => {}
            }
        }
        if told.borrow().frames.values().any(|frame| frame.stage == Stage::Done) {
            sleep(FADING).await;
        }
    }
}

/// What the page's documents have told.
#[derive(Default, Debug)]
struct Told {
    /// By the id of autoconsent there.
    frames: HashMap<String, Frame>,
}

/// What one document has told.
#[derive(Clone, Copy, Debug)]
struct Frame {
    is_main: bool,
    stage: Stage,
    /// Since when.
    since: Instant,
    /// How often it has looked for banners.
    looks: u32,
    /// When it told last.
    last: Instant,
}

impl Told {
    fn note(&mut self, report: Report, now: Instant) {
        // The others were frames of the document that was there before.
        if report.is_main && !self.frames.contains_key(&report.instance) {
            self.frames.clear();
        }
        let State { stage, looks } = report.state;
        let before = self.frames.get(&report.instance);
        let since = before.filter(|frame| frame.stage == stage).map_or(now, |frame| frame.since);
        let frame = Frame { is_main: report.is_main, stage, since, looks, last: now };
        self.frames.insert(report.instance, frame);
    }

    /// Until when something may still happen, unless more is told by then.
    fn busy_until(&self, begun: Instant) -> Instant {
        let has_begun = self.frames.values().any(|frame| frame.is_main);
        let is_done = self.frames.values().any(|frame| frame.stage == Stage::Done);
        let beginning = match (has_begun, is_done) {
            (_, true) => begun,
            (true, false) => begun + LOOKING,
            (false, false) => begun + BEGINNING,
        };
        self.frames.values().filter_map(Frame::busy_until).max().unwrap_or(begun).max(beginning)
    }
}

impl Frame {
    fn busy_until(&self) -> Option<Instant> {
        match self.stage {
            Stage::Beginning => Some(self.since + BEGINNING),
            Stage::Looking if self.looks < LOOKS => Some(self.last + BEGINNING),
            Stage::Looking => Some(self.last + LOOK),
            Stage::Found => Some(self.since + SHOWING),
            Stage::Answering => Some(self.since + ANSWERING),
            Stage::HandedOver => Some(self.since + HANDING_OVER),
            Stage::Done | Stage::Over => None,
        }
    }
}

/// How far a document is.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Debug)]
enum Stage {
    #[serde(rename = "loading", alias = "initialized", alias = "waitingForInitResponse")]
    Beginning,
    #[serde(rename = "started")]
    Looking,
    #[serde(rename = "cmpDetected")]
    Found,
    #[serde(rename = "openPopupDetected", alias = "runningOptOut")]
    Answering,
    /// Done, but for what another frame is to do.
    #[serde(rename = "optOutSucceeded")]
    HandedOver,
    #[serde(rename = "done")]
    Done,
    /// Nothing there, or nothing that could be done.
    #[serde(other)]
    Over,
}

#[derive(Deserialize)]
struct Report {
    #[serde(rename = "instanceId")]
    instance: String,
    #[serde(rename = "mainFrame")]
    is_main: bool,
    state: State,
}

#[derive(Deserialize)]
struct State {
    #[serde(rename = "lifecycle")]
    stage: Stage,
    #[serde(rename = "findCmpAttempts")]
    looks: u32,
}

/// What autoconsent says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Message {
    Report(Report),
    Eval {
        id: String,
        code: String,
    },
    #[serde(other)]
    Other,
}

/// Listens to autoconsent, and asks pages for it.
struct Desk {
    tools: DevTools,
    /// The frame of each world.
    frames: HashMap<ExecutionContextId, FrameId>,
    /// The page's own world in each frame.
    own: HashMap<FrameId, ExecutionContextId>,
    /// The ids of autoconsent in each world.
    instances: HashMap<ExecutionContextId, String>,
    told: watch::Sender<Told>,
}

impl Desk {
    async fn serve(mut self, mut events: mpsc::UnboundedReceiver<Event>) {
        while let Some(event) = events.recv().await {
            if let Some(Created { context }) = read::<EventExecutionContextCreated, _>(&event) {
                self.enter(context);
            } else if let Some(Destroyed { id }) = read::<EventExecutionContextDestroyed, _>(&event)
            {
                self.leave(id);
            } else if event.is::<EventExecutionContextsCleared>() {
                self.frames.clear();
                self.own.clear();
                self.instances.clear();
            } else if let Some(said) = read::<EventBindingCalled, Said>(&event)
                && said.name == BINDING
                && let Ok(message) = serde_json::from_str(&said.payload)
                && let Err(fault) = self.hear(message, said.world).await
            {
                tracing::debug!(%fault, "a document with a banner is gone");
            }
        }
    }

    fn enter(&mut self, Context { id, world }: Context) {
        if world.is_own {
            self.own.insert(world.frame.clone(), id);
        }
        self.frames.insert(id, world.frame);
    }

    /// A frame that is gone, perhaps because it was answered, isn't waited for.
    fn leave(&mut self, id: ExecutionContextId) {
        self.frames.remove(&id);
        if let Some(instance) = self.instances.remove(&id) {
            self.told.send_modify(|told| _ = told.frames.remove(&instance));
        }
    }

    async fn hear(&mut self, message: Message, world: ExecutionContextId) -> Result<(), CallError> {
        match message {
            Message::Report(report) => {
                self.instances.insert(world, report.instance.clone());
                self.told.send_modify(|told| told.note(report, Instant::now()));
                Ok(())
            }
            Message::Eval { id, code } => self.answer(world, &id, code).await,
            Message::Other => Ok(()),
        }
    }

    /// Asks the page's own world in a frame, and tells autoconsent the answer.
    async fn answer(
        &self,
        world: ExecutionContextId,
        id: &str,
        code: String,
    ) -> Result<(), CallError> {
        let Some(&own) = self.frames.get(&world).and_then(|frame| self.own.get(frame)) else {
            return Ok(());
        };
        // What the page's world has may be of any size; whether it is true, isn't.
        let asked = EvaluateParams {
            await_promise: Some(true),
            return_by_value: Some(true),
            silent: Some(true),
            ..in_world(own, format!("(async () => Boolean(await (\n{code}\n)))()"))
        };
        let answer = timeout(ASKING, self.tools.call(asked)).await;
        let value = answer.ok().and_then(Result::ok).and_then(|answer| answer.result.value);
        let is_true = value == Some(Value::Bool(true));
        let reply = json!({ "type": "evalResp", "id": id, "result": is_true });
        let reply = in_world(world, format!("void autoconsentReceiveMessage({reply})"));
        match timeout(ASKING, self.tools.call(reply)).await {
            Ok(told) => told.map(|_told| ()),
            Err(_late) => Ok(()),
        }
    }
}

fn in_world(world: ExecutionContextId, expression: String) -> EvaluateParams {
    EvaluateParams { context_id: Some(world), ..EvaluateParams::new(expression) }
}

#[derive(Deserialize)]
struct Said {
    name: String,
    payload: String,
    #[serde(rename = "executionContextId")]
    world: ExecutionContextId,
}

#[derive(Deserialize)]
struct Created {
    context: Context,
}

#[derive(Deserialize)]
struct Destroyed {
    #[serde(rename = "executionContextId")]
    id: ExecutionContextId,
}

#[derive(Deserialize)]
struct Context {
    id: ExecutionContextId,
    #[serde(rename = "auxData")]
    world: World,
}

/// A frame's world.
#[derive(Deserialize)]
struct World {
    #[serde(rename = "frameId")]
    frame: FrameId,
    /// Whether the page's own scripts run there.
    #[serde(rename = "isDefault")]
    is_own: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(instance: &str, is_main: bool, stage: Stage, looks: u32) -> Report {
        Report { instance: instance.to_owned(), is_main, state: State { stage, looks } }
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_is_busy_until_nothing_more_is_to_be_expected() {
        let begun = Instant::now();
        let mut told = Told::default();
        assert_eq!(told.busy_until(begun), begun + BEGINNING);
        told.note(report("main", true, Stage::Over, 1), begun);
        assert_eq!(told.busy_until(begun), begun + LOOKING);
        told.note(report("main", true, Stage::Looking, 1), begun);
        assert_eq!(told.busy_until(begun), begun + BEGINNING);
        let second = begun + Duration::from_millis(500);
        told.note(report("main", true, Stage::Looking, 2), second);
        assert_eq!(told.busy_until(begun), second + LOOK);
        // A frame has something, and is given time to show it from when it was found.
        told.note(report("frame", false, Stage::Found, 1), second);
        told.note(report("frame", false, Stage::Found, 2), second + LOOK);
        assert_eq!(told.busy_until(begun), second + SHOWING);
        told.note(report("frame", false, Stage::Answering, 2), second + LOOK);
        assert_eq!(told.busy_until(begun), second + LOOK + ANSWERING);
        told.note(report("frame", false, Stage::HandedOver, 2), second + LOOK);
        assert_eq!(told.busy_until(begun), second + LOOK + HANDING_OVER);
        told.note(report("frame", false, Stage::Done, 2), second + LOOK);
        assert_eq!(told.busy_until(begun), second + LOOK);
        // Another document has none of the last one's frames.
        told.note(report("frame", false, Stage::Answering, 2), second);
        told.note(report("next", true, Stage::Over, 0), second);
        assert_eq!(told.busy_until(begun), begun + LOOKING);
    }

    #[test]
    fn what_autoconsent_says_is_understood() {
        let said = r#"{"type":"report","instanceId":"a","url":"u","mainFrame":true,"state":{"lifecycle":"runningOptOut","prehideOn":false,"findCmpAttempts":2,"clicks":0}}"#;
        let Ok(Message::Report(report)) = serde_json::from_str(said) else {
            panic!("{said}");
        };
        assert_eq!((report.state.stage, report.state.looks), (Stage::Answering, 2));
        let said = r#"{"type":"eval","id":"1","code":"true","snippetId":"EVAL_0"}"#;
        assert!(matches!(serde_json::from_str(said), Ok(Message::Eval { .. })));
        for said in [r#"{"type":"popupFound","cmp":"a","url":"u"}"#, r#"{"type":"new"}"#] {
            assert!(matches!(serde_json::from_str(said), Ok(Message::Other)), "{said}");
        }
        let state = r#"{"lifecycle":"nothingDetected","findCmpAttempts":9}"#;
        assert_eq!(serde_json::from_str::<State>(state).unwrap().stage, Stage::Over);
    }
}
