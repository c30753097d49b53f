// Who may have put a page of his own in the place of a host's: by the addresses of scripts and
// frames, by what scripts of the page say at their beginning, and by names of elements. None of
// it is on pages that are merely guarded.
const vendors = [
  // «cType», «cRay» and others of a challenge; `__CF$cv$params` of its mere detections isn't it.
  {
    name: "cloudflare",
    says: /_cf_chl_opt|window\._cf_chl/,
    at: /\/cdn-cgi\/challenge-platform\/(h\/\w+\/)?(orchestrate|flow)\//,
    ids: ["challenge-form", "challenge-running", "challenge-stage", "cf-challenge-running", "challenge-error-text"],
  },
  { name: "datadome", says: /\bdd\s*=\s*\{[^}]{0,400}['"](rt|cid|hsh)['"]/, at: /captcha-delivery\.com\// },
  {
    name: "human",
    says: /_pxBlockScript|px-captcha/,
    at: /\/captcha\/captcha\.js|captcha\.px-c(loud|dn)\.net/,
    ids: ["px-captcha", "px-captcha-wrapper"],
  },
  {
    name: "imperva",
    frames: /_Incapsula_Resource|\/_imp_apg_/,
    says: /onProtectionInitialized|interstitial[\s\S]{0,2000}reese84|_Incapsula_Resource\?SWHANEDL/,
  },
  {
    name: "akamai",
    says: /triggerInterstitialChallenge|bm-verify|sec-cpt|\/_sec\/cp_challenge\//,
    at: /\/_sec\/cp_challenge\//,
    ids: ["sec-cpt-if", "sec-if-cpt-container", "sec-if-container"],
  },
  { name: "aws-waf", says: /\bgokuProps\b|AwsWafIntegration\.(checkForceRefresh|getToken)[\s\S]{0,2000}reload/ },
  { name: "vercel", says: /\.well-known\/vercel\/security\//, at: /\.well-known\/vercel\/security\// },
  { name: "kasada", says: /window\.KPSDK\s*=\s*\{/, at: /\/149e9513-01fa-4fb0-aad4-566afd725d1b\/[^?]*\/ips\.js/ },
  { name: "sucuri", says: /sucuri_cloudproxy_js/ },
  { name: "ddos-guard", at: /\.well-known\/ddos-guard\/|check\.ddos-guard\.net/, says: /\.well-known\/ddos-guard\// },
  { name: "anubis", at: /\.within\.website\/x\/cmd\/anubis\//, ids: ["anubis_challenge", "anubis_version"] },
  { name: "siteground", says: /sgcaptcha/, at: /\.well-known\/sgcaptcha/ },
  // What anybody may put into a page of his own.
  { name: "widget:Turnstile", at: /challenges\.cloudflare\.com\/turnstile\// },
  { name: "widget:reCAPTCHA", at: /(google\.com|recaptcha\.net|gstatic\.com)\/recaptcha\// },
  { name: "widget:hCaptcha", at: /hcaptcha\.com\// },
  { name: "widget:Arkose Labs", at: /(arkoselabs|funcaptcha)\.com\// },
  { name: "widget:GeeTest", at: /geetest\.com\// },
  { name: "widget:AWS WAF", at: /(captcha|token|edge\.captcha-sdk|edge\.sdk)\.awswaf\.com\// },
  { name: "widget:Friendly Captcha", at: /friendly-?captcha/i },
  { name: "widget:Yandex SmartCaptcha", at: /smartcaptcha\.yandexcloud\.net|captcha-api\.yandex/ },
  { name: "widget:CAPTCHA", at: /\/captcha[/.?]|captcha\.(png|jpe?g|php|aspx)/i, images: true },
];
const marksOf = () => {
  const scripts = [...own.scripts].slice(0, 60);
  const frames = named("iframe").filter(({ src }) => src);
  const images = [...own.images].slice(0, 20).map(({ src }) => src.slice(0, 300));
  const addresses = [...scripts, ...frames].map(({ src }) => src).filter(Boolean);
  const said = scripts
    .filter(({ src }) => !src)
    .map(({ text }) => text.slice(0, 4000))
    .join("\n");
  const isMarked = ({ at, frames: framed, says, ids, images: shown }) =>
    (at && addresses.some((address) => at.test(address))) ||
    (at && shown && images.some((address) => at.test(address))) ||
    (framed && frames.some(({ src }) => framed.test(src))) ||
    (says && says.test(said)) ||
    (ids ?? []).some((id) => isThere(document.getElementById(id)));
  const isThere = (element) => element !== null && (element.localName === "script" || isVisible(element));
  // A badge in a corner asks nothing; what is to be answered is taller.
  const isAsking = (frame) => isVisible(frame) && frame.getBoundingClientRect().height >= 64;
  const asking = frames.filter(isAsking).map(({ src }) => src);
  const shown = ({ name, at }) => name.startsWith("widget:") && asking.some((address) => at.test(address));
  return [
    ...vendors.filter(isMarked).map(({ name }) => name),
    ...vendors.filter(shown).map(({ name }) => name.replace("widget", "shown")),
  ];
};
