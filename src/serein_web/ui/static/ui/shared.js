/* A device that several people use. The server locks it after data-after seconds without a touch; this page
   tells the server of touches, locks itself at that time, and keeps what was typed for the person who typed it. */
(function () {
  "use strict";
  var script = document.currentScript;
  var after = Number(script.dataset.after) * 1000;
  var TOLD_MS = Math.min(15000, after / 4);
  var touched = Date.now();
  var told = touched;
  var waits = 0;
  var locking = false;
  var place = "serein-typed:" + location.pathname;

  function forms() {
    return Array.from(document.querySelectorAll("main form[method=post]"));
  }

  function typed(field) {
    if (!field.name || /hidden|password|file|submit|button/.test(field.type)) return false;
    if (/checkbox|radio/.test(field.type)) return field.checked !== field.defaultChecked;
    if (field.options) {
      return Array.from(field.options).some(function (option) {
        return option.selected !== option.defaultSelected && (option.selected || option.defaultSelected);
      });
    }
    return field.value !== field.defaultValue;
  }

  function keep() {
    var found = [];
    forms().forEach(function (form, at) {
      Array.from(form.elements).forEach(function (field, number) {
        if (typed(field)) found.push([at, number, field.name, field.value, Boolean(field.checked)]);
      });
    });
    if (!found.length) return;
    try {
      sessionStorage.setItem(place, JSON.stringify({ who: script.dataset.who, name: script.dataset.name, fields: found }));
    } catch (error) {
      /* Not kept; the lock comes first. */
    }
  }

  function say(words) {
    var line = document.createElement("p");
    line.className = "panel";
    line.setAttribute("role", "status");
    line.textContent = words;
    document.getElementById("main").prepend(line);
  }

  function giveBack() {
    var kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(place));
    } catch (error) {
      return;
    }
    if (!kept) return;
    if (kept.who !== script.dataset.who) {
      say(script.dataset.other + " " + kept.name);
      return;
    }
    sessionStorage.removeItem(place);
    kept.fields.forEach(function (one) {
      var form = forms()[one[0]];
      var field = form && form.elements[one[1]];
      if (!field || field.name !== one[2]) return;
      if (/checkbox|radio/.test(field.type)) field.checked = one[4];
      else field.value = one[3];
    });
    say(script.dataset.back);
  }

  function lock() {
    if (locking) return;
    locking = true;
    keep();
    var form = document.querySelector("form[data-lock]");
    if (form) form.submit();
    else location.reload();
  }

  /* Often enough that the server never locks before the page does, and not at every key. */
  function touch() {
    touched = Date.now();
    if (waits) return;
    waits = setTimeout(tell, Math.max(0, TOLD_MS - (touched - told)));
  }

  function tell() {
    waits = 0;
    if (locking) return;
    told = Date.now();
    var token = document.querySelector("form[data-lock] [name=csrfmiddlewaretoken]");
    fetch(script.dataset.awake, {
      method: "POST",
      redirect: "manual",
      headers: { "X-CSRFToken": token ? token.value : "" },
    }).then(
      function (answer) {
        if (answer.status !== 204) lock();
      },
      function () {
        /* No network: the page locks by its own clock. */
      },
    );
  }

  ["pointerdown", "keydown", "wheel", "touchmove", "input"].forEach(function (name) {
    document.addEventListener(name, touch, { passive: true });
  });
  document.addEventListener("submit", function (event) {
    if (event.target.matches("form[data-lock]")) keep();
  });
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    if (event.detail.xhr.getResponseHeader("HX-Refresh")) keep();
  });
  setInterval(function () {
    if (Date.now() - touched >= after) lock();
  }, 1000);
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) location.reload();
  });
  giveBack();
  var waiting = document.querySelector("form[data-send-at-once]");
  if (waiting) waiting.requestSubmit();
})();
