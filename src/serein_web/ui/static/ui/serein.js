/* Small helps that every page has. Nothing here is needed for a page to work.
   - [data-theme-toggle]: light or dark, remembered on this device
   - form[data-once]: a second tap does not send it twice
   - time[data-relative]: "12 minutes ago", kept fresh
   - time[data-countdown]: time left, then "overdue"
   - [data-until]: goes away at that time
   - [data-open-dialog="id"], [data-close-dialog]: a <dialog>
   - the error summary takes the focus; printing is light and shows what is folded */
(function () {
  "use strict";
  var root = document.documentElement;

  /* ── theme ── */
  function shownTheme() {
    if (root.dataset.theme) return root.dataset.theme;
    return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  }

  function nameToggle(button) {
    button.textContent = shownTheme() === "dark" ? button.dataset.light : button.dataset.dark;
    button.hidden = false;
  }

  function setTheme(theme) {
    root.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("serein:theme"));
  }

  function startTheme() {
    var buttons = document.querySelectorAll("[data-theme-toggle]");
    buttons.forEach(function (button) {
      nameToggle(button);
      button.addEventListener("click", function () {
        setTheme(shownTheme() === "dark" ? "light" : "dark");
        buttons.forEach(nameToggle);
        try {
          localStorage.setItem("serein-theme-" + (root.dataset.themeScope || "page"), root.dataset.theme);
        } catch (error) {
          /* Not remembered, still changed. */
        }
      });
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () {
      buttons.forEach(nameToggle);
      document.dispatchEvent(new CustomEvent("serein:theme"));
    });
  }

  /* ── the server's clock ── */
  var ahead = 0;

  function setClock() {
    var said = Date.parse(document.body.dataset.now || "");
    if (Number.isNaN(said)) return;
    var page = performance.getEntriesByType("navigation")[0];
    var fresh = !page || page.type !== "back_forward";
    try {
      if (fresh) {
        /* When the first byte came, by this device's clock. */
        var here = performance.timeOrigin + (page ? page.responseStart : 0);
        ahead = said - here;
        sessionStorage.setItem("serein-clock", String(ahead));
      } else {
        ahead = Number(sessionStorage.getItem("serein-clock")) || 0;
      }
    } catch (error) {
      ahead = 0;
    }
  }

  function now() {
    return Date.now() + ahead;
  }

  /* ── times ── */
  var speak = new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "always" });
  var justNow = new Intl.RelativeTimeFormat(root.lang || "en", { numeric: "auto" });

  function relative(at) {
    var seconds = (at - now()) / 1000;
    var size = Math.abs(seconds);
    var sign = seconds < 0 ? -1 : 1;
    if (size < 60) return justNow.format(0, "second");
    if (size < 3600) return speak.format(sign * Math.floor(size / 60), "minute");
    if (size < 36 * 3600) return speak.format(sign * Math.floor(size / 3600), "hour");
    if (size < 60 * 86400) return speak.format(sign * Math.round(size / 86400), "day");
    if (size < 730 * 86400) return speak.format(sign * Math.round(size / 2629800), "month");
    return speak.format(sign * Math.floor(size / 31557600), "year");
  }

  function twoDigits(number) {
    return number < 10 ? "0" + number : String(number);
  }

  function span(seconds) {
    var hours = Math.floor(seconds / 3600);
    var minutes = Math.floor((seconds % 3600) / 60);
    var rest = twoDigits(seconds % 60);
    return hours ? hours + ":" + twoDigits(minutes) + ":" + rest : minutes + ":" + rest;
  }

  function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function tellRelative() {
    document.querySelectorAll("time[data-relative]").forEach(function (element) {
      var at = Date.parse(element.dateTime);
      if (!Number.isNaN(at)) setText(element, Math.abs(at - now()) < 60000 && element.dataset.now ? element.dataset.now : relative(at));
    });
  }

  function tellCountdown() {
    document.querySelectorAll("time[data-countdown]").forEach(function (element) {
      var at = Date.parse(element.dateTime);
      if (Number.isNaN(at)) return;
      var left = Math.trunc((at - now()) / 1000);
      var late = at < now();
      element.classList.toggle("overdue", late);
      setText(element, late ? element.dataset.overdue + " " + span(-left) : span(left));
    });
  }

  function endOffers() {
    document.querySelectorAll("[data-until]").forEach(function (element) {
      element.hidden = element.hidden || Date.parse(element.dataset.until) <= now();
    });
  }

  /* ── forms that must be sent once ── */
  function submitted(event) {
    var form = event.target;
    if (!form.matches("form[data-once]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    /* After this turn, so that the pressed button's name and value are still sent. */
    setTimeout(function () {
      if (event.defaultPrevented && !form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]")) {
        release(form);
        return;
      }
      buttonsOf(form).forEach(function (button) {
        button.disabled = true;
        button.setAttribute("aria-busy", "true");
      });
    }, 0);
  }

  function buttonsOf(form) {
    return Array.from(form.elements).filter(function (element) {
      return element.type === "submit";
    });
  }

  function release(form) {
    delete form.dataset.sent;
    buttonsOf(form).forEach(function (button) {
      if (button.getAttribute("aria-busy")) {
        button.disabled = false;
        button.removeAttribute("aria-busy");
      }
    });
  }

  function releaseAll() {
    document.querySelectorAll("form[data-once]").forEach(release);
  }

  function placeOf(details) {
    return details.id || details.querySelector("summary").textContent;
  }

  /* ── dialogs ── */
  function clicked(event) {
    if (event.target.closest("[data-print]")) {
      window.print();
      return;
    }
    var opener = event.target.closest("[data-open-dialog]");
    if (opener) {
      var dialog = document.getElementById(opener.dataset.openDialog);
      if (dialog && dialog.showModal) dialog.showModal();
      return;
    }
    var closer = event.target.closest("[data-close-dialog]");
    if (closer) {
      var open = closer.closest("dialog");
      if (open) open.close();
    }
  }

  /* ── printing ── */
  var beforePrinting = null;

  function startPrint() {
    window.addEventListener("beforeprint", function () {
      beforePrinting = { theme: root.dataset.theme, folded: Array.from(document.querySelectorAll("details:not([open])")) };
      beforePrinting.folded.forEach(function (details) {
        details.open = true;
      });
      setTheme("light");
    });
    window.addEventListener("afterprint", function () {
      if (!beforePrinting) return;
      beforePrinting.folded.forEach(function (details) {
        details.open = false;
      });
      if (beforePrinting.theme) setTheme(beforePrinting.theme);
      else {
        delete root.dataset.theme;
        document.dispatchEvent(new CustomEvent("serein:theme"));
      }
      beforePrinting = null;
    });
  }

  startTheme();
  setClock();
  tellRelative();
  tellCountdown();
  endOffers();
  setInterval(tellCountdown, 1000);
  setInterval(endOffers, 1000);
  setInterval(tellRelative, 15000);
  startPrint();
  document.addEventListener("submit", submitted);
  document.addEventListener("click", clicked);
  window.addEventListener("pageshow", releaseAll);
  document.addEventListener("htmx:afterRequest", function (event) {
    var form = event.target.closest && event.target.closest("form[data-once]");
    if (form) release(form);
  });
  /* What was unfolded stays so when its part of the page comes anew. */
  var unfolded = [];
  document.addEventListener("htmx:beforeSwap", function (event) {
    unfolded = Array.from(event.detail.target.querySelectorAll("details[open]")).map(placeOf);
  });
  document.addEventListener("htmx:afterSettle", function () {
    document.querySelectorAll("details").forEach(function (details) {
      if (unfolded.indexOf(placeOf(details)) >= 0) details.open = true;
    });
  });
  document.addEventListener("htmx:load", function () {
    tellRelative();
    tellCountdown();
  });
  var summary = document.querySelector("[data-refusals]");
  if (summary) summary.focus();
})();
