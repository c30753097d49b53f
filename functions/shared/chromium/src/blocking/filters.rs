//! The lists of filters and the rules for consent banners that the layer brings, and
//! what lists say of a request and of a document.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use adblock::blocker::BlockerResult;
use adblock::cosmetic_filter_cache::ProceduralOrActionFilter;
use adblock::filters::cosmetic::{CosmeticFilterAction, CosmeticFilterOperator};
use adblock::lists::ParseOptions;
use adblock::request::Request;
use adblock::resources::{MimeType, PermissionMask, Resource, ResourceType};
use adblock::url_parser::{ResolvesDomain, set_domain_resolver};
use adblock::{Engine, FilterSet};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use darkroom_core::capture::Clutter;
use darkroom_core::failure::{Failure, FailureKind};
use publicsuffix::{List as SuffixList, Psl as _};
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use url::Url;

use crate::fault;
use crate::kit::File;

/// The files of lists, `{name}.txt.br`.
const LISTS: [(Clutter, &str); 6] = [
    (Clutter::Ads, "ads"),
    (Clutter::Trackers, "trackers"),
    (Clutter::CookieBanners, "cookie_banners"),
    (Clutter::Chats, "chats"),
    (Clutter::Socials, "socials"),
    (Clutter::Annoyances, "annoyances"),
];

/// Answers that some rules give in the place of a blocked one, by the names that lists
/// call them: what a page's own scripts need in order to go on.
const STAND_INS: [(&str, MimeType, &str); 5] = [
    ("noopjs", MimeType::ApplicationJavascript, "(() => {})();"),
    ("noopjson", MimeType::ApplicationJson, "{}"),
    ("nooptext", MimeType::TextPlain, ""),
    ("noopcss", MimeType::TextCss, ""),
    ("noopframe", MimeType::TextHtml, "<!doctype html><title></title>"),
];

/// Of a document that has no address, such as one that came with the request.
const NOWHERE: &str = "https://document.invalid/";

/// What the layer brings. A list is read when it is first needed, which takes 0.15 s for
/// the largest, and then kept.
#[derive(Debug)]
pub(crate) struct Filters {
    lists: BTreeMap<Clutter, (File, OnceCell<List>)>,
    suffixes: File,
    knows_suffixes: OnceCell<()>,
    consent: File,
    consent_rules: File,
}

/// One list.
#[derive(Clone)]
pub(crate) struct List {
    /// What it is of.
    pub(crate) clutter: Clutter,
    engine: Arc<Engine>,
}

impl std::fmt::Debug for List {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("List").field("clutter", &self.clutter).finish_non_exhaustive()
    }
}

/// How consent banners are answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConsentRules<'a> {
    /// The script that carries rules out.
    pub(crate) script: &'a str,
    /// The rules, in JSON.
    pub(crate) rules: &'a str,
}

impl Filters {
    /// What lies in this directory.
    pub(crate) fn of(directory: &Path) -> Self {
        let file = |name: &str| File::at(directory.join(format!("{name}.br")));
        let list = |(clutter, name)| (clutter, (file(&format!("{name}.txt")), OnceCell::new()));
        Self {
            lists: LISTS.map(list).into(),
            suffixes: file("suffixes.txt"),
            knows_suffixes: OnceCell::new(),
            consent: file("consent.js"),
            consent_rules: file("consent.json"),
        }
    }

    /// The lists of these, as far as there are any.
    pub(crate) async fn lists(&self, wanted: &BTreeSet<Clutter>) -> Result<Vec<List>, Failure> {
        let mut lists = Vec::new();
        for (&clutter, (file, list)) in self.lists.iter().filter(|it| wanted.contains(it.0)) {
            let read = || async {
                self.knows_suffixes.get_or_try_init(|| self.learn_suffixes()).await?;
                let text = file.read().await?;
                let parsed = spawn_blocking(move || List::parse(clutter, text)).await;
                parsed.map_err(|fault| fault::broken(&fault))
            };
            lists.push(list.get_or_try_init(read).await?.clone());
        }
        Ok(lists)
    }

    /// Lists need them to tell sites apart.
    async fn learn_suffixes(&self) -> Result<(), Failure> {
        let text = self.suffixes.read().await?;
        let suffixes = Suffixes::parse(&text).ok_or_else(|| {
            tracing::error!("the layer's list of public suffixes is unreadable");
            Failure::plain(FailureKind::Internal)
        })?;
        suffixes.are_used();
        Ok(())
    }

    /// How consent banners are answered.
    pub(crate) async fn consent(&self) -> Result<ConsentRules<'_>, Failure> {
        let (script, rules) = tokio::try_join!(self.consent.text(), self.consent_rules.text())?;
        Ok(ConsentRules { script, rules })
    }
}

/// The suffixes under which anybody may register a name: what sites are told apart by.
struct Suffixes(SuffixList);

impl Suffixes {
    /// Of one rule in each line.
    fn parse(rules: &str) -> Option<Self> {
        let list = format!("// ===BEGIN ICANN DOMAINS===\n{rules}");
        SuffixList::from_bytes(list.as_bytes()).ok().map(Self)
    }

    /// The crate has one for the whole process; a second camera brings the same.
    fn are_used(self) {
        drop(set_domain_resolver(Box::new(self)));
    }
}

impl ResolvesDomain for Suffixes {
    fn get_host_domain(&self, host: &str) -> (usize, usize) {
        // An address is a site of its own.
        if host.parse::<IpAddr>().is_ok() {
            return (0, host.len());
        }
        let domain = self.0.domain(host.as_bytes());
        let length = domain.map_or(host.len(), |domain| domain.as_bytes().len());
        (host.len().saturating_sub(length), host.len())
    }
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    /// Its address.
    pub(crate) url: &'a str,
    /// The address of the page that asks.
    pub(crate) page: &'a str,
    /// What it is, as lists call it: «script», «image» …
    pub(crate) kind: &'a str,
    /// The HTTP method.
    pub(crate) method: &'a str,
}

/// What lists say of something that is asked for.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Judgement {
    /// Nothing against it.
    Granted,
    /// It isn't to be asked for; what is to be answered in its place, if anything, as a
    /// `data:` URL.
    Refused(Option<String>),
}

/// The names that a document's elements have.
#[derive(serde::Deserialize, Debug)]
pub(crate) struct Names {
    classes: Vec<String>,
    ids: Vec<String>,
}

impl List {
    fn parse(clutter: Clutter, text: String) -> Self {
        let mut set = FilterSet::new(false);
        set.add_filter_list(text, ParseOptions::default());
        let mut engine = Engine::new_with_filter_set(set);
        engine.use_resources(STAND_INS.map(|(name, kind, body)| Resource {
            name: name.to_owned(),
            aliases: Vec::new(),
            kind: ResourceType::Mime(kind),
            content: STANDARD.encode(body),
            dependencies: Vec::new(),
            permission: PermissionMask::default(),
        }));
        Self { clutter, engine: Arc::new(engine) }
    }

    /// What these lists say together: what one excepts, none refuses.
    pub(crate) fn judge(lists: &[Self], asked: Asked<'_>) -> Judgement {
        let Asked { url, page, kind, method } = asked;
        if lists.is_empty() {
            return Judgement::Granted;
        }
        let (url, page) = (without_port(url), without_port(page));
        let Ok(request) = Request::new(&url, &page, kind, method) else {
            return Judgement::Granted;
        };
        let mut said = lists.iter().map(|list| list.engine.check_network_request(&request));
        let Some(refusal) = said.find(BlockerResult::should_block) else {
            return Judgement::Granted;
        };
        let excepts = |list: &Self| {
            let said = list.engine.check_network_request_subset(&request, true, false);
            said.exception.is_some()
        };
        if !refusal.important && lists.iter().any(excepts) {
            return Judgement::Granted;
        }
        Judgement::Refused(refusal.redirect)
    }

    /// The rules of a style sheet by which these lists hide what isn't wanted in a document
    /// with such elements.
    pub(crate) fn styles(lists: &[Self], url: &str, names: &Names) -> Vec<String> {
        let url = if url.starts_with("http") { url } else { NOWHERE };
        let told: Vec<_> =
            lists.iter().map(|list| list.engine.url_cosmetic_resources(url)).collect();
        let exceptions: HashSet<_> =
            told.iter().flat_map(|told| told.exceptions.iter().cloned()).collect();
        let mut hidden = BTreeSet::new();
        if !told.iter().any(|told| told.generichide) {
            for list in lists {
                let Names { classes, ids } = names;
                hidden.extend(list.engine.hidden_class_id_selectors(classes, ids, &exceptions));
            }
        }
        let specific = told.iter().flat_map(|told| told.hide_selectors.iter());
        hidden.extend(specific.filter(|selector| !exceptions.contains(*selector)).cloned());
        let styled: BTreeSet<_> = told
            .iter()
            .flat_map(|told| &told.procedural_actions)
            .filter_map(|action| styling(action))
            .collect();
        let hidden = hidden.into_iter().map(|selector| (selector, String::from(HIDDEN)));
        hidden.chain(styled).map(|(selector, style)| format!("{selector} {{ {style} }}")).collect()
    }
}

/// Lists name hosts and paths, whatever port lies between.
fn without_port(url: &str) -> Cow<'_, str> {
    let Ok(mut parsed) = Url::parse(url) else {
        return Cow::Borrowed(url);
    };
    if parsed.port().is_none() || parsed.set_port(None).is_err() {
        return Cow::Borrowed(url);
    }
    Cow::Owned(parsed.into())
}

const HIDDEN: &str = "display: none !important";

/// The selector and declarations of an action that a style sheet can carry out.
fn styling(action: &str) -> Option<(String, String)> {
    let filter: ProceduralOrActionFilter = serde_json::from_str(action).ok()?;
    match (filter.selector.as_slice(), &filter.action) {
        ([CosmeticFilterOperator::CssSelector(selector)], Some(CosmeticFilterAction::Remove)) => {
            Some((selector.clone(), String::from(HIDDEN)))
        }
        _ => filter.as_css(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(rules: &str) -> List {
        Suffixes::parse("example\nco.uk\nuk").unwrap().are_used();
        List::parse(Clutter::Ads, rules.to_owned())
    }

    fn judged(lists: &[List], url: &str, kind: &str) -> Judgement {
        let page = "https://page.example/";
        List::judge(lists, Asked { url, page, kind, method: "GET" })
    }

    #[test]
    fn what_one_list_excepts_none_refuses() {
        let ads = list("||ads.example^\n||vital.example^$important\n/banner/*$image");
        let others = list("@@||ads.example/needed.js$script\n@@||vital.example^");
        let lists = [ads, others];
        let refused = Judgement::Refused(None);
        for (url, kind, expected) in [
            ("https://ads.example/a.js", "script", &refused),
            ("https://ads.example:8443/a.js", "script", &refused),
            ("https://ads.example/needed.js", "script", &Judgement::Granted),
            ("https://ads.example/needed.js", "image", &refused),
            ("https://vital.example/a.js", "script", &refused),
            ("https://page.example/banner/1.png", "image", &refused),
            ("https://page.example/banner/1.js", "script", &Judgement::Granted),
            ("data:text/plain,a", "other", &Judgement::Granted),
        ] {
            assert_eq!(judged(&lists, url, kind), *expected, "{url} {kind}");
        }
    }

    #[tokio::test]
    async fn only_who_wants_a_list_needs_the_layer() {
        let filters = Filters::of(Path::new("/nowhere"));
        let guessed = BTreeSet::from([Clutter::GuessedBanners]);
        assert!(filters.lists(&guessed).await.unwrap().is_empty());
        assert_eq!(judged(&[], "https://ads.example/a.js", "script"), Judgement::Granted);
        let failure = filters.lists(&BTreeSet::from([Clutter::Ads])).await.unwrap_err();
        assert!(failure.message.contains("make layer"), "{failure}");
    }

    #[test]
    fn sites_are_told_apart_by_public_suffixes() {
        let suffixes = Suffixes::parse("uk\nco.uk\n*.ck\n!www.ck\nexample").unwrap();
        for (host, site) in [
            ("www.shop.co.uk", "shop.co.uk"),
            ("shop.uk", "shop.uk"),
            ("a.b.any.ck", "b.any.ck"),
            ("a.www.ck", "www.ck"),
            ("cdn.ads.example", "ads.example"),
            ("localhost", "localhost"),
            ("127.0.0.1", "127.0.0.1"),
            ("", ""),
        ] {
            let (start, end) = suffixes.get_host_domain(host);
            assert_eq!(host.get(start..end), Some(site), "{host}");
        }
    }

    #[test]
    fn a_rule_may_give_another_answer() {
        let lists = [list("||ads.example^$script,redirect=noopjs")];
        let body = "data:application/javascript;base64,KCgpID0+IHt9KSgpOw==";
        let answer = Judgement::Refused(Some(body.to_owned()));
        assert_eq!(judged(&lists, "https://ads.example/a.js", "script"), answer);
    }

    #[test]
    fn names_and_hosts_decide_what_is_hidden() {
        let lists = [
            list(
                "##.ad\n##.ad-wide > p\n###top-ad\n##div[title=\"ad\"]\npage.example##.own\nother.example##.theirs",
            ),
            list("page.example#@#.ad-wide > p\npage.example##.wall { overflow: auto !important; }"),
        ];
        let names = Names {
            classes: ["ad", "ad-wide", "text"].map(str::to_owned).into(),
            ids: vec!["main".to_owned()],
        };
        let at = |url| List::styles(&lists, url, &names);
        let hide = |selector: &str| format!("{selector} {{ display: none !important }}");
        let wall = ".wall { overflow: auto !important; }".to_owned();
        let page = [hide(".ad"), hide(".own"), hide("div[title=\"ad\"]"), wall];
        assert_eq!(at("https://www.page.example/a"), page);
        let elsewhere = [hide(".ad"), hide(".ad-wide > p"), hide("div[title=\"ad\"]")];
        assert_eq!(at("about:blank"), elsewhere);
    }
}
