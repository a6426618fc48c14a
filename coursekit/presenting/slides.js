// Formulas first; then slides on a screen, and a page that flows on paper and on a phone.
(function () {
  const query = window.location.search;
  const preview = /receiver/.test(query); // in the speaker's window
  const flowing = /print-pdf/.test(query) || (window.innerWidth < 700 && !preview);
  const root = document.documentElement;
  const LEGIBLE = 0.95; // of a picture's own size: below that its labels are hard to read from the back row
  root.classList.toggle("with-notes", /showNotes/i.test(query));

  // Each line of code in an element of its own, which knows its indentation.
  for (const pre of document.querySelectorAll(".code pre")) {
    const lines = pre.innerHTML.trimEnd().split("\n").map((html) => {
      const indent = html.replace(/<[^>]*>/g, "").search(/\S|$/);
      return `<span class="line" style="--indent: ${indent}ch">${html || " "}</span>`;
    });
    pre.innerHTML = lines.join("");
  }

  // Printed tables keep their lines: CSS makes the letters of what is long somewhat smaller.
  for (const pre of document.querySelectorAll(".jp-RenderedText pre")) {
    pre.style.setProperty("--longest", Math.max(1, ...pre.textContent.split("\n").map((line) => line.length)));
  }

  // What of a slide is to be seen now: its cells, but for fragments still to come.
  function extent(slide) {
    const shown = [...slide.querySelectorAll(".jp-Cell")].filter((cell) => !cell.closest(".fragment:not(.visible), aside"));
    const top = slide.getBoundingClientRect().top, scale = Reveal.getScale();
    const bottoms = shown.map((cell) => (cell.getBoundingClientRect().bottom - top) / scale + slide.scrollTop);
    return Math.max(0, ...bottoms);
  }

  // One step forward or back: through a slide that is longer than the screen, then to the next thing to show.
  function step(direction) {
    const slide = Reveal.getCurrentSlide();
    const page = slide.clientHeight - 120;
    const below = extent(slide) - (slide.scrollTop + slide.clientHeight);
    const room = direction > 0 ? below : slide.scrollTop;
    if (room > 8) slide.scrollBy({ top: direction * Math.min(page, room + 24), behavior: "instant" });
    else if (direction > 0) Reveal.next();
    else Reveal.prev();
  }

  // What has just appeared is brought into view: its end if all of it fits, else its beginning.
  function show(fragment) {
    const slide = Reveal.getCurrentSlide();
    const top = (fragment.getBoundingClientRect().top - slide.getBoundingClientRect().top) / Reveal.getScale() + slide.scrollTop;
    const end = top + fragment.offsetHeight + 16 - slide.clientHeight;
    if (end > slide.scrollTop) slide.scrollTop = Math.min(top - 16, end);
  }

  // A slide that is a little too long gets smaller pictures, windows of code or letters, if that is enough; else it
  // is stepped through. One without pictures that is half empty gets larger letters, if no formula or line of code
  // gets too long by that.
  function fit(slide) {
    const long = (one) => one.scrollWidth > one.clientWidth + 1 || (one.matches(".line") && one.offsetHeight > 40);
    const cut = () => [...slide.querySelectorAll("mjx-container, .jp-Cell:not(.celltag_exercise) .line")].some(long);
    const over = () => (slide.classList.contains("roomy") && cut() ? 1 : slide.scrollHeight - slide.clientHeight);
    const pictures = [...slide.querySelectorAll(".picture:not(.fragment) img")];
    const tries = pictures.length ? ["tight", "tight dense"] : ["roomy", "", "dense", "tight dense"];
    if (pictures.length && over() <= 0) return;
    for (const names of tries) {
      slide.classList.remove("roomy", "dense", "tight");
      if (names) slide.classList.add(...names.split(" "));
      if (over() <= 0) return;
      const lower = Math.ceil(over() / (pictures.length || 1));
      if (pictures.length && pictures.every((image) => image.offsetHeight - lower > LEGIBLE * image.naturalHeight)) {
        slide.style.setProperty("--tallest", `${Math.min(...pictures.map((image) => image.offsetHeight)) - lower}px`);
        if (over() <= 0) return;
        slide.style.removeProperty("--tallest");
      }
    }
    slide.classList.remove("dense");
  }

  function deck() {
    root.classList.add("deck");
    document.getElementById("reveal").media = "screen";
    const forward = () => step(1), back = () => step(-1);
    Reveal.initialize({
      width: 1280, height: 720, margin: 0, minScale: 0.1, maxScale: 4, center: false,
      hash: true, navigationMode: "linear", transition: "none", backgroundTransition: "none",
      slideNumber: "c/t", controlsTutorial: false, scrollActivationWidth: 0,
      keyboard: { 32: forward, 34: forward, 39: forward, 40: forward, 33: back, 37: back, 38: back },
      plugins: [RevealNotes],
    }).then(() => {
      Reveal.on("fragmentshown", ({ fragments }) => fragments.forEach(show));
      const place = document.querySelector(".slides").appendChild(document.createElement("div"));
      place.className = "place";
      const arrive = (slide) => {
        const heading = slide.parentElement.querySelector("h1, h2");
        place.textContent = heading ? heading.textContent : "";
        fit(slide);
        for (const fragment of slide.querySelectorAll(".fragment.visible")) show(fragment);
      };
      Reveal.on("slidechanged", ({ currentSlide }) => arrive(currentSlide));
      arrive(Reveal.getCurrentSlide());
      for (const slide of Reveal.getSlides()) slide.tabIndex = -1;
      root.classList.add("ready");
    });
  }

  MathJax.startup.promise
    .then(() => MathJax.typesetPromise())
    .then(() => {
      // The speaker's window copies the notes without the style that hides this second form of each formula.
      for (const spoken of document.querySelectorAll("aside.notes mjx-assistive-mml")) spoken.remove();
      if (!flowing) return deck();
      for (const formula of document.querySelectorAll('mjx-container[display="true"]')) {
        const share = formula.clientWidth / formula.scrollWidth;
        if (share < 1) formula.style.fontSize = `${Math.max(60, Math.floor(100 * share))}%`;
      }
      root.classList.add("ready");
    });
})();
