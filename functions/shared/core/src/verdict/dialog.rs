//! Something lies over the page and wants to be answered first.

use super::words::{Phrases, cut, plain};
use super::{Finding, FindingKind, Float, Layer, Page};

/// Which share of the window a layer has on top that is worth a word: one of 30 points.
const LEAST_SHARE: f64 = 0.03;

/// With so much on top, hardly anything else is seen.
const MOST_OF_IT: f64 = 0.6;

/// A layer that holds so much is a page of its own.
const LONG: u32 = 1_500;

/// So many links may be what it calls to do, instead of buttons.
const MOST_CALLS: u32 = 4;

/// What asks for something, and by which words: all layers of a kind have one of them.
struct Theme {
    /// As a reader calls it.
    name: &'static str,
    /// Whether it has a field to write in, where it doesn't lie over the whole page.
    has_field: bool,
    words: Phrases,
}

const CONSENT: Theme = Theme {
    name: "A banner that asks for consent",
    has_field: false,
    words: Phrases(concat!(
        "privatsphäre und; ihre privatsphäre; deine privatsphäre; store and access information; ",
        "store and/or access information; information on your device; information on a device; ",
        "personalised ads; personalized ads; cookie; cookies; cookie-einstellungen; ",
        "cookie-richtlinie; cookies und; cookiebeleid; consent; gdpr; ccpa; your privacy; ",
        "we value your privacy; privacy settings; privacy preferences; tracking technologies; ",
        "similar technologies; datenschutzeinstellungen; privatsphäre-einstellungen; einwilligung; ",
        "dsgvo; traceurs; consentement; consentimiento; consenso; la tua privacy; tracciamento; ",
        "toestemming; plików cookie; pliki cookie; ciasteczka; куки; cookie-файлы; файлы cookie; ",
        "файлов cookie; kakor; evästeet; evästeitä; informasjonskapsler; cookie'er; soubory cookie; ",
        "souborů cookie; sütiket; sütik; çerez; çerezleri; çerezler; クッキー; 쿠키",
    )),
};

/// What banners say, and sidebars and forms too.
const POLICY: Phrases = Phrases(concat!(
    "our partners; personal data; unsere partner; nos partenaires; nuestros socios; ",
    "i nostri partner; privacy policy; privacy notice; datenschutz; privatsphäre; ihre daten; ",
    "confidentialité; vie privée; données personnelles; privacidad; privacidade; prywatność; ",
    "prywatności; конфиденциальности; プライバシー; 同意; 隐私; 개인정보",
));

/// What buttons say, on banners and elsewhere.
const OTHER_ANSWERS: Phrases = Phrases(concat!(
    "ok; okay; dismiss; continue; manage; preferences; settings; customise; customize; options; ",
    "yes; no; close; save; einstellungen; schließen; speichern; weiter; paramétrer; personnaliser; ",
    "fermer; configurar; cerrar; impostazioni; chiudi; instellingen; sluiten; ustawienia; ",
    "настройки; закрыть; 閉じる; 設定; 关闭; 设置; 닫기; 설정",
));

/// What buttons of banners say.
const ANSWERS: Phrases = Phrases(concat!(
    "accept; accept all; agree; i agree; allow; allow all; got it; understood; i understand; ",
    "reject; reject all; decline; deny; refuse; only necessary; essential; akzeptieren; ",
    "alle akzeptieren; annehmen; zustimmen; einverstanden; verstanden; ablehnen; alle ablehnen; ",
    "erlauben; zulassen; notwendige; accepter; tout accepter; j'accepte; refuser; tout refuser; ",
    "continuer sans accepter; d'accord; aceptar; aceptar todo; acepto; rechazar; rechazar todo; ",
    "de acuerdo; entendido; accetta; accetto; rifiuta; accettare; aceitar; aceito; rejeitar; ",
    "recusar; accepteren; akkoord; weigeren; akceptuj; akceptuję; zgadzam się; odrzuć; принять; ",
    "согласен; отклонить; acceptera; godkänn; avvisa; neka; accepter alle; afvis; tillad; godta; ",
    "hyväksy; salli; přijmout; souhlasím; odmítnout; elfogadom; elfogad; kabul; reddet; 同意する; 許可; ",
    "拒否; 承諾; 接受; 同意; 拒绝; 동의; 수락; 허용; 거부",
));

/// Everything else that asks.
const THEMES: &[Theme] = &[
    Theme {
        name: "A newsletter pop-up",
        has_field: true,
        words: Phrases(concat!(
            "newsletter; subscribe; mailing list; sign up for; sign up and get; join our list; ",
            "% off your first; off your first order; get 10% off; get 15% off; get 20% off; ",
            "stay in the loop; don't miss out; exclusive offers; unlock; newsletter abonnieren; ",
            "jetzt anmelden; rabatt; abonnez-vous; inscrivez-vous; suscríbete; suscribirse; ",
            "iscriviti; assine; inscreva-se; schrijf je in; aanmelden; zapisz się; подпишитесь; ",
            "подписаться; prenumerera; tilmeld; ニュースレター; メルマガ; メールマガジン; 订阅; 구독",
        )),
    },
    Theme {
        name: "An age gate",
        has_field: false,
        words: Phrases(concat!(
            "are you over; are you 18; are you 21; at least 18; at least 21; over 18; over 21; ",
            "18 or older; 21 or older; 18 years; 21 years; legal drinking age; legal age; ",
            "age verification; verify your age; confirm your age; your age; date of birth; ",
            "your birthday; bist du über; sind sie über; über 18; mindestens 18; volljährig; ",
            "altersprüfung; altersverifikation; plus de 18 ans; majeur; mayor de edad; mayor de 18; ",
            "maggiorenne; maior de 18; maior de idade; 18 jaar; 18 lat; pełnoletni; 18 лет; 20歳以上; ",
            "18歳以上; 年齢確認; 年满18; 만 19세",
        )),
    },
    Theme {
        name: "A paywall",
        has_field: false,
        words: Phrases(concat!(
            "subscribe to continue; subscribe to read; subscribe now; to continue reading; ",
            "continue reading; keep reading; free articles; free article; already a subscriber; ",
            "become a subscriber; become a member; subscriber-only; subscribers only; ",
            "unlimited access; unlock this article; start your free trial; jetzt weiterlesen; ",
            "weiterlesen; bereits abonnent; jetzt abonnieren; abonnenten; réservé aux abonnés; ",
            "poursuivre la lecture; lire la suite; déjà abonné; suscriptores; seguir leyendo; ",
            "per continuare a leggere; abbonati; assinantes; abonnees; verder lezen; подписка; ",
            "会員限定; 有料会員; 続きを読む",
        )),
    },
    Theme {
        name: "A login wall",
        has_field: false,
        words: Phrases(concat!(
            "log in to continue; sign in to continue; log in or sign up; sign up to continue; ",
            "sign up to see; log in to see; sign in to view; sign in to see; join to view; ",
            "join now to see; create an account to; create a free account; create account; ",
            "welcome back; already have an account; don't have an account; continue with google; ",
            "continue with email; you must log in; you need to log in; please log in; ",
            "please sign in; melde dich an; bitte anmelden; jetzt registrieren; ",
            "bitte melden sie sich an; connectez-vous; se connecter pour; inicia sesión; ",
            "accedi per; faça login; entre para; log in om; zaloguj się; войдите; ログインして; ログインが必要; ",
            "登录; 로그인",
        )),
    },
    Theme {
        name: "Advice to use an app",
        has_field: false,
        words: Phrases(concat!(
            "open in app; open in the app; open the app; get the app; download the app; ",
            "install the app; install app; use the app; better in the app; continue in browser; ",
            "continue in the browser; stay in browser; view in app; see this in the app; ",
            "in der app öffnen; app öffnen; app installieren; app herunterladen; ",
            "ouvrir dans l'application; télécharger l'application; abrir en la app; ",
            "abrir en la aplicación; descargar la app; apri nell'app; scarica l'app; abrir no app; ",
            "baixar o app; app downloaden; открыть в приложении; アプリで開く; アプリで見る; アプリをダウンロード; 打开app; ",
            "下载app; 앱에서 열기",
        )),
    },
    Theme {
        name: "A region chooser",
        has_field: false,
        words: Phrases(concat!(
            "choose your country; choose your region; choose your location; choose your language; ",
            "select your country; select your region; select your location; select your language; ",
            "select your store; choose your store; choose a country; select a country; ",
            "select country; country or region; country/region; you are visiting; you're visiting; ",
            "you seem to be in; you appear to be in; it looks like you're in; ",
            "looks like you are in; shipping to; are you in the right place; switch to; ",
            "wähle dein land; wählen sie ihr land; land auswählen; region auswählen; land wählen; ",
            "choisissez votre pays; sélectionnez votre pays; choisir votre pays; elige tu país; ",
            "selecciona tu país; seleccione su país; scegli il tuo paese; seleziona il tuo paese; ",
            "escolha seu país; selecione o seu país; kies je land; wybierz kraj; выберите страну; ",
            "выберите город; ваш город; 国を選択; 地域を選択; 选择国家; 选择地区; 국가 선택",
        )),
    },
    Theme {
        name: "A request",
        has_field: false,
        words: Phrases(concat!(
            "would like to send you notifications; send you notifications; show notifications; ",
            "enable notifications; allow notifications; push notifications; benachrichtigungen; ",
            "recevoir des notifications; recibir notificaciones; take our survey; quick survey; ",
            "your feedback; ad blocker; adblocker; adblock; disable your ad; terms of service; ",
            "terms of use; spin to win; before you go; wait! before; join waitlist; ",
            "terms and conditions",
        )),
    },
];

/// Makers of banners whose frames and trees can't be read, as their elements are called.
const CONSENT_NAMES: Phrases = Phrases(concat!(
    "consent; cookie; gdpr; onetrust; usercentrics; cookiebot; cybotcookiebot; didomi; sp_message; ",
    "trustarc; truste; quantcast; qc-cmp; cmpbox; cmpwrapper; iubenda; termly; osano; borlabs; ",
    "complianz; cmplz; klaro; privacy-center; privacy manager; fundingchoices; fc-consent; axeptio; ",
    "tarteaucitron",
));

pub(super) fn find(Page { scene, .. }: Page<'_>) -> Option<Finding> {
    let (layer, name) = scene.layers.iter().find_map(|layer| Some((layer, theme(layer)?)))?;
    let words = cut(layer.words.trim(), 80);
    let share = format!("{:.0} %", layer.share * 100.0);
    let detail = match words.is_empty() {
        true => format!("{name} covers {share} of the window"),
        false => format!("{name} covers {share} of the window: “{words}”"),
    };
    Some(Finding::new(FindingKind::Dialog, &detail))
}

/// What a layer asks, if it does.
fn theme(layer: &Layer) -> Option<&'static str> {
    if layer.share < LEAST_SHARE || is_page(layer) {
        return None;
    }
    let words = plain(&layer.words);
    if asks_for_consent(layer, &words) {
        return Some(CONSENT.name);
    }
    if is_furniture(layer) || !can_be_answered(layer) {
        return None;
    }
    let is_over_all = layer.dims || layer.share >= MOST_OF_IT || layer.is_modal || layer.is_dialog;
    let is_theme = |theme: &&Theme| {
        let is_asked = !theme.has_field || layer.fields > 0 || is_over_all;
        is_asked && theme.words.find_in(&words).is_some()
    };
    let theme = THEMES.iter().find(is_theme);
    match theme {
        Some(theme) if is_over_all || is_large(layer) => Some(theme.name),
        Some(_) => None,
        None if layer.is_modal && layer.letters >= 10 => Some("A modal dialog"),
        None if layer.dims && layer.is_dialog && layer.letters >= 10 => Some("A dialog"),
        None if layer.dims && layer.float != Float::Absolute && is_box(layer) => Some("A pop-up"),
        None => None,
    }
}

/// Whether it holds most of the page itself, as the shells of applications do.
fn is_page(layer: &Layer) -> bool {
    let is_alone = !layer.is_modal && !layer.dims;
    layer.letters > 2 * LONG
        || (is_alone && layer.share >= MOST_OF_IT && layer.letters > LONG)
        || (is_alone && layer.share >= MOST_OF_IT && layer.letters / 3 > layer.behind)
}

fn asks_for_consent(layer: &Layer, words: &str) -> bool {
    if layer.words.trim().is_empty() {
        let names = layer.names.to_lowercase();
        return layer.share >= 2.0 * LEAST_SHARE
            && names.contains("iframe")
            && CONSENT_NAMES.iter().any(|name| names.contains(name));
    }
    let is_answered =
        |by: Phrases| layer.answers.iter().any(|answer| by.find_in(&plain(answer)).is_some());
    let is_menu = layer.is_navigation || layer.links > 6 || is_column(layer);
    if layer.letters < 20 || (layer.is_navigation && layer.links > 6) {
        return false;
    }
    if CONSENT.words.find_in(words).is_some() {
        return is_answered(ANSWERS) || (!is_menu && is_answered(OTHER_ANSWERS));
    }
    !is_menu && is_answered(ANSWERS) && POLICY.find_in(words).is_some()
}

/// What belongs to the page: headers, sidebars, bars and buttons in corners.
fn is_furniture(layer: &Layer) -> bool {
    let [left, top, right, bottom] = layer.edges;
    let is_bar = right - left > 0.9 && bottom - top < 0.2;
    let is_of_the_page = is_bar || is_column(layer) || layer.is_navigation;
    layer.float == Float::Sticky || (is_of_the_page && !layer.is_modal)
}

fn is_column(layer: &Layer) -> bool {
    let [left, top, right, bottom] = layer.edges;
    bottom - top > 0.8 && right - left < 0.35
}

fn can_be_answered(layer: &Layer) -> bool {
    has_buttons(layer) || (1..=MOST_CALLS).contains(&layer.links)
}

fn has_buttons(layer: &Layer) -> bool {
    !layer.answers.is_empty() || layer.fields > 0
}

/// Whether it stands where pop-ups do, and is larger than bubbles of chats are: in the middle,
/// or with a field in a lower corner.
fn is_large(layer: &Layer) -> bool {
    let [left, top, right, bottom] = layer.edges;
    let is_centred = (left + right - 1.0).abs() < 0.2 && top > 0.05;
    let slides_in = top > 0.3 && bottom > 0.9 && layer.fields > 0 && layer.links <= MOST_CALLS;
    let is_box = layer.float != Float::Absolute && (right - left) * (bottom - top) > 0.08;
    is_box && (slides_in || (is_centred && layer.share >= 4.0 * LEAST_SHARE))
}

/// Whether it is a box with some words and an answer before a dimmed page.
fn is_box(layer: &Layer) -> bool {
    (10..=LONG).contains(&layer.letters) && layer.links <= 8 && has_buttons(layer)
}
