// Encodes PNGs, each shown for `span` microseconds, as VP9 of this size. Every `jump`th picture
// needs no other. Pictures of other shapes lie in the middle of black.
(width, height, span, jump) => {
  // Of 0 (best) to 63: letters stay clean.
  const QUANTIZER = 22;
  let fault;
  let count = 0;
  let encoded = [];
  const encoder = new VideoEncoder({
    output: (chunk) => {
      const bytes = new Uint8Array(chunk.byteLength);
      chunk.copyTo(bytes);
      let text = "";
      for (let at = 0; at < bytes.length; at += 0x8000) {
        text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
      }
      encoded.push({ is_independent: chunk.type === "key", data: btoa(text) });
    },
    error: (error) => { fault = error; },
  });
  encoder.configure({
    codec: "vp09.00.51.08", width, height, framerate: 1e6 / span,
    bitrateMode: "quantizer", latencyMode: "realtime", hardwareAcceleration: "prefer-software",
  });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { alpha: false });
  const lay = (picture) => {
    const close = (side, wanted) => side === wanted || side === wanted + 1;
    const fits = close(picture.width, width) && close(picture.height, height);
    const scale = fits ? 1 : Math.min(width / picture.width, height / picture.height);
    const wide = Math.round(picture.width * scale);
    const high = Math.round(picture.height * scale);
    context.imageSmoothingQuality = "high";
    context.fillRect(0, 0, width, height);
    context.drawImage(picture, fits ? 0 : (width - wide) / 2, fits ? 0 : (height - high) / 2, wide, high);
  };
  const taken = () => {
    if (fault) throw fault;
    return encoded.splice(0);
  };
  return {
    add: async (png) => {
      const file = await fetch(`data:image/png;base64,${png}`);
      const picture = await createImageBitmap(await file.blob());
      lay(picture);
      picture.close();
      const frame = new VideoFrame(canvas, { timestamp: count * span, duration: span });
      encoder.encode(frame, { keyFrame: count++ % jump === 0, vp9: { quantizer: QUANTIZER } });
      frame.close();
      while (encoder.encodeQueueSize > 2 && !fault) {
        await new Promise((resolve) => { encoder.ondequeue = resolve; });
      }
      return taken();
    },
    finish: async () => {
      await encoder.flush();
      return taken();
    },
  };
}
