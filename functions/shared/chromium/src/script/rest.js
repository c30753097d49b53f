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
  for (const tree of trees(true)) tree.adoptedStyleSheets.push(noCaret());
  // What is at its end may begin something else. A frame that is out of sight
  // is drawn no frames.
  for (let round = 0; round < 3; round++) {
    for (const tree of trees(true)) {
      tree.getAnimations().forEach(rest);
      for (const media of tree.querySelectorAll("video, audio")) media.pause();
      for (const drawing of tree.querySelectorAll("svg")) {
        drawing.pauseAnimations();
        drawing.setCurrentTime(0);
      }
    }
    await Promise.race([new Promise(requestAnimationFrame), new Promise((resolve) => setTimeout(resolve, 100))]);
  }
}
