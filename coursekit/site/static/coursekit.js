// What scrolls sideways can be reached with the keyboard: formulas, tables and the picture of the syllabus.
function reachable() {
  const wide = "mjx-container[display='true'], .scrolls, .pst-scrollable-table-container, .bd-article pre";
  for (const element of document.querySelectorAll(wide)) {
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }
}

window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  reachable();
  window.addEventListener("resize", reachable);
});
