/* A stand-in for the resizer script of the hosted page: the page reports its height, the frame
   follows. Usage as documented: iFrameResize({}, "#paytriframe"). */
window.iFrameResize = (options, target) => {
  const frames = typeof target === "string" ? [...document.querySelectorAll(target)] : [target];
  const ask = (frame) => frame.contentWindow.postMessage({ sandboxFrameHeight: "?" }, "*");
  window.addEventListener("message", ({ data, source }) => {
    const frame = frames.find((candidate) => candidate.contentWindow === source);
    if (frame && data && Number.isFinite(data.sandboxFrameHeight)) {
      frame.style.height = `${Math.ceil(data.sandboxFrameHeight)}px`;
    }
  });
  for (const frame of frames) {
    frame.addEventListener("load", () => ask(frame));
    ask(frame);  // It may have loaded, and told its height to nobody, before this script.
  }
  return frames;
};
