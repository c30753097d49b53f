// Brings everything that moves to rest: finite animations and transitions to
// their end, endless ones to their beginning; videos and carets.
async function () {
  const rest = (animation) => {
    // Those that follow the scrolling move with nothing else.
    if (!(animation.timeline instanceof DocumentTimeline)) return;
    try {
      animation.finish();
    } catch {
      animation.pause();
      animation.currentTime = 0;
    }
  };
  const noCaret = () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { caret-color: transparent !important }");
    return sheet;
  };
  // A page is told some time after its film has stopped, and may show it.
  const told = [];
  const stop = (media) => {
    if (media.paused) return;
    told.push(new Promise((tell) => media.addEventListener("pause", tell, { once: true })));
    media.pause();
  };
  const soon = () => new Promise((end) => setTimeout(end, 500));
  for (const tree of trees(true)) tree.adoptedStyleSheets.push(noCaret());
  // What is at its end may begin something else. A frame inside the page gets one
  // look: out of sight, its own frames and timers may be a second or more apart.
  const rounds = window === top ? 3 : 1;
  for (let round = 1; ; round++) {
    for (const tree of trees(true)) {
      tree.getAnimations().forEach(rest);
      for (const media of tree.querySelectorAll("video, audio")) stop(media);
      for (const drawing of tree.querySelectorAll("svg")) {
        drawing.pauseAnimations();
        drawing.setCurrentTime(0);
      }
    }
    if (round === rounds) break;
    if (told.length > 0) await Promise.race([Promise.all(told.splice(0)), soon()]);
    await new Promise(requestAnimationFrame);
  }
}
