// Resolves after two frames, or after `limit_ms`.
async function (limit_ms) {
  const limit = new Promise((resolve) => setTimeout(resolve, limit_ms));
  const frame = () => new Promise(requestAnimationFrame);
  await Promise.race([frame().then(frame), limit]);
}
