"use strict";
(() => {
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const locale = JSON.parse(document.getElementById("chart-locale").textContent);
  const narrow = window.innerWidth < 640;
  for (const place of document.querySelectorAll("[data-chart]")) {
    const spec = charts[place.dataset.chart];
    spec.description = place.parentElement.getAttribute("aria-label");
    // Maps keep their shape; other charts are as high as their rows.
    if (spec.usermeta?.aspect) spec.height = Math.max(190, Math.round(place.clientWidth * spec.usermeta.aspect));
    const options = { renderer: "svg", actions: false, ...locale };
    if (narrow) {
      spec.config.axisY.labelLimit = 112;
      spec.config.legend.columns = 2;
    }
    vegaEmbed(place, spec, options).catch((error) => {
      place.textContent = String(error.message || error);
      console.error(place.dataset.chart, error);
    });
  }
  // Folded tables are opened for print, where nobody can unfold them.
  window.addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
  });
  const links = new Map([...document.querySelectorAll(".contents a")].map((a) => [a.hash.slice(1), a]));
  const seen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(entry.target.id).setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-20% 0px -70% 0px" },
  );
  for (const section of document.querySelectorAll("main section")) seen.observe(section);
})();
