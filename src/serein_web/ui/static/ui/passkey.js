/* Passkeys: asks the server what to ask the device, and sends what the device says as an ordinary form.
   form[data-passkey="get" | "create"][data-ask="url"][data-failed="words"], hidden input "credential",
   [data-passkey-said] for what went wrong. Without it (or without passkeys) the form stays hidden. */
(function () {
  "use strict";
  if (!window.PublicKeyCredential) {
    document.querySelectorAll("[data-passkey-none]").forEach(function (words) {
      words.hidden = false;
    });
    return;
  }

  function bytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (letter) {
      return letter.charCodeAt(0);
    });
  }

  function text(buffer) {
    var plain = String.fromCharCode.apply(null, new Uint8Array(buffer));
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  /* What the server says in base64url becomes bytes, as the browser wants them. */
  function asked(options) {
    options.challenge = bytes(options.challenge);
    if (options.user) options.user.id = bytes(options.user.id);
    ["allowCredentials", "excludeCredentials"].forEach(function (name) {
      (options[name] || []).forEach(function (one) {
        one.id = bytes(one.id);
      });
    });
    return options;
  }

  function answered(credential) {
    var response = { clientDataJSON: text(credential.response.clientDataJSON) };
    ["attestationObject", "authenticatorData", "signature", "userHandle"].forEach(function (name) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    });
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment,
      clientExtensionResults: {},
      response: response,
    });
  }

  function start(form) {
    var said = form.querySelector("[data-passkey-said]");
    var busy = false;
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (busy) return;
      busy = true;
      said.hidden = true;
      var token = form.elements.csrfmiddlewaretoken.value;
      fetch(form.dataset.ask, { method: "POST", headers: { "X-CSRFToken": token } })
        .then(function (answer) {
          if (!answer.ok || answer.redirected) throw new Error("not asked");
          return answer.json();
        })
        .then(function (question) {
          return navigator.credentials[form.dataset.passkey]({ publicKey: asked(question.publicKey) });
        })
        .then(function (credential) {
          form.elements.credential.value = answered(credential);
          form.submit();
        })
        .catch(function () {
          busy = false;
          said.textContent = form.dataset.failed;
          said.hidden = false;
        });
    });
  }

  document.querySelectorAll("form[data-passkey]").forEach(start);
})();
