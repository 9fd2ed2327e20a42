/* A stand-in for the resizer script of the hosted page: the page reports its height, the frame
   follows. Usage as documented: iFrameResize({}, "#paytriframe"). */
window.iFrameResize = (options, target) => {
  const frames = typeof target === "string" ? [...document.querySelectorAll(target)] : [target];
  window.addEventListener("message", ({ data, source }) => {
    const frame = frames.find((candidate) => candidate.contentWindow === source);
    if (frame && data && Number.isFinite(data.sandboxFrameHeight)) {
      frame.style.height = `${Math.ceil(data.sandboxFrameHeight)}px`;
    }
  });
  return frames;
};
