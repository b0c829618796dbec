// Passkeys: a form with data-passkey asks the server for a question (data-ask), the browser for an answer, and posts it.
(() => {
  "use strict";
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const opened = (list) => (list || []).map((key) => ({ ...key, id: bytes(key.id) }));

  async function add(asked) {
    const publicKey = {
      ...asked,
      challenge: bytes(asked.challenge),
      user: { ...asked.user, id: bytes(asked.user.id) },
      excludeCredentials: opened(asked.excludeCredentials),
    };
    const made = await navigator.credentials.create({ publicKey });
    return answer(made, { attestationObject: text(made.response.attestationObject) });
  }

  async function use(asked) {
    const publicKey = {
      ...asked,
      challenge: bytes(asked.challenge),
      allowCredentials: opened(asked.allowCredentials),
    };
    const shown = await navigator.credentials.get({ publicKey });
    return answer(shown, {
      authenticatorData: text(shown.response.authenticatorData),
      signature: text(shown.response.signature),
    });
  }

  const answer = (key, more) =>
    JSON.stringify({
      id: key.id,
      rawId: text(key.rawId),
      type: key.type,
      response: { clientDataJSON: text(key.response.clientDataJSON), ...more },
    });

  const say = (form, words) => {
    const line = form.querySelector("[data-said]");
    line.textContent = words;
    line.hidden = false;
  };

  async function run(form) {
    const line = form.querySelector("[data-said]");
    line.hidden = true;
    if (!window.PublicKeyCredential) return say(form, line.dataset.none);
    const name = form.elements.namedItem("name");
    if (name && !name.value.trim()) return form.submit(); // the server says what is missing
    form.dataset.busy = "1";
    try {
      const headers = { "X-CSRF-Token": form.elements.namedItem("csrf").value };
      const reply = await fetch(form.dataset.ask, { method: "POST", headers, credentials: "same-origin" });
      if (reply.redirected) return location.assign(reply.url); // signed out meanwhile, or to be confirmed first
      if (!reply.ok) return say(form, line.dataset.failed);
      const asked = await reply.json();
      form.elements.namedItem("answer").value = await (form.dataset.passkey === "add" ? add : use)(asked);
      form.submit();
    } catch {
      say(form, line.dataset.failed); // cancelled, timed out, or no key of ours
    } finally {
      delete form.dataset.busy;
    }
  }

  // In the capture phase: this form is sent by us, so the guard against sending twice has nothing to do with it.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.passkey) return;
    event.preventDefault();
    event.stopPropagation();
    if (!form.dataset.busy) run(form);
  }, true);
})();
