// Resolves after two frames.
async function () {
  for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
}
