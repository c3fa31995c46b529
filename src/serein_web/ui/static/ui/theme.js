/* Sets the remembered theme before the page is painted. Small and not deferred for that reason.
   A page may open in its own theme (data-theme="dark" data-theme-scope="session"); what a person chooses there
   is remembered for such pages only. */
(function () {
  "use strict";
  var root = document.documentElement;
  try {
    var chosen = localStorage.getItem("serein-theme-" + (root.dataset.themeScope || "page"));
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch (error) {
    /* A browser without storage follows the system. */
  }
})();
