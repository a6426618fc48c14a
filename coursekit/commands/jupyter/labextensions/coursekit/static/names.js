// JupyterLab 4 shows a picture without the alt text that its output carries, and ipywidgets 8 leaves the handle of a
// slider without a name: a screen reader would say "image" and "slider". This plugin says what they are. It is
// written as the container that JupyterLab loads, so that it needs no build.
(() => {
  const NAMELESS = ".jp-RenderedImage img:not([alt])", HANDLES = ".noUi-handle:not([aria-label])";

  // The alt text in the output that a picture shows; undefined if it has none.
  function alt(app, image) {
    for (const panel of app.shell.widgets("main"))
      for (const { outputArea: area } of panel.content?.widgets ?? []) {
        const place = area?.widgets.findIndex((one) => one.node.contains(image)) ?? -1;
        if (place < 0) continue;
        const about = area.model.get(place)?.metadata ?? {};
        return (about["image/png"] ?? about["image/jpeg"])?.alt;
      }
  }

  function activate(app) {
    let waiting = false;
    const look = () => {
      waiting = false;
      for (const image of document.querySelectorAll(NAMELESS)) {
        const text = alt(app, image);
        if (text) image.alt = text;
      }
      for (const handle of document.querySelectorAll(HANDLES)) {
        const text = handle.closest(".jupyter-widgets")?.querySelector("label")?.textContent;
        if (text) handle.setAttribute("aria-label", text);
      }
    };
    const later = () => {
      if (!waiting) setTimeout(look, 200);
      waiting = true;
    };
    new MutationObserver(later).observe(document.body, { childList: true, subtree: true });
  }

  const plugin = { id: "coursekit:names", autoStart: true, activate };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.coursekit = { init: () => {}, get: async () => () => ({ __esModule: true, default: plugin }) };
})();
