//! The page isn't there yet, or not all of it.

use super::words::{Phrases, cut, parts, plain, starts_with};
use super::{Finding, FindingKind, LONGEST_URL, Page, Scene};

/// A page that waits for itself has at most so many letters beside its navigation: some
/// say why, and whose they are.
const FEW_LETTERS: u32 = 60;

/// What a page says that needs scripts is no longer than that.
const SHORT_NOTE: u32 = 250;

/// So many links has a page that is there, at least.
const FEW_LINKS: u32 = 3;

/// With so much of it painted by images, a page that says little isn't empty.
const PICTURE: f64 = 0.15;

/// What pages say while they wait for themselves: English, German, French, Spanish, Italian,
/// Portuguese, Dutch, Polish, Russian, Swedish, Danish, Norwegian, Finnish, Czech, Turkish,
/// Japanese, Chinese, Korean.
const LOADING: Phrases = Phrases(concat!(
    "loading; please wait; just a second; one moment; one moment please; initializing; starting; ",
    "still loading; loading please wait; please wait while we load; loading content; loading page; ",
    "loading app; loading application; loading data; loading your content; ",
    "preparing your experience; fetching data; wird geladen; seite wird geladen; ",
    "inhalt wird geladen; inhalte werden geladen; daten werden geladen; lade; lädt; laden; ",
    "lade daten; bitte warten; einen moment bitte; wird geladen bitte warten; chargement; ",
    "chargement en cours; veuillez patienter; patientez; cargando; cargando contenido; ",
    "espere por favor; por favor espere; caricamento; caricamento in corso; attendere prego; ",
    "attendere; carregando; a carregar; aguarde; por favor aguarde; bezig met laden; even geduld; ",
    "even geduld aub; ładowanie; trwa ładowanie; proszę czekać; загрузка; идет загрузка; подождите; ",
    "пожалуйста подождите; завантаження; laddar; läser in; indlæser; laster; laster inn; ladataan; ",
    "načítání; načítá se; yükleniyor; lütfen bekleyin; 読み込み中; 読み込み中です; 読込中; ロード中; お待ちください; ",
    "しばらくお待ちください; 加载中; 正在加载; 载入中; 請稍候; 请稍候; 載入中; 로딩 중; 로딩중; 불러오는 중",
));

/// What pages say that don't go without scripts: the templates of Create React App, Vue CLI and
/// Angular, and others. In the languages above as far as they were met.
const NEEDS_SCRIPTS: Phrases = Phrases(concat!(
    "you need to enable javascript to run this app; ",
    "doesn't work properly without javascript enabled; please enable javascript; ",
    "enable javascript to; enable javascript in your browser; javascript is required; ",
    "requires javascript; javascript must be enabled; javascript needs to be enabled; ",
    "javascript is not enabled; javascript is disabled; your browser does not support javascript; ",
    "turn on javascript; bitte aktivieren sie javascript; javascript aktivieren; ",
    "aktiviere javascript; javascript ist deaktiviert; benötigt javascript; ",
    "veuillez activer javascript; activer javascript; javascript est désactivé; ",
    "habilita javascript; habilite javascript; activa javascript; active javascript; ",
    "abilita javascript; abilitare javascript; ative o javascript; schakel javascript in; ",
    "włącz javascript; включите javascript; javascriptを有効; 启用javascript; 启用 javascript; ",
    "啟用 javascript; 자바스크립트를 활성화",
));

pub(super) fn find(page: Page<'_>) -> Option<Finding> {
    let signs = [out_of_time, needs_scripts, waits, unstyled, on_its_way];
    let detail = signs.iter().find_map(|sign| sign(page))?;
    Some(Finding::new(FindingKind::HalfLoaded, &detail))
}

fn out_of_time(Page { sight, scene, .. }: Page<'_>) -> Option<String> {
    if !sight.is_cut_short {
        return None;
    }
    let pending = [&scene.styles.pending, &scene.images.pending, &scene.fonts.pending];
    let first = pending.into_iter().flatten().next();
    let still = first.map(|first| format!("; still on its way: {}", cut(first, LONGEST_URL)));
    Some(format!("Its time was up before the page was ready{}", still.unwrap_or_default()))
}

fn needs_scripts(Page { scene, said, .. }: Page<'_>) -> Option<String> {
    let is_there = scene.letters > SHORT_NOTE || scene.links > FEW_LINKS || scene.fields > 0;
    if is_there || scene.images.painted > PICTURE {
        return None;
    }
    let phrase = NEEDS_SCRIPTS.find_in(&said.words)?;
    // Below another heading, it is an example.
    let is_heading =
        scene.headings.is_empty() || said.headlines.iter().any(|line| line.contains("javascript"));
    if !is_heading {
        return None;
    }
    Some(format!("The page shows little more than the words “{phrase}”"))
}

/// A page that shows little but that it waits.
fn waits(Page { scene, .. }: Page<'_>) -> Option<String> {
    if scene.main_letters > FEW_LETTERS || !scene.is_whole || scene.images.painted > PICTURE {
        return None;
    }
    if let Some(words) = loading_words(scene) {
        return Some(format!("The page shows little more than the words “{words}”"));
    }
    let sign = scene.waits.first()?;
    // With a heading, it is there; what turns may be a part of it.
    let is_outline =
        ["skeleton", "shimmer", "aria-busy", "placeholder"].iter().any(|it| sign.contains(it));
    let is_empty = scene.main_letters <= FEW_LETTERS / 2 && scene.fields == 0;
    let is_idle = is_empty && (is_outline || scene.headings.is_empty());
    is_idle
        .then(|| format!("The page shows little more than a sign of waiting (“{}”)", cut(sign, 60)))
}

/// Which of its lines says that it loads.
fn loading_words(scene: &Scene) -> Option<String> {
    scene.words.lines().map(plain).find(|line| is_loading(line))
}

fn is_loading(line: &str) -> bool {
    // How far it is may follow.
    let is_number = |it: char| it.is_numeric() || it == ' ' || it == '%';
    let parts: Vec<_> = parts(line).into_iter().map(|part| part.trim_matches(is_number)).collect();
    let goes_on = line.ends_with('…') || line.ends_with("...");
    LOADING.contain(parts.join(" ").trim())
        || parts.iter().any(|part| LOADING.contain(part))
        || (goes_on && LOADING.iter().any(|words| starts_with(line, words)))
}

fn unstyled(Page { scene, .. }: Page<'_>) -> Option<String> {
    let styles = &scene.styles;
    if !styles.is_plain || scene.letters == 0 {
        return None;
    }
    let first = styles.missing.first().or_else(|| styles.pending.first())?;
    Some(format!(
        "The page is hardly styled: its style sheet is missing, {}",
        cut(first, LONGEST_URL)
    ))
}

/// A page of which something that would be seen is still on its way.
fn on_its_way(Page { scene, .. }: Page<'_>) -> Option<String> {
    let images = &scene.images;
    if let Some(first) = images.pending.first() {
        let (pending, wanted, first) =
            (images.pending.len(), images.wanted, cut(first, LONGEST_URL));
        return Some(match wanted {
            0 | 1 => format!("The image in view is still on its way: {first}"),
            _ if pending == 1 => format!("1 of {wanted} images in view is on its way: {first}"),
            _ => format!("{pending} of {wanted} images in view are on their way, such as {first}"),
        });
    }
    let font = scene.fonts.pending.first()?;
    Some(format!("Text is set in a font that is still on its way: “{}”", cut(font, 60)))
}
