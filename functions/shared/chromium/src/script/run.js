// Has the frames run that `still.js` holds, and brings videos to their beginning.
async function () {
  const within = (promise) => Promise.race([promise, new Promise((resolve) => setTimeout(resolve, 1000))]);
  const told = (target, event) => new Promise((resolve) => target.addEventListener(event, resolve, { once: true }));
  const ran = told(globalThis, "darkroom-ran");
  // Nobody answers where no script has asked for a frame.
  if (!dispatchEvent(new Event("darkroom-run", { cancelable: true }))) await within(ran);
  const rewind = (video) => {
    video.pause();
    if (video.currentTime === 0) return;
    const sought = told(video, "seeked");
    video.currentTime = 0;
    return within(sought);
  };
  const videos = trees(true).flatMap((tree) => [...tree.querySelectorAll("video")]);
  await Promise.all(videos.map(rewind));
}
